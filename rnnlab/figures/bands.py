"""A median and the band around it, from base-ten logarithms: both break where there is no number."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.figures.gaps import runs, with_gaps
from rnnlab.figures.powers import number, placed
from rnnlab.figures.style import GRADIENT, faint

Array = NDArray[Any]


class Band(NamedTuple):
    """Edges over x, as logarithms. `floor` stands for 0 at the lower one: a log axis does not have it."""

    x: Array
    low: Array
    high: Array
    floor: float


def add_band(figure: go.Figure, band: Band, as_floats: bool, name: str) -> None:
    """Every unbroken stretch is an outline that is filled; they share one entry of the legend."""
    bottom = np.where(np.isfinite(band.low), band.low, band.floor)
    for drawn, stretch in enumerate(runs(np.isfinite(band.high))):
        figure.add_scatter(
            x=[*band.x[stretch], *band.x[stretch][::-1]],
            y=[*placed(band.high[stretch], as_floats), *placed(bottom[stretch], as_floats)[::-1]],
            fill="toself",
            fillcolor=faint(GRADIENT),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name=name,
            legendgroup="band",
            showlegend=drawn == 0,
        )


def add_median(figure: go.Figure, x: Array, log10: Array, as_floats: bool) -> None:
    """A line with a point at every number."""
    figure.add_scatter(
        x=x,
        y=with_gaps(np.where(np.isfinite(log10), placed(log10, as_floats), np.nan)),
        customdata=[number(value) for value in log10],
        hovertemplate="%{customdata}",
        name="median",
        mode="lines+markers",
        line={"color": GRADIENT, "width": 3},
        marker={"size": 5},
    )
