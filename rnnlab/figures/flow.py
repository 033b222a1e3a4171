"""Gradient flow: the norm of the total derivative at every time step."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.analysis.flow import GradientFlow
from rnnlab.figures.bands import Band, add_band, add_median
from rnnlab.figures.gaps import say_gaps
from rnnlab.figures.powers import floats, power_axis
from rnnlab.figures.style import QUIET, note, styled
from rnnlab.layers import layer_words

Array = NDArray[Any]


def gradient_flow(flow: GradientFlow, *, dark: bool = False) -> go.Figure:
    """Median and band of ||dL/dh_t|| (or c_t) on a log axis, the verdict in the title.

    It is drawn from the logarithms: norms below the smallest float have their place too.
    """
    steps = np.arange(1, len(flow.log10_norm) + 1)
    as_floats = floats(flow.log10_norm, flow.log10_low, flow.log10_high)
    figure = go.Figure()
    if len(there(flow)):
        band = Band(steps, flow.log10_low, flow.log10_high, floor(flow))
        add_band(figure, band, as_floats, "low to high quantile")
    add_median(figure, steps, flow.log10_norm, as_floats)
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


def say_low_zeros(figure: go.Figure, flow: GradientFlow) -> None:
    """At how many time steps a log axis cannot show the band's lower edge."""
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
