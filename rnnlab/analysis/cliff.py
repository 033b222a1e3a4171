"""The cliff: the error surface of one recurrent unit, walks down it, and the unit's fixed points.

The unit of Pascanu, Mikolov and Bengio 2013, "On the difficulty of training recurrent neural
networks", section 2.3 and figure 6; its fixed points over b are their figure 3, after Doya 1993:

    x_t = w sigmoid(x_{t-1}) + b,    E = (sigmoid(x_50) - 0.7)^2,    x_0 = 0.5
    dx_t/dw = sigmoid(x_{t-1}) + w sigmoid'(x_{t-1}) dx_{t-1}/dw
    dx_t/db = 1 + w sigmoid'(x_{t-1}) dx_{t-1}/db

For w > 4 the cliff is where x_0 crosses from one basin of attraction into the other; it begins
at (4, -2), where the unit's three fixed points are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnnlab.analysis.clipping import clip, refuse

Doubles = NDArray[np.float64]

STEPS, START, TARGET = 50, 0.5, 0.7

W_RANGE, B_RANGE = (3.0, 7.0), (-3.5, 3.5)
"""A region that shows the cliff, and where the descent below comes down that it throws off."""

DESCENT_START, LEARNING_RATE, CLIP_THRESHOLD, UPDATES = (4.7, -1.2), 1.0, 0.125, 60
"""Found by trying starts around the cliff, so that it is seen: of 441 starts on a grid 66 are thrown off. 18
updates lead down, E from 0.07 to 0.0015, the same with and without clipping, and the 19th on to the
cliff: there E is 0.07 again and the gradient 5.5, where it was at most 0.12. It throws the walk without
clipping to (6.5, 2.9), where E is 0.09 and the gradient 7e-5: it hardly moves again. The one with
clipping stays below the cliff, going to and fro: E between 0.0001 and 0.02."""


@dataclass(frozen=True)
class CliffSurface:
    """The error over w (W,) and b (B,); all else is (W, B).

    `grad_w`, `grad_b` are dE/dw and dE/db, `x_last` the state after the last time step.
    `log10_grad_norm` is computed in logarithms, so it is right where the gradient itself
    underflows to 0, and -inf only where E is exactly flat.
    """

    w: Doubles
    b: Doubles
    error: Doubles
    grad_w: Doubles
    grad_b: Doubles
    x_last: Doubles
    log10_grad_norm: Doubles


@dataclass(frozen=True)
class Descent:
    """A walk of gradient descent on the surface; all arrays have one number per update, and one before it.

    The gradient's norm before and after clipping and the angle between them are those of the
    update that leaves the point.
    """

    clipping: str
    clip_threshold: float
    learning_rate: float
    w: Doubles
    b: Doubles
    error: Doubles
    grad_norm: Doubles
    grad_norm_clipped: Doubles
    clip_angle: Doubles

    @property
    def step_length(self) -> Doubles:
        """How far each update moved in the plane of w and b, (updates,)."""
        return np.hypot(np.diff(self.w), np.diff(self.b))

    def leaves(self, w_range: tuple[float, float] = W_RANGE, b_range: tuple[float, float] = B_RANGE) -> int:
        """The first point outside the region, infinite ones included, or -1."""
        inside = (w_range[0] <= self.w) & (self.w <= w_range[1])
        inside &= (b_range[0] <= self.b) & (self.b <= b_range[1])
        return -1 if inside.all() else int(np.argmin(inside))


@dataclass(frozen=True)
class Bifurcation:
    """Fixed points x = w sigmoid(x) + b of the unit over b (B,).

    `x` (branches, B): one branch, or three where w > 4 (lower, middle, upper), NaN where a branch
    has no fixed point. `slope` is w sigmoid'(x): stable where it lies in (-1, 1). `folds` are the
    values b2 < b1 between which there are three (NaN without folds); `boundary` is the b at
    which the start state lies on the middle branch, the border between the basins: the cliff. It is
    NaN where there is no such b; with start 0.5 and w from 4 to 4.26 the cliff is the lower fold.
    `x_last` is where the unit is after its time steps from `start`.
    """

    w: float
    b: Doubles
    start: float
    x: Doubles
    slope: Doubles
    folds: tuple[float, float]
    boundary: float
    x_last: Doubles

    @property
    def stable(self) -> Doubles:
        """`x` where |w sigmoid'(x)| < 1, NaN elsewhere."""
        return np.where(np.abs(self.slope) < 1, self.x, np.nan)

    @property
    def unstable(self) -> Doubles:
        """`x` where |w sigmoid'(x)| >= 1, NaN elsewhere."""
        return np.where(np.abs(self.slope) >= 1, self.x, np.nan)

    @property
    def count(self) -> NDArray[np.int64]:
        """How many fixed points there are at each b."""
        return np.asarray(np.isfinite(self.x).sum(axis=0), np.int64)


def cliff_surface(
    w: ArrayLike, b: ArrayLike, steps: int = STEPS, start: float = START, target: float = TARGET
) -> CliffSurface:
    """E, its gradient and the last state at every pair of `w` and `b`; a NaN in, a NaN out.

    Raises ValueError for no time steps or for `w` or `b` that are not one row of numbers.
    """
    w_W, b_B = one_axis(w, "w"), one_axis(b, "b")
    if steps < 1:
        raise ValueError(f"The unit needs 1 time step or more, not {steps}.")
    x, by_w, by_b = unrolled(w_W[:, None], b_B[None, :], steps, start)
    s, slope, log_slope = sigmoid(x)
    outer = 2 * (s - target)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # named by who draws it
        log_norm = np.log(np.abs(outer)) + log_slope + np.log(np.hypot(by_w, by_b))
        grad_w, grad_b = outer * slope * by_w, outer * slope * by_b
    return CliffSurface(w_W, b_B, (s - target) ** 2, grad_w, grad_b, x, log_norm / np.log(10))


def one_axis(values: ArrayLike, name: str) -> Doubles:
    row = np.atleast_1d(np.asarray(values, np.float64))
    if row.ndim > 1 or not row.size:
        raise ValueError(f"{name} must be one row of numbers, not an array of shape {row.shape}.")
    return row


def sigmoid(x: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """sigmoid(x), its derivative, and the derivative's natural log, none of which overflow."""
    small = np.exp(-np.abs(x))
    value = np.where(x >= 0, 1.0, small) / (1 + small)
    return value, small / (1 + small) ** 2, -np.abs(x) - 2 * np.log1p(small)


def unrolled(w: Doubles, b: Doubles, steps: int, start: float) -> tuple[Doubles, Doubles, Doubles]:
    """The last state and its derivatives by w and b."""
    x = np.full(np.broadcast_shapes(w.shape, b.shape), start)
    by_w, by_b = np.zeros_like(x), np.zeros_like(x)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            s, slope, _ = sigmoid(x)
            by_w, by_b, x = s + w * slope * by_w, 1 + w * slope * by_b, w * s + b
    return x, by_w, by_b


def descend(
    w: float = DESCENT_START[0],
    b: float = DESCENT_START[1],
    learning_rate: float = LEARNING_RATE,
    updates: int = UPDATES,
    clipping: str = "off",
    clip_threshold: float = CLIP_THRESHOLD,
) -> Descent:
    """Gradient descent from (w, b) on the surface of figure 6, clipped as `clip` does.

    Nothing that runs away is held back: points may leave any region and become infinite or NaN.
    Raises ValueError for updates below 0, or a kind or threshold that `clip` refuses.
    """
    if updates < 0:
        raise ValueError(f"The number of updates must be 0 or more, not {updates}.")
    refuse(clipping, clip_threshold)
    point, rows = np.array([w, b], np.float64), []
    for _ in range(updates + 1):
        here = cliff_surface(point[:1], point[1:])
        step = clip([here.grad_w.item(), here.grad_b.item()], clipping, clip_threshold)
        rows.append((*point, here.error.item(), step.norm, step.norm_clipped, step.angle_degrees))
        with np.errstate(over="ignore", invalid="ignore"):
            point = point - learning_rate * step.gradient
    return Descent(clipping, clip_threshold, learning_rate, *np.array(rows).T)


def bifurcation(b: ArrayLike, w: float = 5.0, steps: int = STEPS, start: float = START) -> Bifurcation:
    """The unit's fixed points over `b`, by bisection on each stretch where x - w sigmoid(x) is monotonic.

    The stretches end at the folds, where w sigmoid'(x) = 1, i.e. s (1 - s) = 1 / w.
    Raises ValueError for a w that is not finite.
    """
    b_B = one_axis(b, "b")
    if not np.isfinite(w):
        raise ValueError(f"w must be a finite number, not {w}.")
    turns = turning_points(w)
    x = np.stack([on_stretch(b_B, w, *stretch) for stretch in stretches(turns)])
    boundary = float(offset(np.array(start), w)) if turns and turns[0] < start < turns[1] else float("nan")
    folds = tuple(sorted(float(offset(np.array(turn), w)) for turn in turns)) or (float("nan"),) * 2
    return Bifurcation(
        w=w,
        b=b_B,
        start=start,
        x=x,
        slope=w * sigmoid(x)[1],
        folds=(folds[0], folds[1]),
        boundary=boundary,
        x_last=cliff_surface([w], b_B, steps, start).x_last[0],
    )


def offset(x: Doubles, w: float) -> Doubles:
    """The b of which x is a fixed point."""
    return np.asarray(x - w * sigmoid(x)[0])


def turning_points(w: float) -> tuple[float, ...]:
    """Where x - w sigmoid(x) turns: +-logit((1 + sqrt(1 - 4/w)) / 2) for w > 4, else nowhere."""
    if w <= 4:
        return ()
    turn = 2 * float(np.arccosh(np.sqrt(w) / 2))  # sigmoid'(x) = 1 / (4 cosh^2(x/2))
    return (-turn, turn)


def stretches(turns: tuple[float, ...]) -> list[tuple[float, float]]:
    return list(pairwise([-np.inf, *turns, np.inf]))


def on_stretch(b_B: Doubles, w: float, low: float, high: float) -> Doubles:
    """The fixed point between `low` and `high` for each b, NaN where there is none."""
    reach = (b_B + min(w, 0.0) - 1, b_B + max(w, 0.0) + 1)  # sigmoid lies between 0 and 1; 1 for rounding
    left, right = np.maximum(reach[0], low), np.minimum(reach[1], high)
    excess_left, excess_right = offset(left, w) - b_B, offset(right, w) - b_B
    there = (left <= right) & (np.sign(excess_left) * np.sign(excess_right) <= 0)
    for _ in range(200):  # halves until no double lies between
        middle = left + (right - left) / 2
        below = np.sign(offset(middle, w) - b_B) == np.sign(excess_left)
        left, right = np.where(below, middle, left), np.where(below, right, middle)
    return np.where(there, left + (right - left) / 2, np.nan)
