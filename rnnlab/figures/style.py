"""One look for all figures: what each colour means, and the frame around every chart.

Blue runs forward, orange is a gradient, teal is a prediction, in light and dark alike: each is
at least 3:1 against both backgrounds. Maps are readable without telling red from green.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

FORWARD, GRADIENT, PREDICTION, QUIET = "#3b82f6", "#e8590c", "#0d9488", "#7c8798"

SEQUENTIAL = ["#f3f8fe", "#d3e4f5", "#a6cbe8", "#67a9d6", "#3282be", "#1259a1", "#08306b"]
"""For magnitudes: from pale to deep blue, as on the live page."""

DIVERGING = [
    "#0b3c74",
    "#2f7ab8",
    "#7fb6d9",
    "#cfe3ef",
    "#f8f7f6",
    "#fbd5c0",
    "#ef9c7c",
    "#cf4d44",
    "#8e0f25",
]
"""For signed values, zero in the pale middle: blue below, red above, as on the live page."""

SURFACES = {False: ("#ffffff", "#1e293b", "#e2e8f0"), True: ("#0e1117", "#e6e9ef", "#2a303c")}
"""Background, text and grid, by `dark`."""


def colorscale(colours: Sequence[str]) -> list[list[Any]]:
    return [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)]


def faint(colour: str, alpha: float = 0.22) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def styled(figure: go.Figure, title: str, x: str, y: str, dark: bool) -> go.Figure:
    """`figure` with its title, axis titles and the common frame."""
    background, text, grid = SURFACES[dark]
    axis = {"gridcolor": grid, "linecolor": grid, "zeroline": False, "automargin": True}
    figure.update_layout(
        template="plotly_dark" if dark else "plotly_white",
        title={"text": title, "x": 0, "xref": "paper", "font": {"size": 16}},
        font={"color": text, "size": 14, "family": "system-ui, sans-serif"},
        paper_bgcolor=background,
        plot_bgcolor=background,
        margin={"l": 64, "r": 24, "t": 84, "b": 56},
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom"},
        hovermode="x unified",
    )
    figure.update_xaxes(title=x, **axis)
    figure.update_yaxes(title=y, **axis)
    return figure


def note(figure: go.Figure, text: str) -> None:
    """A remark above the plot, on the left; each further one on a line above."""
    before = sum(annotation.name == "remark" for annotation in figure.layout.annotations)
    figure.add_annotation(
        text=text,
        name="remark",
        x=0,
        xref="paper",
        xanchor="left",
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=16 * before,
        showarrow=False,
        font={"size": 12, "color": QUIET},
    )


def note_at(figure: go.Figure, text: str, x: float, side: str) -> None:
    """A remark at the plot's lower edge that begins at, ends at or is centred on `x`."""
    figure.add_annotation(
        text=text,
        x=x,
        xanchor=side,
        y=0.02,
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": QUIET},
    )
