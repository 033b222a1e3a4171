"""The run's title: one for the session's experiment, whatever becomes of its runs.

It names the whole timeline, and stays until a person changes it or opens a file. Every branch
bears it, so that its file and the store know it too.
"""

from typing import Any

import streamlit as st

from pages import teacher
from pages.literal import literally
from rnnlab.live.engine import engine
from rnnlab.live.status import Status
from rnnlab.title import LONGEST, read_title

TITLE, FIELD, REFUSED, HEARD = "run title", "run title field", "run title refused", "run titles heard"
HELP = (
    "What this experiment is called: above the timeline, in its link, in what is saved of it. Blank for none."
)


def title() -> str:
    """The title in force; empty for none."""
    return str(st.session_state.get(TITLE, ""))


def take(text: object) -> None:
    """Another title. Raises ValueError as `read_title` does, and leaves the old one."""
    st.session_state[TITLE] = read_title(text)
    st.session_state.pop(REFUSED, None)


def bear(statuses: dict[str, Status], current: str) -> None:
    """All branches, by token, bear the title; a session that has none yet takes that of its run."""
    if TITLE not in st.session_state:
        take(statuses[current].title)
    for token, status in statuses.items():
        if status.title != title():
            engine().entitle(token, title())


def heard() -> None:
    """What a person made of the title above the timeline."""
    asked: dict[str, Any] = st.session_state["live"].get("title") or {}
    st.session_state[HEARD] = st.session_state.get(HEARD, 0) + 1
    if "text" in asked and teacher.usable("title"):
        try:
            take(asked["text"])
        except ValueError as wrong:
            st.session_state["messages"] = [str(wrong)]


def drawn() -> dict[str, Any]:
    """What the live component has to know. It hears of a title that was refused by the count of answers."""
    return {"title": title(), "titles_heard": st.session_state.get(HEARD, 0)}


def typed() -> None:
    """What a person typed into the field. What is refused stays there, to be mended."""
    try:
        take(st.session_state[FIELD])
    except ValueError as wrong:
        st.session_state[REFUSED] = str(wrong)


def field() -> None:
    """The title to type, where there is room for a word on it."""
    if not teacher.shown("title"):
        return
    refused = st.session_state.get(REFUSED)
    if not refused and st.session_state.get(FIELD) != title():
        st.session_state[FIELD] = title()
    st.text_input(
        "Title",
        st.session_state.get(FIELD, ""),
        key=FIELD,
        max_chars=LONGEST,
        placeholder="none; for instance Group 3: clipping at 1",
        on_change=typed,
        **teacher.ways("title", HELP),
    )
    if refused:
        st.error(literally(refused))


def tab(page: str = "") -> str:
    """What the browser's tab says: the page where it is not the Lab, the run's title where it has one."""
    return " · ".join(filter(None, (page, title(), "RNN Lab")))
