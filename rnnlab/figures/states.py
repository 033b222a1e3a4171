"""Pictures of the state space: trajectories along principal components, and saturated units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from rnnlab.analysis.fixed_points import FixedPoints
from rnnlab.analysis.saturation import Saturation, Shares
from rnnlab.analysis.trajectories import Trajectories
from rnnlab.figures.gaps import with_gaps
from rnnlab.figures.style import FORWARD, GRADIENT, PREDICTION, QUIET, SURFACES, faint, note, styled
from rnnlab.layers import layer_words

Array = NDArray[Any]

MOST = 6
"""So many sequences are drawn unless others are asked for: more hide each other."""


def trajectories(
    found: Trajectories,
    *,
    which: int = -1,
    sequences: Sequence[int] | None = None,
    dimensions: int = 2,
    fixed: FixedPoints | None = None,
    dark: bool = False,
) -> go.Figure:
    """Sequences of trace number `which` along 2 or 3 components, open at their start, filled at their end.

    With one component only, it is drawn over the time step. `fixed` points of the same layer go
    on top: filled where stable, open where not.
    """
    points = found.points[which]
    chosen = [b for b in (range(MOST) if sequences is None else sequences) if b < points.shape[1]]
    axes = min(dimensions, points.shape[2])
    figure = go.Figure()
    for number, b in enumerate(chosen):
        steps = np.flatnonzero(~np.isnan(points[:, b]).all(axis=1))
        add_path(figure, points[steps, b], steps + 1, f"sequence {b}", axes, first=number == 0)
    if fixed is not None and axes > 1:
        add_fixed(figure, found.basis.project(fixed.h), fixed, axes)
    if np.isnan(found.explained).all():
        note(figure, "the states do not vary at all")
    if points.shape[1] > len(chosen):
        note(figure, f"{len(chosen)} of {points.shape[1]} sequences")
    return along_components(figure, found.explained[:axes], dark)


def along_components(figure: go.Figure, explained: Array, dark: bool) -> go.Figure:
    """Titles of the axes; one component alone stands over the time step."""
    titles = [f"component {k + 1}{share(part)}" for k, part in enumerate(explained)]
    titles = ["time step t", *titles] if len(explained) == 1 else titles
    said = "the share of their variance at each axis" if len(explained) > 1 else ""
    styled(figure, "Hidden states along their principal components", titles[0], titles[1], dark, said)
    if len(explained) == 3:
        figure.update_layout(scene=space(titles, dark))
    return figure.update_layout(hovermode="closest")


def share(explained: float) -> str:
    """Of the variance, in percent; nothing where the states do not vary."""
    return f" ({100 * explained:.0f} %)" if np.isfinite(explained) else ""


def add_path(figure: go.Figure, path: Array, steps: Array, name: str, axes: int, first: bool) -> None:
    """One sequence: a line with its start and end marked."""
    columns = columns_of(path if axes > 1 else np.column_stack([steps, path]), max(2, axes))
    scatter = go.Scatter3d if axes == 3 else go.Scatter
    hover = "time step %{customdata}" + f"<extra>{name}</extra>"
    line = {"color": faint(FORWARD, 0.55), "width": 4 if axes == 3 else 2.5}
    figure.add_trace(
        scatter(
            **columns,
            customdata=steps,
            hovertemplate=hover,
            mode="lines+markers",
            line=line,
            marker={"size": 3 if axes == 3 else 5, "color": FORWARD},
            name="state h<sub>t</sub>",
            legendgroup="path",
            showlegend=first,
        )
    )
    ends = {"first time step": (0, "circle-open"), "last time step": (-1, "circle")}
    for words, (place, symbol) in ends.items():
        here = {axis: values[place:][:1] for axis, values in columns.items()}
        marker: dict[str, Any] = {"size": 8 if axes == 3 else 13, "symbol": symbol, "color": FORWARD}
        marker["line"] = {"width": 2, "color": FORWARD}
        figure.add_trace(
            scatter(
                **here, mode="markers", marker=marker, name=words, legendgroup=words, showlegend=first,
                hovertemplate=f"{words}<extra>{name}</extra>",
            )
        )  # fmt: skip


def columns_of(path: Array, axes: int) -> dict[str, list[float | None]]:
    """Coordinates by the names of the axes."""
    return {axis: with_gaps(path[:, k]) for k, axis in enumerate("xyz"[:axes])}


def add_fixed(figure: go.Figure, points: Array, fixed: FixedPoints, axes: int) -> None:
    """Filled: stable; open: unstable; a cross: slow points, which are not quite fixed."""
    kinds = {
        "stable fixed point": (fixed.fixed & fixed.stable, "diamond"),
        "unstable fixed point": (fixed.fixed & ~fixed.stable, "diamond-open"),
        "slow point": (~fixed.fixed, "cross"),
    }
    scatter = go.Scatter3d if axes == 3 else go.Scatter
    for name, (which, symbol) in kinds.items():
        if not which.any():
            continue
        marker: dict[str, Any] = {"size": 9 if axes == 3 else 16, "symbol": symbol, "color": PREDICTION}
        marker["line"] = {"width": 3, "color": PREDICTION}
        text = [
            f"unstable directions: {n}, q = {q:.1e}"
            for n, q in zip(fixed.unstable_directions[which], fixed.q[which], strict=True)
        ]
        columns = columns_of(points[which], axes)
        figure.add_trace(
            scatter(**columns, mode="markers", marker=marker, name=name, text=text, hoverinfo="text+name")
        )


def space(titles: Sequence[str], dark: bool) -> dict[str, Any]:
    """Axes and camera of a picture in three dimensions."""
    background, text, grid = SURFACES[dark]
    look = {"gridcolor": grid, "backgroundcolor": background, "color": text, "showspikes": False}
    axes = ("xaxis", "yaxis", "zaxis")
    named = {axis: {**look, "title": {"text": title}} for axis, title in zip(axes, titles, strict=True)}
    return {
        **named,
        "aspectmode": "cube",
        "camera": {"eye": {"x": 1.5, "y": 1.5, "z": 0.9}, "center": {"x": 0, "y": 0, "z": -0.2}},
    }


def saturation(found: Saturation, *, dark: bool = False) -> go.Figure:
    """One panel for each gate and state: each unit's share of time right- over left-saturated."""
    columns = min(3, len(found.shares))
    rows = -(-len(found.shares) // columns)
    titles = [part.label for part in found.shares.values()]
    spacing = {"horizontal_spacing": 0.05, "vertical_spacing": 0.17}
    figure = make_subplots(
        rows, columns, subplot_titles=titles, shared_xaxes=True, shared_yaxes=True, **spacing
    )
    for number, part in enumerate(found.shares.values()):
        add_panel(figure, part, number // columns + 1, number % columns + 1)
    say_units(figure, found)
    figure.update_layout(hovermode="closest", showlegend=False)
    said = f"each point is one unit: its share of {found.positions:,} time steps at either end"
    styled(figure, f"Saturation in {layer_words(found.layer)}", "", "", dark, said)
    ends = {"range": [-0.07, 1.07], "tickformat": ".0%", "tickvals": [0, 0.5, 1]}
    figure.update_xaxes(**ends).update_yaxes(**ends)
    figure.update_xaxes(title={"text": "left-saturated", "standoff": 6}, row=rows)
    figure.update_yaxes(title={"text": "right-saturated", "standoff": 6}, col=1)
    return below_the_remarks(figure, titles)


def below_the_remarks(figure: go.Figure, titles: Sequence[str]) -> go.Figure:
    """The panels' names stand where the remarks would begin: those move up by a line."""
    for annotation in figure.layout.annotations:
        if annotation.name == "remark":
            annotation.yshift += PANEL_NAME
        elif annotation.text in titles:
            annotation.font = {"size": 14}
    return figure.update_layout(margin_t=figure.layout.margin.t + PANEL_NAME)


PANEL_NAME = 20
"""Pixels of the line with the panels' names."""


def add_panel(figure: go.Figure, part: Shares, row: int, column: int) -> None:
    """A point for each unit of one gate or state, and the edge that none can be beyond."""
    edge = {"color": QUIET, "width": 1.5, "dash": "dot"}  # no unit can be beyond: shares add up to 1 at most
    figure.add_scatter(
        x=[0, 1], y=[1, 0], mode="lines", line=edge, hoverinfo="skip", name="always", row=row, col=column
    )  # fmt: skip
    figure.add_scatter(
        x=with_gaps(part.left),
        y=with_gaps(part.right),
        mode="markers",
        name=part.label,
        marker={"color": faint(FORWARD, 0.6), "size": 12, "line": {"color": FORWARD, "width": 1.5}},
        text=[f"unit {unit}" for unit in range(1, len(part.left) + 1)],
        hovertemplate="%{text}: left %{x:.0%}, right %{y:.0%}",
        row=row,
        col=column,
    )


def say_units(figure: go.Figure, found: Saturation) -> None:
    """Dead and always-on units, and those that cannot be drawn, in words."""
    for words, which in {"dead: 0": found.dead, "always on: above 0": found.always_on}.items():
        if which.any():
            note(figure, f"{which.sum()} of {len(which)} units {words} throughout this batch")
    for part in found.shares.values():
        if np.isnan(part.left).any():
            note(figure, f"{part.label}: units with NaN, not drawn: {np.isnan(part.left).sum()}")


def fixed_points(found: FixedPoints, *, dark: bool = False) -> go.Figure:
    """Eigenvalue moduli of every fixed and slow point: above 1 in directions that lead away from it."""
    figure = go.Figure()
    for n, (eigenvalues, q) in enumerate(zip(found.eigenvalues, found.q, strict=True), 1):
        modulus = np.abs(eigenvalues)
        figure.add_scatter(
            x=[n] * len(modulus),
            y=with_gaps(modulus),
            mode="markers",
            name=f"point {n}",
            showlegend=False,
            marker={"size": 12, "color": [GRADIENT if m > 1 else FORWARD for m in modulus]},
            hovertemplate=f"|λ| = %{{y:.3f}}<extra>{found.kind(n - 1)}, q = {q:.1e}</extra>",
        )
    figure.add_hline(y=1, line={"color": QUIET, "dash": "dash", "width": 2})
    if not len(found.q):
        note(figure, "no fixed point found")
    count = int(found.fixed.sum())
    title = f"Fixed points: {count}, of them stable: {int((found.fixed & found.stable).sum())}"
    styled(figure, title, "", "|λ| of the Jacobian there", dark)
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(
        title_text="point",
        tickvals=list(range(1, len(found.q) + 1)),
        range=[0.3, max(1, len(found.q)) + 0.7],
        ticktext=[f"{n + 1}<br>{found.kind(n)}" for n in range(len(found.q))] if len(found.q) < 9 else None,
    )  # fmt: skip
    return figure.update_layout(hovermode="closest")
