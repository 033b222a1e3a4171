"""The records of a run within a budget: the newest one by one, and all of them in buckets.

Old records that were dropped can be had again by replay. A run that goes back among them and then
goes on cuts a bucket in two: its first part is made anew from what the replay gave.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.live.binning import Array, Buckets, lines_of, own_width, widened, width_of
from rnnlab.state import Records

MOST_BUCKETS = 256  # as many as the curves have points
LEAST_ROWS = 512
ROW_BYTES = 8 * len(Records._fields)
OWN_BYTES = 1024


class Standing(NamedTuple):
    """Where a run is that went back: after `update`, with what is known from `since` on of its bucket.

    `bucket` are its lines, (10, 1), as in `binning`.
    """

    since: int
    update: int
    bucket: Array
    loss: float


class RecordTable:
    """Records by update. `first` is the first update that is still known one by one."""

    def __init__(self) -> None:
        self._lines: Array = lines_of(Records.empty())
        self.first = 1
        self.rows = 0
        self._most = LEAST_ROWS
        self._width = 1
        self._room: NDArray[np.float64] = np.zeros((len(Records._fields), 0))
        self._standing: Standing | None = None

    @property
    def nbytes(self) -> int:
        return self._room.nbytes + self._lines.nbytes + OWN_BYTES

    @property
    def buckets(self) -> Buckets:
        """All records, in buckets. A view."""
        return Buckets(*self._lines)

    @property
    def last(self) -> int:
        """The last update in any bucket; 0 where there is none."""
        return int(self._lines[0, -1]) if self._lines.size else 0

    @property
    def width(self) -> int:
        """Updates in each of the buckets."""
        return self._width

    @property
    def end(self) -> int:
        """The last update there is a record of."""
        return self.first + self.rows - 1

    def records(self) -> Records:
        """The newest records, one by one. A view, but for the updates' numbers."""
        return self._between(self.first, self.end)

    def _between(self, since: int, until: int) -> Records:
        update, *columns = self._room[:, since - self.first : until + 1 - self.first]
        return Records(update.astype(np.int64), *columns)

    def newest(self, most: int) -> Records:
        """The newest records, at most so many."""
        return self._between(max(self.end - most + 1, self.first), self.end)

    def row_after(self, update: int) -> int:
        """The number of rows whose update is at most `update`."""
        return min(max(update - self.first + 1, 0), self.rows)

    def loss_at(self, update: int) -> float | None:
        """The loss of one update, where it is known."""
        if self.first <= update <= self.end:
            return float(self._room[1, update - self.first])
        standing = self._standing
        return standing.loss if standing is not None and standing.update == update else None

    def append(self, records: Records) -> None:
        """More records, of the updates that follow."""
        if not records.rows:
            return
        if not self.rows:
            self.first = int(records.update[0])
        if self.rows + records.rows > self._most:
            self._drop(min(self.rows, max(self.rows + records.rows - self._most, self.rows // 4)))
        rows = self.rows + records.rows
        if rows > self._room.shape[1]:
            self._make_room(max(rows, min(2 * rows, self._most)))
        self._room[:, self.rows : rows] = records
        self.rows = rows
        self._count(lines_of(records))

    def _count(self, new: Array) -> None:
        """Into the buckets: the last of them may grow, and all of them may become wider."""
        self._standing = None
        before, self._width = self._width, max(self._width, width_of(int(new[0, -1]), MOST_BUCKETS))
        grown = widened(np.append(self._lines[:, -1:], new, axis=1), self._width)
        self._lines = np.append(self._lines[:, :-1], grown, axis=1)
        if self._width > before:
            self._lines = widened(self._lines, self._width)

    def _drop(self, rows: int) -> None:
        """Forget the oldest rows; they stay in the buckets."""
        self.rows -= rows
        self.first += rows
        self._room[:, : self.rows] = self._room[:, rows : rows + self.rows]

    def _make_room(self, columns: int) -> None:
        room = np.zeros((len(self._room), columns))
        room[:, : self.rows] = self._room[:, : self.rows]
        self._room = room

    def fit(self, most_bytes: int) -> None:
        """Keep no more rows one by one than this; fewer than LEAST_ROWS are never asked for."""
        self._most = max(LEAST_ROWS, most_bytes // ROW_BYTES)
        if self.rows > self._most:
            self._drop(self.rows - self._most)
        if self._room.shape[1] > self._most:
            self._make_room(self._most)

    def restore(self, records: Records, buckets: Buckets) -> None:
        """Take over what another table held."""
        self.append(records)
        if buckets.number:
            self._width = max(width_of(buckets.last, MOST_BUCKETS), own_width(buckets))
            self._lines = widened(np.array(buckets, np.float64), self._width)

    def upto(self, update: int) -> RecordTable:
        """A table of its own that ends with `update`."""
        found = RecordTable()
        found._most, found._width, found._lines = self._most, self._width, self._lines
        found.first, found.rows, found._room = self.first, self.rows, self._room[:, : self.rows].copy()
        found._standing = self._standing
        found.cut_after(update)
        return found

    # Back among the old

    def _bucket_start(self, update: int) -> int:
        """The update before the bucket in which `update` lies."""
        return (update - 1) // self._width * self._width

    def go_to(self, update: int) -> int:
        """From which update on a replay to `update` has to come, so that its bucket's records are known."""
        start = self._bucket_start(update)
        self._standing = None
        if not update or not self.first <= start + 1 <= update <= self.end:
            return max(start, 0)
        self.stand(self._between(start + 1, update))
        return update

    def stand(self, records: Records) -> None:
        """Records of updates that were trained once more: where the run is after them."""
        if not records.rows:
            return
        since, last, standing = int(records.update[0]), int(records.update[-1]), self._standing
        known = lines_of(records)
        if standing is not None and standing.update + 1 == since:
            since, known = standing.since, np.append(standing.bucket, known, axis=1)
        since = max(since, self._bucket_start(last) + 1)
        bucket = widened(known, self._width)[:, -1:]
        self._standing = Standing(since, last, bucket, float(records.loss[-1]))

    def cut_after(self, update: int) -> None:
        """Drop what lies after `update`. The bucket that is cut is made anew."""
        if update != self.last:
            start = self._bucket_start(update)
            bucket = self._known(start + 1, update)
            self._lines = self._lines[:, : np.searchsorted(self._lines[0], start, side="right")]
            if bucket is not None:
                self._lines = np.append(self._lines, bucket, axis=1)
        self.rows = self.row_after(update)
        self._standing = None

    def _known(self, since: int, update: int) -> Array | None:
        """The lines of the bucket of the updates from `since` to `update`, where they are all known."""
        if self.first <= since <= update <= self.end:
            return widened(lines_of(self._between(since, update)), self._width)
        standing = self._standing
        if standing is not None and (standing.since, standing.update) == (since, update):
            return standing.bucket
        return None
