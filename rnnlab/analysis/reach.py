"""Reach: how far back in time a loss acts, where every time step has a loss of its own.

Near losses outweigh far ones there, so the gradient flow, their sum, cannot tell. Each loss alone can:
||dL_i/dh_{i-lag}|| beside ||dL_i/dh_i||.
T time steps, S loss steps, L lags.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.contributions import Contributions
from rnnlab.analysis.flow import decay, power, verdict

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Reach:
    """Norms of the contributions by their distance in time, relative to the nearest time step.

    `lag` (L,) counts the time steps back from the first that a loss acts on: its own, or the
    last one of an encoder. `log10_median`, `log10_low`, `log10_high` (L,) are over the losses
    that have the lag, `losses` (L,) of them; -inf where the gradient is exactly 0. `rate` is the
    slope of the straight line `log10_fit` (L,), as ln per time step; `log10_ratio` the median at
    the longest lag; `verdict` follows the rule of gradient flow. `finite` is False where a
    contribution is no finite number.
    """

    layer: str
    state: str
    sequence: int
    lag: NDArray[np.int64]
    log10_median: Doubles
    log10_low: Doubles
    log10_high: Doubles
    losses: NDArray[np.int64]
    rate: float
    log10_fit: Doubles
    log10_ratio: float
    verdict: str
    finite: bool

    @property
    def median(self) -> Doubles:
        """The median (L,) relative to lag 0; below 1e-308 it may be 0 where `log10_median` is not."""
        return power(self.log10_median)

    @property
    def half_life(self) -> float:
        """Time steps over which the norm halves; infinite where it does not shrink."""
        return float(np.log(2) / -self.rate) if self.rate < 0 else float("inf")


def reach(contributions: Contributions, quantiles: tuple[float, float] = (0.1, 0.9)) -> Reach:
    """Median and quantiles by lag, with the rate and the verdict."""
    relative_SL = by_lag(contributions)
    finite = bool((contributions.log10_norm < np.inf).all())
    curves = [np.full(relative_SL.shape[1], np.nan) for _ in range(3)]
    if finite:
        for lag, column_S in enumerate(relative_SL.T):
            there_S = column_S[~np.isnan(column_S)]
            if len(there_S):
                found = np.quantile(there_S, [0.5, *quantiles], method="lower")
                for curve, value in zip(curves, found, strict=True):
                    curve[lag] = value
    rate, log10_ratio = decay(curves[0][::-1])
    return Reach(
        layer=contributions.layer,
        state=contributions.state,
        sequence=contributions.sequence,
        lag=np.arange(relative_SL.shape[1]),
        log10_median=curves[0],
        log10_low=curves[1],
        log10_high=curves[2],
        losses=(~np.isnan(relative_SL)).sum(axis=0),
        rate=rate,
        log10_fit=line(curves[0], rate),
        log10_ratio=log10_ratio,
        verdict=verdict(log10_ratio, contributions.window),
        finite=finite,
    )


def by_lag(contributions: Contributions) -> Doubles:
    """log10 of each contribution over that of its loss's nearest time step (S, L), NaN where none is.

    A loss that acts on no time step at all is left out.
    """
    outputs, length = contributions.log10_norm.shape
    found = np.full((outputs, length), np.nan)
    for i in np.flatnonzero(contributions.has_loss):
        near = nearest(contributions, int(i), length)
        row_T = contributions.log10_norm[i]
        back = row_T[near:] if contributions.reverse else row_T[near::-1]
        if len(back) and np.isfinite(back[0]):
            found[i, : len(back)] = back - back[0]
    used = np.flatnonzero(~np.isnan(found).all(axis=0))
    return found[:, : used[-1] + 1 if len(used) else 0]


def nearest(contributions: Contributions, loss_step: int, length: int) -> int:
    """The first time step on the way back from a loss."""
    if contributions.one_part and not contributions.single:
        return loss_step
    return 0 if contributions.reverse else length - 1


def line(log10_L: Doubles, rate: float) -> Doubles:
    """The straight line with the fitted rate, through the mean of the finite numbers."""
    there = np.flatnonzero(np.isfinite(log10_L))
    if not len(there):
        return np.full(len(log10_L), np.nan)
    from_mean = np.arange(len(log10_L)) - there.mean()
    return np.asarray(log10_L[there].mean() + from_mean * rate / np.log(10))
