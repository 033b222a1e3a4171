"""A series by its parts: what is trained on, what is held out, and the test."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.figures.style import FORWARD, MUTED, PREDICTION, SURFACES

HEIGHT = 150
PARTS = ("trained on", "held out", "test")


def parts(
    places: NDArray[Any], values: NDArray[Any], borders: tuple[int, int], *, dark: bool = False
) -> go.Figure:
    """`values` at their places in a series, small; the held-out part and the test begin at `borders`."""
    background, text, grid = SURFACES[dark]
    figure = go.Figure()
    edges = (-1, *borders, float("inf"))
    for name, colour, low, high in zip(
        PARTS, (FORWARD, PREDICTION, MUTED[dark]), edges[:-1], edges[1:], strict=True
    ):
        inside = (places >= low) & (places < high)
        figure.add_scatter(
            x=places[inside], y=values[inside], name=name, mode="lines", line={"color": colour, "width": 1.4}
        )
    figure.update_layout(
        template="plotly_dark" if dark else "plotly_white",
        height=HEIGHT,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        font={"color": text, "size": 12},
        paper_bgcolor=background,
        plot_bgcolor=background,
        legend={"orientation": "h", "x": 0, "y": -0.12, "yanchor": "top"},
        hovermode="x",
    )
    axis = {"gridcolor": grid, "zeroline": False, "automargin": True}
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False)
    figure.update_yaxes(nticks=4, **axis)
    return figure
