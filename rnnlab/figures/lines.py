"""Lines through numbers that come as base-ten logarithms, with what cannot be drawn said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.figures.gaps import places, runs, with_gaps
from rnnlab.figures.powers import floats, number, placed, power_axis
from rnnlab.figures.style import QUIET

Array = NDArray[Any]

FEW_DECADES = 3
"""An axis over fewer has ticks at 2 and 5 too."""


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
    """The y axis over all that can be drawn, at least a decade, with room below for a remark."""
    there = np.concatenate([values[np.isfinite(values)] for values in together])
    if not len(there):
        return
    low, high = float(there.min()), float(there.max())
    height = max(1.0, high - low)
    power_axis(figure, low - 0.18 * height, high + 0.06 * height, floats(*together))
    if height < FEW_DECADES and floats(*together):
        figure.update_yaxes(dtick="D2")


def fit_steps(figure: go.Figure, steps: Array) -> None:
    """The x axis over whole time steps."""
    figure.update_xaxes(range=[steps.min() - 0.5, steps.max() + 0.5], dtick=1 if len(steps) < 13 else None)


def missing(x: Array, lines: Mapping[str, Array], unit: str) -> list[str]:
    """In words, where a line is exactly 0, infinite or no number, and so is not drawn."""
    found = []
    for name, log10 in lines.items():
        cases = {"exactly 0": log10 == -np.inf, "infinite": log10 == np.inf, "no number": np.isnan(log10)}
        for words, where in cases.items():
            if where.any():
                found.append(f"{name}: {words} at {places(x, runs(where), unit)}, not drawn")
    return found


def say_below(figure: go.Figure, lines: Sequence[str], side: str = "right") -> None:
    """Remarks one under the other in the plot's lower corner on that side."""
    if lines:
        figure.add_annotation(
            text="<br>".join(lines),
            name="below",
            align=side,
            x=0.99 if side == "right" else 0.01,
            xref="paper",
            xanchor=side,
            y=0.01,
            yref="paper",
            yanchor="bottom",
            showarrow=False,
            font={"size": 14, "color": QUIET},
        )
