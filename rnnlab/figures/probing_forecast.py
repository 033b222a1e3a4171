"""A forecast beside the truth and the simple rules that it has to beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.figures.gaps import say_gaps, with_gaps
from rnnlab.figures.style import FORWARD, PREDICTION, QUIET, styled

Array = NDArray[Any]

LOOKS: dict[str, dict[str, Any]] = {
    "network": {"color": PREDICTION, "width": 3.5},
    "persistence": {"color": QUIET, "width": 2, "dash": "dot"},
    "autoregression": {"color": QUIET, "width": 2, "dash": "dash"},
}
"""Which line is which; any other is drawn as a rule."""

CALLED = {"persistence": "persistence: the last value again", "autoregression": "linear autoregression"}


def forecast(
    history_N: Array,
    truth_H: Array,
    forecasts: Mapping[str, Array],
    *,
    unit: str = "",
    errors: Mapping[str, float] | None = None,
    title: str = "Forecast",
    dark: bool = False,
) -> go.Figure:
    """What was known, what came, and each of `forecasts` (H,) by name, from the last value known on.

    Time 0 is the last value known. `errors` by the same names stand in the legend, in the unit of the
    data. Truth that is not known is NaN.
    """
    figure = go.Figure()
    past, ahead = np.arange(1 - len(history_N), 1), np.arange(0, len(truth_H) + 1)
    line = {"color": FORWARD, "width": 2.5}
    figure.add_scatter(x=past, y=with_gaps(history_N), name="known", mode="lines", line=line)
    add_ahead(figure, ahead, joined(history_N, truth_H), "what came", line | {"dash": "dot"})
    for name, values_H in forecasts.items():
        look = LOOKS.get(name, LOOKS["autoregression"])
        add_ahead(figure, ahead, joined(history_N, values_H), legend(name, unit, errors or {}), look)
        say_gaps(figure, np.arange(1, len(values_H) + 1), values_H, f"{name}: time step")
    figure.add_vline(x=0, line={"color": QUIET, "width": 1.5, "dash": "dot"})
    words = (
        f"{len(truth_H)} time steps ahead, each forecast read as the next input" if len(truth_H) > 1 else ""
    )
    return styled(figure, title, "time steps from the last value known", unit or "value", dark, words)


def add_ahead(figure: go.Figure, ahead: Array, values: Array, name: str, line: Mapping[str, Any]) -> None:
    figure.add_scatter(
        x=ahead[: len(values)],
        y=with_gaps(values),
        name=name,
        mode="lines+markers" if len(values) < 20 else "lines",
        line=dict(line),
    )


def joined(history_N: Array, values_H: Array) -> Array:
    """From the last value known on, so that the line hangs together."""
    last = history_N[-1:] if len(history_N) else np.full(1, np.nan)
    return np.concatenate([last, values_H])


def legend(name: str, unit: str, errors: Mapping[str, float]) -> str:
    """e.g. `network, off by 12.3 passengers`."""
    called = CALLED.get(name, name)
    if name not in errors:
        return called
    return f"{called}, off by {errors[name]:.3g} {unit}".rstrip()
