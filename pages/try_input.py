"""One input for every kind of question, and examples to click."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages import teacher
from pages.literal import literally
from pages.try_component import drawing

KEY = "try text"
IMAGE = "image"
SLIDER = "try moment"
LONGEST_CHIP = 60


def question(offer: dict[str, Any]) -> str:
    """The question as it stands: typed, drawn or chosen."""
    draw = WIDGETS.get(offer["kind"], typed)
    return str(teacher.held("ask", KEY, lambda: draw(offer)) or "")


def typed(offer: dict[str, Any]) -> str:
    with st.container(key="try-question"):
        return st.text_input(
            offer["label"],
            key=KEY,
            placeholder=offer["help"],
            label_visibility="collapsed",
            **teacher.ways("ask", offer["help"]),
        )


def passage(offer: dict[str, Any]) -> str:
    with st.container(key="try-question"):
        return st.text_area(
            offer["label"],
            key=KEY,
            placeholder=offer["help"],
            label_visibility="collapsed",
            height=68,
            **teacher.ways("ask", offer["help"]),
        )


def choice(offer: dict[str, Any]) -> str:
    if st.session_state.get(KEY) not in offer["choices"]:  # a link may say anything
        put(offer["choices"][0])
    with st.container(key="try-question"):
        return st.selectbox(
            offer["label"],
            offer["choices"],
            key=KEY,
            **teacher.ways("ask", offer["help"]),
        )


def moment(offer: dict[str, Any]) -> str:
    """A place in the held-out part of a series, by its number; or values that are typed."""
    last = len(offer["choices"]) - 1
    text = st.session_state.get(KEY, "")
    if text in offer["choices"]:  # a link may name a day
        put(text := str(offer["choices"].index(text)))
    asked = int(text[:9]) if text.isdecimal() else st.session_state.get(SLIDER, 0)
    st.session_state[SLIDER] = min(asked, last)
    with st.container(key="try-question"):
        st.slider(
            f"{offer['label']}: **{literally(offer['choices'][st.session_state[SLIDER]])}**",
            0,
            last,
            key=SLIDER,
            format="%d",
            on_change=take_moment,
            **teacher.ways("ask", offer["help"]),
        )
    return str(teacher.keep(KEY) or "0")


def take_moment() -> None:
    put(str(st.session_state[SLIDER]))


def drawn(offer: dict[str, Any]) -> str:
    """A drawing, as 64 numbers."""
    if teacher.shown("ask"):
        examples = offer["examples"] if teacher.shown("ask_examples") else []
        drawing(st.session_state.get(KEY, ""), examples, take_drawing)
    return str(teacher.keep(KEY) or "")


def take_drawing() -> None:
    if text := st.session_state["try draw"].get("drawn"):
        put(str(text))


WIDGETS: dict[str, Callable[[dict[str, Any]], str]] = {
    "text": typed,
    "numbers": typed,
    "passage": passage,
    "choice": choice,
    "moment": moment,
}


WORDS = {
    "text": "**{label}**: type, press Enter. Or try",
    "numbers": "**{label}**: type, press Enter. Or try",
    "passage": "**{label}**: type, press Ctrl+Enter. Or try",
    "moment": "Move the slider, or try",
}
"""How one asks, by the kind of input; a drawing says it itself."""


def chips(offer: dict[str, Any]) -> None:
    """Examples, one click each."""
    if not teacher.shown("ask_examples") or offer["kind"] not in WORDS:
        return
    with st.container(key="try-chips", horizontal=True, vertical_alignment="center"):
        words = WORDS[offer["kind"]] if teacher.usable("ask") else "Try"
        st.markdown(words.format(label=literally(offer["label"])))
        for number, example in enumerate(offer["examples"]):
            words = shortened(offer["choices"][int(example)] if offer["kind"] == "moment" else example)
            teacher.button(
                "ask_examples",
                literally(words) or "␣",
                key=f"try example {number}",
                on_click=put,
                args=[example],
            )


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_CHIP else text[: LONGEST_CHIP - 1] + "…"


def put(text: str) -> None:
    st.session_state[KEY] = text
