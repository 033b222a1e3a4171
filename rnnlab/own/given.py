"""What a design holds of a user's own data, what that takes in memory, and how it is told."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from rnnlab.config import Design
from rnnlab.own.series import heading_of, read_series
from rnnlab.tasks import TASKS
from rnnlab.tasks.options import OwnData, SeriesOption

LARGE_BYTES = 200_000
"""From here on a process keeps only a few tasks that are made of such data."""


def own_data(design: Design) -> dict[str, str]:
    """The user's data in a design, by the name of its option; empty where the task's own data is used."""
    return own_among(design.task, design.options)


def own_among(task: str, values: Mapping[str, str]) -> dict[str, str]:
    """The user's data among the values of a task's options."""
    options = TASKS[task].options
    return {name: value for name, value in values.items() if value and isinstance(options[name], OwnData)}


def source_of(task: str, values: Mapping[str, str]) -> str:
    """Where the data comes from, with these values of the task's options: a sentence."""
    own = own_among(task, values)
    if not own:
        return TASKS[task].source
    ((name, value),) = own.items()
    if isinstance(TASKS[task].options[name], SeriesOption):
        return f"Your own series: {called(value)}, {len(read_series(value).values_N):,} values."
    return f"Your own text, {len(value):,} characters."


def called(value: str) -> str:
    """How the user's own series is called, with its unit in brackets."""
    series = read_series(value)
    return heading_of(series.name, series.unit)


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
