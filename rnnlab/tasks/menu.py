"""The menu of tasks: by groups, each line beginning with its group, so that typing either name finds it."""

from __future__ import annotations

from collections.abc import Iterable

from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import GROUPS


def menu(names: Iterable[str] = tuple(TASKS)) -> dict[str, str]:
    """Link names of tasks in the order of the menu, and what a person reads there."""
    ordered = sorted(names, key=lambda name: GROUPS.index(TASKS[name].group))
    return {name: f"{TASKS[name].group} · {TASKS[name].label}" for name in ordered}
