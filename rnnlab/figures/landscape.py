"""The cliff in three dimensions with walks on it, and the same unit's fixed points over b."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.analysis.cliff import Bifurcation, CliffSurface, Descent
from rnnlab.figures.gaps import with_gaps
from rnnlab.figures.style import (
    FORWARD,
    GRADIENT,
    PREDICTION,
    QUIET,
    SURFACES,
    colorscale,
    legend_pixels,
    note,
    styled,
)

Array = NDArray[Any]

VIOLET = "#7c3aed"
"""Far from orange, on grey as on white, for all kinds of colour vision."""

COLOURS = {"gradient": "log<sub>10</sub> of the gradient's norm", "error": "error E"}
WALKS = [(GRADIENT, "diamond"), (VIOLET, "circle"), (PREDICTION, "square"), (QUIET, "cross")]
"""Colour and marker of each walk: told apart without the colour too."""

POINT, HEAD = 6, 16
"""Pixels of a walk's points, and of the one where it has come to."""

RELIEF = ["#eef2f7", "#e3e9f1", "#d3dae5", "#bac5d4", "#a0aec2", "#8797ae"]
"""From flat to steep, without a hue: the walks on it have one."""

LIFT = 0.012
"""Walks are drawn this share of the error's range above the surface, which would hide them."""

CAMERA = {"eye": {"x": -1.5, "y": 0.95, "z": 1.35}, "center": {"x": 0.05, "y": -0.05, "z": -0.2}}
"""From above, along the foot of the cliff, where the walks go."""

FRAME_MS = 120


def cliff(
    surface: CliffSurface,
    *,
    descents: Mapping[str, Descent] | None = None,
    colour: str = "gradient",
    animated: bool = False,
    dark: bool = False,
) -> go.Figure:
    """The error surface, coloured by log10 of the gradient's norm or by the error, and walks by name.

    With `animated`, a slider and a button walk all descents update by update. What lies outside
    the surface's region is not drawn but said. Raises ValueError for an unknown colour.
    """
    if colour not in COLOURS:
        raise ValueError(f"colour must be one of {', '.join(COLOURS)}, not {colour!r}.")
    figure = go.Figure(drawn_surface(surface, colour))
    walks = dict(descents or {})
    for number, (name, walk) in enumerate(walks.items()):
        figure.add_trace(drawn_walk(surface, name, walk, WALKS[number % len(WALKS)]))
        say_leaving(figure, surface, name, walk)
    say_holes(figure, surface)
    figure.update_layout(showlegend=bool(walks))
    said = "error E of one unit after 50 time steps, over its weight w and bias b"
    styled(figure, "The cliff", "w", "b", dark, said)
    sides = {"l": 8, "r": 8, "b": 8 + legend_pixels(figure)}
    figure.update_layout(scene=scene(surface, dark), hovermode="closest", margin=sides)
    if animated and walks:
        animate(figure, surface, walks, dark)
    return figure


def drawn_surface(surface: CliffSurface, colour: str) -> go.Surface:
    values = surface.log10_grad_norm if colour == "gradient" else surface.error
    return go.Surface(
        x=surface.w,
        y=surface.b,
        z=[with_gaps(row) for row in surface.error.T],
        surfacecolor=[with_gaps(row) for row in values.T],
        colorscale=colorscale(RELIEF),
        colorbar=bar(COLOURS[colour]),
        customdata=surface.log10_grad_norm.T,
        hovertemplate="w %{x:.2f}, b %{y:.2f}<br>E %{z:.3g}, log10(norm) %{customdata:.2f}<extra></extra>",
        lighting={"ambient": 0.75, "diffuse": 0.5, "specular": 0.05, "roughness": 0.9},
        contours={"z": {"show": True, "start": 0, "end": 0.5, "size": 0.05, "color": "rgba(0,0,0,0.18)"}},
    )


def bar(title: str) -> dict[str, Any]:
    """Small, in the upper left corner, where no surface is."""
    place = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "top", "len": 0.32}
    words = {"title": {"text": title, "side": "top", "font": {"size": 13}}, "tickfont": {"size": 12}}
    return {**place, **words, "thickness": 8, "nticks": 4, "outlinewidth": 0}


def drawn_walk(
    surface: CliffSurface, name: str, walk: Descent, look: tuple[str, str], last: int = -1
) -> go.Scatter3d:
    """The points of a walk inside the region, up to and with point number `last`, which is the largest."""
    stop = len(walk.w) if last < 0 else last + 1
    there = inside(surface, walk)[:stop]
    lift = LIFT * float(np.nanmax(surface.error))
    colour, symbol = look
    head = np.flatnonzero(there)[-1:]
    columns = (walk.w[:stop], walk.b[:stop], walk.error[:stop] + lift)
    x, y, z = (with_gaps(np.where(there, column, np.nan)) for column in columns)
    return go.Scatter3d(
        x=x,
        y=y,
        z=z,
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 10},
        marker={
            "symbol": symbol,
            "size": np.where(np.isin(np.arange(stop), head), HEAD, POINT),
            "color": colour,
            "line": {"width": 0},
        },
        customdata=np.stack([np.arange(stop), walk.error[:stop], walk.grad_norm[:stop]], axis=1),
        hovertemplate="after %{customdata[0]} updates<br>w %{x:.3f}, b %{y:.3f}<br>"
        "E %{customdata[1]:.3g}, gradient norm %{customdata[2]:.3g}",
    )


def limits(values: Array) -> tuple[float, float]:
    return float(np.min(values)), float(np.max(values))


def inside(surface: CliffSurface, walk: Descent) -> Array:
    (w_low, w_high), (b_low, b_high) = limits(surface.w), limits(surface.b)
    return (w_low <= walk.w) & (walk.w <= w_high) & (b_low <= walk.b) & (walk.b <= b_high)


def say_leaving(figure: go.Figure, surface: CliffSurface, name: str, walk: Descent) -> None:
    first = walk.leaves(limits(surface.w), limits(surface.b))
    if first < 0:
        return
    place = f"({walk.w[first]:.3g}, {walk.b[first]:.3g})"
    back = ", and comes back" if inside(surface, walk)[first:].any() else ""
    note(figure, f"{name}: outside the picture from update {first} on, at (w, b) = {place}{back}")


def say_holes(figure: go.Figure, surface: CliffSurface) -> None:
    for words, lost in {
        "no finite error": ~np.isfinite(surface.error),
        "no finite log of the gradient": np.isfinite(surface.error) & ~np.isfinite(surface.log10_grad_norm),
    }.items():
        if lost.any():
            note(figure, f"{words} at {lost.sum():,} of {lost.size:,} points: not drawn")


def scene(surface: CliffSurface, dark: bool) -> dict[str, Any]:
    background, text, grid = SURFACES[dark]
    axis: dict[str, Any] = {
        "gridcolor": grid,
        "backgroundcolor": background,
        "color": text,
        "tickfont": {"size": 13},
    }
    axis |= {"showspikes": False, "zeroline": False}

    def named(title: str, **more: Any) -> dict[str, Any]:
        return {**axis, "title": {"text": title, "font": {"size": 18}}, **more}

    across, along = limits(surface.w), limits(surface.b)
    return {
        "xaxis": named("weight w", tickvals=whole(*across), range=across),
        "yaxis": named("bias b", tickvals=whole(*along), range=along),
        "zaxis": named("error E", tickvals=[0.1, 0.2, 0.3], rangemode="tozero"),
        "camera": CAMERA,
        "aspectmode": "manual",
        "aspectratio": {"x": 1.25, "y": 1.35, "z": 0.7},
    }


def whole(low: float, high: float) -> list[int]:
    """Whole numbers well inside a range: at its ends the numbers of two axes would meet."""
    margin = 0.1 * (high - low)
    if not np.isfinite(margin):
        return []
    return list(range(int(np.ceil(low + margin)), int(np.floor(high - margin)) + 1))


def animate(figure: go.Figure, surface: CliffSurface, walks: Mapping[str, Descent], dark: bool) -> None:
    """One frame for each update; shorter walks wait at their end. Before Play all is seen."""
    count = max(len(walk.w) for walk in walks.values())
    figure.frames = [
        go.Frame(
            name=str(last),
            traces=list(range(1, len(walks) + 1)),
            data=[
                drawn_walk(surface, name, walk, WALKS[n % len(WALKS)], min(last, len(walk.w) - 1))
                for n, (name, walk) in enumerate(walks.items())
            ],
        )
        for last in range(count)
    ]
    figure.update_layout(**transport(count, dark), margin={"b": 76 + legend_pixels(figure)})


def transport(count: int, dark: bool) -> dict[str, Any]:
    """Play, pause, and a slider over the updates."""

    def show(which: list[str] | list[None] | None, milliseconds: int) -> list[Any]:
        timing = {"frame": {"duration": milliseconds, "redraw": True}, "transition": {"duration": 0}}
        return [which, {**timing, "mode": "immediate", "fromcurrent": True}]

    buttons = [
        {"label": "▶ Play", "method": "animate", "args": show(None, FRAME_MS)},
        {"label": "❚❚ Pause", "method": "animate", "args": show([None], 0)},
    ]
    steps = [{"label": str(k), "method": "animate", "args": show([str(k)], 0)} for k in range(count)]
    background, text, grid = SURFACES[dark]
    place = {"x": 0.01, "y": 0, "xanchor": "left", "yanchor": "top"}
    now = {"prefix": "after update ", "xanchor": "right", "font": {"size": 14, "color": text}}
    slider = {"steps": steps, "active": count - 1, "currentvalue": now, **place, "x": 0.36, "len": 0.62}
    slider |= {"ticklen": 0, "minorticklen": 0, "font": {"size": 1, "color": "rgba(0,0,0,0)"}}
    slider |= {"bgcolor": grid, "bordercolor": grid, "pad": {"t": 0}}
    menu = {"type": "buttons", "direction": "left", "buttons": buttons, **place, "pad": {"t": 18}}
    menu |= {"showactive": False, "bgcolor": background, "bordercolor": grid, "font": {"color": text}}
    return {"sliders": [slider], "updatemenus": [menu]}


def bifurcation(found: Bifurcation, *, dark: bool = False) -> go.Figure:
    """Stable and unstable fixed points over b, the folds, and where the start changes its basin."""
    figure = go.Figure()
    figure.add_scatter(
        x=found.b,
        y=with_gaps(found.x_last),
        name=f"x after 50 time steps from {found.start:g}",
        mode="lines",
        line={"color": PREDICTION, "width": 10},
        opacity=0.45,
    )
    kinds = {"stable": (found.stable, "solid", FORWARD), "unstable": (found.unstable, "dash", GRADIENT)}
    for kind, (branches, dash, colour) in kinds.items():
        shown = [row for row in branches if np.isfinite(row).any()]
        for number, row in enumerate(shown):
            figure.add_scatter(
                x=found.b,
                y=with_gaps(row),
                name=f"{kind} fixed point",
                legendgroup=kind,
                showlegend=number == 0,
                mode="lines",
                line={"color": colour, "width": 4, "dash": dash},
            )
    mark_folds(figure, found)
    title, said = f"Fixed points at w = {found.w:g}", f"x = {found.w:g} σ(x) + b, over b"
    styled(figure, title, "bias b", "fixed point x", dark, said)
    return figure.update_layout(hovermode="closest")


def mark_folds(figure: go.Figure, found: Bifurcation) -> None:
    """Vertical lines where two fixed points meet, and where the start lies on the unstable one."""
    low, high = found.folds
    marks = {f"fold<br>b₂ = {low:.3f}": (low, "right"), f"fold<br>b₁ = {high:.3f}": (high, "left")}
    for words, (place, side) in marks.items():
        if np.isfinite(place):
            vertical(figure, place, words, side, QUIET, 0.02)
    if np.isfinite(found.boundary):
        words = f"the cliff: x<sub>0</sub> changes<br>its basin at {found.boundary:.3f}"
        vertical(figure, found.boundary, words, "right", GRADIENT, 0.98)


def vertical(figure: go.Figure, x: float, words: str, side: str, colour: str, height: float) -> None:
    figure.add_vline(x=x, line={"color": colour, "dash": "dot", "width": 2})
    figure.add_annotation(
        text=words,
        x=x,
        xanchor=side,
        xshift=-6 if side == "right" else 6,
        y=height,
        yref="paper",
        yanchor="top" if height > 0.5 else "bottom",
        align=side,
        showarrow=False,
        font={"color": colour},
    )
