"""The curves of a run as they are drawn: buckets of its records, and its held-out reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.live.binning import to_float32
from rnnlab.live.table import RecordTable
from rnnlab.state import Records, Report

CURVE_POINTS = 256
CLIPPED_OF = 500  # the newest updates, over which the clipped share is counted
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


def curves(table: RecordTable, reports: Sequence[Report]) -> Curves:
    """The curves of a run; the reports oldest first."""
    drawn = table.buckets
    newest = table.newest(CLIPPED_OF)
    columns = (drawn.loss, drawn.grad_norm, drawn.grad_norm_clipped, drawn.clip_angle)
    loss, norm, clipped, angle = to_float32(np.array(columns))
    return Curves(
        drawn.update.astype(np.uint32),
        loss,
        norm,
        clipped,
        angle,
        np.array([report.update for report in reports], np.uint32),
        to_float32(np.array([report.loss for report in reports], np.float64)),
        clipped_share(newest) if newest.rows else None,
        newest.rows,
    )


def clipped_share(records: Records) -> float:
    """Share of the updates whose gradient was made shorter by clipping."""
    return float((records.grad_norm_clipped < records.grad_norm * (1 - 1e-6)).mean())  # beyond rounding
