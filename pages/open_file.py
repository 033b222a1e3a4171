"""A question from a file: a text, a sequence of bases, or the last values of a column."""

from collections.abc import Callable, Mapping

import streamlit as st

from pages import teacher
from pages.literal import literally
from pages.own_reading import IN_ORDER, beside, forget, opened, preview
from pages.popovers import popover
from rnnlab.asking.typed import LARGEST, LONGEST
from rnnlab.own import Read, bases_of, chosen, offered, read_series

KEY = "try file"
PREVIEW_CHARACTERS = 160


def of_text(read: Read) -> str:
    """As much of a text as is looked at."""
    text = read.text[:LARGEST]
    preview(text, PREVIEW_CHARACTERS)
    return text


def of_bases(read: Read) -> str:
    """A record of a FASTA file, chosen here."""
    records = {one.name: one for one in beside(bases_of, read.text, LONGEST)}
    record = records[st.selectbox("Record", list(records), key=f"{KEY} record")]
    preview(record.bases, PREVIEW_CHARACTERS)
    if record.note:
        st.caption(literally(record.note))
    return f">{record.name}\n{record.bases}"


def of_table(read: Read) -> str:
    """The last values of a column, chosen here."""
    table = beside(offered, read.text)
    name = st.selectbox("Column", table.numeric, key=f"{KEY} column")
    found = beside(chosen, read.text, name, table.times[0] if table.times else IN_ORDER)
    for note in found.notes:
        st.caption(literally(note))
    values = read_series(found.text).values_N[-LONGEST:]
    st.caption(f"The last {len(values)} values are read, in the unit of the series that was learned.")
    return " ".join(f"{value:.10g}" for value in values)


KINDS: Mapping[str, Callable[[Read], str]] = {"passage": of_text, "moment": of_table}
"""How a file is read, by the kind of question."""

TASKS: Mapping[str, Callable[[Read], str]] = {"coding": of_bases}
"""Tasks that read files in a way of their own."""


def opener(task: str, kind: str, take: Callable[[str], None]) -> None:
    """A popover that opens a file as a question, where the kind of question allows it."""
    if kind not in KINDS or not teacher.shown("ask"):
        return
    with popover("Open a file", KEY, disabled=teacher.locked("ask")) as filled:
        if filled:
            offer(TASKS.get(task, KINDS[kind]), take)


def offer(read: Callable[[Read], str], take: Callable[[str], None]) -> None:
    number = st.session_state.setdefault(f"{KEY} number", 0)
    try:
        file = opened("A file", f"{KEY} {number}", label_visibility="collapsed")
        if file is None:
            return
        text = read(file)
    except ValueError as wrong:
        st.error(literally(wrong))
        return
    st.button(
        "Ask about it", key=f"{KEY} use", type="primary", on_click=ask, args=[text, take], width="stretch"
    )


def ask(text: str, take: Callable[[str], None]) -> None:
    """The file's content is the question from now on; the file itself is not kept."""
    take(text)
    forget()
    st.session_state[f"{KEY} number"] += 1
