"""The Lab: choose a topology and a cell, train it live, see it unrolled."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import streamlit as st

from pages import checking, controls, teacher
from pages.component import copy_link, live
from rnnlab.config import Design, Settings
from rnnlab.files import StoredRun, load_run
from rnnlab.link import from_link, to_link
from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun
from rnnlab.live.status import Status

ASSETS = Path(__file__).parent.parent / "assets"


@st.cache_resource
def first_run() -> StoredRun:
    """The run that the page opens with, trained beforehand."""
    return load_run(ASSETS / "first-run.npz")


def open_link() -> None:
    """At the start of a session the address says which experiment to show."""
    if "token" in st.session_state:
        if "task" not in st.session_state:  # another page was open: Streamlit dropped this one's widgets
            controls.show(st.session_state["design"], st.session_state["settings"])
        return
    linked = from_link(st.query_params.to_dict())
    controls.show(linked.design, linked.settings)
    st.session_state["messages"] = list(linked.messages)
    st.session_state["token"] = start(linked.design, linked.settings)


def start(design: Design, settings: Settings) -> str:
    """A new run; the experiment that was trained beforehand goes on from there."""
    stored = first_run()
    same = design == stored.state.design and settings == stored.settings
    return engine().create(design, settings, stored if same else None).token


def current(design: Design, settings: Settings) -> Status:
    """The session's run, brought to what the widgets say: a new one for another design."""
    token = st.session_state["token"]
    try:
        status = engine().snapshot(token)
    except UnknownRun:
        st.session_state["messages"] = ["The run was put away while nobody watched it. It starts again."]
        st.session_state["token"] = start(design, settings)
        return engine().snapshot(st.session_state["token"])
    if status.design != design:
        engine().forget(token)
        st.session_state["token"] = token = start(design, settings)
        return engine().play(token) if status.status == "playing" else engine().snapshot(token)
    return engine().change(token, settings) if status.settings != settings else status


def choose() -> tuple[Design, Settings]:
    """The sidebar. A value that is not allowed leaves the last design in force, and says so."""
    with st.sidebar:
        controls.design_controls()
        try:
            design = controls.shown_design()
        except ValueError as wrong:
            st.error(str(wrong))
            design = st.session_state["design"]
        st.session_state["design"] = design
        controls.settings_controls(design)
        try:
            settings = controls.shown_settings(design)
        except ValueError as wrong:
            st.error(str(wrong))
            last = st.session_state["settings"]
            settings = replace(last, length=design.lengths.nearest(last.length))
        st.session_state["settings"] = settings
        return design, settings


def transport(status: Status) -> None:
    """Play, pause, one update, reset, rewind."""
    playing = status.status == "playing"
    with st.container(key="transport", horizontal=True, vertical_alignment="center"):
        for name, label, strong in (("play", "Play", not playing), ("pause", "Pause", playing)):
            look = "primary" if strong else "secondary"
            teacher.button("play", label, type=look, on_click=act, args=[name])
        teacher.button("one_update", "One update", on_click=act, args=["one_update"])
        teacher.button("reset", "Reset", help="Back to the first weights.", on_click=act, args=["reset"])
        if teacher.shown("timeline"):
            rewind_slider(status, playing)
        copy_link("copy-link")


def rewind_slider(status: Status, playing: bool) -> None:
    furthest = max(status.furthest, 1)
    words = "Any update so far, exactly as it was. Pause first: while it trains there are ever more."
    st.slider(
        "Rewind to update",
        0,
        furthest,
        value=min(status.update, furthest),
        format="pause first" if playing else "%d",
        key=(key := slider_key(status)),
        on_change=rewind_to_slider,
        args=[key],
        **teacher.ways("timeline", words, playing or status.furthest == 0),
    )


def act(name: str) -> None:
    """A transport button."""
    with suppress(UnknownRun):  # the page starts the run again when it draws itself
        getattr(engine(), name)(st.session_state["token"])


def slider_key(status: Status) -> str:
    """The slider's key: another one whenever training moved the run.

    A page that has not yet heard of the move still sends the slider's old value with the next
    click. Under a key that stayed, this would look like a person who rewinds; under an old key
    it is told apart. While a person moves the slider the key stays, and with it the focus.
    """
    number, run, furthest = st.session_state.get("slider", (0, None, None))
    stands_at = st.session_state.get(f"rewind-{number}")
    if (run, stands_at, furthest) != (status.run, status.update, status.furthest):
        number += 1
    st.session_state["slider"] = (number, status.run, status.furthest)
    return f"rewind-{number}"


def rewind_to_slider(key: str) -> None:
    number = st.session_state["slider"][0]
    if key == f"rewind-{number}":
        rewind(st.session_state[key])


def rewind_from_notice() -> None:
    """The button in the notice of a run that broke."""
    update = st.session_state["live"].get("rewind")
    if update is not None:
        rewind(int(update))


def check_from_chart() -> None:
    """The button on a gradient chart."""
    if asked := st.session_state["live"].get("check"):
        checking.ask(st.session_state["token"], "this run", asked)


def rewind(update: int) -> None:
    with suppress(UnknownRun):
        engine().rewind(st.session_state["token"], update)


def keep_link(design: Design, settings: Settings) -> None:
    """The address bar holds the experiment."""
    pairs = dict(parse_qsl(to_link(design, settings), keep_blank_values=True))
    if pairs == {"task": Design().task}:
        pairs = {}  # the experiment that the page opens with
    pairs = teacher.leave(pairs)
    if pairs != st.query_params.to_dict():
        st.query_params.from_dict(pairs)


open_link()
design, settings = choose()
status = current(design, settings)
if messages := st.session_state.pop("messages", None):
    more = f" And {len(messages) - 3} more." if len(messages) > 3 else ""
    st.warning("  \n".join(messages[:3]) + more)
transport(status)
live(st.session_state["token"], rewind_from_notice, check_from_chart)
checking.answer()
keep_link(design, settings)
