"""The Lab: choose a topology and a cell, train it live, see it unrolled."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from urllib.parse import parse_qsl

import streamlit as st

from pages import checking, controls, literal, teach, teacher, timeline, titles, visitor
from pages.component import copy_link, live
from pages.literal import literally
from pages.opening import allowed, start
from pages.take_away import take_away
from rnnlab.config import Design, Settings
from rnnlab.link import from_link, to_link
from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun
from rnnlab.live.status import Status


def open_link() -> None:
    """At the start of a session the address says which experiment to show."""
    if "token" in st.session_state:
        if "task" not in st.session_state:  # another page was open: Streamlit dropped this one's widgets
            controls.show(st.session_state["design"], st.session_state["settings"])
        return
    linked = from_link(st.query_params.to_dict())
    design, settings, refused = allowed(linked.design, linked.settings)
    controls.show(design, settings)
    st.session_state["messages"] = [*linked.messages, *refused]
    st.session_state["token"] = start(design, settings, visitor.opened)
    if linked.title:
        titles.take(linked.title)


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
        token = another(design, settings)
        return engine().play(token) if status.status == "playing" else engine().snapshot(token)
    if status.settings == settings:
        return status
    if status.status == "playing" and status.update < status.furthest:  # it left what is known: a branch
        return engine().play(timeline.going_on(settings))
    return visitor.changed(token, settings)


def another(design: Design, settings: Settings) -> str:
    """A run of another design takes the place of the session's."""
    engine().forget(st.session_state["token"])
    token = st.session_state["token"] = start(design, settings)
    return token


def choose() -> tuple[Design, Settings]:
    """The sidebar. A value that is not allowed leaves the last design in force, and says so."""
    with st.sidebar:
        controls.design_controls()
        try:
            design = controls.shown_design()
        except ValueError as wrong:
            st.error(literally(wrong))
            design = st.session_state["design"]
        st.session_state["design"] = design
        controls.settings_controls(design)
        try:
            settings = controls.shown_settings(design)
        except ValueError as wrong:
            st.error(literally(wrong))
            last = st.session_state["settings"]
            settings = replace(last, length=design.lengths.nearest(last.length))
        st.session_state["settings"] = settings
        return design, settings


def transport(status: Status) -> None:
    """Play, pause, one update, reset, and what is done with the whole run."""
    playing = status.status == "playing"
    with st.container(key="transport", horizontal=True, vertical_alignment="center"):
        for name, label, strong in (("play", "Play", not playing), ("pause", "Pause", playing)):
            look = "primary" if strong else "secondary"
            teacher.button("play", label, type=look, on_click=act, args=[name])
        teacher.button("one_update", "One update", on_click=act, args=["one_update"])
        teacher.button("reset", "Reset", help="Back to the first weights.", on_click=act, args=["reset"])
        take_away(st.session_state["token"], status)
        copy_link("copy-link")


def act(name: str) -> None:
    """A transport button, or its key."""
    with suppress(UnknownRun):  # the page starts the run again when it draws itself
        try:
            DO.get(name, go_on)(name)
        except ValueError as refused:
            st.session_state["messages"] = [str(refused)]


def go_on(name: str) -> None:
    """Play or one update: with other settings than are known from here on, in a branch.

    A text that was typed just before the click counts: the click is meant for the run that learns from it.
    """
    design = asked_design()
    if engine().snapshot(st.session_state["token"]).design != design:
        st.session_state["design"] = design
        another(design, asked_settings())
    token = timeline.going_on(asked_settings())
    getattr(engine(), name)(token)


def asked_design() -> Design:
    """What the widgets say now, or the design in force where that is none."""
    try:
        return controls.shown_design()
    except (ValueError, KeyError):
        found: Design = st.session_state["design"]
        return found


def asked_settings() -> Settings:
    """What the widgets say now: a number that was typed just before the click counts."""
    try:
        return controls.shown_settings(st.session_state["design"])
    except (ValueError, KeyError):
        found: Settings = st.session_state["settings"]
        return found


def pause(_: str) -> None:
    engine().pause(st.session_state["token"])


def reset(_: str) -> None:
    """Back to the first weights, in a run of its own, so that the old one can be brought back."""
    timeline.renew(visitor.begun(st.session_state["design"], st.session_state["settings"], None))


DO: dict[str, Callable[[str], None]] = {"pause": pause, "reset": reset}


def rewind_from_notice() -> None:
    """The button in the notice of a run that broke."""
    update = st.session_state["live"].get("rewind")
    if update is not None:
        with suppress(UnknownRun):
            timeline.rewind(int(update))


def from_key() -> None:
    """Space plays and pauses, a full stop does one update; only what the page has a button for."""
    key = st.session_state["live"].get("key")
    if key == "toggle" and teacher.usable("play"):
        with suppress(UnknownRun):
            playing = engine().snapshot(st.session_state["token"]).status == "playing"
            act("pause" if playing else "play")
    if key == "one_update" and teacher.usable("one_update"):
        act("one_update")


def check_from_chart() -> None:
    """The button on a gradient chart."""
    if asked := st.session_state["live"].get("check"):
        checking.ask(st.session_state["token"], "this run", asked)


def keep_link(design: Design, settings: Settings) -> None:
    """The address bar holds the experiment."""
    pairs = dict(parse_qsl(to_link(design, settings, title=titles.title()), keep_blank_values=True))
    if pairs == {"task": Design().task}:
        pairs = {}  # the experiment that the page opens with
    pairs = teacher.leave(pairs)
    if pairs != st.query_params.to_dict():
        st.query_params.from_dict(pairs)


open_link()
design, settings = choose()
status = current(design, settings)
timeline.bear_title()
st.set_page_config(page_title=titles.tab())  # in a session's first run it was not known before
if messages := st.session_state.pop("messages", None):
    more = f" And {len(messages) - 3} more." if len(messages) > 3 else ""
    st.warning(literal.lines(messages[:3]) + more)
transport(status)
live(
    {"token": st.session_state["token"], **titles.drawn(), **timeline.drawn()},
    rewind=rewind_from_notice,
    check=check_from_chart,
    timeline=timeline.heard,
    title=titles.heard,
    key=from_key,
)
checking.answer()
keep_link(design, settings)
timeline.tidy()
teach.bar()
