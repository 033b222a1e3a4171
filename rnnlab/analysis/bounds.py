"""The bound of Pascanu, Mikolov and Bengio (2013) beside the gradient that it bounds.

||dL/dh_t|| <= ||dL/dh_T|| (gamma sigma_max)^(T-t), with gamma the activation's steepest slope and
sigma_max the largest singular value of W_hh.
T time steps, H hidden size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.eigen import largest_singular_value, spectral_radius
from rnnlab.analysis.last_loss import WayBack, way_back
from rnnlab.analysis.scaled import log10_norm
from rnnlab.state import Trace

Doubles = NDArray[np.float64]

AT_ONE = 1e-6
"""Orthogonal weights in float32 have singular values so close to 1; a thousand of them add 0.1 %."""

STEEPEST = {"tanh": 1.0, "sigmoid": 0.25, "relu": 1.0, "identity": 1.0}
"""gamma: the largest slope of each activation."""


@dataclass(frozen=True)
class Envelope:
    """The bound and what was measured, at `time_steps` (T,), from 1, in the order of reading.

    `log10_measured` (T,) are norms of dL/dh_t of the last loss alone; -inf where it is exactly 0.
    `log10_bound` (T,) is never below them: the last one times (gamma sigma_max)^distance; in a
    layer below another one, where gradient comes in at every time step, what comes in at each
    grows so, and the bound is their sum. `words` say what the two numbers prove and what not.
    """

    layer: str
    time_steps: NDArray[np.int64]
    log10_bound: Doubles
    log10_measured: Doubles
    gamma: float
    sigma_max: float
    spectral_radius: float
    words: str

    @property
    def factor(self) -> float:
        """gamma sigma_max: the most that one time step can grow a gradient by."""
        return self.gamma * self.sigma_max


def envelope(trace: Trace, layer: str | None = None, sequence: int = 0) -> Envelope:
    """The bound for one layer of a vanilla network on one sequence.

    By default the uppermost forward layer of the first part. Raises ValueError for a cell with
    gates, whose recurrent weights alone bound nothing, and for a layer or sequence that the trace
    does not have.
    """
    back = way_back(trace, layer, sequence)
    if not back.link.cell.has_activation:
        raise ValueError(
            f"The bound of Pascanu et al. is about the vanilla RNN. In a network of {back.link.cell.label} "
            "cells the gates take part too, and W_hh alone bounds nothing. Look at its Jacobians: gains."
        )
    gamma = STEEPEST[trace.design.activation]
    sigma_max, radius = (measure(back.link.w_hh_GH) for measure in (largest_singular_value, spectral_radius))
    return Envelope(
        layer=back.link.name,
        time_steps=back.time_steps,
        log10_bound=bound(back, gamma * sigma_max),
        log10_measured=log10_norm(back.states[0], back.exponent),
        gamma=gamma,
        sigma_max=sigma_max,
        spectral_radius=radius,
        words=what_it_proves(gamma * sigma_max),
    )


def bound(back: WayBack, factor: float) -> Doubles:
    """log10 of the sum of all that came in later, each grown by `factor` per time step (T,)."""
    came_in_T = came_in(back)
    with np.errstate(divide="ignore"):
        growth = np.log10(factor)
    found_T = np.empty_like(came_in_T)
    so_far = -np.inf
    for position in reversed(range(len(found_T))):
        so_far = found_T[position] = sum_of_powers(came_in_T[position], growth + so_far)
        if back.link.cut_before(position):
            so_far = -np.inf
    return found_T


def came_in(back: WayBack) -> Doubles:
    """log10 norms (T,) of the gradient by h_t that did not come through h_{t+1}."""
    (g_TH,), (carried_TH,) = back.states, back.pulled()
    shift_T = back.exponent[1:] - back.exponent[:-1]
    own_TH = g_TH.copy()
    cut_T = np.array([back.link.cut_before(t) for t in range(1, len(g_TH))], np.bool_)
    with np.errstate(over="ignore", invalid="ignore"):
        own_TH[:-1] -= np.where(cut_T[:, None], 0.0, np.ldexp(carried_TH[1:], shift_T[:, None]))
    return log10_norm(own_TH, back.exponent)


def sum_of_powers(one: float, other: float) -> float:
    """log10(10^one + 10^other)."""
    ln10 = np.log(10)
    with np.errstate(invalid="ignore"):
        return float(np.logaddexp(one * ln10, other * ln10) / ln10)


def what_it_proves(factor: float) -> str:
    """Sufficient for vanishing, or necessary for exploding; never more."""
    if np.isnan(factor):
        return "The weights are not all finite numbers: there is no bound."
    if abs(factor - 1) <= AT_ONE:
        return "gamma sigma_max = 1: the gradient cannot explode; it may vanish."
    number = f"{factor:.3g}" if f"{factor:.3g}" != "1" else f"{factor:.7g}"
    said = f"gamma sigma_max = {number}"
    if factor < 1:
        return (
            f"{said} < 1, which is sufficient for vanishing: "
            f"whatever the input, each time step leaves at most {number} of the gradient."
        )
    return (
        f"{said} > 1, which is necessary for exploding, not sufficient: "
        "the gradient may explode, and may vanish all the same."
    )
