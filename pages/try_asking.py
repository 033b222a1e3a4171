"""The Try it page's one way to the engine: a question to a network beside the workers, its answer kept."""

from typing import Any, NamedTuple

import streamlit as st

from rnnlab.config import Design, Settings
from rnnlab.live.asked import Request, run
from rnnlab.live.engine import engine
from rnnlab.state import RunState

MOST_KEPT = 16


class Network(NamedTuple):
    """A network that can be asked: as it stood when it was taken. `number` counts takings."""

    name: str
    label: str
    design: Design
    settings: Settings
    state: RunState | None
    number: int

    @property
    def update(self) -> int:
        return self.state.update if self.state else 0


def ask(network: Network, what: str, text: str = "", **options: Any) -> dict[str, Any]:
    """What was asked for, or its `message`; asked once, however often the page is drawn."""
    kept: dict[Any, dict[str, Any]] = st.session_state.setdefault("try kept", {})
    key = (network.name, network.number, what, text, repr(sorted(options.items())))
    if key not in kept:
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = asked_now(network, what, text, options)
    return kept[key]


def asked_now(network: Network, what: str, text: str, options: dict[str, Any]) -> dict[str, Any]:
    request = Request(what, network.design, network.settings, network.state, text, options)
    try:
        with st.spinner("The network reads…"):
            return engine().compute(run, request)
    except ValueError as wrong:  # no process, or one that took too long
        return {"message": str(wrong)}
