"""Answers as figures: probabilities over time, what was likely at each time step, units that track something.

T time steps, O labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.figures.gaps import say_gaps, with_gaps
from rnnlab.figures.lines import fit_steps
from rnnlab.figures.style import FORWARD, PREDICTION, QUIET, SURFACES, faint, map_of, note, styled
from rnnlab.figures.words import layer_words

if TYPE_CHECKING:
    from rnnlab.probing import Tracked

Array = NDArray[Any]

LABEL_COLOURS = (PREDICTION, "#8b5cf6", "#a16207", "#db2777", FORWARD)
"""One for each of the most probable labels; each is at least 3:1 against both backgrounds."""

DASHES = ("solid", "solid", "dash", "dot", "dashdot")
MOST = len(LABEL_COLOURS)
MOST_CHARACTERS = 60
"""More than this many do not fit below an axis: then time steps are counted there."""

MOST_WRITTEN = 40
"""Letters are written into the fields of a map of at most so many time steps."""


def label_probabilities(
    probabilities_TO: Array,
    labels: Sequence[str],
    *,
    characters: Sequence[str] = (),
    title: str = "Had the sequence ended here",
    said: str = "the probability of each answer after every time step",
    dark: bool = False,
) -> go.Figure:
    """The probabilities of the five labels with the highest peaks, by time step.

    Raises ValueError where there are characters, but not one for each time step.
    """
    check_characters(characters, len(probabilities_TO))
    steps = np.arange(1, len(probabilities_TO) + 1)
    peaks_O = np.nan_to_num(probabilities_TO, nan=0.0).max(axis=0, initial=0.0)
    chosen = np.argsort(-peaks_O, kind="stable")[:MOST]
    figure = go.Figure()
    for place, o in enumerate(chosen):
        figure.add_scatter(
            x=steps,
            y=with_gaps(probabilities_TO[:, o]),
            name=labels[o],
            mode="lines+markers" if len(steps) < 30 else "lines",
            line={"color": LABEL_COLOURS[place], "width": 3 if not place else 2, "dash": DASHES[place]},
            hovertemplate="%{y:.1%}",
        )
    if len(labels) > len(chosen):
        note(figure, f"the {len(chosen)} most probable of {len(labels)} labels")
    if len(chosen):
        say_gaps(figure, steps, probabilities_TO[:, chosen[0]], "time step")
    styled(figure, title, "time step t", "probability", dark, said)
    figure.update_yaxes(range=[-0.03, 1.03], tickformat=".0%")
    return below_axis(figure, steps, characters)


def likely(
    top: Sequence[Sequence[tuple[str, float]]],
    *,
    characters: Sequence[str] = (),
    title: str = "What was likely",
    dark: bool = False,
) -> go.Figure:
    """The most probable labels at every time step, the first of them uppermost, coloured by probability.

    Raises ValueError where there are characters, but not one for each time step.
    """
    check_characters(characters, len(top))
    steps, ranks = np.arange(1, len(top) + 1), max((len(row) for row in top), default=0)
    cells = [[row[r] if r < len(row) else ("", None) for row in top] for r in range(ranks)]
    figure = go.Figure(
        go.Heatmap(
            z=[[chance for _, chance in row] for row in cells],
            text=[[label for label, _ in row] for row in cells],
            texttemplate="%{text}" if len(top) <= MOST_WRITTEN else None,
            x=steps,
            y=list(range(1, ranks + 1)),
            zmin=0,
            zmax=1,
            colorscale=map_of(False, dark),
            colorbar={"title": "probability", "thickness": 14, "tickformat": ".0%"},
            hovertemplate="time step %{x}: %{text}, %{z:.1%}<extra></extra>",
            hoverongaps=False,
            xgap=1,
            ygap=1,
        )
    )
    if not len(top):
        note(figure, "no probabilities: the outputs are numbers")
    styled(figure, title, "time step t", "place", dark, "the most probable labels, from above")
    figure.update_yaxes(autorange="reversed", dtick=1, showgrid=False)
    figure.update_layout(hovermode="closest")
    return below_axis(figure, steps, characters)


def tracked_units(
    found: Sequence[Tracked], *, names: dict[str, str] | None = None, dark: bool = False
) -> go.Figure:
    """A bar for each unit and what it follows; a line on each shows what chance reaches.

    `names` are what is known as a person calls it, by link name.
    """
    rows = list(found)[::-1]
    said = names or {}
    text = [f"{said.get(one.name, one.name)}: {unit_words(one)}" for one in rows]
    level = np.array([one.level for one in rows])
    figure = go.Figure()
    for name, colour, by_chance in (
        ("correlation", FORWARD, False),
        ("no more than by chance", faint(QUIET, 0.55), True),
    ):
        there = [k for k, one in enumerate(rows) if one.by_chance == by_chance]
        if there:
            figure.add_bar(
                x=[rows[k].correlation for k in there],
                y=[text[k] for k in there],
                orientation="h",
                name=name,
                marker={"color": colour, "line": {"width": 0}},
                hovertemplate="%{y}: %{x:.2f}<extra></extra>",
            )
    add_levels(figure, text, level)
    if rows:
        note(figure, f"{rows[0].time_steps:,} time steps of {rows[0].sequences} held-out sequences")
    else:
        note(figure, "nothing known varies in the held-out sequences")
    words = "how closely a unit's values follow something known"
    styled(figure, "Units that track something", "correlation", "", dark, words)
    figure.update_xaxes(range=[-1.05, 1.05], zeroline=True, zerolinecolor=SURFACES[dark][2])
    figure.update_yaxes(categoryorder="array", categoryarray=text, showgrid=False, dtick=1)
    figure.update_layout(hovermode="closest", bargap=0.3, barmode="overlay")
    return figure.update_layout(height=BESIDES + ROW * len(rows)) if rows else figure


def unit_words(one: Tracked) -> str:
    """e.g. `unit 7 of layer 1`, `c of unit 7 of encoder layer 1`."""
    state = "" if one.quantity == "h" else f"{one.quantity} of "
    return f"{state}unit {one.unit + 1} of {layer_words(one.layer)}"


def add_levels(figure: go.Figure, text: Sequence[str], level: Array) -> None:
    """Marks at plus and minus what chance reaches."""
    figure.add_scatter(
        x=[*with_gaps(level), *with_gaps(-level)],
        y=[*text, *text],
        mode="markers",
        name="what chance reaches",
        marker={"symbol": "line-ns", "size": 14, "color": QUIET, "line": {"width": 2.5, "color": QUIET}},
        hovertemplate="by chance up to %{x:.2f}<extra></extra>",
    )


ROW, BESIDES = 26, 230
"""Pixels of a row, and of title, axis and legend."""


def check_characters(characters: Sequence[str], steps: int) -> None:
    if len(characters) not in (0, steps):
        raise ValueError(f"characters must be {steps}, one for each time step, not {len(characters)}.")


def below_axis(figure: go.Figure, steps: Array, characters: Sequence[str]) -> go.Figure:
    """What stands at each time step, where it fits; else time steps are counted."""
    if len(steps):
        fit_steps(figure, steps)
    if (
        0 < len(characters) <= MOST_CHARACTERS
        and max(map(len, characters)) * len(characters) <= 3 * MOST_CHARACTERS
    ):
        figure.update_xaxes(
            tickvals=steps, ticktext=list(characters), tickangle=0, title_text="input at each time step"
        )
    return figure
