"""What a chart cannot draw and says instead: numbers that are not finite, and 0 on a log axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.figures.style import QUIET, note, note_at

Array = NDArray[Any]

NAMED = 3
"""How many stretches a remark names one by one."""


def runs(there: Array) -> list[slice]:
    """The unbroken stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    return [slice(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def drawable(values: Array, log_axis: bool) -> Array:
    """Where a point can be drawn."""
    return np.isfinite(values) & (values > 0) if log_axis else np.isfinite(values)


def with_gaps(values: Array, log_axis: bool = False) -> list[float | None]:
    """`values` for a line that breaks where no point can be drawn."""
    good = drawable(values, log_axis)
    return [float(value) if ok else None for value, ok in zip(values, good, strict=True)]


def say_gaps(
    figure: go.Figure, x: Array, values: Array, unit: str, log_axis: bool = False, nan: str = "NaN"
) -> None:
    """Annotate what `with_gaps` leaves out: exact zeros where they are, the rest above the plot."""
    for words, where in {nan: np.isnan(values), "infinite": np.isinf(values)}.items():
        if where.any():
            note(figure, f"{words} at {places(x, runs(where), unit)}: not drawn")
    if log_axis:
        say_zeros(figure, x, runs(values == 0), unit)


def say_zeros(figure: go.Figure, x: Array, stretches: list[slice], unit: str) -> None:
    """A bar along the lower edge under each stretch, with words above it while there are few."""
    for stretch in stretches:
        ends = {"x0": x[stretch][0] - 0.4, "x1": x[stretch][-1] + 0.4}
        figure.add_shape(type="line", **ends, y0=0, y1=0, yref="paper", line={"width": 8, "color": QUIET})
    if len(stretches) > NAMED:
        note(figure, f"exactly 0 at {places(x, stretches, unit)}: not drawn")
        return
    for stretch in stretches:
        words = f"exactly 0 at {places(x, [stretch], unit)}"
        note_at(figure, words, *beside(x[stretch], float(x[0]), float(x[-1])))


def beside(steps: Array, first: float, last: float) -> tuple[float, str]:
    """Where words about `steps` fit into the plot, and which of their sides is there."""
    middle = float(steps.mean())
    if middle < first + (last - first) / 3:
        return float(steps[0]), "left"
    return (float(steps[-1]), "right") if middle > last - (last - first) / 3 else (middle, "center")


def places(x: Array, stretches: list[slice], unit: str) -> str:
    """e.g. `time steps 1–4, 9`; the first few stretches are named."""
    named = ", ".join(span(x[stretch]) for stretch in stretches[:NAMED])
    more = f" and {len(stretches) - NAMED} more stretches" if len(stretches) > NAMED else ""
    single = len(stretches) == 1 and len(x[stretches[0]]) == 1
    return f"{unit}{'' if single else 's'} {named}{more}"


def span(steps: Array) -> str:
    return f"{steps[0]:,}" if len(steps) == 1 else f"{steps[0]:,}–{steps[-1]:,}"
