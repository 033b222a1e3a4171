"""Reading what a person gives: pasted or opened, looked at, and made into what a run can learn from.

Long data is read beside the workers: here, it would hold up the frames of everybody who looks at a run.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import streamlit as st

from pages.literal import literally
from rnnlab.figures.series import parts
from rnnlab.live.attendant import NoWorkers
from rnnlab.live.cluster import ClusterAway
from rnnlab.live.engine import engine
from rnnlab.own import (
    MOST_BYTES,
    Read,
    chosen,
    different,
    name_and_unit,
    offered,
    outline,
    read_bytes,
    read_pasted,
    read_series,
    read_text,
    scaled,
)

SHORT = 100_000
"""Characters that are read within a few hundredths of a second, where the page is made."""

MOST_KEPT = 4
MOST_MB = MOST_BYTES // 1_000_000
MOST_SENT_MB = 25
"""So much of a file that is too large comes here, to be told so; the browser keeps what is larger still."""

PREVIEW_CHARACTERS = 240
CHART = {"displayModeBar": False}
IN_ORDER = ""
"""Stands for no column of time: the lines are in its order."""

NUMBER = "own number"
"""Counts what was given: with a new number, the boxes are new and empty."""

KEPT = "own read"
AWAY = (ClusterAway, NoWorkers)
"""What is said where no process can read for now."""

Found = TypeVar("Found")


def beside(function: Callable[..., Found], text: str, *chosen: Any) -> Found:
    """`function(text, *chosen)`, worked out once while it is looked at; raises what it raises."""
    kept: dict[Any, Any] = st.session_state.setdefault(KEPT, {})
    key = (function.__name__, text, *chosen)
    if key not in kept:
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = outcome(function, text, *chosen)
    if isinstance(found := kept[key], AWAY):  # says nothing of the text: the next look may find them back
        del kept[key]
    if isinstance(found, ValueError):
        raise found.with_traceback(None)
    return cast(Found, found)


def outcome(function: Callable[..., Found], text: str, *chosen: Any) -> Found | ValueError:
    """What the function returns, or the sentence that it raises."""
    try:
        if len(text) <= SHORT:
            return function(text, *chosen)
        with st.spinner(f"Reading {len(text) / 1e6:.1f} million characters…"):
            return engine().compute(function, text, *chosen)
    except ValueError as wrong:
        return wrong


def opened(label: str, key: str, **look: Any) -> Read | None:
    """A file that was opened, as text; None where there is none. Raises ValueError, which names the file."""
    file = st.file_uploader(
        label,
        max_upload_size=MOST_SENT_MB,
        key=key,
        help=f"At most {MOST_MB} MB, in UTF-8 or UTF-16. It stays in this session; none of it is executed.",
        **look,
    )
    if file is None:
        return None
    try:
        if file.size > MOST_BYTES:  # of which the server kept only a part
            raise ValueError(f"It has more than {MOST_MB} MB, the most that may be used; cut a part out.")
        return read_bytes(file.getvalue())
    except ValueError as wrong:
        raise ValueError(f"{file.name[:60]}: {wrong}") from None


def given(name: str, wanted: str) -> Read | None:
    """What was pasted or opened, as text; None, and perhaps a message, where there is none."""
    number = st.session_state.setdefault(NUMBER, 0)
    pasted = st.text_area(wanted, key=f"own paste {name} {number}", height=96)
    try:
        read = opened("or open a file", f"own file {name} {number}")
        return read_pasted(pasted) if read is None and pasted else read
    except ValueError as wrong:
        st.error(literally(wrong))
        return None


def text_of(name: str, read: Read) -> str:
    """A text, with a look at it. Raises ValueError, in one sentence."""
    text = read_text(read).text
    preview(text, PREVIEW_CHARACTERS)
    letters = beside(different, text)
    st.caption(literally(f"{len(text):,} characters, {letters:,} different ones. {read.note}".strip()))
    return text


def preview(text: str, most: int) -> None:
    """The beginning of a text, as it is."""
    st.code(text[:most] + ("…" if len(text) > most else ""), language=None, wrap_lines=True)


def series_of(name: str, read: Read) -> str:
    """A column of a table, chosen here, with a look at it. Raises ValueError, in one sentence."""
    table = beside(offered, read.text)
    number = st.session_state[NUMBER]
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
    st.table([{literally(one): literally(row[one]) for one in looked_at} for row in table.head])
    value, notes = beside(chosen, read.text, column, time, unit)
    for note in filter(None, (read.note, *notes)):
        st.caption(literally(note))
    look_at(value)
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


def put_away() -> None:
    """Empty boxes for the next data: what was in them is not kept."""
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    forget()


def forget() -> None:
    """Nothing is kept of what was looked at."""
    st.session_state.pop(KEPT, None)
