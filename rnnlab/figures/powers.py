"""Axes over powers of ten, for norms that come as base-ten logarithms, even ones that no float holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

Array = NDArray[Any]

LARGEST = 300
"""Powers of ten up to this, and down to its negative, are floats: Plotly's own log axis draws them."""

TICKS = 7
"""About how many ticks an axis of our own has."""


def floats(*log10: Array) -> bool:
    """Whether all numbers with these logarithms can be floats, the infinite ones aside."""
    return all((np.abs(values[np.isfinite(values)]) < LARGEST).all() for values in log10)


def placed(log10: Array, as_floats: bool) -> Array:
    """Where the numbers stand on an axis: themselves on a log axis, else their logarithms."""
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.power(10.0, log10)) if as_floats else log10


def power_axis(figure: go.Figure, low: float, high: float, as_floats: bool) -> go.Figure:
    """The y axis from 10^low to 10^high. The ticks are ours: Plotly's are of two sizes."""
    tickvals, ticktext = power_ticks(low, high)
    placed_ticks = [float(tick) for tick in placed(np.array(tickvals), as_floats)]
    kind = "log" if as_floats else "linear"
    return figure.update_yaxes(type=kind, range=[low, high], tickvals=placed_ticks, ticktext=ticktext)


def power_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Ticks at whole powers of ten; between them too where there are few."""
    step = round_step((high - low) / TICKS)
    powers = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    if len(powers) > 3 or step > 1:
        return [float(p) for p in powers], [power(int(p)) for p in powers]
    decades = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    for digits in FINE:
        ticks = [float(np.log10(digit) + p) for p in decades for digit in digits]
        kept = [tick for tick in ticks if low <= tick <= high]
        if len(kept) > 2:
            break
    return kept, [short(tick) for tick in kept]


FINE: list[list[float]] = [
    [1, 3],
    [1, 2, 5],
    [*range(1, 10)],
    [1 + k / 5 for k in range(45)],
    [1 + k / 50 for k in range(450)],
]
"""Which numbers of each decade have a tick: the first of these that gives three."""


def round_step(wanted: float) -> int:
    """The next of 1, 2, 5, 10, 20, ... above."""
    steps: list[int] = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]
    return next((step for step in steps if step >= wanted), steps[-1])


def power(exponent: int) -> str:
    """10 to a whole power, with a real minus sign."""
    return f"10<sup>{exponent}</sup>".replace("-", "−")


def short(log10: float) -> str:
    """A tick between powers: 0.002, 0.5, 30 or 5 × 10^-7."""
    digit, exponent = 10 ** (log10 - np.floor(log10 + 1e-9)), int(np.floor(log10 + 1e-9))
    if -3 <= exponent <= 3:
        return f"{digit * 10.0**exponent:.3g}" if exponent < 3 else f"{digit * 1000:,.0f}"
    return power(exponent) if abs(digit - 1) < 1e-9 else f"{digit:.3g} × {power(exponent)}"


def number(log10: float) -> str:
    """The number with this logarithm, in two digits, e.g. 3.2 × 10^-434; 0 for -inf."""
    if not np.isfinite(log10):
        return "0" if log10 == -np.inf else "no number"
    exponent = int(np.floor(log10))
    digits = f"{10 ** (log10 - exponent):.1f}"
    digits, exponent = ("1.0", exponent + 1) if digits == "10.0" else (digits, exponent)
    if -3 <= exponent <= 3:
        return f"{10**log10:.3g}"
    return f"{digits} × {power(exponent)}"
