"""Your own data: a text, or a column of a table, in place of what the task brings along.

What is pasted or opened here lives in the session and in its run: it is never written to a disk, and
nothing in it is executed.
"""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from pages import teacher, visitor
from pages.literal import literally
from pages.popovers import popover
from rnnlab.config import Design, Settings
from rnnlab.figures.series import parts
from rnnlab.link import fits_a_link
from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun
from rnnlab.own import (
    Read,
    Table,
    column_of,
    name_and_unit,
    outline,
    read_bytes,
    read_pasted,
    read_series,
    read_table,
    read_text,
    scaled,
    write_series,
)
from rnnlab.tasks import TASKS
from rnnlab.tasks.options import OwnData, SeriesOption, TaskOption, TextOption

OPTION = "option "
"""How the keys of a task's own options begin."""

MOST_MB = 5
PREVIEW_CHARACTERS = 240
PREVIEW_ROWS = 4
CHART = {"displayModeBar": False}
IN_ORDER = ""
"""Stands for no column of time: the lines are in its order."""


def options_of(options: Mapping[str, TaskOption]) -> dict[str, TextOption | SeriesOption]:
    """The options that take a person's own data."""
    return {name: option for name, option in options.items() if isinstance(option, OwnData)}


def carried(task: str) -> dict[str, str]:
    """The data in force, for those options that another task has too."""
    options = options_of(TASKS[task].options)
    return {name: st.session_state[OPTION + name] for name in options if st.session_state.get(OPTION + name)}


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
    if not value:
        return
    if not fits_a_link(value):
        st.caption("It is too long for a link: who opens one is asked for this data.")
    st.button(
        "Back to the built-in data", key=f"own back {name}", on_click=back, args=[name], width="stretch"
    )


def choose(name: str, option: TextOption | SeriesOption) -> None:
    """Paste or open, look at it, use it."""
    read = given(name, option)
    if read is None:
        return
    try:
        value = text_of(read) if isinstance(option, TextOption) else series_of(name, read)
        option.check(name, value)
    except ValueError as wrong:
        st.error(literally(wrong))
        return
    if isinstance(option, SeriesOption):
        look_at(value)
    st.button(
        "Use it",
        key=f"own use {name}",
        type="primary",
        on_click=use,
        args=[name, value],
        width="stretch",
        help="A new run learns from it.",
    )


def given(name: str, option: TextOption | SeriesOption) -> Read | None:
    """What was pasted or opened, as text; None, and perhaps a message, where there is none."""
    number = st.session_state.setdefault("own number", 0)
    wanted = (
        "Paste a text" if isinstance(option, TextOption) else "Paste numbers, or a table with commas or tabs"
    )
    pasted = st.text_area(wanted, key=f"own paste {name} {number}", height=96)
    file = st.file_uploader(
        "or open a file",
        max_upload_size=MOST_MB,
        key=f"own file {name} {number}",
        help=f"At most {MOST_MB} MB, in UTF-8. It stays in this session, and nothing in it is executed.",
    )
    if file is None and not pasted:
        return None
    try:
        return read_pasted(pasted) if file is None else read_bytes(file.getvalue())
    except ValueError as wrong:
        st.error(literally(wrong))
        return None


def text_of(read: Read) -> str:
    """A text, with a look at it. Raises ValueError, in one sentence."""
    text = read_text(read).text
    preview(text, PREVIEW_CHARACTERS)
    st.caption(literally(f"{len(text):,} characters, {len(set(text)):,} different ones. {read.note}".strip()))
    return text


def preview(text: str, most: int) -> None:
    """The beginning of a text, as it is."""
    st.code(text[:most] + ("…" if len(text) > most else ""), language=None, wrap_lines=True)


def series_of(name: str, read: Read) -> str:
    """A column of a table, chosen here, with a look at it. Raises ValueError, in one sentence."""
    table = table_of(read.text)
    number = st.session_state["own number"]
    column = st.selectbox(
        "Column",
        table.numeric,
        index=table.numeric.index(table.likely),
        key=f"own column {name} {number}",
    )
    others = [one for one in (*table.times, *table.numeric) if one != column]
    time = st.selectbox(
        "Time",
        [IN_ORDER, *others],
        index=1 if table.times else 0,
        format_func=lambda one: one or "in the order of the lines",
        key=f"own time {name} {number} {column}",
    )
    _, own_unit = name_and_unit(column)
    unit = st.text_input("Unit", own_unit, max_chars=20, key=f"own unit {name} {number} {column}")
    looked_at = [one for one in (time, column) if one]
    st.table([{literally(one): literally(row[one]) for one in looked_at} for row in table.head(PREVIEW_ROWS)])
    value, notes = written(table, column, time, unit)
    for note in filter(None, (read.note, *notes)):
        st.caption(literally(note))
    return value


def written(table: Table, *chosen: str) -> tuple[str, tuple[str, ...]]:
    """A column as a series, and what was changed in it; done once while it is looked at."""
    known = st.session_state.get("own column")
    if known is None or known[0] is not table or known[1] != chosen:
        found = column_of(table, *chosen)
        text = write_series(found.series.values_N, found.series.name, found.series.unit)
        known = st.session_state["own column"] = (table, chosen, (text, found.notes))
    value: tuple[str, tuple[str, ...]] = known[2]
    return value


def look_at(value: str) -> None:
    """A small chart of a series and its parts."""
    series = read_series(value)
    in_unit = scaled(series)
    places, values = outline(in_unit.values_N)
    dark = st.context.theme.type == "dark"
    st.plotly_chart(
        parts(places, values, series.borders, dark=dark), theme=None, key="own chart", config=CHART
    )
    unit = f", in {in_unit.unit}" if in_unit.unit else ""
    st.caption(literally(f"{len(series.values_N):,} values{unit}."))


def table_of(text: str) -> Table:
    """The table in a text, read once while it is looked at. Raises ValueError, in one sentence."""
    known, table = st.session_state.get("own table", ("", None))
    if table is None or known != text:
        table = read_table(text)
        st.session_state["own table"] = (text, table)
    return table


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
    tidy()


def back(name: str) -> None:
    """The task's own data again, in a new run."""
    st.session_state[OPTION + name] = ""
    tidy()


def tidy() -> None:
    """Empty boxes for the next data: what was in them is not kept."""
    st.session_state["own number"] += 1
    for name in ("own table", "own column"):
        st.session_state.pop(name, None)
