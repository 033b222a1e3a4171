"""A derivative by central differences, with an honest figure of how far it can be trusted.

Ridders 1982, "Accurate computation of F'(x) and F'(x) F''(x)": differences at shrinking steps are
extrapolated to step 0, and the entry is taken whose neighbours differ least from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

RATIO = 3.0
"""Each step is so many times smaller than the one before."""

ORDERS = 4
"""How often differences are extrapolated."""


class Slope(NamedTuple):
    """A derivative, what it may be off by, and the step that it was found with."""

    value: float
    uncertainty: float
    step: float


def slope(values_at: Callable[[Doubles], Doubles], steps_K: Doubles, rounding: float) -> Slope:
    """df/dx at 0, from `values_at(x)`, which gives f at each x, and steps that shrink by RATIO.

    `rounding` is what a value of f may be off by; over the step, it is part of the uncertainty,
    as is what neighbouring entries differ by. NaN, with infinite uncertainty, where no entry is
    a finite number.
    """
    up_K, down_K = np.split(values_at(np.concatenate([steps_K, -steps_K])), 2)
    noise_K = rounding / steps_K
    columns = [(up_K - down_K) / (2 * steps_K)]
    found = [Slope(float("nan"), float("inf"), float("nan"))]
    for order in range(1, min(ORDERS, len(steps_K) - 1) + 1):
        before, factor = columns[-1], RATIO ** (2 * order)
        better = (factor * before[1:] - before[:-1]) / (factor - 1)
        off = np.maximum(np.abs(better - before[1:]), np.abs(better - before[:-1])) + noise_K[order:]
        columns.append(better)
        found += [Slope(*map(float, entry)) for entry in zip(better, off, steps_K[order:], strict=True)]
    return min(found, key=lambda entry: entry.uncertainty if np.isfinite(entry.value) else np.inf)


def shrinking(largest: float, count: int) -> Doubles:
    """`count` steps for `slope`, from the largest down."""
    return np.asarray(largest / RATIO ** np.arange(count))
