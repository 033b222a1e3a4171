"""The same difference in as many digits as it needs.

A gradient of 1e-15 moves a loss of about 1 in its last place, so float64 cannot see what a nudge
does. With numbers of 60 or 500 digits (mpmath) the very same forward pass can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.forward import Nudge, forward
from rnnlab.state import Trace

DIGITS, PER_POWER = 60, 1.6
"""Decimal digits, and how many more for each power of ten that the gradient is below 1."""

MOST_PRODUCTS = 2_500_000
"""Products of long numbers that a check may take: some seconds."""

FUNCTIONS = ("tanh", "exp", "log", "log1p", "sqrt")


class LongSlope(NamedTuple):
    """A central difference, as log10 of its size and its value where float64 has it."""

    log10: float
    value: float
    step_log10: float
    digits: int


def affordable(trace: Trace) -> bool:
    """Whether two passes with long numbers take seconds, not minutes."""
    length = sum(len(layer.valid) for layer in trace.layers.values())
    largest = max(w.size for w in trace.weights.values() if w.ndim == 2)
    looks = 0 if trace.attention is None else 4 * trace.attention[:, 0].size * trace.design.hidden_size
    return 4 * length * largest + looks <= MOST_PRODUCTS


def context(digits: int) -> Any:
    """Arithmetic with so many decimal digits, whose numbers NumPy's functions can take."""
    import mpmath

    found = mpmath.mp.__class__()
    found.dps = digits
    for name in FUNCTIONS:
        setattr(found.mpf, name, as_method(getattr(found, name)))
    return found


def as_method(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """NumPy asks the numbers of an array for their own `tanh()`."""
    return lambda number: function(number)


def long_slope(trace: Trace, sequence: int, nudge: Nudge, log10_gradient: float, held: bool) -> LongSlope:
    """dL/dx at 0 of the loss with the state moved by x times the nudge, for one sequence.

    The step is 10^(-digits/3). What the third derivative adds is smaller by its square, and the
    difference of the losses still has a third of the digits, less those of the gradient's smallness.
    """
    digits = DIGITS + int(PER_POWER * max(0.0, -log10_gradient))
    long = context(digits)
    exact = np.frompyfunc(long.mpf, 1, 1)
    weights = {name: exact(array) for name, array in trace.weights.items()}
    step = long.mpf(10) ** -(digits // 3)
    by_KN: NDArray[Any] = np.concatenate([nudge.by_BH, -nudge.by_BH])
    moved = nudge._replace(by_BH=exact(by_KN) * step)
    up, down = forward(trace, [sequence] * 2, weights, moved, held).loss_B
    found = abs(up - down) / (2 * step)
    log10 = float(long.log10(found)) if found else float("-inf")
    return LongSlope(log10, float(found), float(long.log10(step)), digits)
