"""How strongly the loss depends on each input."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnnlab.analysis.saliency import Saliency
from rnnlab.figures.flow import zero_or_not
from rnnlab.figures.gaps import say_gaps, with_gaps
from rnnlab.figures.powers import floats, number, placed, power_axis
from rnnlab.figures.style import GRADIENT, styled

DECADES = 3
"""Norms that span more than this go on a log axis, as points: a bar has no foot there."""

MOST_LABELS = 60


def saliency(saliency: Saliency, *, labels: Sequence[str] = (), dark: bool = False) -> go.Figure:
    """||dL/dx_t|| by time step; `labels` name the inputs below the axis.

    Raises ValueError where there are labels, but not one for each time step.
    """
    log10 = saliency.log10_norm
    if len(labels) not in (0, len(log10)):
        raise ValueError(f"labels must be {len(log10)}, one for each time step, not {len(labels)}.")
    steps, there = np.arange(1, len(log10) + 1), log10[np.isfinite(log10)]
    wide = bool(len(there)) and float(there.max() - there.min()) > DECADES
    as_floats = floats(log10)
    drawn = with_gaps(np.where(np.isfinite(log10), placed(log10, as_floats), np.nan))
    hover = {
        "customdata": [number(value) for value in log10],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    figure = go.Figure()
    if wide or not as_floats:
        look = {"mode": "lines+markers", "line": {"color": GRADIENT, "width": 2}, "marker": {"size": 8}}
        figure.add_scatter(x=steps, y=drawn, **look, **hover)
        power_axis(figure, float(there.min()) - 0.5, float(there.max()) + 0.5, as_floats)
    else:
        figure.add_bar(x=steps, y=drawn, marker={"color": GRADIENT, "line": {"width": 0}}, **hover)
        figure.update_yaxes(rangemode="tozero", exponentformat="power", showticklabels=bool(len(there)))
    say_gaps(figure, steps, zero_or_not(log10), "time step", log_axis=True)
    figure.update_layout(bargap=0.25, showlegend=False)
    styled(
        figure,
        "Saliency of the inputs",
        "time step t",
        "‖dL/dx<sub>t</sub>‖",
        dark,
        "how strongly the loss depends on each input",
    )
    figure.update_xaxes(range=[0.5, len(log10) + 0.5], showgrid=False)
    if 0 < len(labels) <= MOST_LABELS:
        figure.update_xaxes(
            tickvals=steps, ticktext=list(labels), tickangle=0, title_text="input at each time step"
        )
    return figure
