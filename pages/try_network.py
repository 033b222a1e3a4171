"""Which network is asked: the one that this session's Lab trains, or one that was trained beforehand."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from urllib.parse import parse_qsl

import streamlit as st

from pages import opening, teacher, visitor
from pages.literal import literally
from pages.try_asking import Network
from rnnlab.link import from_link, to_link
from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun
from rnnlab.own.given import source_of
from rnnlab.pretrained import PRETRAINED, load
from rnnlab.tasks import TASKS

LAB = "lab"
KEY = "try network"
LOOK_SECONDS = 20
"""So often the page looks how far the Lab's run is; whoever is looked at is not put away."""


def names() -> list[str]:
    """The Lab's run first, then what ships."""
    return [LAB, *shipped()]


@cache
def shipped() -> tuple[str, ...]:
    """The networks that ship, but for those whose symbols mean something else with this Python."""
    return tuple(name for name, one in PRETRAINED.items() if one.file.exists() and one.fits)


def label_of(name: str) -> str:
    return PRETRAINED[name].label if name in PRETRAINED else "The Lab's network"


def open_link(query: Mapping[str, str]) -> list[str]:
    """The network that an address names; the Lab's run where there was none before. What was wrong in it."""
    pairs = dict(query)
    name = pairs.pop("network", LAB)
    st.session_state[KEY] = name if name in names() else LAB
    messages = [] if name in names() else [f"No network here is called {name[:40]!r}; this is the Lab's."]
    if "token" in st.session_state:
        return messages
    linked = from_link(pairs if name == LAB else {})
    design, settings, refused = opening.allowed(linked.design, linked.settings)
    st.session_state["design"], st.session_state["settings"] = design, settings
    st.session_state["token"] = opening.start(design, settings, visitor.opened)
    return [*messages, *linked.messages, *refused]


def pairs_of(network: Network) -> dict[str, str]:
    """What an address says of a network."""
    if network.name != LAB:
        return {"network": network.name}
    return dict(parse_qsl(to_link(network.design, network.settings), keep_blank_values=True))


def chosen() -> Network:
    """The network in force, with its controls in the sidebar."""
    with st.sidebar:
        name = teacher.held("ask_network", KEY, choose) if len(names()) > 1 else LAB
        network = taken(name)
        about(network)
    return network


def choose() -> str:
    return st.selectbox("Network", names(), format_func=label_of, key=KEY, **teacher.ways("ask_network"))


def taken(name: str) -> Network:
    """A network as it was taken when the page was opened, or when somebody asked for the newest."""
    kept: dict[str, Network] = st.session_state.setdefault("try taken", {})
    if name not in kept:
        kept[name] = pretrained(name) if name in PRETRAINED else of_lab()
    return kept[name]


def next_number() -> int:
    number: int = st.session_state.get("try number", 0) + 1
    st.session_state["try number"] = number
    return number


def pretrained(name: str) -> Network:
    run = load(name)
    return Network(name, label_of(name), run.state.design, run.settings, run.state, next_number())


def of_lab() -> Network:
    """The newest state of the Lab's run; the last that is known where the run is gone."""
    number = next_number()
    token = st.session_state["token"]
    try:
        status, state = engine().snapshot(token), engine().state(token)
    except UnknownRun:
        design, settings = st.session_state["design"], st.session_state["settings"]
        return Network(LAB, label_of(LAB), design, settings, None, number)
    return Network(LAB, label_of(LAB), status.design, status.settings, state, number)


def take_newest() -> None:
    st.session_state.get("try taken", {}).pop(LAB, None)


def about(network: Network) -> None:
    """What the network is, in words."""
    spec = TASKS[network.design.task]
    st.markdown(f"**{spec.label}**  \n{spec.sentence}")
    if network.name == LAB:
        as_of()
        st.page_link("pages/lab.py", label="Train it further in the Lab")
    else:
        st.markdown(f"Trained beforehand for **{network.update:,}** updates.")
    st.caption(literally(f"Data: {source_of(network.design.task, network.design.options)}"))


def beforehand(task: str) -> str:
    """A network for the same task that ships; empty where there is none."""
    return next((name for name in names()[1:] if PRETRAINED[name].task == task), "")


def use(name: str) -> None:
    st.session_state[KEY] = name


@st.fragment(run_every=LOOK_SECONDS)
def as_of() -> None:
    """How far the network was trained, and whether the Lab is further by now."""
    network = taken(LAB)
    words = f"As of update **{network.update:,}**"
    newest = network.update
    with suppress(UnknownRun):
        newest = engine().snapshot(st.session_state["token"]).update
    if newest != network.update:
        words += f"; the Lab is at {newest:,}"
    st.markdown(words + ("." if network.update else ": it has not learned anything yet."))
    if not network.update and (ready := beforehand(network.design.task)) and teacher.usable("ask_network"):
        words = "Ask the one trained beforehand"
        if st.button(words, on_click=use, args=[ready], type="primary"):
            st.rerun()  # a click in a fragment draws the fragment alone
    if teacher.button("ask_newest", "Take the newest", help="The network as the Lab has it now."):
        take_newest()
        st.rerun()
