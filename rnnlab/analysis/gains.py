"""What each time step does to the gradient: how much it could grow it, and how much it does.

T time steps, S state size, H hidden size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import Chain
from rnnlab.analysis.eigen import spectral_radius
from rnnlab.analysis.jacobian import jacobians_at
from rnnlab.analysis.last_loss import way_back
from rnnlab.analysis.products import lyapunov_exponents, scaled
from rnnlab.analysis.scaled import log10_norm
from rnnlab.model.cells.plain import Moment
from rnnlab.state import Trace

Doubles = NDArray[np.float64]

MEASURED = "measured along the gradient"
LARGEST = "largest singular value of each J_t: the most there can be"
EXPONENT = "largest Lyapunov exponent, finite-time"
MEAN = "spectral radius of the mean J_t"
REST = "spectral radius of J at rest"


@dataclass(frozen=True)
class Gains:
    """Growth of a gradient at each of `time_steps` (T,), from 1, in the order of reading, as ln.

    `along` is ln ||J_t^T g_t|| / ||g_t|| along the gradient g_t of the last loss by the state
    (what Pascanu's regulariser wants to be 0), `largest` ln sigma_max(J_t), never below it. NaN
    where there is no gradient. `log10_measured` is the norm of g_t. `rates` are means or
    predictions of the growth per time step on the way from the last to the first of them that the
    gradient reaches, by name.
    """

    layer: str
    time_steps: NDArray[np.int64]
    along: Doubles
    largest: Doubles
    log10_measured: Doubles
    rates: Mapping[str, float]


def gains(trace: Trace, layer: str | None = None, sequence: int = 0) -> Gains:
    """The gains of any cell on one sequence; by default of the uppermost forward layer.

    With a cell state, g_t and J_t are about h_t and c_t as separate states. Raises ValueError for
    a layer or sequence that the trace does not have.
    """
    back = way_back(trace, layer, sequence)
    j_TSS = jacobians_at(back.link, back.moment)
    state_TS, before_TS = (np.concatenate(x, axis=1) for x in (back.apart(), back.pulled()))
    measured_T = log10_norm(state_TS, back.exponent)
    along_T = growth(log10_norm(before_TS, back.exponent), measured_T)
    largest_T = log_largest(j_TSS)
    reached = np.flatnonzero(measured_T[1:] != -np.inf) + 1
    return Gains(
        layer=back.link.name,
        time_steps=back.time_steps,
        along=along_T,
        largest=largest_T,
        log10_measured=measured_T,
        rates=rates(back.link, j_TSS[reached], along_T[reached], largest_T[reached]),
    )


def growth(after_T: Doubles, before_T: Doubles) -> Doubles:
    """ln of a ratio of norms that come as log10; NaN where there was nothing before."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(before_T == -np.inf, np.nan, (after_T - before_T) * np.log(10)))


def log_largest(j_TSS: Doubles) -> Doubles:
    """ln sigma_max of each matrix (T,), NaN where it is not finite."""
    good_T = np.isfinite(j_TSS).all(axis=(1, 2))
    found_T = np.full(len(j_TSS), np.nan)
    if good_T.any():
        near_TSS, log_scale_T = scaled(j_TSS[good_T])
        square_T = np.linalg.eigvalsh(np.swapaxes(near_TSS, 1, 2) @ near_TSS)[:, -1]
        with np.errstate(divide="ignore"):
            found_T[good_T] = 0.5 * np.log(np.maximum(square_T, 0.0)) + log_scale_T
    return found_T


def rates(link: Chain, j_TSS: Doubles, along_T: Doubles, largest_T: Doubles) -> dict[str, float]:
    """ln of the growth per time step: the mean of what happened, and what would predict it."""
    if not len(j_TSS):
        return dict.fromkeys((MEASURED, LARGEST, EXPONENT, MEAN, REST), float("nan"))
    with np.errstate(divide="ignore"):
        return {
            MEASURED: float(along_T.mean()),
            LARGEST: float(largest_T.mean()),
            EXPONENT: float(lyapunov_exponents(j_TSS, count=1)[0]),
            MEAN: float(np.log(spectral_radius(j_TSS.mean(axis=0)))),
            REST: float(np.log(spectral_radius(at_rest(link)))),
        }


def at_rest(link: Chain) -> Doubles:
    """J (S, S) of the first time step from a state of zeros without input."""
    zeros = tuple(np.zeros(link.w_hh_GH.shape[1]) for _ in link.moment.after)
    with np.errstate(over="ignore", invalid="ignore"):
        after, gates = link.cell.step(link.b_ih_G, zeros, link.w_hh_GH, link.b_hh_G, link.activation)
    return jacobians_at(link, Moment(zeros, after, gates))
