"""The curves of a run as they are drawn: buckets of its records, and its held-out reports."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.live.binning import to_float32
from rnnlab.live.table import RecordTable
from rnnlab.state import Records, Report

CURVE_POINTS = 256
CLIPPED_OF = 500  # the newest updates, over which the clipped share is counted
PLAIN, FED = ("metric", "train_loss", "train_metric"), ("forced_accuracy", "free_accuracy")
REPORTED = PLAIN + FED
Array = NDArray[Any]


class Curves(NamedTuple):
    """The records as they are drawn: N <= 256 buckets of updates, M <= 32 reports.

    `update` is the last update of a bucket, `loss` its mean, norms and angles its maxima. A bucket that
    holds a NaN or an infinity shows it. `reports` (R, M) has a row for each of REPORTED: the last two are
    there where the network writes; NaN is what a report of an earlier version has not. `clipped_share`
    is the share of the last `clipped_of` updates that were clipped, None where there are none.
    """

    update: Array
    loss: Array
    norm: Array
    clipped: Array
    angle: Array
    held_update: Array
    held_loss: Array
    reports: Array
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
        measured(reports),
        clipped_share(newest) if newest.rows else None,
        newest.rows,
    )


def measured(reports: Sequence[Report]) -> Array:
    """What else reports measured (R, M): see REPORTED."""
    generates = any(report.measures for report in reports)
    rows = [
        (report.metric, report.train_loss, report.train_metric, *(fed(report) if generates else ()))
        for report in reports
    ]
    width = len(REPORTED) if generates else len(PLAIN)
    return to_float32(np.array(rows, np.float64).reshape(len(rows), width).T)


def fed(report: Report) -> tuple[float, ...]:
    """What share of symbols a generating network names when it is fed the truth, and writes fed its own."""
    values = {measure.name: measure.value for measure in report.measures}
    return tuple(values.get(name, nan) for name in FED)


def clipped_share(records: Records) -> float:
    """Share of the updates whose gradient was made shorter by clipping."""
    return float((records.grad_norm_clipped < records.grad_norm * (1 - 1e-6)).mean())  # beyond rounding
