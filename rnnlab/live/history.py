"""What a run remembers: every record, thinned snapshots, the settings in force, held-out reports.

A run is a pure function of its design and of the settings at each update, so any update can be
had again exactly: from the nearest snapshot before it, by replaying with the logged settings.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Settings
from rnnlab.files import StoredRun
from rnnlab.live.stretches import Stretch
from rnnlab.state import Records, Report, RunState

CURVE_POINTS = 256
HELD_OUT_POINTS = 64
FALL_ROWS = 128
CLIPPED_OF = 500  # the newest updates, over which the clipped share is counted
RUINED = 100.0  # a loss this many times the best so far comes from weights that no longer work
MOST_SNAPSHOTS = 512
LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
Array = NDArray[Any]


class Curves(NamedTuple):
    """The records as they are drawn: N <= 256 buckets of updates, M <= 64 held-out reports.

    `update` is the last update of a bucket, `loss` its mean, norms and angles its maxima. A bucket that
    holds a NaN or an infinity shows it. `clipped_share` is the share of the last `clipped_of`
    updates that were clipped, None where there are none.
    """

    update: Array
    loss: Array
    norm: Array
    clipped: Array
    angle: Array
    held_update: Array
    held_loss: Array
    clipped_share: float | None
    clipped_of: int


class FallRow(NamedTuple):
    """The gradient flow at one update, as base-ten logarithms (T,)."""

    update: int
    log10_norm: NDArray[np.float32]


class RecordTable:
    """Records by update, growing at the end. Amortised: room doubles when it runs out."""

    def __init__(self) -> None:
        self._room = Records.empty()
        self.rows = 0

    def append(self, records: Records) -> None:
        rows = self.rows + records.rows
        if rows > self._room.rows:
            spare = Records._make(np.zeros(rows, column.dtype) for column in self._room)
            self._room = Records.concat([self.records(), records, spare])
        for column, values in zip(self._room, records, strict=True):
            column[self.rows : rows] = values
        self.rows = rows

    def records(self) -> Records:
        """A view of all rows."""
        return Records._make(column[: self.rows] for column in self._room)

    def row_after(self, update: int) -> int:
        """The number of rows whose update is at most `update`."""
        return int(np.searchsorted(self._room.update[: self.rows], update, side="right"))

    def cut_after(self, update: int) -> None:
        self.rows = self.row_after(update)


class History:
    """The past of one run. `furthest` is the last update it holds.

    A state that diverged is the end: it is kept apart, since nothing leads on from it.
    """

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self.furthest = 0
        self.table = RecordTable()
        self._end: RunState | None = None
        self._snapshots: list[RunState] = []
        self._bytes = 0
        self._settings: list[tuple[int, Settings]] = []
        self._reports: dict[int, Report] = {}
        self._fall: list[FallRow] = []

    def restore(self, stored: StoredRun) -> None:
        self._settings = [(0, stored.settings)]
        self.table.append(stored.records)
        self._reports = {report.update: report for report in stored.reports}
        self.keep(stored.state)
        self.furthest = position(stored.state)

    def extend(self, start: int, settings: Settings, state: RunState, records: Records) -> None:
        """Add what training from update `start` gave; what lay after `start` is dropped."""
        self._cut_after(start)
        if not self._settings or self._settings[-1][1] != settings:
            self._settings.append((start, settings))
        self.table.append(records)
        self.keep(state)
        self.furthest = position(state)

    def keep(self, state: RunState) -> None:
        """Remember `state`, then thin the snapshots until they fit the budget."""
        if state.divergence:
            self._end = state
            return
        place = bisect_left(self._snapshots, state.update, key=_update)
        if place < len(self._snapshots) and self._snapshots[place].update == state.update:
            return
        self._snapshots.insert(place, state)
        self._bytes += state_bytes(state)
        self._thin()

    def _thin(self) -> None:
        """Drop the snapshots that leave the smallest gaps; the last stays, the first as long as it can."""
        while len(self._snapshots) > 1 and self._too_much():
            updates = np.array([state.update for state in self._snapshots])
            place = 1 + int(np.argmin(updates[2:] - updates[:-2])) if len(updates) > 2 else 0
            self._bytes -= state_bytes(self._snapshots.pop(place))

    def _too_much(self) -> bool:
        return self._bytes > self.budget_bytes or len(self._snapshots) > MOST_SNAPSHOTS

    def _cut_after(self, update: int) -> None:
        self._end = None
        self.table.cut_after(update)
        place = bisect_right(self._snapshots, update, key=_update)
        self._bytes -= sum(state_bytes(state) for state in self._snapshots[place:])
        del self._snapshots[place:]
        self._settings = [(start, settings) for start, settings in self._settings if start < update]
        self._reports = {at: report for at, report in self._reports.items() if at <= update}
        self._fall = [row for row in self._fall if row.update <= update]

    def nearest(self, update: int) -> RunState | None:
        """The last snapshot at or before `update`; None stands for the beginning."""
        if self._end is not None and update >= position(self._end):
            return self._end
        place = bisect_right(self._snapshots, update, key=_update)
        return self._snapshots[place - 1] if place else None

    def in_force(self, update: int) -> tuple[Settings, int]:
        """The settings that led on from `update`, and the update up to which they held."""
        place = bisect_right(self._settings, update, key=lambda entry: entry[0])
        assert place, "an update that was never trained has no settings"
        end = self._settings[place][0] if place < len(self._settings) else self.furthest
        return self._settings[place - 1][1], end

    def known_until(self, update: int, settings: Settings) -> int:
        """How far training from `update` with `settings` only repeats what is known."""
        if update >= self.furthest:
            return update
        held, end = self.in_force(update)
        return end if held == settings else update

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The settings so far, oldest first."""
        return tuple(Stretch(*entry) for entry in self._settings)

    def add_report(self, report: Report) -> None:
        self._reports[report.update] = report

    def add_fall(self, row: FallRow) -> None:
        """Remember the flow at an update; the older ones are thinned, so that all of the run is shown."""
        self._fall = [*(kept for kept in self._fall if kept.update < row.update), row]
        if len(self._fall) > FALL_ROWS:
            del self._fall[1:-1:2]

    @property
    def fall(self) -> tuple[FallRow, ...]:
        """The flows so far, oldest first."""
        return tuple(self._fall)

    def fork(self, update: int) -> History:
        """What a branch remembers that leaves at `update`: all before it. Neither touches the other."""
        found = History(self.budget_bytes)
        found._settings = list(self._settings)
        found._snapshots, found._bytes = list(self._snapshots), self._bytes
        found._reports, found._fall = dict(self._reports), list(self._fall)
        found.table.append(self.table.records())
        found._cut_after(update)
        found.furthest = update
        return found

    def report_at(self, update: int) -> Report | None:
        """The last held-out report at or before `update`."""
        before = [at for at in self._reports if at <= update]
        return self._reports[max(before)] if before else None

    def loss_at(self, update: int) -> float | None:
        """The training loss of `update`, or None before the first."""
        row = self.table.row_after(update) - 1
        return None if row < 0 else float(self.table.records().loss[row])

    def last_sound(self, broken_at: int) -> int:
        """The last update whose weights still worked, for a run that broke at `broken_at`.

        The loss of an update is that of the weights before it. They still worked where it was
        finite and not far above the best so far.
        """
        loss = self.table.records().loss[:broken_at]
        finite = np.isfinite(loss)
        if not finite.any():
            return 0
        sound = np.flatnonzero(finite & (loss <= RUINED * loss[finite].min()))
        return int(self.table.records().update[sound[-1]]) - 1

    def curves(self) -> Curves:
        held = sorted(self._reports)
        held_loss = np.array([self._reports[at].loss for at in held], dtype=np.float64)
        held_starts = bucket_starts(len(held), HELD_OUT_POINTS)
        held_update = last_of_buckets(np.array(held, dtype=np.int64), held_starts)
        drawn_held = (held_update.astype(np.uint32), mean_of_buckets(held_loss, held_starts))
        records = self.table.records()
        if not records.rows:
            none = np.zeros(0, np.float32)
            return Curves(none.astype(np.uint32), none, none, none, none, *drawn_held, None, 0)
        starts = bucket_starts(records.rows, CURVE_POINTS)
        return Curves(
            last_of_buckets(records.update, starts).astype(np.uint32),
            mean_of_buckets(records.loss, starts),
            max_of_buckets(records.grad_norm, starts),
            max_of_buckets(records.grad_norm_clipped, starts),
            max_of_buckets(records.clip_angle, starts),
            *drawn_held,
            clipped_share(records),
            min(records.rows, CLIPPED_OF),
        )


def _update(state: RunState) -> int:
    return state.update


def position(state: RunState) -> int:
    """The update that a run has come to; for one that diverged, the update that broke it."""
    return state.update if state.diverged_at is None else state.diverged_at


def state_bytes(state: RunState) -> int:
    """Bytes of the arrays of a state."""
    arrays = [*state.weights.values(), *state.optimizer.values()]
    return sum(np.asarray(array).nbytes for array in arrays)


def clipped_share(records: Records) -> float:
    """Share of the newest updates whose gradient was made shorter by clipping."""
    before, after = records.grad_norm[-CLIPPED_OF:], records.grad_norm_clipped[-CLIPPED_OF:]
    return float((after < before * (1 - 1e-6)).mean())  # beyond rounding


def bucket_starts(rows: int, most: int) -> Array:
    """First rows of the buckets. Widths are powers of two, so that full buckets stay as they are."""
    width = 1
    while rows > width * most:
        width *= 2
    return np.arange(0, rows, width)


def last_of_buckets(values: Array, starts: Array) -> Array:
    return values[np.append(starts[1:], len(values)) - 1] if len(values) else values


def mean_of_buckets(values: Array, starts: Array) -> Array:
    """Means as float32 (N,); NaN and infinities come through."""
    if not len(values):
        return np.zeros(0, np.float32)
    widths = np.diff(np.append(starts, len(values)))
    with np.errstate(invalid="ignore", over="ignore"):
        return to_float32(np.add.reduceat(values / np.repeat(widths, widths), starts))


def max_of_buckets(values: Array, starts: Array) -> Array:
    """Maxima as float32 (N,); a NaN wins over every number."""
    return to_float32(np.maximum.reduceat(values, starts)) if len(values) else np.zeros(0, np.float32)


def to_float32(values: Array) -> Array:
    """float32 with finite numbers kept finite: only a true infinity is drawn as one."""
    limited = np.clip(values, -LARGEST_FLOAT32, LARGEST_FLOAT32)
    return np.where(np.isfinite(values), limited, values).astype(np.float32)
