"""Gates that keep: how long each unit remembers, and the gate's path beside the whole gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.analysis.memory import GateMemory
from rnnlab.figures.lines import add_powers, fit_powers, fit_steps, missing, say, whole_ticks
from rnnlab.figures.style import FORWARD, GRADIENT, QUIET, note, styled

Array = NDArray[Any]


def memory(found: GateMemory, *, dark: bool = False) -> go.Figure:
    """The gradient that the gate alone would bring back, and the whole one, over the last one's norm.

    The most and the least forgetful unit's product of gates as thin lines.
    """
    units = np.sort(found.log10_units, axis=1)
    path, whole = f"along {found.gate} alone", f"whole dL/d{found.state}<sub>t</sub>"
    lines = {
        "most lasting unit": units[:, -1],
        path: found.log10_path,
        "least lasting unit": units[:, 0],
        whole: found.log10_full,
    }
    thin = {"color": QUIET, "width": 2, "dash": "dot"}
    looks = (thin, {"color": FORWARD, "width": 4}, thin, {"color": GRADIENT, "width": 4, "dash": "dash"})
    figure = go.Figure()
    for (name, values), line in zip(lines.items(), looks, strict=True):
        add_powers(figure, found.time_steps, values, name, line, list(lines.values()))
    fit_powers(figure, list(lines.values()))
    fit_steps(figure, found.time_steps)
    say(figure, missing(found.time_steps, lines, "time step"))
    half_life = f"the median unit's halves in {steps(np.median(found.half_life))}"
    title = f"Memory along the {found.gate_label}"
    return styled(figure, title, "time step t", "share of the last gradient", dark, half_life)


def time_constants(found: GateMemory, *, dark: bool = False) -> go.Figure:
    """Each unit's time constant -1/ln of its mean gate, longest first, on a log axis."""
    values, length = found.time_constant, len(found.time_steps)
    good = np.isfinite(values) & (values > 0)
    ends = [0.4, len(values) + 0.6]
    figure = go.Figure()
    add_units(figure, found, good)
    add_length(figure, ends, length)
    if not good.all():
        note(figure, f"{int((~good).sum())} of {len(values)} units are not drawn: 0, infinite or no number")
    figure.update_layout(showlegend=False)
    fit_powers(figure, [np.log10(np.append(values[good], length))])
    figure.update_xaxes(range=ends, dtick=whole_ticks(len(values)))
    said = f"median {steps(np.median(found.time_constant))}"
    title = f"Time constants of the {found.gate_label}"
    styled(figure, title, "unit, longest memory first", "time steps", dark, said)
    return figure.update_layout(hovermode="closest")


def add_units(figure: go.Figure, found: GateMemory, good: Array) -> None:
    """A point for each unit whose time constant is a number, the longest first."""
    order = np.argsort(-found.time_constant, kind="stable")
    shown, place = good[order], np.arange(1, len(order) + 1)
    figure.add_scatter(
        x=place[shown],
        y=found.time_constant[order][shown],
        customdata=np.stack([order + 1, found.mean[order], found.half_life[order]], axis=1)[shown],
        hovertemplate="unit %{customdata[0]}: %{y:.3g} time steps<br>mean gate %{customdata[1]:.3g}, "
        "half-life %{customdata[2]:.3g} time steps<extra></extra>",
        mode="markers",
        marker={"color": FORWARD, "size": 10},
    )


def add_length(figure: go.Figure, ends: list[float], length: int) -> None:
    """How long the sequence is: units above that line outlast it."""
    figure.add_scatter(
        x=ends,
        y=[length, length],
        mode="lines+text",
        text=["", f"this sequence: {length} time steps"],
        textposition="top left",
        textfont={"color": QUIET, "size": 13},
        line={"color": QUIET, "dash": "dash"},
        hoverinfo="skip",
    )


def steps(count: Any) -> str:
    """So many time steps, in words."""
    return f"{count:.3g} time steps" if np.isfinite(count) else "infinite" if count > 0 else "no number"
