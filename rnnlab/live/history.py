"""What a run remembers, within a budget: records, snapshots, the settings in force, held-out reports.

A run is a pure function of its design and of the settings at each update, so any update can be
had again exactly: from the nearest snapshot before it, by replaying with the logged settings.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Settings
from rnnlab.files import StoredRun
from rnnlab.live.binning import Buckets
from rnnlab.live.curves import CURVE_POINTS as CURVE_POINTS
from rnnlab.live.curves import Curves as Curves
from rnnlab.live.curves import curves
from rnnlab.live.snapshots import Snapshots, least_missed
from rnnlab.live.snapshots import position as position
from rnnlab.live.snapshots import state_bytes as state_bytes
from rnnlab.live.stretches import Stretch
from rnnlab.live.table import RecordTable
from rnnlab.patience import lowest
from rnnlab.state import Records, Report, RunState

HELD_OUT_POINTS = 32
MOST_CHANGES = 1000
FULL = (
    f"The settings of this run were changed {MOST_CHANGES:,} times, as often as it can remember. "
    "Rewind it or reset it to change them again."
)
FALL_ROWS = 128
RUINED = 100.0  # a loss this many times the best so far comes from weights that no longer work
ROWS_SHARE, FALL_SHARE = 4, 16
"""Records one by one may take a quarter of the budget, the waterfall a sixteenth."""
REPORT_BYTES, MEASURE_BYTES, CHANGE_BYTES, FALL_BYTES = 700, 400, 400, 250
"""What Python keeps for a report and each of its measures, for a change of settings, and for a row besides
its numbers."""


class FallRow(NamedTuple):
    """The gradient flow at one update, as base-ten logarithms (T,)."""

    update: int
    log10_norm: NDArray[np.float32]


class History:
    """The past of one run. `furthest` is the last update it holds."""

    def __init__(self, budget_bytes: int) -> None:
        self.furthest = 0
        self.table = RecordTable()
        self._snapshots = Snapshots()
        self._stretches: tuple[Stretch, ...] = ()
        self._reports: tuple[Report, ...] = ()
        self._fall: tuple[FallRow, ...] = ()
        self.budget_bytes = budget_bytes
        self.fit(budget_bytes)

    @property
    def nbytes(self) -> int:
        """All that it takes in memory."""
        return self._besides() + self._snapshots.nbytes

    def _besides(self) -> int:
        reports = sum(REPORT_BYTES + MEASURE_BYTES * len(report.measures) for report in self._reports)
        changes = CHANGE_BYTES * len(self._stretches)
        return self.table.nbytes + changes + reports + fall_bytes(self._fall)

    def fit(self, budget_bytes: int | None = None) -> None:
        """Thin what it remembers until that fits the budget, which may be another one from now on."""
        self.budget_bytes = self.budget_bytes if budget_bytes is None else budget_bytes
        self.table.fit(self.budget_bytes // ROWS_SHARE)
        while len(self._fall) > 2 and fall_bytes(self._fall) > self.budget_bytes // FALL_SHARE:
            self._fall = thinned(self._fall)
        self._snapshots.fit(self.budget_bytes - self._besides())

    def restore(self, stored: StoredRun) -> None:
        """Take over the past of a run that was stored."""
        self._stretches = stored.stretches or (Stretch(0, stored.settings),)
        self.table.restore(stored.records, stored.buckets or Buckets.empty())
        for report in stored.reports:
            self.add_report(report)
        self._snapshots.keep(stored.state)
        self.furthest = max(position(stored.state), self.table.buckets.last)
        self.fit()

    def extend(self, start: int, settings: Settings, state: RunState, records: Records) -> None:
        """Add what training from update `start` gave; what lay after `start` is dropped."""
        if start != self.furthest:
            self._cut_after(start)
        if not self._stretches or self._stretches[-1].settings != settings:
            self._stretches = (*self._stretches, Stretch(start, settings))
        self.table.append(records)
        self.furthest = position(state)
        self.keep(state)

    def retrace(self, state: RunState, records: Records) -> None:
        """Take in what replaying a known stretch gave."""
        self.table.stand(records)
        self.keep(state)

    def keep(self, state: RunState) -> None:
        """Remember `state`."""
        self._snapshots.keep(state)
        self.fit()

    def _cut_after(self, update: int) -> None:
        self.table.cut_after(update)
        self._snapshots.cut_after(update)
        self._stretches = tuple(stretch for stretch in self._stretches if stretch.start < update)
        self._reports = tuple(report for report in self._reports if report.update <= update)
        self._fall = tuple(row for row in self._fall if row.update <= update)

    def way_to(self, update: int) -> RunState | None:
        """The state from which to replay to `update`; None stands for the beginning."""
        return self._snapshots.nearest(self.table.go_to(update))

    def in_force(self, update: int) -> tuple[Settings, int]:
        """The settings that led on from `update`, and the update up to which they held."""
        place = bisect_right(self._stretches, update, key=lambda stretch: stretch.start)
        assert place, "an update that was never trained has no settings"
        end = self._stretches[place].start if place < len(self._stretches) else self.furthest
        return self._stretches[place - 1].settings, end

    def known_until(self, update: int, settings: Settings) -> int:
        """How far training from `update` with `settings` only repeats what is known."""
        if update >= self.furthest:
            return update
        held, end = self.in_force(update)
        return end if held == settings else update

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The settings so far, oldest first."""
        return self._stretches

    def takes(self, update: int, settings: Settings) -> bool:
        """Whether it can remember one more change of settings, after `update`."""
        before = [stretch for stretch in self._stretches if stretch.start < update]
        return len(before) < MOST_CHANGES or before[-1].settings == settings

    def add_report(self, report: Report) -> None:
        """Remember a report; the others are thinned, so that all of the run is shown."""
        others = [kept for kept in self._reports if kept.update != report.update]
        found = sorted([*others, report], key=lambda kept: kept.update)
        if len(found) > HELD_OUT_POINTS:
            best = lowest(found)  # the moment to go back to stays
            others = [kept for kept in found if kept is not best]
            found.remove(others[least_missed([kept.update for kept in others])])
        self._reports = tuple(found)

    def add_fall(self, row: FallRow) -> None:
        """Remember the flow at an update; the older ones are thinned, so that all of the run is shown."""
        self._fall = (*(kept for kept in self._fall if kept.update < row.update), row)
        if len(self._fall) > FALL_ROWS:
            self._fall = thinned(self._fall)
        self.fit()

    @property
    def fall(self) -> tuple[FallRow, ...]:
        """The flows so far, oldest first."""
        return self._fall

    @property
    def reports(self) -> tuple[Report, ...]:
        """Held-out reports, thinned, oldest first."""
        return self._reports

    def fork(self, update: int) -> History:
        """What a branch remembers that leaves at `update`: all before it. Neither touches the other.

        Raises ValueError for an update that it does not hold.
        """
        if not 0 <= update <= self.furthest:
            raise ValueError(f"A branch may leave at update 0 to {self.furthest:,}, not {update:,}.")
        found = History(self.budget_bytes)
        found._stretches, found._reports, found._fall = self._stretches, self._reports, self._fall
        found._snapshots, found.table = self._snapshots.upto(update), self.table.upto(update)
        found._cut_after(update)
        found.furthest = update
        return found

    def report_at(self, update: int) -> Report | None:
        """The last held-out report at or before `update`."""
        return next((report for report in reversed(self._reports) if report.update <= update), None)

    def loss_at(self, update: int) -> float | None:
        """The training loss of `update`, or None before the first."""
        return self.table.loss_at(update)

    def last_sound(self) -> int:
        """The last update whose weights still worked, for a run that broke in the end.

        The loss of an update is that of the weights before it. They still worked where it was
        finite and not far above the best so far. Among records that are no longer known one by
        one, the best update of a bucket stands for it.
        """
        buckets, records = self.table.buckets, self.table.records()
        most = RUINED * float(buckets.best.min(initial=np.inf))
        rows = np.flatnonzero(np.isfinite(records.loss) & (records.loss <= most))
        best = np.flatnonzero(np.isfinite(buckets.best) & (buckets.best <= most))
        found = [int(records.update[row]) for row in rows[-1:]]
        found += [int(buckets.best_update[place]) for place in best[-1:]]
        return max(found, default=1) - 1

    def curves(self) -> Curves:
        """The curves as they are drawn."""
        return curves(self.table, self._reports)


def thinned(rows: tuple[FallRow, ...]) -> tuple[FallRow, ...]:
    """Every other one, with both ends."""
    return (*rows[:-1:2], rows[-1])


def fall_bytes(rows: tuple[FallRow, ...]) -> int:
    return sum(FALL_BYTES + row.log10_norm.nbytes for row in rows)
