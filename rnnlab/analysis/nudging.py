"""The slope of a loss along a gradient, by nudging: central differences over a ladder of steps.

N numbers that are nudged, K nudges.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.slopes import Slope, shrinking, slope
from rnnlab.state import Trace

Doubles = NDArray[np.float64]

LARGEST_NUDGE = 0.1
"""Of the size of what is nudged, or of 1: where the search for a step begins."""

ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""What a number of size 1 may be off by after a forward pass: some units in its last place."""

LIMIT = 512
"""Of so many numbers each is nudged alone where their gradient is 0; of more, some directions are."""


class Experiment(NamedTuple):
    """`losses(by_KN, held)` are the losses (K,) after nudges, with or without the cuts of truncation.

    `along_N` is the unit vector to nudge along, or zeros where there is none; `share` is what
    part of the trace's positions these losses count. `size` is that of what is nudged, or 1. Without
    `step`, the best of `tries` is taken.
    """

    losses: Callable[[Doubles, bool], Doubles]
    along_N: Doubles
    step: float | None
    tries: int
    share: float
    size: float = 1.0


def measured(trace: Trace, experiment: Experiment, analytic: float, held: bool) -> Slope:
    """The slope of the loss along the gradient; in all directions together where that is 0.

    Where the gradient explodes, the loss is straight only over nudges that change it by a part of
    itself, and the rounding of what is nudged moves it by as much times the gradient.
    """
    along_N = experiment.along_N
    start = abs(float(experiment.losses(np.zeros((1, len(along_N))), held)[0]))
    if not np.isfinite([start, trace.loss]).all():
        return Slope(float("nan"), float("inf"), float("nan"))
    straight = LARGEST_NUDGE * (start + experiment.share)
    steps_K = steps(experiment, straight / analytic if 0 < analytic < np.inf else np.inf)
    rounding = ROUNDING * (start + experiment.share * float(np.abs(trace.outputs).max()))
    if not along_N.any():
        return flat(experiment, steps_K, held, rounding)
    rounding += ROUNDING * experiment.size * min(analytic, 1e300)
    return slope(lambda x_K: experiment.losses(x_K[:, None] * along_N, held), steps_K, rounding)


def steps(experiment: Experiment, steepest: float) -> Doubles:
    """The given step and a third of it, or a ladder from the size of what is nudged, or from `steepest`."""
    if experiment.step is None:
        return shrinking(min(LARGEST_NUDGE * experiment.size, steepest), experiment.tries)
    if not 0 < experiment.step < np.inf:
        raise ValueError(f"step must be a finite number above 0, not {experiment.step!r}.")
    return shrinking(experiment.step, 2)


def flat(experiment: Experiment, steps_K: Doubles, held: bool, rounding: float) -> Slope:
    """The norm of the slopes along each number alone, or along some random directions."""
    size, step = len(experiment.along_N), float(steps_K[len(steps_K) // 2])
    ways = np.eye(size) if size <= LIMIT else np.random.default_rng(0).standard_normal((8, size)) / size**0.5
    up, down = np.split(experiment.losses(step * np.concatenate([ways, -ways]), held), 2)
    found = float(np.linalg.norm((up - down) / (2 * step)))
    return Slope(found, len(ways) ** 0.5 * rounding / step, step)
