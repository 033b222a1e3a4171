"""What a person may choose of a task: a variant, or data of their own in place of the task's.

A value is text, as a link holds it; an empty one stands for the task's own data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rnnlab.own.series import read_series


@dataclass(frozen=True)
class TextOption:
    """A text that the user gives, used as training data."""

    label: str
    help: str
    shortest: int
    longest: int
    default: str = ""

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{name} must be text, not {type(value).__name__}.")
        if not value:
            return value  # empty: the task's own text
        allowed = f"{self.shortest:,} to {self.longest:,} characters, at least two of them different"
        if not self.shortest <= len(value) <= self.longest:
            raise ValueError(f"{name} must have {allowed}; this one has {len(value):,}.")
        if not value.lstrip(value[0]):
            raise ValueError(f"{name} must have {allowed}; this one repeats a single character.")
        if "\x00" in value:
            raise ValueError(
                f"{name} must be written text of {allowed}; this one holds NUL bytes, as binary files do."
            )
        return value


@dataclass(frozen=True)
class ChoiceOption:
    """One of a few named variants of a task; `choices` maps link name to label."""

    label: str
    help: str
    choices: Mapping[str, str]
    default: str

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(f"{name} must be one of {', '.join(self.choices)}, not {str(value)[:40]!r}.")
        return value


@dataclass(frozen=True)
class SeriesOption:
    """A series of numbers that the user gives, one on each line, used as training data.

    `instead_of` names the choice whose place it takes, if there is one.
    """

    label: str
    help: str
    default: str = ""
    instead_of: str = ""

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{name} must be numbers as text, not {type(value).__name__}.")
        if not value:
            return value  # empty: the task's own series
        try:
            read_series(value)
        except ValueError as wrong:
            raise ValueError(f"{name} {wrong}") from None
        return value


OwnData = TextOption | SeriesOption
"""What a user gives as training data; empty stands for the task's own."""

TaskOption = OwnData | ChoiceOption
