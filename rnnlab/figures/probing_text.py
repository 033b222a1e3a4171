"""Values over the characters of a text: what mattered, what a unit does, and what a change does downstream.

T time steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from rnnlab.figures.gaps import say_gaps, with_gaps
from rnnlab.figures.heat import SIGNED_GATES
from rnnlab.figures.probing import below_axis, check_characters
from rnnlab.figures.style import FORWARD, GRADIENT, PREDICTION, faint, map_of, note, styled
from rnnlab.figures.words import layer_words

Array = NDArray[Any]


def mattered(
    norm_T: Array,
    *,
    characters: Sequence[str] = (),
    said: str = "how strongly the probability of the answer depends on each input",
    dark: bool = False,
) -> go.Figure:
    """‖d log p / dx_t‖ as a bar at every time step.

    Raises ValueError where there are characters, but not one for each time step.
    """
    check_characters(characters, len(norm_T))
    steps = np.arange(1, len(norm_T) + 1)
    figure = go.Figure()
    figure.add_bar(
        x=steps,
        y=with_gaps(norm_T),
        marker={"color": GRADIENT, "line": {"width": 0}},
        customdata=list(characters) or steps,
        hovertemplate="%{customdata}: %{y:.3g}<extra></extra>",
    )
    say_gaps(figure, steps, norm_T, "time step")
    if len(norm_T) and not norm_T.any():
        note(figure, "exactly 0 everywhere: no input matters")
    figure.update_layout(bargap=0.25, showlegend=False)
    styled(figure, "Which inputs mattered", "time step t", "‖d log p / dx<sub>t</sub>‖", dark, said)
    figure.update_yaxes(rangemode="tozero", exponentformat="power")
    return below_axis(figure, steps, characters)


def unit_values(
    values_T: Array,
    *,
    unit: int,
    layer: str,
    quantity: str = "h",
    characters: Sequence[str] = (),
    dark: bool = False,
) -> go.Figure:
    """One unit at every time step: bars coloured as in the map of all units. `unit` counts from 0.

    Raises ValueError where there are characters, but not one for each time step.
    """
    check_characters(characters, len(values_T))
    steps, signed = np.arange(1, len(values_T) + 1), quantity in {"h", "c"} | SIGNED_GATES
    reach = max(1.0, float(np.abs(values_T[np.isfinite(values_T)]).max(initial=0.0)))
    figure = go.Figure()
    figure.add_bar(
        x=steps,
        y=with_gaps(values_T),
        marker={
            "color": with_gaps(values_T),
            "colorscale": map_of(signed, dark),
            "cmin": -reach if signed else 0,
            "cmax": reach,
            "line": {"width": 1, "color": FORWARD},
        },
        customdata=list(characters) or steps,
        hovertemplate="%{customdata}: %{y:.3g}<extra></extra>",
    )
    say_gaps(figure, steps, values_T, "time step")
    figure.update_layout(bargap=0.15, showlegend=False)
    title = f"{quantity} of unit {unit + 1} of {layer_words(layer)}"
    styled(figure, title, "time step t", quantity, dark, "what one unit does while the network reads")
    figure.update_yaxes(range=[-1.05 * reach if signed else 0, 1.05 * reach])
    return below_axis(figure, steps, characters)


def downstream(
    states: Mapping[str, Array],
    moved_S: Array,
    *,
    characters: Sequence[str] = (),
    changed: Sequence[int] = (),
    below: str = "output time step",
    dark: bool = False,
) -> go.Figure:
    """How far a change moved each layer's states, above, and the probability of the outputs, below.

    `changed` are time steps (from 0) where the inputs differ: a mark stands there. Where layers are of
    different lengths, `characters` stand below those that have as many. `below` says what `moved_S` is by.
    """
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=False, row_heights=[0.62, 0.38], vertical_spacing=0.16
    )
    longest = max((len(values) for values in states.values()), default=0)
    for place, (layer, values_T) in enumerate(states.items()):
        figure.add_scatter(
            x=np.arange(1, len(values_T) + 1),
            y=with_gaps(values_T),
            name=layer_words(layer),
            mode="lines+markers" if len(values_T) < 30 else "lines",
            line={"color": FORWARD, "width": 2.5, "dash": ("solid", "dash", "dot", "dashdot")[place % 4]},
            hovertemplate="%{y:.3g}",
            row=1,
            col=1,
        )
    figure.add_bar(
        x=np.arange(1, len(moved_S) + 1),
        y=with_gaps(moved_S),
        name="probability that moved",
        marker={"color": PREDICTION, "line": {"width": 0}},
        hovertemplate="%{y:.1%}",
        row=2,
        col=1,
    )
    for t in changed:
        figure.add_vline(
            x=t + 1, line={"color": faint(GRADIENT, 0.8), "width": 2, "dash": "dot"}, row=1, col=1
        )
    if not any(values.any() for values in (*states.values(), moved_S)):
        note(figure, "nothing changes")
    words = "how far the states move, and what share of the probability goes elsewhere"
    styled(figure, "What changes downstream", "", "", dark, words)
    figure.update_yaxes(title_text="‖Δh<sub>t</sub>‖", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text="share moved", rangemode="tozero", tickformat=".0%", row=2, col=1)
    figure.update_xaxes(title_text=below, dtick=1 if len(moved_S) < 13 else None, row=2, col=1)
    figure.update_xaxes(title_text="time step t", row=1, col=1)
    if characters and len(characters) == longest <= 60:
        steps = list(range(1, longest + 1))
        figure.update_xaxes(
            tickvals=steps, ticktext=list(characters), tickangle=0, title_text="", row=1, col=1
        )
    return figure
