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
        return cls(*lines_of(records))

    @classmethod
    def empty(cls) -> Buckets:
        return cls.of(Records.empty())

    @property
    def number(self) -> int:
        return len(self.update)

    @property
    def last(self) -> int:
        """The last update in any of them; 0 where there is none."""
        return int(self.update[-1]) if self.number else 0


# The same as one array (10, N), a line for each field: what happens at every slice happens to all at once.


def lines_of(records: Records) -> Array:
    """The lines of buckets that hold one record each."""
    lines = np.empty((len(Buckets._fields), records.rows))
    lines[0] = lines[4] = records.update
    lines[1] = 1.0
    lines[2] = records.loss
    lines[3] = np.where(np.isfinite(records.loss), records.loss, np.inf)
    lines[5:] = records[2:]
    return lines


def in_width(held: Buckets, width: int) -> Buckets:
    """The same in buckets of `width` updates: 1 to width, width + 1 to 2 width, and so on."""
    return Buckets(*widened(np.array(held, np.float64), width))


def widened(lines: Array, width: int) -> Array:
    """The lines of the same in buckets of `width` updates."""
    numbers = (lines[0] - 1) // width
    starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1])) if len(numbers) else numbers
    if len(starts) == len(numbers):
        return lines
    found = np.empty((len(lines), len(starts)))
    best_first = np.lexsort((lines[3], numbers))[starts]
    found[0] = lines[0, np.append(starts[1:], len(numbers)) - 1]
    found[1] = np.add.reduceat(lines[1], starts)
    found[2] = mean_of_buckets(lines[2], starts, lines[1])
    found[3:5] = lines[3:5, best_first]
    found[5:] = np.maximum.reduceat(lines[5:], starts, axis=1)
    return found


def mean_of_buckets(values: Array, starts: Array, weights: Array) -> Array:
    """Weighted means (N,). Divided before they are summed, so that large numbers stay finite."""
    sizes = np.append(starts[1:], len(values)) - starts
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
    with np.errstate(over="ignore"):
        found: Array = values.astype(np.float32)
    if np.isfinite(found).all():
        return found
    limited = np.clip(values, -LARGEST_FLOAT32, LARGEST_FLOAT32)
    return np.where(np.isfinite(values), limited, values).astype(np.float32)
