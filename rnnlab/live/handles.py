"""What the engine gives out for a run, and how it refuses."""

from __future__ import annotations

from typing import NamedTuple

GONE = "This run is no longer here. Reload the page to start it again."


class RunHandle(NamedTuple):
    """`token` opens the run and must not be guessed; `name` is short and may be shown."""

    token: str
    name: str


class UnknownRun(KeyError):
    """No run has this token: it was forgotten, or never was."""

    def __str__(self) -> str:
        return GONE


class TooMany(Exception):
    """No room for another viewer."""
