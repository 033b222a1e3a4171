"""Gradient flow: how much of the loss's derivative reaches each time step.

T time steps, B sequences, H hidden size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import named
from rnnlab.analysis.norms import log10_norms
from rnnlab.state import LayerTrace, Trace

Doubles = NDArray[np.float64]

NEGLIGIBLE = 1e-3
"""A gradient this much smaller at one end than at the other is called vanishing, or exploding."""


class Column(NamedTuple):
    """log10 of the norms of one layer's gradients (T, B), and where sequences have the time step."""

    log_TB: Doubles
    valid_TB: NDArray[np.bool_]

    def where(self, rows_T: NDArray[np.bool_]) -> Column:
        """The rows at which `rows_T` is True."""
        return Column(self.log_TB[rows_T], self.valid_TB[rows_T])

    def aligned_at_end(self) -> Column:
        """Each sequence moved down so that its last time step is the last row."""
        length, lengths_B = len(self.log_TB), self.valid_TB.sum(axis=0)
        from_TB = np.arange(length)[:, None] - (length - lengths_B)
        return Column(np.take_along_axis(self.log_TB, np.maximum(from_TB, 0), axis=0), from_TB >= 0)


@dataclass(frozen=True)
class GradientFlow:
    """Norms of the total derivative dL/dh_t over the hidden units, over the batch.

    `log10_norm`, `log10_low`, `log10_high` (T,): base-ten logarithms of the median and of
    quantiles over the sequences. They do not underflow: -inf stands only where the gradient is
    exactly 0 (outside the window of a truncated gradient, behind dead units), NaN where there is
    none. `layers` are the traces they come from, one after the other on the time axis; `parts`
    says how many time steps each has. `rate` is the slope of a straight line fitted to ln(norm)
    against the distance back in time, per time step, below 0 where the gradient shrinks on its
    way back; over the first part. `log10_ratio` is that of its norm at the far end over the near
    one, and `verdict` is healthy, vanishing, exploding, cut (by truncated BPTT) or none. `finite`
    is False where the gradient on the way is no finite number.
    """

    layers: tuple[str, ...]
    parts: tuple[int, ...]
    state: str
    log10_norm: Doubles
    log10_low: Doubles
    log10_high: Doubles
    rate: float
    log10_ratio: float
    verdict: str
    reverse: bool
    finite: bool = True

    @property
    def norm(self) -> Doubles:
        """The median norm (T,). Below 1e-308 float64 loses it, and it is 0; above, infinite."""
        return power(self.log10_norm)

    @property
    def low(self) -> Doubles:
        """The lower quantile (T,), with the limits of `norm`."""
        return power(self.log10_low)

    @property
    def high(self) -> Doubles:
        """The upper quantile (T,), with the limits of `norm`."""
        return power(self.log10_high)

    @property
    def ratio(self) -> float:
        """The norm at the far end over the near one, with the limits of `norm`."""
        return float(power(np.float64(self.log10_ratio)))

    @property
    def half_life(self) -> float:
        """Time steps over which the norm halves on its way back; infinite where it does not shrink."""
        return float(np.log(2) / -self.rate) if self.rate < 0 else float("inf")


def power(log10: Doubles | np.float64) -> Doubles:
    """Ten to the given powers."""
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.power(10.0, log10))


def gradient_flow(
    trace: Trace,
    layer: str | None = None,
    state: str = "h",
    quantiles: tuple[float, float] = (0.1, 0.9),
    sequence: int | None = None,
) -> GradientFlow:
    """The flow through one layer; by default the uppermost, through encoder and decoder where both are.

    Sequences of unequal lengths are aligned where their loss attaches: at the end, where there
    is one loss, so that one point of the curve is one distance from it. `state` is h, or c for
    an LSTM. With `sequence` the time axis is that sequence's own. Raises ValueError for a layer
    or state that the trace does not have.
    """
    names = layers_of_flow(trace) if layer is None else (layer,)
    return flow_through(trace, names, state, quantiles, sequence)


def flow_through(
    trace: Trace,
    names: Sequence[str],
    state: str = "h",
    quantiles: tuple[float, float] = (0.1, 0.9),
    sequence: int | None = None,
) -> GradientFlow:
    """As `gradient_flow`, through the named layers, which follow each other in time."""
    columns = [norms(trace, named(trace, name), state) for name in names]
    if sequence is not None:
        columns = [column.where(column.valid_TB[:, sequence]) for column in columns]
    each = zip(*(spread(column, quantiles) for column in columns), strict=True)
    norm_T, low_T, high_T = (np.concatenate(curves) for curves in each)
    first = trace.layers[names[0]]
    there: NDArray[np.bool_] = np.asarray(columns[0].valid_TB.any(axis=1))
    way_back = norm_T[: len(there)][there][:: -1 if first.reverse else 1]
    rate, log10_ratio = decay(way_back)
    return GradientFlow(
        layers=tuple(names),
        parts=tuple(len(column.log_TB) for column in columns),
        state=state,
        log10_norm=norm_T,
        log10_low=low_T,
        log10_high=high_T,
        rate=rate,
        log10_ratio=log10_ratio,
        verdict=verdict(log10_ratio, trace.window),
        finite=bool((way_back < np.inf).all()),
        reverse=first.reverse,
    )


def layers_of_flow(trace: Trace) -> tuple[str, ...]:
    """The uppermost forward layer of each part, in the order of time."""
    top = f"/{trace.design.layers - 1}/forward"
    return tuple(name for name in trace.layers if name.endswith(top))


def norms(trace: Trace, layer: LayerTrace, state: str) -> Column:
    """log10 ||dL/dh_t|| of one layer, aligned at the loss."""
    column = Column(log10_norms(trace, layer, state), layer.valid)
    return column.aligned_at_end() if loss_at_end(trace, layer) else column


def loss_at_end(trace: Trace, layer: LayerTrace) -> bool:
    """Whether everything that a forward layer learns from comes in after its last time step."""
    parts = [name.split("/")[0] for name in trace.layers]
    # An encoder: all that it learns comes over its last state, unless it is looked back at.
    hands_on = layer.name.split("/")[0] != parts[-1] and trace.attention is None
    return not layer.reverse and (len(trace.mask) == 1 or hands_on)


def spread(column: Column, quantiles: tuple[float, float]) -> tuple[Doubles, Doubles, Doubles]:
    """Median and two quantiles over the sequences that have the time step, each (T,).

    NaN where no sequence has it, and where the gradient of one that has it is NaN.
    """
    wanted, (log_TB, valid_TB) = [0.5, *quantiles], column
    if valid_TB.all() and not np.isnan(log_TB).any():
        return tuple(np.quantile(log_TB, wanted, axis=1, method="lower"))
    rows = np.full((3, len(log_TB)), np.nan)
    for t, (log_B, valid_B) in enumerate(zip(log_TB, valid_TB, strict=True)):
        if valid_B.any() and not np.isnan(log_B[valid_B]).any():
            rows[:, t] = np.quantile(log_B[valid_B], wanted, method="lower")
    return rows[0], rows[1], rows[2]


def decay(log10_T: Doubles) -> tuple[float, float]:
    """Slope of ln(norm) per time step backwards, and log10 of the first norm over the last.

    A norm that is no number far back, where it was one near the loss, has overflowed and counts
    as infinite; with fewer than two numbers, or none at the near end, both are NaN.
    """
    if len(log10_T) < 2 or not np.isfinite(log10_T[-1]):
        return float("nan"), float("nan")
    far = np.inf if np.isnan(log10_T[0]) else log10_T[0]
    there = np.flatnonzero(np.isfinite(log10_T))
    if len(there) < 2:
        return float("nan"), float(far - log10_T[-1])
    slope = np.polyfit(there, log10_T[there], 1)[0]
    return -float(slope * np.log(10)), float(far - log10_T[-1])


def verdict(log10_ratio: float, window: int = 0) -> str:
    """vanishing, exploding or healthy, from log10 of the gradient at the far end over the near one.

    With a `window` of truncated backpropagation, exactly 0 at the far end is `cut`: nothing has
    vanished there, it was not passed on.
    """
    if np.isnan(log10_ratio):
        return "none"
    if window and log10_ratio == -np.inf:
        return "cut"
    if log10_ratio < np.log10(NEGLIGIBLE):
        return "vanishing"
    return "exploding" if log10_ratio > -np.log10(NEGLIGIBLE) else "healthy"
