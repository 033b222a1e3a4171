"""Popovers whose content is made when they are first opened: most visitors open none of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st


@contextmanager
def popover(label: str, key: str, **look: Any) -> Iterator[bool]:
    """A popover to fill where this says True; once opened it stays filled, so that nothing chosen is lost."""
    body = st.popover(label, key=key, on_change="rerun", **look)
    filled = f"{key} filled"
    if body.open:
        st.session_state[filled] = True
    with body:
        yield filled in st.session_state
