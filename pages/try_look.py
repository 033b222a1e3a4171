"""What the Try it page's address says of the look, put into the session once and read from it again."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.try_asking import Network
from rnnlab.probing.look import FIRST, Layer, Look, layer_of, within

VIEW, UNIT = "try view", "try unit"
CHANGE, CHANGE_LAYER, ZEROED, GATE = "try change", "try layer", "try zeroed", "try gate"
HEAT, STEPS, SEED, HORIZON = "try heat", "try steps", "try seed", "try horizon"
OF_A_NETWORK = (UNIT, CHANGE, CHANGE_LAYER, ZEROED, GATE, "try value True", "try value False")


def other_key(text: str) -> str:
    """The session's name for the question that is compared with `text`."""
    return f"try other {text}"


def value_key(signed: bool) -> str:
    """The session's name for the value of a gate that may be negative, or may not."""
    return f"try value {signed}"


def layers_of(answer: dict[str, Any]) -> dict[str, Layer]:
    """The layers of an answer that can be looked at."""
    return {
        one["name"]: Layer(
            one["units"], {quantity["name"]: quantity["signed"] for quantity in one["quantities"]}
        )
        for one in answer["layers"]
    }


def forget() -> None:
    """What was chosen of one network says nothing of another."""
    for key in OF_A_NETWORK:
        st.session_state.pop(key, None)
    st.session_state["try fresh"] = st.session_state.get("try fresh", 0) + 1


def enter(look: Look, answer: dict[str, Any], text: str, views: Sequence[str]) -> list[str]:
    """Into the session, before a widget is drawn; what was wrong in it."""
    layers = layers_of(answer)
    look, messages = within(look, views, layers)
    found: dict[str, Any] = {
        HEAT: look.heat,
        STEPS: 10 * round(look.count / 10),
        SEED: look.draw,
        HORIZON: look.ahead,
    }
    if look.view:
        found[VIEW] = look.view
    if look.unit:
        layer = look.unit_layer or list(layers)[-1]
        found[UNIT] = {"layer": layer, "unit": look.unit - 1, "quantity": look.shows}
    if look.other is not None:
        found[other_key(text)] = look.other
    st.session_state.update(found | intervention(look, layers))
    return messages


def intervention(look: Look, layers: dict[str, Layer]) -> dict[str, Any]:
    """What is done to the network, as the widgets keep it."""
    where = {CHANGE_LAYER: look.layer or list(layers)[-1]}
    if look.zero:
        return where | {CHANGE: "zero", ZEROED: look.zero}
    if not look.gate:
        return {}
    signed = layer_of(look.layer, layers).signed[look.gate]
    return where | {CHANGE: "clamp_gate", GATE: look.gate, value_key(signed): look.held}


def now(network: Network, answer: dict[str, Any], text: str, first: str) -> Look:
    """The look as it is; `first` is the view with which the page opens."""
    view, layers = st.session_state.get(VIEW, first), layers_of(answer)
    fields: dict[str, Any] = {} if view == first else {"view": view}
    heard = st.session_state.get(UNIT, {})
    if heard.get("layer") in layers:
        fields |= {"unit": heard["unit"] + 1, "shows": heard["quantity"]}
        fields |= named("unit_layer", heard["layer"], layers)
    return Look(**fields, **SAID.get(view, nothing)(layers, text))


def named(name: str, layer: str, layers: dict[str, Layer]) -> dict[str, str]:
    """The name of a layer, unless it is the last one."""
    return {} if layer == list(layers)[-1] else {name: layer}


def nothing(layers: dict[str, Layer], text: str) -> dict[str, Any]:
    return {}


def change_said(layers: dict[str, Layer], text: str) -> dict[str, Any]:
    state = st.session_state
    other = state.get(other_key(text), text)
    fields: dict[str, Any] = {} if other == text else {"other": other}
    layer = state.get(CHANGE_LAYER) or list(layers)[-1]
    if not state.get(CHANGE) or layer not in layers:
        return fields
    fields |= named("layer", layer, layers)
    if state[CHANGE] == "zero":
        return fields | {"zero": state[ZEROED]}
    signed = layers[layer].signed[state[GATE]]
    return fields | {"gate": state[GATE], "held": state.get(value_key(signed), 0.0)}


def writing_said(layers: dict[str, Layer], text: str) -> dict[str, Any]:
    state = st.session_state
    how = {"heat": HEAT, "count": STEPS, "draw": SEED}
    return {name: state.get(key, getattr(FIRST, name)) for name, key in how.items()}


def horizon_said(layers: dict[str, Layer], text: str) -> dict[str, Any]:
    return {"ahead": st.session_state.get(HORIZON, FIRST.ahead)}


SAID: dict[str, Callable[[dict[str, Layer], str], dict[str, Any]]] = {
    "changed": change_said,
    "written": writing_said,
    "forecast": horizon_said,
}
"""What an address says of the controls that a view has of its own."""
