"""The settings that a run was trained with, stretch by stretch of its updates."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from rnnlab.config import Settings


class Stretch(NamedTuple):
    """`settings` led on from update `start`, up to the next stretch or to the end of the run."""

    start: int
    settings: Settings


def in_force(stretches: Sequence[Stretch], update: int) -> Settings:
    """The settings that led on from `update`; at the end of a run, the last ones."""
    assert stretches, "an update that was never trained has no settings"
    place = bisect_right(stretches, update, key=lambda stretch: stretch.start)
    return stretches[max(place, 1) - 1].settings


def untried(stretches: Sequence[Stretch], update: int, settings: Settings) -> bool:
    """Whether `settings` are a person's change, made at `update`, that no update has followed yet."""
    return settings not in (in_force(stretches, update - 1), in_force(stretches, update))


def parting(stretches: Sequence[Stretch], update: int, settings: Settings) -> int | None:
    """Where a run that goes on from `update` with `settings` leaves the one that is known.

    None where it never does: the known run has these settings from there to its end.
    """
    if in_force(stretches, update) != settings:
        return update
    later = (stretch for stretch in stretches if stretch.start > update)
    return next((stretch.start for stretch in later if stretch.settings != settings), None)
