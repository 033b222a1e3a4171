"""The Unroll page: backpropagation through time with real numbers, line by line."""

from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from pages import literal, teach, teacher
from pages.component import copy_link, unroll
from pages.fields import STEPS
from rnnlab.fields import Choice, Number, declared
from rnnlab.unroll import Tiny, compute
from rnnlab.unroll.cells import TINY_CELLS
from rnnlab.unroll.editing import changed, edited
from rnnlab.unroll.link import from_link, to_link
from rnnlab.unroll.tiny import fields_of
from rnnlab.unroll.trail import Trail, begun
from rnnlab.unroll.wire import payload

FIELDS = declared(Tiny)
KEY = "unroll "  # how the keys of this page's widgets begin: the Lab has widgets of the same names


def trail() -> Trail:
    found: Trail = st.session_state["trail"]
    return found


def go(to: Trail) -> None:
    """Another network is in force: the widgets say so."""
    st.session_state["trail"] = to
    show(to.now)


def show(tiny: Tiny) -> None:
    for name, value in fields_of(tiny).items():
        st.session_state[KEY + name] = value


def open_link() -> None:
    """The address says which network to begin with; coming back from another page, the session does."""
    if "trail" not in st.session_state:
        pairs, messages = teacher.enter(st.query_params.to_dict())
        linked = from_link(pairs)
        st.session_state["trail"] = begun(linked.tiny, linked.updates)
        st.session_state["unroll_messages"] = [*messages, *linked.messages]
    for name, value in fields_of(trail().now).items():
        st.session_state.setdefault(KEY + name, value)  # widgets that were not on the screen have lost theirs


def take_field(name: str) -> None:
    """A widget was moved. A value that is not allowed is told, and the widget goes back."""
    try:
        go(trail().change(changed(trail().now, **{name: st.session_state[KEY + name]})))
    except ValueError as wrong:
        st.session_state["unroll_messages"] = [str(wrong)]
        show(trail().now)


def take_edit() -> None:
    """A number was typed in the component."""
    edit = st.session_state["unroll"].get("edit")
    if not edit:
        return
    place = (str(edit["name"]), int(edit["row"]), int(edit["column"]))
    st.session_state["answers"] = st.session_state.get("answers", 0) + 1
    try:
        go(trail().change(edited(trail().now, *place, str(edit["text"]))))
    except ValueError as wrong:
        st.session_state["unroll_messages"] = [str(wrong)]


def take_key() -> None:
    """A key that stands for a button."""
    if st.session_state["unroll"].get("key") == "one_update" and teacher.usable("one_update"):
        go(trail().update())


def take_seed(seed: int) -> None:
    go(trail().change(changed(trail().now, seed=seed)))


def fresh() -> None:
    """Back to the seed's own numbers."""
    go(trail().change(Tiny(**fields_of(trail().now))))


def draw(name: str, disabled: bool = False) -> None:
    """The widget of one field, unless it is hidden."""
    if teacher.shown(name):
        ways = teacher.ways(name, FIELDS[name].metadata["help"], disabled)
        widget(name, {"key": KEY + name, "on_change": take_field, "args": [name], **ways})


def widget(name: str, options: dict[str, Any]) -> None:
    about = FIELDS[name].metadata
    kind, value = about["kind"], getattr(trail().now, name)
    if isinstance(kind, Choice):
        names = list(kind.choices)
        first = names.index(value)
        st.selectbox(about["label"], names, first, format_func=lambda v: kind.choices[v], **options)
    elif kind.logarithmic:
        steps = {round(step, 9) for step in STEPS if kind.low <= step <= kind.high}
        values = sorted(steps | {value})
        st.select_slider(about["label"], values, value, format_func=lambda v: f"{v:g}", **options)
    else:
        number(about["label"], kind, value, options)


def number(label: str, kind: Number, value: float, options: dict[str, Any]) -> None:
    if kind.whole and kind.high <= 10:
        st.slider(label, int(kind.low), int(kind.high), int(value), **options)
    else:  # no limits here: the field itself says in a sentence what it allows
        step = {"step": 1, "format": "%d"} if kind.whole else {"step": 0.5, "format": "%g"}
        st.number_input(label, value=int(value) if kind.whole else float(value), **step, **options)


def sidebar() -> None:
    with st.sidebar:
        draw("cell")
        draw("activation", disabled=len(TINY_CELLS[trail().now.cell].gates) > 1)
        for name in ("hidden_size", "input_size", "length"):
            draw(name)
        draw("loss_at")
        draw("learning_rate")
        draw("clip_threshold")
        draw("seed")
        seed = trail().now.seed
        with st.container(horizontal=True, key="pair-unroll"):
            words = "Round numbers for the blackboard."
            teacher.button("seed", "Example", help=words, on_click=take_seed, args=[0])
            teacher.button(
                "seed", "Random", help="Other random numbers.", on_click=take_seed, args=[seed + 1]
            )


def transport() -> None:
    """What is done with the gradient."""
    now = trail()
    with st.container(key="transport", horizontal=True, vertical_alignment="center"):
        teacher.button(
            "one_update",
            "Apply the update",
            type="primary",
            on_click=lambda: go(now.update()),
            help="The new weights take the place of the old ones, and everything is computed anew.",
        )
        teacher.button("ten_updates", "10 updates", on_click=lambda: go(now.update(10)))
        teacher.button("undo", "Undo", on_click=lambda: go(now.undo()), disabled=len(now.stops) < 2)
        teacher.button(
            "before_updates",
            "Before the updates",
            on_click=lambda: go(now.before_updates()),
            disabled=now.updates == 0,
            help="Back to the weights from which the updates began.",
        )
        teacher.button("reset", "Reset numbers", on_click=fresh, help="Back to the numbers of the seed.")
        copy_link("unroll-copy-link")


def keep_link() -> None:
    """The address bar holds the network."""
    pairs = dict(parse_qsl(to_link(trail().start, trail().updates), keep_blank_values=True))
    pairs = teacher.leave(pairs)
    if pairs != st.query_params.to_dict():
        st.query_params.from_dict(pairs)


open_link()
sidebar()
if messages := st.session_state.pop("unroll_messages", None):
    st.error(literal.lines(messages))
transport()
unroll(
    payload(compute(trail().now), trail().losses),
    take_edit,
    take_key,
    answer=st.session_state.get("answers", 0),
)
keep_link()
teach.bar()
