"""Your own data: a text, or a column of a table, in place of what the task brings along.

What is pasted or opened here lives in the session and in its run: it is never written to a disk, and
nothing in it is executed.
"""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from pages import own_reading, teacher, visitor
from pages.literal import literally
from pages.popovers import popover
from rnnlab.config import Design, Settings
from rnnlab.link import fits_a_link
from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun
from rnnlab.own import read_series
from rnnlab.own.given import called, source_of
from rnnlab.tasks import TASKS
from rnnlab.tasks.options import ChoiceOption, OwnData, SeriesOption, TaskOption, TextOption

OPTION = "option "
"""How the keys of a task's own options begin."""

LAST = "own last "
"""How the keys of data begin that was in force before, so that it can be again."""

OWN = ""
"""Stands for the user's own data among the choices whose place it takes."""


def options_of(options: Mapping[str, TaskOption]) -> dict[str, TextOption | SeriesOption]:
    """The options that take a person's own data."""
    return {name: option for name, option in options.items() if isinstance(option, OwnData)}


def carried(task: str) -> dict[str, str]:
    """The data in force, for those options that another task has too."""
    options = options_of(TASKS[task].options)
    return {name: st.session_state[OPTION + name] for name in options if st.session_state.get(OPTION + name)}


def source(task: str) -> str:
    """Where the data in force comes from."""
    return source_of(task, carried(task))


def panel(options: Mapping[str, TaskOption]) -> None:
    """A popover in the sidebar for each option that takes own data."""
    for name, option in options_of(options).items():
        if not teacher.shown(name):
            continue
        value = st.session_state[OPTION + name]
        look = {**teacher.ways(name, option.help), "width": "stretch"}
        with popover(literally(told(option, value)), f"own {name}", **look) as filled:
            if filled:
                in_force(name, value)
                choose(name, option)


def told(option: TextOption | SeriesOption, value: str) -> str:
    """What the run learns from, in a few words, or how own data is called."""
    if not value:
        return option.label
    if isinstance(option, TextOption):
        return f"{option.label}: {len(value):,} characters"
    return f"{option.label}: {len(read_series(value).values_N):,} values"


def in_force(name: str, value: str) -> None:
    """What is used now, and the way back."""
    if message := st.session_state.pop("own message", None):
        st.error(literally(message))
    if value and not fits_a_link(value):
        st.caption("It is too long for a link: who opens one is asked for this data.")
    if value:
        words, act = "Back to the built-in data", back
    elif st.session_state.get(LAST + name):
        words, act = "Back to your own data", again
    else:
        return
    st.button(words, key=f"own back {name}", on_click=act, args=[name], width="stretch")


def choose(name: str, option: TextOption | SeriesOption) -> None:
    """Paste or open, look at it, use it."""
    read = own_reading.given(name, WANTED[type(option)])
    if read is None:
        return
    try:
        value = LOOK[type(option)](name, read)
        option.check(name, value)
    except ValueError as wrong:
        st.error(literally(wrong))
        return
    st.button(
        "Use it",
        key=f"own use {name}",
        type="primary",
        on_click=use,
        args=[name, value],
        width="stretch",
        help="A new run learns from it.",
    )


WANTED = {TextOption: "Paste a text", SeriesOption: "Paste numbers, or a table with commas or tabs"}
LOOK = {TextOption: own_reading.text_of, SeriesOption: own_reading.series_of}
"""By the kind of option: what is asked for, and how it is looked at and made into the option's value."""


def use(name: str, value: str) -> None:
    """A new run learns from this; where there is no room for it, the run on the page stays as it is."""
    session = st.session_state
    old: Design = session["design"]
    settings: Settings = session["settings"]
    try:
        design = replace(old, task_options={**old.options, name: value})
        token = engine().create(design, settings, owner=visitor.owner()).token
    except ValueError as refused:
        session["own message"] = str(refused)
        return
    try:
        if engine().snapshot(session["token"]).status == "playing":
            engine().play(token)
    except UnknownRun:
        pass
    engine().forget(session["token"])
    session["token"], session["design"], session[OPTION + name] = visitor.keep(token), design, value
    own_reading.put_away()


def back(name: str) -> None:
    """The task's own data again, in a new run; what was in force can be taken back."""
    st.session_state[LAST + name] = st.session_state[OPTION + name]
    st.session_state[OPTION + name] = ""
    own_reading.put_away()


def again(name: str) -> None:
    """The user's own data once more, in a new run."""
    st.session_state[OPTION + name] = st.session_state[LAST + name]


def in_place_of(choice: str, options: Mapping[str, TaskOption]) -> str:
    """The option whose data takes, or took, the place of a choice; empty where there is none."""
    own = [
        name for name, one in options.items() if isinstance(one, SeriesOption) and one.instead_of == choice
    ]
    return next(
        (name for name in own if st.session_state.get(OPTION + name) or LAST + name in st.session_state), ""
    )


def choice_or_own(choice: str, option: ChoiceOption, name: str) -> None:
    """A choice among the built-in series and the user's own, which is in force or was."""
    teacher.keep(OPTION + choice)
    value = st.session_state.get(OPTION + name) or st.session_state[LAST + name]
    in_force = bool(st.session_state.get(OPTION + name))
    labels = {**option.choices, OWN: f"Yours: {called(value)}"}
    key = f"own or {choice}"
    st.session_state[key] = OWN if in_force else st.session_state[OPTION + choice]
    st.selectbox(
        option.label,
        list(labels),
        format_func=lambda one: labels[one],
        key=key,
        on_change=take,
        args=[key, choice, name],
        **teacher.ways(choice, option.help, disabled=not teacher.usable(name)),
    )


def take(key: str, choice: str, name: str) -> None:
    """A built-in series, or the user's own again; the other can be taken back."""
    chosen = st.session_state[key]
    if chosen == OWN:
        again(name)
    else:
        if st.session_state.get(OPTION + name):
            back(name)
        st.session_state[OPTION + choice] = chosen
