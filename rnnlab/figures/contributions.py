"""What each loss asks of each time step: the triangle of contributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.analysis.contributions import Contributions
from rnnlab.figures.gaps import with_gaps
from rnnlab.figures.powers import power_ticks
from rnnlab.figures.style import QUIET, faint, map_of, note, styled
from rnnlab.layers import layer_words

Array = NDArray[Any]

DECADES = 16
"""What the colours span at most, below the largest norm; all that is smaller has the palest."""

ZERO = faint(QUIET, 0.32)
"""Behind the cells, in light and dark alike: neither the palest colour nor the page's."""

CELLS_SHOWN = 250
"""Most rows and columns that are drawn; longer sequences are shown every so many time steps."""


def loss_contributions(contributions: Contributions, *, mode: str = "norm", dark: bool = False) -> go.Figure:
    """Heat map of dL_i/dh_j: time steps j across, loss steps i down.

    `mode` norm colours log10 ||dL_i/dh_j||; shares the signed part of each loss in the gradient
    at j, which add up to 1 down each column. Raises ValueError for another mode.
    """
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, not {mode!r}.")
    every = -(-max(contributions.log10_norm.shape) // CELLS_SHOWN)
    figure = go.Figure(MODES[mode](contributions, every, dark))
    figure.data[0].update(
        x=1 + np.arange(contributions.log10_norm.shape[1])[::every],
        y=1 + np.arange(contributions.log10_norm.shape[0])[::every],
        hoverongaps=False,
        xgap=gap(contributions),
        ygap=gap(contributions),
    )
    remarks(figure, contributions, mode, every)
    return framed(figure, contributions, mode, dark)


def gap(contributions: Contributions) -> float:
    """Pixels between cells: where there are few, each is seen to be one number."""
    return 1.5 if max(contributions.log10_norm.shape) <= 40 else 0


def by_norm(contributions: Contributions, every: int, dark: bool) -> go.Heatmap:
    """log10 ||dL_i/dh_j|| in colours, over `DECADES` powers of ten at most."""
    log10 = contributions.log10_norm[::every, ::every]
    there = log10[np.isfinite(log10)]
    high = float(there.max()) if len(there) else 0.0
    low = max(float(there.min()), high - DECADES) if len(there) else -1.0
    low = min(low, high - 1)
    tickvals, ticktext = power_ticks(low, high)
    return go.Heatmap(
        z=[with_gaps(row) for row in log10],
        zmin=low,
        zmax=high,
        colorscale=map_of(False, dark),
        colorbar=bar("norm") | {"tickvals": tickvals, "ticktext": ticktext},
        hovertemplate="loss %{y}, time step %{x}: 10<sup>%{z:.2f}</sup><extra></extra>",
    )


def by_share(contributions: Contributions, every: int, dark: bool) -> go.Heatmap:
    """The signed part of each loss in the gradient at j, centred on 0."""
    shares = contributions.shares[::every, ::every]
    drawn = np.where(contributions.log10_norm[::every, ::every] == -np.inf, np.nan, shares)
    finite = np.abs(drawn[np.isfinite(drawn)])
    reach = max(1.0, float(finite.max(initial=0.0)))
    return go.Heatmap(
        z=[with_gaps(row) for row in drawn],
        zmin=-reach,
        zmax=reach,
        colorscale=map_of(True, dark),
        colorbar=bar("share") | {"tickformat": ".0%" if reach < 10 else ".3g"},
        hovertemplate="loss %{y}, time step %{x}: %{z:.1%} of the gradient<extra></extra>",
    )


MODES = {"norm": by_norm, "shares": by_share}


def bar(title: str) -> dict[str, Any]:
    return {
        "title": {"text": title, "side": "top"},
        "thickness": 12,
        "outlinewidth": 0,
        "tickfont": {"size": 13},
    }


def remarks(figure: go.Figure, contributions: Contributions, mode: str, every: int) -> None:
    """What is not drawn, and why."""
    log10 = contributions.log10_norm
    there = log10[np.isfinite(log10)]
    if every > 1:
        note(figure, f"one in {every} time steps is drawn")
    if (~(log10 < np.inf)).any():
        note(figure, f"{(~(log10 < np.inf)).sum():,} of {log10.size:,} are no finite numbers: not drawn")
    if (log10 == -np.inf).any():
        note(figure, "grey: exactly 0")
    if not contributions.has_loss.all():
        note(figure, f"{(~contributions.has_loss).sum()} of {len(log10)} outputs have no loss")
    if mode == "norm" and len(there) and there.max() - there.min() > DECADES:
        note(figure, f"palest: {DECADES} powers of ten below the largest, or smaller still")


def framed(figure: go.Figure, contributions: Contributions, mode: str, dark: bool) -> go.Figure:
    """Titles and axes."""
    what = f"‖dL<sub>i</sub>/d{contributions.state}<sub>j</sub>‖"
    title = {
        "norm": f"Contribution of each loss, {layer_words(contributions.layer)}",
        "shares": f"Share of each loss, {layer_words(contributions.layer)}",
    }[mode]
    said = {"norm": f"the colour is {what}", "shares": f"in dL/d{contributions.state}<sub>j</sub>"}[mode]
    loss = "loss at time step i" if contributions.one_part else "loss at output step i"
    styled(figure, title, "time step j of the state", loss, dark, said)
    figure.update_layout(hovermode="closest", plot_bgcolor=ZERO)  # shows through where no value is
    figure.update_xaxes(showgrid=False)
    few = {"dtick": 1} if len(contributions.log10_norm) < 13 else {}  # else there would be halves
    return figure.update_yaxes(autorange="reversed", showgrid=False, **few)
