"""The Gradients page's sidebar: one experiment for all its runs.

Widgets keep their values in the session, under the fields' names with a mark before them, since
the Lab has widgets for the same fields.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from pages import teacher
from pages.controls import clip_switch
from pages.fields import FIELDS, choice, draw, number, slider
from rnnlab.comparison import MOST
from rnnlab.config import Design, Settings, default_settings, fit
from rnnlab.live.engine import engine
from rnnlab.model.cells import CELLS
from rnnlab.tasks import TASKS
from rnnlab.tasks.menu import menu

MARK = "gradients "
DESIGN_FIELDS = (
    "activation",
    "hidden_size",
    "layers",
    "recurrent_init",
    "recurrent_gain",
    "forget_bias",
    "optimizer",
    "seed",
)
SETTINGS_FIELDS = ("learning_rate", "clipping", "clip_threshold", "length", "tbptt_window")


def unrolls(task: str) -> str:
    """The first topology of a task that has more than one time step; empty where none has."""
    return next((name for name, lengths in TASKS[task].topologies.items() if lengths.high > 1), "")


def mark(name: str) -> str:
    return MARK + name


def value(name: str) -> Any:
    return st.session_state[mark(name)]


def show(design: Design, settings: Settings, cells: Sequence[str], *, missing: bool = False) -> None:
    """Put an experiment into the widgets; with `missing`, only into those that have no value.

    Streamlit forgets the value of a widget that a run of the page does not draw.
    """
    design, settings = engine().limits.within(design, fit(design, settings))
    held = {name: getattr(design, name) for name in DESIGN_FIELDS}
    held |= {name: getattr(settings, name) for name in SETTINGS_FIELDS}
    held |= {"task": design.task, "cells": list(cells), "cell": cells[0], "clip": settings.clipping != "off"}
    held["clipping"] = "norm" if settings.clipping == "off" else settings.clipping
    for name, content in held.items():
        if not missing or mark(name) not in st.session_state:
            st.session_state[mark(name)] = content


def shown(base: Design, many: bool, fixed_clip: bool) -> tuple[Design, Settings, list[str]]:
    """The experiment that the widgets say; what they have no widget for comes from `base`.

    With `fixed_clip` it clips, whatever the switch of another view says. Raises ValueError, in one sentence.
    """
    cells = list(value("cells")) if many else [value("cell")]
    fields = {name: value(name) for name in DESIGN_FIELDS}
    fields["cell"] = cells[0] if cells else "rnn"
    if value("task") != base.task:
        base = Design(task=value("task"), topology=unrolls(value("task")))
    design = replace(base, **fields)
    kept = {name: value(name) for name in SETTINGS_FIELDS}
    if not value("clip") and not fixed_clip:
        kept["clipping"] = "off"
    kept["length"] = design.lengths.nearest(kept["length"])
    settings = replace(default_settings(design), **kept)
    within = engine().limits.within(design, settings)
    engine().limits.check(design, within[1])
    return design, within[1], cells


def take_task() -> None:
    """Another task brings its own length, and leaves the rest."""
    task = value("task")
    st.session_state[mark("length")] = TASKS[task].topologies[unrolls(task)].default


def pair(name: str) -> Any:
    return st.container(horizontal=True, vertical_alignment="bottom", key=f"pair-gradients-{name}")


def marked(name: str, **more: Any) -> Any:
    return draw(name, key=mark(name), **more)


def controls(many: bool, fixed_clip: bool) -> None:
    """All widgets. `many`: several cells at once; `fixed_clip`: both kinds are shown, so no switch."""
    tasks = menu(task for task in TASKS if unrolls(task))
    choice("task", labels=tasks, key=mark("task"), on_change=take_task)
    if many:
        teacher.held("cells", mark("cells"), cells_control)
    chosen = value("cells") if many else [value("cell")]
    with pair("cell"):
        if not many:
            marked("cell")
        marked("activation", disabled=not any(CELLS[cell].has_activation for cell in chosen))
        if many:
            marked("optimizer")
    with pair("init"):
        marked("recurrent_init")
        marked("recurrent_gain")
    with pair("size"):
        marked("hidden_size")
        marked("layers")
    with pair("bias"):
        remembers = any("f" in CELLS[cell].gates for cell in chosen)
        marked("forget_bias", disabled=not remembers)
        marked("seed")
    if not many:
        marked("optimizer")
    with st.container(key="gradients-live-settings"):
        if teacher.shown(*SETTINGS_FIELDS):
            st.markdown("**while it trains**")
        settings_controls(fixed_clip)


def cells_control() -> None:
    st.multiselect(
        "Cells side by side",
        list(CELLS),
        format_func=lambda cell: CELLS[cell].label,
        default=value("cells"),
        key=mark("cells"),
        max_selections=MOST,
        **teacher.ways("cells", "One run for each, from the same seed on the same data."),
    )


def settings_controls(fixed_clip: bool) -> None:
    number("learning_rate", key=mark("learning_rate"))
    if not fixed_clip:
        clip_switch(mark("clip"))
    off = not value("clip") and not fixed_clip
    with pair("clip"):
        choice("clipping", ["norm", "value"], key=mark("clipping"), disabled=off, width=96)
        number("clip_threshold", key=mark("clip_threshold"), disabled=off)
    lengths = TASKS[value("task")].topologies[unrolls(value("task"))]
    st.session_state[mark("length")] = lengths.nearest(value("length"))
    if lengths.fixed and teacher.shown("length"):
        st.number_input(FIELDS["length"].metadata["label"], value=lengths.low, disabled=True)
    elif not lengths.fixed:
        slider("length", lengths.low, lengths.high, key=mark("length"))
    number("tbptt_window", key=mark("tbptt_window"))
