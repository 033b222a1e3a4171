"""Long products of Jacobians without forming them: singular values and Lyapunov exponents.

J_t Q_{t-1} = Q_t R_t with orthonormal Q leaves the product J_t ... J_1 as Q_t R_t ... R_1, whose
growth is kept as logarithms: nothing underflows or overflows, however long the product.
T time steps, S state size, K directions that are still there after a time step, L before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

ROUNDING = 64 * np.finfo(np.float64).eps
"""A direction whose part at right angles to the ones before it is this small has collapsed into them."""

RANGE = 1e10
"""How far below the largest a singular value in float64 still has six digits."""

COMFORT = 1e100
"""Matrices with a largest entry between this and its inverse are multiplied as they are."""

FELT = 1e-8
"""Rows this much smaller than the smallest of those values change none of their digits."""


def lyapunov_exponents(
    jacobians_TSS: Doubles, warm_up: int = 0, seed: int = 0, count: int | None = None
) -> Doubles:
    """Finite-time Lyapunov exponents (S,), or the `count` largest, in natural logarithms per time step.

    The means of ln|R_ii| over the time steps after `warm_up`, from a random orthonormal start
    (Benettin et al. 1980). From T time steps of one sequence they say what happened there, and depend
    a little on the start; the exponents proper are their limit for T -> infinity, which forward and
    backward share. -inf for a direction that is mapped to nothing (or to less than 1e-14 of its length
    beside another one), all NaN where a Jacobian is not finite. Raises ValueError where no time step is
    left, or for a `count` that there is not.
    """
    j_TSS = checked(jacobians_TSS)
    length, size, _ = j_TSS.shape
    if not 0 <= warm_up < length:
        raise ValueError(f"warm_up must be from 0 to {length - 1} time steps, not {warm_up}.")
    wanted = size if count is None else count
    if not 1 <= wanted <= size:
        raise ValueError(f"There are from 1 to {size} exponents, not {count}.")
    if not np.isfinite(j_TSS).all():
        return np.full(wanted, np.nan)
    start_SK, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size))[:, :wanted])
    return np.sort(log_growth(j_TSS, start_SK)[warm_up:].mean(axis=0))[::-1]


def log_growth(j_TSS: Doubles, start_SK: Doubles) -> Doubles:
    """ln|R_ii| of every time step (T, K), from orthonormal columns; -inf once a direction has collapsed."""
    j_TSS, log_scale_T = scaled(j_TSS)
    directions = start_SK.shape[1]
    growth_TK, there = np.zeros((len(j_TSS), directions)), np.arange(directions)
    for t, factor in enumerate(factors(j_TSS, start_SK)):
        there = there[factor.kept_K]
        growth_TK[t, there] = factor.growth_K
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(growth_TK) + log_scale_T[:, None])


def singular_values(jacobians_TSS: Doubles, *, from_end: bool = False) -> Doubles:
    """Estimates of ln sigma_i of the product J_t ... J_1 for every t, (T, S), largest first.

    With `from_end`, row d-1 is about J_T ... J_{T-d+1}: what a gradient meets on its way back over
    d time steps. The triangular factor R_t ... R_1 is kept as rows of length 1 and the logarithms
    of their scales. Values within 1e-10 of the largest are its singular values, to six digits or
    more; those below are estimates from the QR factors of its transpose (a step of the QR iteration
    for singular values, Stewart 1997): close to rounding where values lie far apart, as in long
    products, and to the order of magnitude within a cluster. -inf for a direction that is mapped to
    nothing (or to less than 1e-14 of its length beside another one); NaN from the first Jacobian on
    that is not finite.
    """
    j_TSS = checked(jacobians_TSS)
    j_TSS = np.swapaxes(j_TSS[::-1], 1, 2) if from_end else j_TSS
    found_TS = np.full(j_TSS.shape[:2], np.nan)
    good = int(np.isfinite(j_TSS).all(axis=(1, 2)).cumprod().sum())
    if good:
        found_TS[:good] = log_singular_values(*scaled(j_TSS[:good]))
    return found_TS


def log_singular_values(j_TSS: Doubles, log_scale_T: Doubles) -> Doubles:
    """As `singular_values`, of finite Jacobians with a common factor taken out of each."""
    size = j_TSS.shape[1]
    found_TS = np.full(j_TSS.shape[:2], -np.inf)
    triangle = Triangle(np.zeros(size), np.zeros(size), np.eye(size))
    begins_at = np.linalg.svd(j_TSS[0])[2].T  # the first row of the answer is exact, and in order
    for t, (factor, scale) in enumerate(zip(factors(j_TSS, begins_at), log_scale_T.cumsum(), strict=True)):
        triangle = triangle.after(factor)
        log_K = triangle.log_singular_values() + scale
        found_TS[t, : len(log_K)] = np.sort(log_K)[::-1]
    return found_TS


def checked(jacobians_TSS: Doubles) -> Doubles:
    """Jacobians (T, S, S) in float64. Raises ValueError for another shape, or none."""
    j_TSS = np.asarray(jacobians_TSS, np.float64)
    if j_TSS.ndim != 3 or j_TSS.shape[1] != j_TSS.shape[2] or not j_TSS.size:
        raise ValueError(f"Jacobians are time steps x states x states, at least one; not {j_TSS.shape}.")
    return j_TSS


def scaled(j_TSS: Doubles) -> tuple[Doubles, Doubles]:
    """Each Jacobian with its largest entry 1, and the logarithms of what that took (T,).

    As they are where all of them are within `COMFORT`: their squares are numbers too.
    """
    largest_T = np.maximum(j_TSS.max(axis=(1, 2)), -j_TSS.min(axis=(1, 2)))
    if ((largest_T == 0) | (largest_T > 1 / COMFORT) & (largest_T < COMFORT)).all():
        return j_TSS, np.zeros(len(j_TSS))
    scale_T = np.where(largest_T > 0, largest_T, 1.0)
    return j_TSS / scale_T[:, None, None], np.log(scale_T)


class Factor(NamedTuple):
    """One J_t Q_{t-1} = Q_t R_t: `r_KL` with the columns of Q_{t-1} and the rows of Q_t.

    `kept_K` are the columns of Q_{t-1} that did not collapse, `growth_K` their |R_ii|.
    """

    r_KL: Doubles
    kept_K: NDArray[np.int64]
    growth_K: Doubles


def factors(j_TSS: Doubles, start_SK: Doubles) -> Iterator[Factor]:
    """The QR factors of the product, one time step after the other, from orthonormal columns."""
    q_SK, everything = start_SK, np.arange(start_SK.shape[1])
    for j_SS in j_TSS:
        a_SL = j_SS @ q_SK
        q_SK, r_KL = np.linalg.qr(a_SL)
        growth_K = np.abs(r_KL.diagonal())
        if (growth_K > ROUNDING * np.sqrt(np.einsum("kl,kl->l", r_KL, r_KL))).all():
            yield Factor(r_KL, everything[: len(growth_K)], growth_K)
        else:
            kept_K, q_SK, growth_K = without_collapsed(a_SL)
            above_KL = np.arange(a_SL.shape[1]) >= kept_K[:, None]
            yield Factor(np.where(above_KL, q_SK.T @ a_SL, 0.0), kept_K, growth_K)


def without_collapsed(a_SL: Doubles) -> tuple[NDArray[np.int64], Doubles, Doubles]:
    """Which columns do not depend on those before them, their Q, and |R_ii|.

    After a column that depends on others, Q holds an arbitrary direction, which must not count
    against later columns; so those that depend are dropped and the rest is factorised again.
    """
    kept = np.arange(a_SL.shape[1])
    while True:
        q_SK, r_KK = np.linalg.qr(a_SL[:, kept])
        length_K, growth_K = np.linalg.norm(r_KK, axis=0), np.abs(r_KK.diagonal())
        dead_K = growth_K <= ROUNDING * length_K
        if not dead_K.any():
            return kept, q_SK, growth_K
        first = int(dead_K.argmax())
        rest_SK = a_SL[:, kept[first:]]
        beside_SK = rest_SK - q_SK[:, :first] @ (q_SK[:, :first].T @ rest_SK)
        alive_K = np.linalg.norm(beside_SK, axis=0) > ROUNDING * length_K[first:]
        alive_K[0] = False
        kept = np.concatenate([kept[:first], kept[first:][alive_K]])


class Triangle(NamedTuple):
    """R_t ... R_1 (K, S) as rows of length 1 and the logarithms of their scales.

    `growth_K` are the logarithms of its diagonal, |R_ii| multiplied over the time steps.
    """

    growth_K: Doubles
    log_scale_K: Doubles
    rows_KS: Doubles

    def after(self, factor: Factor) -> Triangle:
        """R_t times this; each row is summed relative to its own largest part."""
        with np.errstate(divide="ignore"):
            parts_KL = np.log(np.abs(factor.r_KL)) + self.log_scale_K
        largest_K = parts_KL.max(axis=1, initial=-np.inf)
        weights_KL = np.copysign(np.exp(parts_KL - largest_K[:, None]), factor.r_KL)
        rows_KS = weights_KL @ self.rows_KS
        length_K = np.sqrt(np.einsum("ks,ks->k", rows_KS, rows_KS))
        growth_K = self.growth_K[factor.kept_K] + np.log(factor.growth_K)
        return Triangle(growth_K, largest_K + np.log(length_K), rows_KS / length_K[:, None])

    def log_singular_values(self) -> Doubles:
        """(K,), largest first: those within `RANGE` of the largest by SVD, the others as estimates.

        Both from one QR factorisation of the transpose, outside which the rows' scales stay.
        """
        turned_KK = np.asarray(np.linalg.qr(self.rows_KS.T, mode="r"))
        largest = self.log_scale_K.max(initial=-np.inf)
        felt_N = np.flatnonzero(self.log_scale_K > largest - np.log(RANGE / FELT))
        near_MN = turned_KK[: felt_N.max(initial=-1) + 1, felt_N]  # zeros below: R is triangular
        sigma_N = np.linalg.svd(near_MN * np.exp(self.log_scale_K[felt_N] - largest), compute_uv=False)
        sure = int((sigma_N > sigma_N.max(initial=0.0) / RANGE).sum())
        found_K = np.sort(self.estimates(turned_KK))[::-1]
        found_K[:sure] = largest + np.log(sigma_N[:sure])
        return found_K

    def estimates(self, turned_KK: Doubles) -> Doubles:
        """The scales times the diagonal of the transpose's R (K,).

        Where the rows have become one within rounding, the diagonal itself is the estimate.
        """
        side_K = np.abs(turned_KK.diagonal())
        return self.log_scale_K + np.log(side_K) if (side_K > ROUNDING).all() else self.growth_K
