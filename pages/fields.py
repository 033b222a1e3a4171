"""Widgets from declarations: each field of Design and Settings is drawn by its kind."""

from collections.abc import Callable, Mapping
from dataclasses import Field
from typing import Any

import streamlit as st

from pages import teacher
from rnnlab.config import Design, Settings
from rnnlab.fields import Choice, Number, Switch, declared
from rnnlab.live.engine import engine

FIELDS: dict[str, Field[Any]] = {**declared(Design), **declared(Settings)}
STEPS = [m * 10.0**e for e in range(-6, 5) for m in (1, 2, 5)]
"""Values of a logarithmic slider, one, two and five of each power of ten."""


def help_of(name: str) -> str:
    """What a field does and what it may be."""
    about = FIELDS[name].metadata
    if isinstance(about["kind"], Choice):
        return str(about["help"])
    return f"{about['help']} Allowed: {about['kind'].allowed}. {cap_words(name)}".strip()


def cap_of(name: str) -> int | None:
    """What the operator of this server allows at most, where that is less than the field itself does."""
    kind, cap = FIELDS[name].metadata["kind"], getattr(engine().limits, name, None)
    return cap if cap is not None and cap < kind.high else None


def cap_words(name: str) -> str:
    """The operator's cap as a sentence; empty where there is none."""
    cap = cap_of(name)
    return "" if cap is None else f"This server allows at most {cap:,}, set by its operator."


def drawn(
    widget: Callable[..., Any],
    name: str,
    *,
    key: str = "",
    help: str = "",
    disabled: bool = False,
    **more: Any,
) -> Any:
    """A field's value: by its widget, or, where a teacher has hidden that, as it is in force."""
    label, ways = FIELDS[name].metadata["label"], teacher.ways(name, help or help_of(name), disabled)
    return teacher.held(name, key or name, lambda: widget(label, key=key or name, **ways, **more))


def default(name: str, more: dict[str, Any]) -> Any:
    """What a widget that has no state yet shows: its value in the session.

    A browser that is slow to build a widget may first see it in a later run of the page, where the
    server no longer tells its value: it would show, and send back, the first choice or zero.
    """
    return st.session_state[more.get("key") or name]


def choice(
    name: str, options: list[str] | None = None, labels: Mapping[str, str] | None = None, **more: Any
) -> Any:
    """One of `options` or of all choices; `labels` are what a person reads, if not the field's own."""
    kind: Choice = FIELDS[name].metadata["kind"]
    choices, read = options or list(labels or kind.choices), labels or kind.choices
    return drawn(
        st.selectbox,
        name,
        options=choices,
        index=place(choices, default(name, more)),
        format_func=lambda value: read[value],
        **more,
    )


def place(options: list[str], value: Any) -> int:
    """Where a value stands among the options; the first where it is none of them."""
    return options.index(value) if value in options else 0


def number(name: str, **more: Any) -> Any:
    kind: Number = FIELDS[name].metadata["kind"]
    if kind.logarithmic:
        steps = {round(step, 9) for step in STEPS if kind.low <= step <= kind.high}
        value = default(name, more)
        options = sorted(steps | {value})
        return drawn(
            st.select_slider, name, options=options, value=value, format_func=lambda v: f"{v:g}", **more
        )
    step: dict[str, Any] = {"step": 1, "format": "%d"} if kind.whole else {"step": 0.1, "format": "%g"}
    value = type(step["step"])(default(name, more) or 0)
    # No limits here: the field itself says in a sentence what it allows.
    return drawn(st.number_input, name, **{**step, "value": value, **more})


def slider(name: str, low: int, high: int, **more: Any) -> Any:
    high = max(low, min(high, cap_of(name) or high))
    if low == high:
        return drawn(st.number_input, name, **{**more, "value": int(default(name, more)), "disabled": True})
    value = min(max(int(default(name, more)), low), high)
    return drawn(st.slider, name, min_value=low, max_value=high, value=value, **more)


def switch(name: str, **more: Any) -> Any:
    return drawn(st.toggle, name, value=bool(default(name, more)), **more)


DRAW: dict[type, Callable[..., Any]] = {Choice: choice, Number: number, Switch: switch}


def tucked(*names: str, **more: Any) -> None:
    """Widgets inside a popover, which the browser builds anew whenever somebody opens it.

    By then it may know values from before, and would show, and send back, those. Setting each value
    anew makes the server tell it in every run.
    """
    for name in names:
        st.session_state[name] = st.session_state[name]
        draw(name, **more)


def draw(name: str, **more: Any) -> Any:
    """The widget of one field; its value lives in the session under the field's name."""
    return DRAW[type(FIELDS[name].metadata["kind"])](name, **more)
