"""How far back each loss acts: its contributions by their distance in time."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnlab.analysis.reach import Reach
from rnnlab.figures.bands import Band, add_band, add_median
from rnnlab.figures.flow import zero_or_not
from rnnlab.figures.gaps import say_gaps
from rnnlab.figures.powers import floats, placed, power_axis
from rnnlab.figures.style import QUIET, note, styled


def reach(reach: Reach, *, dark: bool = False) -> go.Figure:
    """Median and band by lag on a log axis, relative to the nearest time step, with the fitted line."""
    figure = go.Figure()
    curves = reach.log10_median, reach.log10_low, reach.log10_high
    as_floats = floats(*curves, reach.log10_fit)
    low, high = ends(reach)
    band = Band(reach.lag, reach.log10_low, reach.log10_high, low)
    add_band(figure, band, as_floats, "from loss to loss")
    add_median(figure, reach.lag, reach.log10_median, as_floats)
    add_fit(figure, reach, as_floats)
    say_gaps(figure, reach.lag, zero_or_not(reach.log10_median), "lag", log_axis=True, nan="no number")
    if np.isfinite(reach.log10_median).any():
        power_axis(figure, low, high, as_floats)
    if len(reach.lag) < 2:
        note(figure, nowhere(reach))
    verdict = "none through time" if reach.finite else "no numbers"
    title = f"Reach: {verdict if reach.verdict == 'none' else reach.verdict}"
    styled(figure, title, "time steps back from the loss", "gradient, relative to lag 0", dark, pace(reach))
    return figure.update_xaxes(range=[-0.5, max(len(reach.lag) - 0.5, 0.5)])


def nowhere(reach: Reach) -> str:
    """Why there is nothing to draw."""
    if len(reach.lag):
        return "one time step: nothing to reach back to"
    return "no loss has a gradient at its own time step that is " + (
        "above 0" if reach.finite else "a number"
    )


def add_fit(figure: go.Figure, reach: Reach, as_floats: bool) -> None:
    """The straight line whose slope is the rate; none where there is no rate."""
    if not np.isfinite(reach.rate):
        return
    figure.add_scatter(
        x=reach.lag,
        y=placed(reach.log10_fit, as_floats),
        name="straight line",
        mode="lines",
        line={"color": QUIET, "width": 2, "dash": "dash"},
        hoverinfo="skip",
    )


def ends(reach: Reach) -> tuple[float, float]:
    """Where the axis begins and ends."""
    curves = np.concatenate([reach.log10_median, reach.log10_low, reach.log10_high])
    there = curves[np.isfinite(curves)]
    if not len(there):
        return -1.0, 1.0
    low, high = float(there.min()) - 0.3, float(there.max())
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def pace(reach: Reach) -> str:
    """How fast it falls or grows."""
    if np.isfinite(reach.half_life):
        return f"each loss's gradient halves every {reach.half_life:.3g} time steps"
    if np.isfinite(reach.rate):
        return f"ln(norm) changes by {reach.rate:+.2g} per time step back"
    return ""
