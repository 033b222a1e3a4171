"""Clipping: what it does to a gradient's length and direction, for one gradient and over a run.

By norm (Pascanu, Mikolov and Bengio 2013, algorithm 1) the gradient over all parameters together
keeps its direction; by value (Mikolov 2012) each of its numbers is cut, which turns it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnnlab.analysis.norms import stable_norm
from rnnlab.state import Records

Doubles = NDArray[np.float64]

ROUNDING = 1e-6
"""A norm that shrank by no more than this share of itself was not clipped: training runs in float32."""


@dataclass(frozen=True)
class Clipped:
    """One gradient, clipped: all parameters in one row (N,), in the order given.

    `norm`, `norm_clipped` are Euclidean; `angle_degrees` lies between the two gradients, 0 where
    nothing was cut, NaN where a number is not finite.
    """

    kind: str
    threshold: float
    gradient: Doubles
    norm: float
    norm_clipped: float
    angle_degrees: float


@dataclass(frozen=True)
class Clipping:
    """Clipping over a run, one number per update, as recorded while it trained.

    `before`, `after` are gradient norms over all parameters, `angle_degrees` the angle between
    the two gradients, `clipped` where the norm shrank, `share` the share of the last `window` updates in
    which it did (NaN with none).
    `threshold` is None where clipping was off.
    """

    kind: str
    threshold: float | None
    update: NDArray[np.int64]
    before: Doubles
    after: Doubles
    angle_degrees: Doubles
    clipped: NDArray[np.bool_]
    share: float
    window: int


def by_norm(g_N: Doubles, threshold: float) -> Doubles:
    """g min(1, threshold / ||g||): the direction stays (Pascanu, Mikolov and Bengio 2013, algorithm 1)."""
    norm = float(stable_norm(g_N))
    return g_N * (threshold / norm) if norm > threshold else g_N


def by_value(g_N: Doubles, threshold: float) -> Doubles:
    """Each number cut to [-threshold, threshold]: the direction may turn."""
    return np.clip(g_N, -threshold, threshold)


KINDS: dict[str, Callable[[Doubles, float], Doubles]] = {
    "off": lambda g_N, _: g_N,
    "norm": by_norm,
    "value": by_value,
}


def clip(gradient: ArrayLike | Mapping[str, ArrayLike], kind: str, threshold: float) -> Clipped:
    """`gradient`, an array or a dict of arrays such as `trace.gradients`, clipped as one vector.

    By norm the result has exactly the threshold's norm; PyTorch's `clip_grad_norm_` divides by
    norm + 1e-6 instead, so it stays that little bit below. Clipping cannot rescue what is not
    finite: by norm an infinity becomes NaN; by value a NaN stays one, and of an infinity only the
    sign is left, at the threshold. Raises ValueError for an
    unknown kind or a threshold that is not above 0.
    """
    refuse(kind, threshold)
    g_N = one_row(gradient)
    with np.errstate(invalid="ignore"):  # infinity times 0: the NaN that training would meet
        cut_N = KINDS[kind](g_N, threshold)
    return Clipped(
        kind=kind,
        threshold=threshold,
        gradient=cut_N,
        norm=float(stable_norm(g_N)),
        norm_clipped=float(stable_norm(cut_N)),
        angle_degrees=angle_between(g_N, cut_N),
    )


def refuse(kind: str, threshold: float) -> None:
    """Raises ValueError for an unknown kind or a threshold that is not above 0."""
    if kind not in KINDS:
        raise ValueError(f"clipping must be one of {', '.join(KINDS)}, not {kind!r}.")
    if not threshold > 0:
        raise ValueError(f"The clip threshold must be above 0, not {threshold:g}.")


def one_row(gradient: ArrayLike | Mapping[str, ArrayLike]) -> Doubles:
    """All numbers of a gradient one after the other (N,). Raises ValueError where there is none."""
    parts = gradient.values() if isinstance(gradient, Mapping) else [gradient]
    rows = [np.asarray(part, np.float64).ravel() for part in parts]
    if not sum(map(len, rows)):
        raise ValueError("There is no gradient to clip: give at least one number.")
    return np.concatenate(rows)


def angle_between(u_N: Doubles, v_N: Doubles) -> float:
    """In degrees, precise for small angles too (Kahan's formula); 0 between a zero vector and itself."""
    if not (np.isfinite(u_N).all() and np.isfinite(v_N).all()):
        return float("nan")
    if np.array_equal(u_N, v_N):
        return 0.0
    u_N, v_N = u_N / stable_norm(u_N), v_N / stable_norm(v_N)
    return float(np.degrees(2 * np.arctan2(stable_norm(u_N - v_N), stable_norm(u_N + v_N))))


def clipping(
    records: Records, clipping_kind: str = "norm", threshold: float | None = None, window: int = 500
) -> Clipping:
    """What clipping did in the updates of `records`; `share` counts the last `window` of them.

    Kind and threshold are those of the settings, for a picture to name; the numbers are as
    recorded, whatever they say. Raises ValueError as `clip` does.
    """
    refuse(clipping_kind, 1.0 if threshold is None else threshold)
    if window < 1:
        raise ValueError(f"The window must be 1 update or more, not {window}.")
    clipped = records.grad_norm_clipped < records.grad_norm * (1 - ROUNDING)
    newest = clipped[-window:]
    return Clipping(
        kind=clipping_kind,
        threshold=None if clipping_kind == "off" else threshold,
        update=records.update,
        before=records.grad_norm,
        after=records.grad_norm_clipped,
        angle_degrees=records.clip_angle,
        clipped=clipped,
        share=float(newest.mean()) if len(newest) else float("nan"),
        window=len(newest),
    )
