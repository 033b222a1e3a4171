"""What a teacher has hidden or locked: pages ask here before they draw a control.

The answer is the session's room: what the address said when the session began, and what the
projector's button changed since.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from rnnlab.room import CONTROLS, OPEN, Room, pairs_of, take

LOCKED = "Set by your teacher."


def room() -> Room:
    """The room in force; at the start of a session, what the address says."""
    found: Room | None = st.session_state.get("room")
    if found is None:
        found = st.session_state["room"] = take(st.query_params.to_dict(), [])
    return found


def enter(query: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """A query without what it says of the room, which comes into force; and what was not understood of it."""
    pairs, messages = dict(query), list[str]()
    asked = take(pairs, messages)
    if asked != OPEN:
        st.session_state["room"] = asked
    return pairs, messages


def leave(pairs: Mapping[str, str]) -> dict[str, str]:
    """The query for the address bar: what the page says, and the room in force."""
    return {**pairs, **pairs_of(room())}


def shown(*names: str) -> bool:
    """Whether any of these controls is on the page."""
    return any(not room().hides(name) for name in names)


def locked(name: str) -> bool:
    return room().locks(name)


def usable(name: str) -> bool:
    """Whether a person may use a control, by a key for instance."""
    return shown(name) and not locked(name)


def ways(name: str, help: str = "", disabled: bool = False) -> dict[str, Any]:
    """A widget's `help` and `disabled`, with what the teacher has set."""
    if not locked(name):
        return {"help": help or None, "disabled": disabled}
    return {"help": f"{LOCKED} {help}".strip(), "disabled": True}


def held(name: str, key: str, draw: Callable[[], Any]) -> Any:
    """A widget's value: drawn, or, where it is hidden, as it stands in the session."""
    if shown(name):
        return draw()
    return keep(key)


def keep(key: str) -> Any:
    """The value of a widget that is not drawn, which Streamlit would else forget."""
    if key in st.session_state:
        st.session_state[key] = st.session_state[key]
    return st.session_state.get(key)


def button(name: str, label: str, *, help: str = "", disabled: bool = False, **more: Any) -> bool:
    """A button of the transport, unless it is hidden."""
    return shown(name) and st.button(label, **ways(name, help, disabled), **more)


def parts() -> dict[str, Any]:
    """What a live component has to know of the room: names of its own controls, and the projector."""
    now, names = room(), [name for group in CONTROLS.values() for name in group]
    return {
        "hidden": [name for name in names if now.hides(name)],
        "locked": [name for name in names if now.locks(name)],
        "projector": now.projector,
    }
