"""Gradient flow: the norm of the total derivative at every time step."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.analysis.flow import GradientFlow
from rnnlab.figures.gaps import drawable, runs, say_gaps, with_gaps
from rnnlab.figures.style import GRADIENT, QUIET, faint, note, styled

Array = NDArray[Any]


def gradient_flow(flow: GradientFlow, *, dark: bool = False) -> go.Figure:
    """Median and band of ||dL/dh_t|| (or c_t) on a log axis, the verdict in the title."""
    steps = np.arange(1, len(flow.norm) + 1)
    figure = go.Figure()
    floor = axis_floor(flow)
    for number, stretch in enumerate(runs(drawable(flow.high, log_axis=True))):
        outline = band(steps[stretch], flow.low[stretch], flow.high[stretch], floor)
        figure.add_trace(outline.update(showlegend=number == 0))
    figure.add_scatter(
        x=steps,
        y=with_gaps(flow.norm, log_axis=True),
        name="median",
        mode="lines+markers",
        line={"color": GRADIENT, "width": 3},
        marker={"size": 5},
    )
    say_gaps(figure, steps, flow.norm, "time step", log_axis=True, nan="no number")
    say_low_zeros(figure, flow)
    mark_parts(figure, flow)
    figure.update_yaxes(type="log", exponentformat="power", range=axis_range(flow, floor))
    figure.update_xaxes(range=[0.5, len(steps) + 0.5])
    return styled(figure, verdict_title(flow), "time step t", f"||dL/d{flow.state}<sub>t</sub>||", dark)


def verdict_title(flow: GradientFlow) -> str:
    if flow.verdict == "none":
        return "Gradient flow: none through time"
    words = f"Gradient flow: {flow.verdict}"
    if np.isfinite(flow.half_life):
        return f"{words}, halves every {flow.half_life:.3g} time steps on its way back"
    if np.isfinite(flow.rate):
        return f"{words}, ln(norm) changes by {flow.rate:+.2g} per time step on its way back"
    return words


def positive(flow: GradientFlow) -> Array:
    values = np.concatenate([flow.norm, flow.low, flow.high])
    return values[drawable(values, log_axis=True)]


def axis_floor(flow: GradientFlow) -> float:
    """Where a band ends whose lower edge is 0, which a log axis does not have."""
    return float(positive(flow).min(initial=np.inf)) / 3


def axis_range(flow: GradientFlow, floor: float) -> list[float] | None:
    there = positive(flow)
    if not len(there):
        return None
    low, high = float(np.log10(floor)), float(np.log10(there.max()))
    margin = 0.06 * (high - low)
    return [low - 2 * margin, high + margin]  # more room below, for remarks


def band(steps: Array, low: Array, high: Array, floor: float) -> go.Scatter:
    """One unbroken stretch of the band, as an outline that is filled."""
    bottom = np.where(drawable(low, log_axis=True), low, floor)
    return go.Scatter(
        x=[*steps, *steps[::-1]],
        y=[*high, *bottom[::-1]],
        fill="toself",
        fillcolor=faint(GRADIENT),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name="low to high quantile",
        legendgroup="band",
    )


def say_low_zeros(figure: go.Figure, flow: GradientFlow) -> None:
    zeros = int(((flow.low == 0) & (flow.norm > 0)).sum())
    if zeros:
        note(figure, f"the band reaches exactly 0 at {zeros} time steps")


def mark_parts(figure: go.Figure, flow: GradientFlow) -> None:
    """A border and a name for each part, where encoder and decoder follow each other."""
    start = 0
    for layer, steps in zip(flow.layers, flow.parts, strict=True):
        if len(flow.parts) > 1:
            figure.add_annotation(
                text=layer, x=start + 1, xanchor="left", y=1, yref="paper", yanchor="top", showarrow=False
            )
        if start:
            figure.add_vline(x=start + 0.5, line={"color": QUIET, "dash": "dot"})
        start += steps
