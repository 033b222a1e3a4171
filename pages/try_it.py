"""Try it: what has the network learned? One's own input, the answer, and how it came about."""

from typing import Any

import streamlit as st

from pages import literal, open_file, teach, teacher, try_input, try_look, try_network, try_views
from pages.component import copy_link
from pages.try_asking import Network, ask
from pages.try_component import picture
from rnnlab.link import linked_option, option_pairs
from rnnlab.probing import look

TYPED = "ask"  # the name of the question in an address


def open_link() -> None:
    """The address says what to begin with; coming back from another page, the session does."""
    if "try opened" not in st.session_state:
        pairs, messages = teacher.enter(st.query_params.to_dict())
        text = linked_option(TYPED, pairs, messages)
        asked = look.take(pairs, messages)
        messages += try_network.open_link(pairs)
        st.session_state["try opened"] = {"text": text, "look": asked}
        st.session_state["try messages"] = messages
    elif try_views.KEY not in st.session_state:  # another page was open: Streamlit dropped this widget
        try_network.take_newest()


def ready(network: Network, offer: dict[str, Any]) -> None:
    """A question to begin with: of the link, or the first example."""
    opened = st.session_state["try opened"]
    if opened.get("for") == (network.name, network.design):
        st.session_state.setdefault(try_input.KEY, opened["last"])
        return
    try_look.forget()
    first = opened.pop("text", None) or next(iter(offer["examples"]), "")
    opened.update({"for": (network.name, network.design), "last": first})
    st.session_state[try_input.KEY] = first


def keep_link(network: Network, text: str, pairs: dict[str, str]) -> None:
    """The address bar holds the network, the question and the look."""
    pairs = try_network.pairs_of(network) | option_pairs(TYPED, text) | pairs
    pairs = teacher.leave(pairs)
    if pairs != st.query_params.to_dict():
        st.query_params.from_dict(pairs)


def show() -> None:
    network = try_network.chosen()
    offer = ask(network, "offer")
    if "message" in offer:
        st.error(literal.literally(offer["message"]))
        return
    ready(network, offer)
    if offer["kind"] == try_input.IMAGE:
        beside, main = st.columns([1, 3.4])
        with beside:
            text = try_input.drawn(offer)
            copy_link("try-copy-link")
        with main:
            pairs = answered(network, offer, text)
    else:
        with st.container(key="transport", horizontal=True, vertical_alignment="center"):
            text = try_input.question(offer)
            open_file.opener(network.design.task, offer["kind"], try_input.put)
            copy_link("try-copy-link")
        try_input.chips(offer)
        pairs = answered(network, offer, text)
    st.session_state["try opened"]["last"] = text
    keep_link(network, text, pairs)


def answered(network: Network, offer: dict[str, Any], text: str) -> dict[str, str]:
    """The answer, or why there is none, with the last one standing; what an address says of its look."""
    answer = ask(network, "reading", text)
    if "message" in answer:
        st.error(literal.literally(answer["message"]))
        text, answer = st.session_state.get("try answer", {}).get(network.number, ("", None))
    else:
        st.session_state["try answer"] = {network.number: (text, answer)}
    return seen(try_views.Asked(network, offer, text, answer)) if answer else {}


def seen(asked: try_views.Asked) -> dict[str, str]:
    """The picture of an answer in the view that was chosen; and that view for an address."""
    fitting = try_views.fitting(asked)
    linked = st.session_state["try opened"].pop("look", None)
    if linked and (messages := try_look.enter(linked, asked.answer, asked.text, fitting)):
        st.error(literal.lines(messages))
    with st.container(key="try-views", horizontal=True, vertical_alignment="center"):
        view = try_views.choose(asked)
        if try_views.VIEWS[view].table:
            try_views.download(asked, "table")
    more = try_views.VIEWS[view].draw(asked)
    if "message" in more:
        st.error(literal.literally(more["message"]))
    data = {
        "answer": asked.answer,
        "view": view,
        "more": more,
        "drawn": asked.offer["kind"] == try_input.IMAGE,
    }
    chosen = {"look": st.session_state.get(try_look.UNIT), "fresh": st.session_state["try fresh"]}
    picture(data | chosen, try_views.heard_unit)
    return look.pairs_of(try_look.now(asked.network, asked.answer, asked.text, fitting[0]))


open_link()
if messages := st.session_state.pop("try messages", None):
    st.error(literal.lines(messages))
show()
teach.bar()
