"""Buckets of updates: what is drawn of many records, and what stays of old ones.

A bucket knows the mean of the loss and the maxima of the rest, so buckets that are joined say the
same as if they had been made of the records themselves. A NaN or an infinity comes through.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.state import Records

Array = NDArray[Any]
LARGEST_FLOAT32 = float(np.finfo(np.float32).max)


class Buckets(NamedTuple):
    """N runs of neighbouring updates, oldest first, float64 (N,).

    `update` is the last one in a bucket, `rows` how many it holds, `loss` their mean; norms and
    angles are maxima. `best` is the least finite loss (infinity: there was none), `best_update`
    the update that had it.
    """

    update: Array
    rows: Array
    loss: Array
    best: Array
    best_update: Array
    grad_norm: Array
    grad_norm_clipped: Array
    clip_angle: Array
    weight_norm: Array
    update_norm: Array

    @classmethod
    def of(cls, records: Records) -> Buckets:
        """Every record in a bucket of its own."""
        update = records.update.astype(np.float64)
        best = np.where(np.isfinite(records.loss), records.loss, np.inf)
        return cls(update, np.ones(records.rows), records.loss, best, update, *records[2:])

    @classmethod
    def empty(cls) -> Buckets:
        return cls.of(Records.empty())

    @property
    def number(self) -> int:
        return len(self.update)

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in self)

    @property
    def last(self) -> int:
        """The last update in any of them; 0 where there is none."""
        return int(self.update[-1]) if self.number else 0

    def part(self, start: int | None, stop: int | None = None) -> Buckets:
        """Some of them, by their places."""
        return Buckets._make(column[start:stop].copy() for column in self)

    def and_then(self, later: Buckets) -> Buckets:
        """These, then others, side by side."""
        return Buckets._make(np.concatenate(columns) for columns in zip(self, later, strict=True))


def in_width(held: Buckets, width: int) -> Buckets:
    """The same in buckets of `width` updates: 1 to width, width + 1 to 2 width, and so on."""
    if not held.number:
        return held
    numbers = (held.update - 1) // width
    starts = np.flatnonzero(np.diff(numbers, prepend=-1.0))
    rows = np.add.reduceat(held.rows, starts)
    best_first = np.lexsort((held.best, numbers))[starts]
    return Buckets(
        held.update[np.append(starts[1:], held.number) - 1],
        rows,
        mean_of_buckets(held.loss, starts, held.rows),
        held.best[best_first],
        held.best_update[best_first],
        *(np.maximum.reduceat(column, starts) for column in held[5:]),
    )


def mean_of_buckets(values: Array, starts: Array, weights: Array) -> Array:
    """Weighted means (N,). Divided before they are summed, so that large numbers stay finite."""
    sizes = np.diff(np.append(starts, len(values)))
    shares = weights / np.repeat(np.add.reduceat(weights, starts), sizes)
    with np.errstate(invalid="ignore", over="ignore"):
        means: Array = np.add.reduceat(values * shares, starts)
    return means


def width_of(updates: int, most: int) -> int:
    """The width of at most `most` buckets. A power of two, so that full buckets stay as they are."""
    width = 1
    while updates > width * most:
        width *= 2
    return width


def own_width(buckets: Buckets) -> int:
    """The least width that these buckets can have been made with."""
    width = 1
    while np.any((buckets.update - 1) // width != (buckets.update - buckets.rows) // width):
        width *= 2
    return width


def to_float32(values: Array) -> Array:
    """float32 with finite numbers kept finite: only a true infinity is drawn as one."""
    limited = np.clip(values, -LARGEST_FLOAT32, LARGEST_FLOAT32)
    return np.where(np.isfinite(values), limited, values).astype(np.float32)
