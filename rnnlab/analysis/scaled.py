"""Gradients with an exponent of their own, so that none underflows or overflows on a long way back.

A row is a vector for each state, times a power of two that they share. Powers of two are exact:
while a gradient stays within float64's comfortable range, nothing differs from plain arithmetic.
Within a row, a number 10^300 times smaller than the largest one may become 0.
H hidden size; any leading dimensions, written R.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.model.cells.plain import States

Doubles = NDArray[np.float64]
Exponents = NDArray[np.int64]

COMFORT = 256
"""Rows whose largest number leaves 2^-256 to 2^256 are scaled anew; squares are still in range."""

NONE = np.iinfo(np.int32).min // 2
"""The exponent of a row of zeros, below every other."""


class Scaled(NamedTuple):
    """`states`, each (R, H), times 2**`exponent` (R,)."""

    states: States
    exponent: Exponents


def plain(*states: Doubles) -> Scaled:
    """Numbers as they are: exponent 0."""
    return Scaled(states, np.zeros(states[0].shape[:-1], np.int64))


def add(one: Scaled, other: Scaled) -> Scaled:
    """The sum, row by row, at the larger of the two exponents."""
    pairs = tuple(zip(one.states, other.states, strict=True))
    if not (one.exponent.any() or other.exponent.any()):
        with np.errstate(over="ignore", invalid="ignore"):  # infinity less infinity
            return Scaled(tuple(a + b for a, b in pairs), one.exponent)
    exponents = [np.where(any_number(rows), rows.exponent, NONE) for rows in (one, other)]
    largest = np.maximum(*exponents)
    exponent = np.where(largest == NONE, 0, largest)
    left, right = (np.maximum(rows.exponent - exponent, NONE)[..., None] for rows in (one, other))
    left, right = np.minimum(left, 0), np.minimum(right, 0)  # a row of zeros may have any exponent
    return Scaled(tuple(np.ldexp(a, left) + np.ldexp(b, right) for a, b in pairs), exponent)


def any_number(rows: Scaled) -> NDArray[np.bool_]:
    """Where a row is not all zeros, (R,)."""
    return np.asarray(np.any([(state != 0).any(axis=-1) for state in rows.states], axis=0))


def rescaled(rows: Scaled) -> Scaled:
    """The same numbers; rows that left the comfortable range with a largest one near 1."""
    peaks = [np.abs(state).max(axis=-1, initial=0.0) for state in rows.states]
    peak = peaks[0] if len(peaks) == 1 else np.maximum(*peaks)
    inside = (peak > 2.0**-COMFORT) & (peak < 2.0**COMFORT) | (peak == 0) | ~np.isfinite(peak)
    if inside.all():
        return rows
    shift = np.where(inside, 0, np.frexp(np.where(inside, 1.0, peak))[1])
    return Scaled(tuple(np.ldexp(state, -shift[..., None]) for state in rows.states), rows.exponent + shift)


def log10_norm(rows: Doubles, exponent: Exponents) -> Doubles:
    """log10 of the Euclidean norms over the last axis; -inf for a row of zeros, NaN for one with a NaN."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        squares = np.einsum("...h,...h->...", rows, rows)
        return np.asarray(0.5 * np.log10(squares) + exponent * np.log10(2.0))
