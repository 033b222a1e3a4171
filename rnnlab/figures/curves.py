"""Curves by update: the loss, and the gradient norm before and after clipping."""

from __future__ import annotations

import plotly.graph_objects as go

from rnnlab.figures.gaps import say_gaps, with_gaps
from rnnlab.figures.style import FORWARD, GRADIENT, QUIET, faint, note, styled
from rnnlab.state import Records


def loss(records: Records, *, baseline: float | None = None, dark: bool = False) -> go.Figure:
    """The training loss of every update, with the trivial baseline where it is given."""
    figure = go.Figure()
    figure.add_scatter(
        x=records.update,
        y=with_gaps(records.loss),
        name="training loss",
        mode=mode(records),
        line={"color": FORWARD, "width": 2},
    )
    if baseline is not None:
        add_level(figure, records, baseline, f"baseline {baseline:.3g}")
    say_gaps(figure, records.update, records.loss, "update")
    return by_update(figure, records, "Training loss", "loss", dark)


def gradient_norm(records: Records, *, threshold: float | None = None, dark: bool = False) -> go.Figure:
    """The gradient's norm over all parameters before and after clipping, on a log axis.

    The title gives the share of updates that were clipped. `threshold` is drawn where it is a
    norm; clipping by value has no line here.
    """
    figure = go.Figure()
    columns = {"before clipping": records.grad_norm, "after clipping": records.grad_norm_clipped}
    looks = ((faint(GRADIENT, 0.45), 5), (GRADIENT, 2))  # a wide pale line shows beneath an equal one
    for (name, values), (colour, width) in zip(columns.items(), looks, strict=True):
        figure.add_scatter(
            x=records.update,
            y=with_gaps(values, log_axis=True),
            name=name,
            mode=mode(records),
            line={"color": colour, "width": width},
        )
    if threshold is not None:
        add_level(figure, records, threshold, f"threshold {threshold:.3g}")
    say_gaps(figure, records.update, records.grad_norm, "update", log_axis=True)
    figure.update_yaxes(type="log", exponentformat="power")
    said = ""
    if records.rows:
        shortened = records.grad_norm_clipped < records.grad_norm * (1 - 1e-6)  # beyond rounding
        said = f"{100 * shortened.mean():.3g} % of {records.rows:,} updates clipped"
    return by_update(figure, records, "Gradient norm", "norm of the gradient", dark, said)


def add_level(figure: go.Figure, records: Records, value: float, words: str) -> None:
    """A level line over all updates; a trace, since Plotly misplaces a line's label on a log axis."""
    ends = [records.update[0], records.update[-1]] if records.rows else []
    line = {"color": QUIET, "dash": "dash"}
    figure.add_scatter(x=ends, y=[value] * len(ends), name=words, mode="lines", line=line, hoverinfo="skip")


def mode(records: Records) -> str:
    """With markers while a single point could stand alone, which a line does not show."""
    return "lines+markers" if records.rows < 50 else "lines"


def by_update(
    figure: go.Figure, records: Records, title: str, y: str, dark: bool, said: str = ""
) -> go.Figure:
    if not records.rows:
        note(figure, "no updates yet")
    return styled(figure, title, "update", y, dark, said)
