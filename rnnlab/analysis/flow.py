"""Gradient flow: how much of the loss's derivative reaches each time step.

T time steps, B sequences, H hidden size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.state import LayerTrace, Trace

Doubles = NDArray[np.float64]

NEGLIGIBLE = 1e-3
"""A gradient this much smaller at one end than at the other is called vanishing, or exploding."""


class Column(NamedTuple):
    """Norms of one layer's gradients (T, B), and where sequences have the time step."""

    norm_TB: Doubles
    valid_TB: NDArray[np.bool_]

    def where(self, rows_T: NDArray[np.bool_]) -> Column:
        return Column(self.norm_TB[rows_T], self.valid_TB[rows_T])

    def aligned_at_end(self) -> Column:
        """Each sequence moved down so that its last time step is the last row."""
        length, lengths_B = len(self.norm_TB), self.valid_TB.sum(axis=0)
        from_TB = np.arange(length)[:, None] - (length - lengths_B)
        return Column(np.take_along_axis(self.norm_TB, np.maximum(from_TB, 0), axis=0), from_TB >= 0)


@dataclass(frozen=True)
class GradientFlow:
    """Norms of the total derivative dL/dh_t over the hidden units, over the batch.

    `norm`, `low`, `high` (T,): median and quantiles over the sequences; NaN where there is none.
    `layers` are the traces they come from, one after the other on the time axis; `parts` says
    how many time steps each has. `rate` is the slope of a straight line fitted to ln(norm)
    against the distance back in time, per time step, below 0 where the gradient shrinks on its
    way back; over the first part. `ratio` is its norm at the far end over the near one.
    `finite` is False where a norm on the way is infinite or NaN.
    """

    layers: tuple[str, ...]
    parts: tuple[int, ...]
    state: str
    norm: Doubles
    low: Doubles
    high: Doubles
    rate: float
    ratio: float
    verdict: str
    reverse: bool
    finite: bool = True

    @property
    def half_life(self) -> float:
        """Time steps over which the norm halves on its way back; infinite where it does not shrink."""
        return float(np.log(2) / -self.rate) if self.rate < 0 else float("inf")


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
    norm, low, high = (
        np.concatenate(curves)
        for curves in zip(*(spread(column, quantiles) for column in columns), strict=True)
    )
    first = trace.layers[names[0]]
    there: NDArray[np.bool_] = np.asarray(columns[0].valid_TB.any(axis=1))
    way_back = norm[: len(there)][there][:: -1 if first.reverse else 1]
    rate, ratio = decay(way_back)
    return GradientFlow(
        layers=tuple(names),
        parts=tuple(len(column.norm_TB) for column in columns),
        state=state,
        norm=norm,
        low=low,
        high=high,
        rate=rate,
        ratio=ratio,
        verdict=verdict(ratio),
        finite=bool(np.isfinite(way_back).all()),
        reverse=first.reverse,
    )


def layers_of_flow(trace: Trace) -> tuple[str, ...]:
    """The uppermost forward layer of each part, in the order of time."""
    top = f"/{trace.design.layers - 1}/forward"
    return tuple(name for name in trace.layers if name.endswith(top))


def named(trace: Trace, layer: str) -> LayerTrace:
    if layer not in trace.layers:
        raise ValueError(f"layer must be one of {', '.join(trace.layers)}, not {layer!r}.")
    return trace.layers[layer]


def norms(trace: Trace, layer: LayerTrace, state: str) -> Column:
    """||dL/dh_t|| of one layer, aligned at the loss."""
    gradients = {"h": layer.grad_h, "c": layer.grad_c}
    g_TBH = gradients.get(state)
    if g_TBH is None:
        raise ValueError(f"state must be one that {layer.name} has, not {state!r}.")
    column = Column(stable_norm(g_TBH), layer.valid)
    return column.aligned_at_end() if loss_at_end(trace, layer) else column


def stable_norm(g_TBH: Doubles) -> Doubles:
    """Euclidean norm over the last axis that neither overflows nor underflows when squaring."""
    largest = np.abs(g_TBH).max(axis=-1, keepdims=True)
    usual = np.isfinite(largest)
    scale = np.where(usual & (largest > 0), largest, 1.0)
    squares = np.where(usual, g_TBH / scale, 1.0) ** 2
    return np.asarray(np.where(usual[..., 0], scale[..., 0] * np.sqrt(squares.sum(axis=-1)), largest[..., 0]))


def loss_at_end(trace: Trace, layer: LayerTrace) -> bool:
    """Whether everything that a forward layer learns from comes in after its last time step."""
    parts = [name.split("/")[0] for name in trace.layers]
    hands_on = layer.name.split("/")[0] != parts[-1]  # an encoder: its loss is all in what follows
    return not layer.reverse and (len(trace.mask) == 1 or hands_on)


def spread(column: Column, quantiles: tuple[float, float]) -> tuple[Doubles, Doubles, Doubles]:
    """Median and two quantiles over the sequences that have the time step, each (T,).

    NaN where no sequence has it, and where the gradient of one that has it is NaN.
    """
    wanted, (norm_TB, valid_TB) = [0.5, *quantiles], column
    if valid_TB.all() and not np.isnan(norm_TB).any():
        return tuple(np.quantile(norm_TB, wanted, axis=1, method="lower"))
    rows = np.full((3, len(norm_TB)), np.nan)
    for t, (norm_B, valid_B) in enumerate(zip(norm_TB, valid_TB, strict=True)):
        if valid_B.any() and not np.isnan(norm_B[valid_B]).any():
            rows[:, t] = np.quantile(norm_B[valid_B], wanted, method="lower")
    return rows[0], rows[1], rows[2]


def decay(norm_T: Doubles) -> tuple[float, float]:
    """Slope of ln(norm) per time step backwards, and the ratio of the first to the last norm.

    A norm that overflowed on its way back counts as infinite; with fewer than two numbers, or
    none at the near end, both are NaN.
    """
    if len(norm_T) < 2 or not np.isfinite(norm_T[-1]) or norm_T[-1] <= 0:
        return float("nan"), float("nan")
    far = norm_T[0] if np.isfinite(norm_T[0]) else np.inf
    positive = np.flatnonzero(np.isfinite(norm_T) & (norm_T > 0))
    if len(positive) < 2:
        return float("nan"), float(far / norm_T[-1])
    slope = np.polyfit(positive, np.log(norm_T[positive]), 1)[0]
    return -float(slope), float(far / norm_T[-1])


def verdict(ratio: float) -> str:
    """vanishing, exploding or healthy, from the gradient at the far end over the near one."""
    if np.isnan(ratio):
        return "none"
    if ratio < NEGLIGIBLE:
        return "vanishing"
    return "exploding" if ratio > 1 / NEGLIGIBLE else "healthy"
