"""What a decoder looks back at: a row for each output, a column for each input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.analysis.attention import AttentionMap
from rnnlab.figures.gaps import with_gaps
from rnnlab.figures.style import QUIET, faint, map_of, note, styled

Doubles = NDArray[np.float64]

MOST_LABELS = 60
"""More symbols than these do not fit below the axis; then time steps are numbered."""

FEW = 13
"""Of fewer time steps each is numbered, else there would be halves."""


def attention_map(
    found: AttentionMap, *, inputs: Sequence[str] = (), outputs: Sequence[str] = (), dark: bool = False
) -> go.Figure:
    """The weights of attention from 0 to 1; `inputs` and `outputs` name the columns and the rows.

    Raises ValueError where there are names, but not one for each.
    """
    written, read = found.weights.shape
    for what, names, count in (("inputs", inputs, read), ("outputs", outputs, written)):
        if len(names) not in (0, count):
            raise ValueError(f"{what} must be {count}, one for each time step, not {len(names)}.")
    figure = go.Figure(squares(found.weights, inputs, outputs, dark))
    finite = np.isfinite(found.weights)
    if not finite.all():
        note(figure, f"{(~finite).sum():,} of {finite.size:,} weights are no numbers: grey")
    rows = "each row adds up to 1"
    below = "input at each time step" if inputs else "input time step"
    beside = "output at each time step" if outputs else "output time step"
    styled(figure, "Attention", below, beside, dark, rows)
    figure.update_layout(hovermode="closest", plot_bgcolor=faint(QUIET))
    figure.update_xaxes(showgrid=False, **names_below(inputs, read))
    return figure.update_yaxes(autorange="reversed", showgrid=False, **names_below(outputs, written))


def squares(weights_ST: Doubles, inputs: Sequence[str], outputs: Sequence[str], dark: bool) -> go.Heatmap:
    """A square for each output and input, which says by its names who looks at what."""
    written, read = weights_ST.shape
    return go.Heatmap(
        z=[with_gaps(row_T) for row_T in weights_ST],
        x=np.arange(1, read + 1),
        y=np.arange(1, written + 1),
        zmin=0,
        zmax=1,
        colorscale=map_of(False, dark),
        colorbar={"title": {"text": "weight", "side": "top"}, "thickness": 12, "outlinewidth": 0},
        customdata=[
            [f"{said(outputs, s)} looks at {said(inputs, t)}" for t in range(read)] for s in range(written)
        ],
        hovertemplate="%{customdata}: %{z:.1%}<extra></extra>",
        hoverongaps=False,
        xgap=1,
        ygap=1,
    )


def said(names: Sequence[str], place: int) -> str:
    """e.g. `3 “a”`."""
    return f"{place + 1} “{names[place]}”" if names else f"{place + 1}"


def names_below(names: Sequence[str], count: int) -> dict[str, Any]:
    """Ticks with names, where there are names and room."""
    if 0 < len(names) <= MOST_LABELS:
        return {"tickvals": np.arange(1, count + 1), "ticktext": list(names), "tickangle": 0}
    return {"dtick": 1} if count < FEW else {}
