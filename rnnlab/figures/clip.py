"""Clipping over a run: the gradient's norm before and after, and the angle by which it turned."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rnnlab.analysis.clipping import Clipping
from rnnlab.figures.gaps import places, runs, say_gaps, with_gaps
from rnnlab.figures.style import FORWARD, GRADIENT, QUIET, faint, note, styled

RIGHT_ANGLE = 90


def clipping(found: Clipping, *, dark: bool = False) -> go.Figure:
    """Norms on a log axis with the threshold, the angle in degrees below; the share in the title."""
    figure = go.Figure()
    mode = "lines" if len(found.update) >= 50 else "lines+markers"
    looks = {"before clipping": (found.before, faint(GRADIENT, 0.45), 6.0)}
    looks["after clipping"] = (found.after, GRADIENT, 2.5)
    for name, (values, colour, width) in looks.items():
        line = {"color": colour, "width": width}
        y = with_gaps(values, log_axis=True)
        figure.add_scatter(x=found.update, y=y, name=name, mode=mode, line=line)
    add_threshold(figure, found)
    figure.add_scatter(
        x=found.update,
        y=with_gaps(found.angle_degrees),
        name="angle",
        mode=mode,
        line={"color": FORWARD, "width": 2.5},
        showlegend=False,
        yaxis="y2",
    )
    say_lost(figure, found)
    styled(figure, "Clipping", "update", "gradient norm", dark, told(found))
    grid = figure.layout.yaxis.gridcolor
    norms = {"type": "log", "exponentformat": "power", "domain": [0.36, 1]}
    angle = {"title": "angle, degrees", "range": angle_range(found), "domain": [0, 0.26], "nticks": 4}
    angle |= {"gridcolor": grid, "zeroline": False, "automargin": True}
    return figure.update_layout(yaxis=norms, yaxis2=angle, xaxis={"anchor": "y2"})


def add_threshold(figure: go.Figure, found: Clipping) -> None:
    """A level where it is a norm: one by value has no place on an axis of norms, and is said."""
    if found.threshold is None:
        return
    if found.kind != "norm":
        note(figure, f"clipped by {found.kind}: each number of the gradient at ±{found.threshold:.3g}")
    elif len(found.update):
        ends, words = [found.update[0], found.update[-1]], f"threshold {found.threshold:.3g}"
        line = {"color": QUIET, "dash": "dash", "width": 2}
        figure.add_scatter(x=ends, y=[found.threshold] * 2, name=words, mode="lines", line=line)


def told(found: Clipping) -> str:
    if found.kind == "off":
        return "off"
    if not found.window:
        return "no updates yet"
    return f"{100 * found.share:.3g} % of the last {found.window:,} updates shortened"


def angle_range(found: Clipping) -> list[float]:
    """From 0 to a little above the largest angle, at least 5 degrees, so that rounding looks flat."""
    largest = float(np.max(found.angle_degrees, initial=0.0, where=np.isfinite(found.angle_degrees)))
    return [-0.3, min(RIGHT_ANGLE, max(5.0, 1.15 * largest))]


def say_lost(figure: go.Figure, found: Clipping) -> None:
    if not len(found.update):
        note(figure, "no updates yet")
    say_gaps(figure, found.update, found.before, "update")
    zero = found.before == 0
    if zero.any():
        note(figure, f"exactly 0 at {places(found.update, runs(zero), 'update')}: not drawn")
