"""The Try it page's own components: the picture of an answer, and the drawing."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages import teacher
from pages.component import LOADER, mounted

TRY = st.components.v2.component("rnnlab_try", js=LOADER, isolate_styles=False)
DRAW = st.components.v2.component("rnnlab_draw", js=LOADER, isolate_styles=False)


def picture(data: dict[str, Any], on_unit: Callable[[], None]) -> Any:
    """An answer with what the network went through; `on_unit` hears which unit somebody chose."""
    return mounted(TRY, "try/try.js", data, key="try", on_unit_change=on_unit)


def drawing(text: str, examples: list[str], on_drawn: Callable[[], None]) -> Any:
    """A drawing of 8x8 pixels, given as 64 numbers; `on_drawn` hears it after each stroke."""
    data = {"text": text, "examples": examples, "locked": teacher.locked("ask")}
    return mounted(DRAW, "try/draw.js", data, key="try draw", on_drawn_change=on_drawn)
