"""A question from a file: a text, a sequence of bases, or the last values of a column."""

from collections.abc import Callable, Mapping

import streamlit as st

from pages import teacher
from pages.literal import literally
from pages.own_data import MOST_MB, preview
from pages.popovers import popover
from rnnlab.asking.typed import LARGEST, LONGEST
from rnnlab.own import Read, bases_of, column_of, read_bytes, read_table

KEY = "try file"
PREVIEW_CHARACTERS = 160


def of_text(read: Read) -> str:
    """As much of a text as is looked at."""
    text = read.text[:LARGEST]
    preview(text, PREVIEW_CHARACTERS)
    return text


def of_bases(read: Read) -> str:
    """A record of a FASTA file, chosen here."""
    records = {one.name: one for one in bases_of(read.text, LONGEST)}
    chosen = records[st.selectbox("Record", list(records), format_func=literally, key=f"{KEY} record")]
    preview(chosen.bases, PREVIEW_CHARACTERS)
    if chosen.note:
        st.caption(literally(chosen.note))
    return f">{chosen.name}\n{chosen.bases}"


def of_table(read: Read) -> str:
    """The last values of a column, chosen here."""
    table = read_table(read.text)
    name = st.selectbox("Column", table.numeric, format_func=literally, key=f"{KEY} column")
    found = column_of(table, name, table.times[0] if table.times else "")
    for note in found.notes:
        st.caption(literally(note))
    values = found.series.values_N[-LONGEST:]
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
    file = st.file_uploader(
        "A file",
        max_upload_size=MOST_MB,
        key=f"{KEY} {number}",
        label_visibility="collapsed",
        help=f"At most {MOST_MB} MB, in UTF-8. It stays in this session, and nothing in it is executed.",
    )
    if file is None:
        return
    try:
        text = read(read_bytes(file.getvalue()))
    except ValueError as wrong:
        st.error(literally(wrong))
        return
    st.button(
        "Ask about it", key=f"{KEY} use", type="primary", on_click=ask, args=[text, take], width="stretch"
    )


def ask(text: str, take: Callable[[str], None]) -> None:
    """The file's content is the question from now on; the file itself is not kept."""
    take(text)
    st.session_state[f"{KEY} number"] += 1
