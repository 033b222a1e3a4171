"""Gradient flow: the norm of the total derivative at every time step."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.analysis.flow import GradientFlow
from rnnlab.figures.gaps import runs, say_gaps, with_gaps
from rnnlab.figures.powers import floats, number, placed, power_axis
from rnnlab.figures.style import GRADIENT, QUIET, faint, note, styled
from rnnlab.figures.words import layer_words

Array = NDArray[Any]


def gradient_flow(flow: GradientFlow, *, dark: bool = False) -> go.Figure:
    """Median and band of ||dL/dh_t|| (or c_t) on a log axis, the verdict in the title.

    It is drawn from the logarithms: norms below the smallest float have their place too.
    """
    steps = np.arange(1, len(flow.log10_norm) + 1)
    as_floats = floats(flow.log10_norm, flow.log10_low, flow.log10_high)
    figure = go.Figure()
    for drawn, stretch in enumerate(runs(np.isfinite(flow.log10_high))):
        outline = band(steps[stretch], flow.log10_low[stretch], flow.log10_high[stretch], flow, as_floats)
        figure.add_trace(outline.update(showlegend=drawn == 0))
    figure.add_scatter(
        x=steps,
        y=with_gaps(np.where(np.isfinite(flow.log10_norm), placed(flow.log10_norm, as_floats), np.nan)),
        customdata=[number(value) for value in flow.log10_norm],
        hovertemplate="%{customdata}",
        name="median",
        mode="lines+markers",
        line={"color": GRADIENT, "width": 3},
        marker={"size": 5},
    )
    say_gaps(figure, steps, zero_or_not(flow.log10_norm), "time step", log_axis=True, nan="no number")
    say_low_zeros(figure, flow)
    mark_parts(figure, flow)
    if len(there(flow)):
        power_axis(figure, *axis_range(flow), as_floats)
    figure.update_xaxes(range=[0.5, len(steps) + 0.5])
    title = f"Gradient flow: {'none through time' if flow.verdict == 'none' else flow.verdict}"
    return styled(figure, title, "time step t", f"‖dL/d{flow.state}<sub>t</sub>‖", dark, pace(flow))


def zero_or_not(log10: Array) -> Array:
    """0 where the norm is exactly 0, 1 where it is a number, and what it is where it is none."""
    return np.where(np.isfinite(log10), 1.0, np.where(log10 == -np.inf, 0.0, log10))


def pace(flow: GradientFlow) -> str:
    """How fast it falls or grows."""
    if np.isfinite(flow.half_life):
        return f"halves every {flow.half_life:.3g} time steps on its way back"
    if np.isfinite(flow.rate):
        return f"ln(norm) changes by {flow.rate:+.2g} per time step on its way back"
    return ""


def there(flow: GradientFlow) -> Array:
    """All logarithms that can be drawn."""
    values = np.concatenate([flow.log10_norm, flow.log10_low, flow.log10_high])
    return np.asarray(values[np.isfinite(values)])


def floor(flow: GradientFlow) -> float:
    """Where a band ends whose lower edge is 0, which a log axis does not have."""
    return float(there(flow).min()) - 0.5


def axis_range(flow: GradientFlow) -> tuple[float, float]:
    low, high = floor(flow), float(there(flow).max())
    margin = 0.06 * (high - low)
    return low - 2 * margin, high + margin  # more room below, for remarks


def band(steps: Array, low: Array, high: Array, flow: GradientFlow, as_floats: bool) -> go.Scatter:
    """One unbroken stretch of the band, as an outline that is filled."""
    bottom = np.where(np.isfinite(low), low, floor(flow))
    return go.Scatter(
        x=[*steps, *steps[::-1]],
        y=[*placed(high, as_floats), *placed(bottom, as_floats)[::-1]],
        fill="toself",
        fillcolor=faint(GRADIENT),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name="low to high quantile",
        legendgroup="band",
    )


def say_low_zeros(figure: go.Figure, flow: GradientFlow) -> None:
    zeros = int(((flow.log10_low == -np.inf) & (flow.log10_norm > -np.inf)).sum())
    if zeros:
        note(figure, f"the band reaches exactly 0 at {zeros} time steps")


def mark_parts(figure: go.Figure, flow: GradientFlow) -> None:
    """A border and a name for each part, where encoder and decoder follow each other."""
    start = 0
    for layer, steps in zip(flow.layers, flow.parts, strict=True):
        if len(flow.parts) > 1:
            figure.add_annotation(
                text=layer_words(layer),
                x=start + 1,
                xanchor="left",
                y=1,
                yref="paper",
                yanchor="top",
                showarrow=False,
            )
        if start:
            figure.add_vline(x=start + 0.5, line={"color": QUIET, "dash": "dot"})
        start += steps
