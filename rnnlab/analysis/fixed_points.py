"""Fixed points of a trained network with constant input, and how stable they are.

Sussillo and Barak 2013, "Opening the black box": minimise q(s) = 1/2 ||F(s, x) - s||^2 over
states s, from states that the network visits. Here by damped Gauss-Newton steps on F(s) - s
(Levenberg-Marquardt), from all starts at once; F is the cell's own rule.
N points, S numbers of state (H, or 2H with c after h), H hidden size, I input size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnnlab.analysis.chain import Chain, chain
from rnnlab.analysis.jacobian import default_layer, jacobians_at
from rnnlab.model.cells.plain import Moment, States
from rnnlab.state import Trace

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]


FIXED, SLOW = 1e-12, 1e-4
"""Below the first q a point is called fixed, below the second slow; the rest is dropped."""

SAME = 1e-3
"""Points closer than this share of the states' own spread are one."""

MOST_STEPS, LEAST_DAMPING, GIVEN_UP = 100, 1e-9, 1e6
ARRIVED = 1e-20
"""A q so far below `FIXED` that going on would change no digit that matters."""


@dataclass(frozen=True)
class FixedPoints:
    """Fixed and slow points of one layer, by rising `q`.

    `states` (N, S), of which `h` is the first half where there is c; `q` (N,); `fixed` where q is
    below 1e-12, else the point is slow; `eigenvalues` (N, S), complex, of the Jacobian there,
    largest modulus first; `stable` where all of them lie inside the unit circle;
    `unstable_directions` counts those outside. `input` (I,) is the constant input. `starts` says
    from how many states the search began, `kept` how many of them ended below the limit for slow.
    """

    layer: str
    hidden_size: int
    states: Doubles
    q: Doubles
    fixed: Bools
    eigenvalues: NDArray[np.complex128]
    input: Doubles
    starts: int
    kept: int

    @property
    def h(self) -> Doubles:
        """Hidden states (N, H)."""
        return self.states[:, : self.hidden_size]

    @property
    def unstable_directions(self) -> NDArray[np.int64]:
        """How many eigenvalues of each point lie outside the unit circle (N,)."""
        return np.asarray((np.abs(self.eigenvalues) > 1).sum(axis=1), np.int64)

    @property
    def stable(self) -> Bools:
        """Whether all eigenvalues of a point lie inside the unit circle (N,)."""
        return np.asarray((np.abs(self.eigenvalues) < 1).all(axis=1))

    @property
    def time_constants(self) -> Doubles:
        """-1 / ln |eigenvalue| in time steps (N, S): below 0 where a direction grows."""
        with np.errstate(divide="ignore"):
            return -1 / np.log(np.abs(self.eigenvalues))

    def kind(self, n: int) -> str:
        """`stable`, `unstable` or `slow`, in a word."""
        if not self.fixed[n]:
            return "slow"
        return "stable" if self.stable[n] else "unstable"


def fixed_points(
    trace: Trace,
    layer: str | None = None,
    input: ArrayLike | None = None,
    starts: int = 128,
    noise: float = 0.1,
    seed: int = 0,
) -> FixedPoints:
    """Fixed points of one layer, by default the uppermost of the first part, with constant `input` (I,).

    The input is zeros unless given. The search begins at `starts` states drawn from the trace,
    with Gaussian noise of `noise` times the states' spread. That it finds all points cannot be
    promised. Raises ValueError for an input of the wrong size, no start, or states or weights that
    are not finite.
    """
    link = chain(trace, default_layer(trace, layer))
    x_I = constant(input, link.w_ih_GI.shape[1])
    if starts < 1:
        raise ValueError(f"The search needs 1 start or more, not {starts}.")
    begin_NS, spread = sampled(link, starts, noise, np.random.default_rng(seed))
    rule = Rule(link, link.w_ih_GI @ x_I + link.b_ih_G)
    found_NS = settle(rule, begin_NS)
    q_N = q_of(rule, found_NS)
    good = q_N < SLOW  # False for a NaN
    states_NS = distinct(found_NS[good], q_N[good], SAME * spread)
    return described(link, rule, states_NS, x_I, starts, int(good.sum()))


def constant(input: ArrayLike | None, size: int) -> Doubles:
    """The input (I,), zeros unless given. Raises ValueError for another size, or where it is not finite."""
    x_I = np.zeros(size) if input is None else np.asarray(input, np.float64)
    if x_I.shape != (size,) or not np.isfinite(x_I).all():
        raise ValueError(
            f"The constant input must be {size} finite numbers, one for each input of the layer."
        )
    return x_I


def sampled(link: Chain, starts: int, noise: float, rng: np.random.Generator) -> tuple[Doubles, float]:
    """States (starts, S) that the network visits, with noise, and the visited states' spread."""
    visited = np.concatenate(link.moment.after, axis=-1)[link.valid_TB]
    if not np.isfinite(visited).all() or not all(np.isfinite(w).all() for w in weights_of(link)):
        raise ValueError(
            "The network's states or weights hold a NaN or an infinity: there is no fixed point."
        )
    with np.errstate(over="ignore"):
        spread = float(np.sqrt(visited.var(axis=0).mean())) or 1.0
    if not np.isfinite(spread):
        raise ValueError(
            "The network's states are too large to be squared: there is no fixed point near them."
        )
    chosen = visited[rng.integers(len(visited), size=starts)]
    return chosen + noise * spread * rng.normal(size=chosen.shape), spread


def weights_of(link: Chain) -> tuple[Doubles, ...]:
    """The recurrent layer's own four."""
    return link.w_ih_GI, link.w_hh_GH, link.b_ih_G, link.b_hh_G


class Rule(NamedTuple):
    """One time step of a layer whose input adds the constant `a_G` to its gates."""

    link: Chain
    a_G: Doubles

    def moment(self, s_NS: Doubles) -> Moment:
        """The time step from states (N, S)."""
        before: States = tuple(np.split(s_NS, len(self.link.cell.states), axis=-1))
        link = self.link
        return Moment(before, *link.cell.step(self.a_G, before, link.w_hh_GH, link.b_hh_G, link.activation))

    def residual(self, s_NS: Doubles) -> Doubles:
        """F(s) - s, (N, S)."""
        return np.concatenate(self.moment(s_NS).after, axis=-1) - s_NS

    def slope(self, s_NS: Doubles) -> Doubles:
        """dF/ds (N, S, S)."""
        return jacobians_at(self.link, self.moment(s_NS))


def q_of(rule: Rule, s_NS: Doubles) -> Doubles:
    """q(s) = 1/2 ||F(s) - s||^2 of each state (N,); NaN or infinite where F overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return half_square(rule.residual(s_NS))


def half_square(r_NS: Doubles) -> Doubles:
    """Half the squared length of every row (N,)."""
    return np.asarray(0.5 * (r_NS**2).sum(axis=-1))


def settle(rule: Rule, s_NS: Doubles) -> Doubles:
    """Levenberg-Marquardt from every start: a step is kept where it lowers q, else damped more."""
    s_NS, damping_N = s_NS.copy(), np.full(len(s_NS), 1e-3)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(MOST_STEPS):
            on = np.flatnonzero(damping_N < GIVEN_UP)  # the rest has arrived, or found no way on
            if not len(on):
                break
            s_NS[on], damping_N[on] = one_step(rule, s_NS[on], damping_N[on])
    return s_NS


def one_step(rule: Rule, s_NS: Doubles, damping_N: Doubles) -> tuple[Doubles, Doubles]:
    """The next states and damping; infinite damping where q has arrived at rounding."""
    r_NS, m_NSS = rule.residual(s_NS), rule.slope(s_NS) - np.eye(s_NS.shape[1])
    trial_NS = s_NS + damped(m_NSS, r_NS, damping_N)
    q_N, trial_q_N = half_square(r_NS), q_of(rule, trial_NS)
    better_N = trial_q_N < q_N
    damping_N = np.where(better_N, np.maximum(damping_N / 5, LEAST_DAMPING), damping_N * 4)
    damping_N[np.where(better_N, trial_q_N, q_N) < ARRIVED] = np.inf
    return np.where(better_N[:, None], trial_NS, s_NS), damping_N


def damped(m_NSS: Doubles, r_NS: Doubles, damping_N: Doubles) -> Doubles:
    """-(M'M + d)^-1 M'r for each start, d beside the size of M'M so that there is always an inverse."""
    transposed = m_NSS.swapaxes(-1, -2)
    normal, size = transposed @ m_NSS, r_NS.shape[1]
    scale_N = 1 + np.trace(normal, axis1=-2, axis2=-1) / size
    normal += (damping_N * scale_N)[:, None, None] * np.eye(size)
    return np.asarray(-np.linalg.solve(normal, transposed @ r_NS[..., None])[..., 0])


def distinct(s_NS: Doubles, q_N: Doubles, distance: float) -> Doubles:
    """One of each group of points that lie together: that with the smallest q."""
    left, kept = s_NS[np.argsort(q_N, kind="stable")], []
    while len(left):
        kept.append(left[0])
        apart = np.linalg.norm(left - left[0], axis=1) / np.sqrt(s_NS.shape[1])
        left = left[apart >= distance]
    return np.array(kept).reshape(-1, s_NS.shape[1])


def described(
    link: Chain, rule: Rule, states_NS: Doubles, x_I: Doubles, starts: int, kept: int
) -> FixedPoints:
    """Points with their q and the eigenvalues of dF/ds there, largest modulus first."""
    if len(states_NS):
        eigenvalues = np.linalg.eigvals(rule.slope(states_NS)).astype(np.complex128)
    else:
        eigenvalues = np.empty(states_NS.shape, np.complex128)
    order = np.argsort(-np.abs(eigenvalues), axis=1, kind="stable")
    q_N = q_of(rule, states_NS) if len(states_NS) else np.empty(0)
    return FixedPoints(
        layer=link.name,
        hidden_size=link.w_hh_GH.shape[1],
        states=states_NS,
        q=q_N,
        fixed=q_N < FIXED,
        eigenvalues=np.take_along_axis(eigenvalues, order, axis=1),
        input=x_I,
        starts=starts,
        kept=kept,
    )
