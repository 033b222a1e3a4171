"""Look closer: one measurement of one run as it stands, with its words and its formula."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import streamlit as st

from pages import checking, teacher
from pages.gradient_runs import Group, Shown
from pages.literal import literally
from pages.take_away import save_charts
from rnnlab.config import Settings
from rnnlab.layers import layer_words
from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun
from rnnlab.measurements import MEASUREMENTS, SEQUENCES, Look, figures, measure
from rnnlab.model.cells import CELLS
from rnnlab.model.topologies import WIRINGS
from rnnlab.state import RunState

CHARTS = {"toImageButtonOptions": {"format": "png", "scale": 2}, "displaylogo": False}


def closer_view(group: Group | None) -> None:
    """Which run, which measurement, which layer and sequence; then what was found."""
    if group is None:
        st.info("There are no runs yet: choose Cells, Clipping or Break it, then come back.")
        return
    asked = asked_for(group)
    try:
        state, settings = engine().state(asked.run.token), engine().snapshot(asked.run.token).settings
    except UnknownRun as gone:
        st.info(str(gone))
        return
    if state is None:
        st.info("The run has no weights yet: a moment.")
        return
    row = head(asked.run, asked.name, state)
    try:
        found = measured(asked, state, settings)
    except ValueError as wrong:
        st.info(literally(wrong))
        return
    drawn = figures(found, st.context.theme.type == "dark")
    charts(drawn, asked.name)
    with row:
        save_charts(drawn, asked.name)
    if MEASUREMENTS[asked.name].checkable and teacher.shown("check"):
        check_controls(asked.run, asked.layer, asked.sequence)


class Asked(NamedTuple):
    """What to measure, by its name, of which run, layer and sequence; sequences count from 0."""

    run: Shown
    name: str
    layer: str
    sequence: int


def asked_for(group: Group) -> Asked:
    """What the sidebar says."""
    with st.sidebar:
        run = chosen("run", st.radio, "Run", group.runs, lambda run: run.variant.label)
        fitting = [name for name, one in MEASUREMENTS.items() if one.fits(run.variant.design)]
        name = chosen("measurement", st.radio, "Measure", fitting, lambda name: MEASUREMENTS[name].label)
        layer = chosen("layer", st.selectbox, "Layer", layers_of(run), layer_words)
        return Asked(run, name, layer, sequence_control() - 1)


def measured(asked: Asked, state: RunState, settings: Settings) -> Any:
    """By a worker, as of now. Raises ValueError for what cannot be measured there."""
    bases = st.session_state.setdefault("closer bases", {})
    look = Look(asked.layer, asked.sequence, bases.get((asked.run.token, asked.layer)))
    with st.spinner("Measuring…"):
        found = engine().compute(measure, asked.name, state, settings, look)
    if (basis := getattr(found[0].data, "basis", None)) is not None:
        bases[asked.run.token, asked.layer] = basis  # the next picture of this run keeps its directions
    return found


def chosen(name: str, widget: Any, label: str, options: Sequence[Any], words: Callable[[Any], str]) -> Any:
    """One of a few; the first, where there is nothing to choose because a teacher has hidden it."""
    if not teacher.shown(name):
        return options[0]
    return widget(label, options, format_func=words, key=f"closer {name}", **teacher.ways(name))


def sequence_control() -> int:
    if not teacher.shown("sequence"):
        return 1
    ways = teacher.ways("sequence", "Which sequence is looked at.")
    return int(st.number_input("Held-out sequence", 1, SEQUENCES, key="closer sequence", **ways))


def charts(drawn: list[Any], name: str) -> None:
    """Two in a row, as high as the window leaves room for: page.css says how high that is."""
    columns = st.columns(min(len(drawn), 2))
    for place, figure in enumerate(drawn):
        with columns[place % 2].container(key=f"chart-{place}"):
            st.plotly_chart(figure, theme=None, key=f"closer {name} {place}", config=CHARTS, height="stretch")


def head(run: Shown, name: str, state: RunState) -> Any:
    """The measurement's words, its formula on demand, and the update it is taken at; the row for more."""
    one = MEASUREMENTS[name]
    row = st.container(horizontal=True, vertical_alignment="center", key="closer-head")
    with row:
        st.markdown(f"**{one.label}**, {run.variant.label}, update {state.update:,}. {one.words}")
        with st.popover("Formula"):
            st.latex(one.formula)
        teacher.button("again", "Measure again", help="At the update that the run has come to by now.")
    return row


def check_controls(run: Shown, layer: str, sequence: int) -> None:
    """Any gradient of this layer and sequence may be checked by nudging."""
    letters = CELLS[run.variant.design.cell].states
    with st.container(horizontal=True, vertical_alignment="bottom", key="closer-check"):
        longest = run.variant.settings.length or 1
        ways = teacher.ways("check")
        time_step = st.number_input("Time step", 1, longest, key="closer time step", width=150, **ways)
        letter = st.segmented_control(
            "State", letters, default=letters[0], key=f"closer state {len(letters)}", required=True, **ways
        )
        asked = {"state": letter, "layer": layer, "time_step": time_step, "sequence": sequence}
        teacher.button(
            "check",
            "Check this number",
            on_click=checking.ask,
            args=[run.token, run.variant.label, asked],
            help="The gradient there by backpropagation, beside finite differences.",
        )
    checking.answer()


def layers_of(run: Shown) -> list[str]:
    """The layers of a run by name, as in its traces."""
    design = run.variant.design
    parts = [prefix.rstrip(".") or "recurrent" for prefix in WIRINGS[design.topology].parts(1, 1)]
    directions = ("forward", "backward")[: 1 + design.bidirectional]
    return [f"{part}/{n}/{way}" for part in parts for n in range(design.layers) for way in directions]
