"""Eigenvalues of the recurrent weights and of Jacobians, beside what bounds a step and what a limit.

S rows and columns of a matrix, A angles, H hidden size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import chain
from rnnlab.analysis.jacobian import default_layer, jacobians_of
from rnnlab.state import Trace

Doubles = NDArray[np.float64]

ANGLES = 33
"""Directions in which a numerical range is measured, in each of two rounds."""


@dataclass(frozen=True)
class Spectrum:
    """A square matrix seen by its eigenvalues (S,), largest modulus first.

    `radius` is max |lambda|: what long powers grow by. `sigma_max` is the largest singular value:
    the most that one application can grow a vector by. `numerical_radius` is max |x* M x| over
    unit vectors x; radius <= numerical_radius <= sigma_max <= 2 numerical_radius, all equal for a
    normal matrix. Far apart they say that powers may grow at first although the radius is below 1.
    """

    name: str
    eigenvalues: NDArray[np.complex128]
    radius: float
    sigma_max: float
    numerical_radius: float


def eigenvalues(
    trace: Trace, layer: str | None = None, *, time_steps: Sequence[int] = (), sequence: int = 0
) -> tuple[Spectrum, ...]:
    """Of each block of the recurrent weights of one layer, then of J_t at `time_steps` (from 1).

    The blocks are named as in the formulas: W_hh, or W_hi, W_hf, ... for a cell with gates, whose
    blocks bound nothing by themselves. J_t = ds_t/ds_{t-1} is about one sequence of the trace.
    Raises ValueError for a layer, sequence or time step that the trace does not have.
    """
    link = chain(trace, default_layer(trace, layer), [sequence])
    names = [f"W_h{gate}" for gate in link.cell.gates] or ["W_hh"]
    blocks = np.split(link.w_hh_GH, link.cell.blocks)
    found = [spectrum(block_HH, name) for block_HH, name in zip(blocks, names, strict=True)]
    positions = {int(t) + 1: place for place, t in enumerate(link.time_TB[link.valid_TB[:, 0], 0])}
    for t in time_steps:
        if t not in positions:
            raise ValueError(f"A time step must be a whole number from 1 to {len(positions)}, not {t}.")
    j_TSS = jacobians_of(link) if len(time_steps) else np.zeros(0)
    return (*found, *(spectrum(j_TSS[positions[t]], f"J_{t}") for t in time_steps))


def spectrum(matrix_SS: Doubles, name: str = "") -> Spectrum:
    """The spectrum of any real square matrix; NaN throughout where an entry is not finite."""
    m_SS = np.asarray(matrix_SS, np.float64)
    if m_SS.ndim != 2 or m_SS.shape[0] != m_SS.shape[1] or not m_SS.size:
        raise ValueError(f"A matrix with eigenvalues is square, not {m_SS.shape}.")
    if not np.isfinite(m_SS).all():
        nan = float("nan")
        return Spectrum(name, np.full(len(m_SS), complex(nan, nan)), nan, nan, nan)
    found_S = np.asarray(np.linalg.eigvals(m_SS), np.complex128)
    found_S = found_S[np.argsort(-np.abs(found_S), kind="stable")]
    sigma_max = largest_singular_value(m_SS)
    return Spectrum(name, found_S, float(np.abs(found_S[0])), sigma_max, numerical_radius(m_SS))


def spectral_radius(m_SS: Doubles) -> float:
    """The largest modulus of an eigenvalue; NaN where an entry is not finite."""
    return float(np.abs(np.linalg.eigvals(m_SS)).max()) if np.isfinite(m_SS).all() else float("nan")


def largest_singular_value(m_SS: Doubles) -> float:
    """The most by which the matrix can grow a vector; NaN where an entry is not finite."""
    return float(np.linalg.norm(m_SS, 2)) if np.isfinite(m_SS).all() else float("nan")


def numerical_radius(m_SS: Doubles) -> float:
    """max over angles of the largest eigenvalue of the Hermitian part of e^{i angle} M.

    Never too large, and too small by less than 2e-5 of it unless directions that lie apart differ
    by less than 0.2 %. For a real matrix half a turn shows all.
    """
    spacing = np.pi / (ANGLES - 1)
    angles_A = np.linspace(0.0, np.pi, ANGLES)
    reach_A = reach(m_SS, angles_A)
    best = angles_A[reach_A.argmax()]
    closer_A = np.linspace(best - spacing, best + spacing, ANGLES)
    return float(max(reach_A.max(), reach(m_SS, closer_A).max()))


def reach(m_SS: Doubles, angles_A: Doubles) -> Doubles:
    """How far the numerical range reaches in each direction (A,)."""
    symmetric_SS, skew_SS = (m_SS + m_SS.T) / 2, (m_SS - m_SS.T) / 2
    cos_A11, sin_A11 = (part(angles_A)[:, None, None] for part in (np.cos, np.sin))
    return np.asarray(np.linalg.eigvalsh(cos_A11 * symmetric_SS + 1j * sin_A11 * skew_SS)[:, -1])
