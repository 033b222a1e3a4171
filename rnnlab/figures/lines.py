"""Lines through numbers that come as base-ten logarithms, with what cannot be drawn said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.figures.gaps import places, runs, with_gaps
from rnnlab.figures.powers import floats, number, placed, power_axis
from rnnlab.figures.style import note

Array = NDArray[Any]


def add_powers(
    figure: go.Figure, x: Array, log10: Array, name: str, line: Mapping[str, Any], together: Sequence[Array]
) -> None:
    """One line on an axis that all of `together` share; it breaks where there is no number, or 0."""
    figure.add_scatter(
        x=x,
        y=with_gaps(np.where(np.isfinite(log10), placed(log10, floats(*together)), np.nan)),
        customdata=[number(value) for value in log10],
        hovertemplate="%{customdata}",
        name=name,
        mode="lines+markers" if len(x) < 20 else "lines",
        line=dict(line),
    )


def fit_powers(figure: go.Figure, together: Sequence[Array]) -> None:
    """The y axis over all that can be drawn, at least a decade."""
    there = np.concatenate([values[np.isfinite(values)] for values in together])
    if not len(there):
        figure.update_yaxes(showticklabels=False)
        return
    low, high = float(there.min()), float(there.max())
    missing_height = max(0.0, 1.0 - (high - low)) / 2
    low, high = low - missing_height, high + missing_height
    power_axis(figure, low - 0.06 * (high - low), high + 0.06 * (high - low), floats(*together))


def fit_steps(figure: go.Figure, steps: Array) -> None:
    """The x axis over whole time steps."""
    figure.update_xaxes(range=[steps.min() - 0.5, steps.max() + 0.5], dtick=whole_ticks(len(steps)))


def whole_ticks(count: int) -> int | None:
    """A tick for each of a few: Plotly would put some between two of them."""
    return 1 if count < 13 else None


def missing(x: Array, lines: Mapping[str, Array], unit: str) -> list[str]:
    """In words, where a line is exactly 0, infinite or no number, and so is not drawn."""
    found: dict[str, list[str]] = {}
    for name, log10 in lines.items():
        cases = {"exactly 0": log10 == -np.inf, "infinite": log10 == np.inf, "no number": np.isnan(log10)}
        for words, where in cases.items():
            if where.any():
                found.setdefault(f"{words} at {places(x, runs(where), unit)}, not drawn", []).append(name)
    return [
        f"{'all' if len(names) == len(lines) else ', '.join(names)}: {said}" for said, names in found.items()
    ]


def say(figure: go.Figure, remarks: Sequence[str]) -> None:
    """Remarks above the plot, the first of them uppermost."""
    for remark in reversed(remarks):
        note(figure, remark)
