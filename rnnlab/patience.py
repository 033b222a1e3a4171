"""Early stopping: a run pauses once its held-out loss has not become better for some updates.

A property of who plays a run, live or in a terminal, never of `advance`. The held-out loss is looked at
every tenth of the patience, at updates that its number alone decides; so the same experiment stops at
the same update, if nobody touches it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from rnnlab.state import Report

LOOKS = 10
LEAST_UPDATES = 50
"""Between two looks: each costs as much as several updates."""


class Stop(NamedTuple):
    """Why a run paused: for `patience` updates no held-out loss was below `loss`, that of update `best`."""

    update: int
    best: int
    loss: float
    patience: int

    @property
    def words(self) -> str:
        return (
            f"Early stopping: no better held-out loss for {self.patience:,} updates. "
            f"The lowest, {self.loss:.3g}, was at update {self.best:,}."
        )


def look_every(patience: int) -> int:
    """Updates between two looks at the held-out loss."""
    return max(LEAST_UPDATES, math.ceil(patience / LOOKS))


def updates_to_look(update: int, patience: int) -> int:
    """How many updates from `update` on the next look is."""
    every = look_every(patience)
    return every - update % every


def lowest(reports: Iterable[Report]) -> Report | None:
    """The first report with the lowest held-out loss that is a number; None where there is none."""
    numbers = (report for report in reports if math.isfinite(report.loss))
    return min(numbers, key=lambda report: (report.loss, report.update), default=None)


def stop(reports: Iterable[Report], update: int, since: int, patience: int) -> Stop | None:
    """Whether a run that has played since update `since` has had enough patience at `update`."""
    best = lowest(report for report in reports if report.update <= update)
    if not patience or best is None or update - max(best.update, since) < patience:
        return None
    return Stop(update, best.update, best.loss, patience)
