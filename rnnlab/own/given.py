"""What a design holds of a user's own data, and what that takes in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rnnlab.config import Design
from rnnlab.tasks import TASKS
from rnnlab.tasks.options import OwnData

LARGE_BYTES = 200_000
"""From here on a process keeps only a few tasks that are made of such data."""


def own_data(design: Design) -> dict[str, str]:
    """The user's data in a design, by the name of its option; empty where the task's own data is used."""
    options = TASKS[design.task].options
    return {
        name: value for name, value in design.options.items() if value and isinstance(options[name], OwnData)
    }


def own_bytes(designs: Iterable[Design]) -> int:
    """What the data of these designs takes in memory; a text that several of them hold counts once."""
    texts = {id(text): text for design in designs for text in own_data(design).values()}
    return sum(map(sys.getsizeof, texts.values()))


def without_own_data(design: Design) -> tuple[tuple[str, str], ...]:
    """The options of a design's task, with the task's own data."""
    own = own_data(design)
    return tuple((name, "" if name in own else value) for name, value in design.options.items())


def is_large(design: Design) -> bool:
    return own_bytes([design]) > LARGE_BYTES
