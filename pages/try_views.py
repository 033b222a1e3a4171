"""What one looks at on the Try it page, and the controls that each view has of its own."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from pages import teacher, try_look
from pages.try_asking import Network, ask
from rnnlab.export import file_name
from rnnlab.model.cells import CELLS
from rnnlab.probing import look
from rnnlab.probing.look import FIRST, MOST_DRAWS, MOST_SYMBOLS, Layer

KEY = try_look.VIEW
TEXTS = ("text", "numbers", "passage")
SYMBOLS = ("text", "passage", "choice")


class Asked(NamedTuple):
    """What is on the page: a network, its task's offer, the question, and the answer."""

    network: Network
    offer: dict[str, Any]
    text: str
    answer: dict[str, Any]


class View(NamedTuple):
    """`draw` shows the view's own controls and gives what the picture shows beside the answer.

    `table`: the answer can be taken away as CSV, unless the view has a table of its own.
    """

    draw: Callable[[Asked], dict[str, Any]]
    fits: Callable[[Asked], bool] = lambda asked: True
    table: bool = True


def nothing(asked: Asked) -> dict[str, Any]:
    return {}


def mattered(asked: Asked) -> dict[str, Any]:
    return ask(asked.network, "mattered", asked.text)


def units(asked: Asked) -> dict[str, Any]:
    return ask(asked.network, "units")


def changed(asked: Asked) -> dict[str, Any]:
    """Another question, a silenced unit, or a gate that is held."""
    with st.container(key="try-change", horizontal=True, vertical_alignment="bottom"):
        options: dict[str, Any] = {}
        if asked.offer["kind"] in TEXTS:
            other = another_question(asked)
            if other != asked.text:
                options["other"] = other
        changes = intervention(asked)
    if changes:
        options["changes"] = changes
    return (
        ask(asked.network, "changed", asked.text, **options) if options else {"hint": what_to_change(asked)}
    )


def what_to_change(asked: Asked) -> str:
    """What can be done, in a sentence."""
    gated = CELLS[asked.network.design.cell].gates
    question = ["change a character of the question"] if asked.offer["kind"] in TEXTS else []
    ways = [*question, "set a unit to 0", *(["hold a gate"] if gated else [])]
    return f"{' or '.join(ways).capitalize()}: the difference appears here."


def another_question(asked: Asked) -> str:
    key = try_look.other_key(asked.text)
    st.session_state.setdefault(key, asked.text)
    ways = teacher.ways("ask_changes", "Change a character: what the network does from there on is compared.")
    draw = partial(st.text_input, "Change the question", key=key, **ways)
    return str(teacher.held("ask_changes", key, draw))


def intervention(asked: Asked) -> list[dict[str, Any]]:
    """What is done to the network itself."""
    layers = try_look.layers_of(asked.answer)
    gated = any(layer.gates for layer in layers.values())
    what = {"": "leave it as it is", "zero": "a unit is 0"} | (
        {"clamp_gate": "a gate is held"} if gated else {}
    )
    if kind := choice("The network", what, try_look.CHANGE, ""):
        layer = layer_control(asked, list(layers))
        return [{"kind": kind, "layer": layer} | CHANGES[kind](asked, layers[layer])]
    return []


def choice(label: str, words: Mapping[str, str], key: str, first: str) -> str:
    """One of a few, kept in the session, drawn unless a teacher has hidden it."""
    if st.session_state.get(key) not in words:
        st.session_state[key] = first
    ways = teacher.ways("ask_changes")
    draw = partial(st.selectbox, label, list(words), format_func=words.__getitem__, key=key, **ways)
    return str(teacher.held("ask_changes", key, draw))


def layer_control(asked: Asked, names: list[str]) -> str:
    """The one that was chosen on the map to begin with, else the last."""
    words = {layer["name"]: layer["words"] for layer in asked.answer["layers"]}
    heard = st.session_state.get(try_look.UNIT, {}).get("layer")
    first = heard if heard in names else names[-1]
    return choice("Layer", words, try_look.CHANGE_LAYER, first) if len(names) > 1 else first


def unit_control(asked: Asked, layer: Layer) -> dict[str, Any]:
    """From 1, as people count; the one that was chosen on the map to begin with."""
    key, heard = try_look.ZEROED, st.session_state.get(try_look.UNIT, {})
    st.session_state[key] = min(st.session_state.get(key, heard.get("unit", 0) + 1), layer.units)
    ways = teacher.ways("ask_changes", "Or click a row of the map.")
    draw = partial(st.number_input, "Unit", 1, layer.units, key=key, width=130, **ways)
    return {"unit": int(teacher.held("ask_changes", key, draw)) - 1}


def gate_control(asked: Asked, layer: Layer) -> dict[str, Any]:
    """A gate, and its value: from -1 where it is signed, else from 0."""
    named = CELLS[asked.network.design.cell].gates
    words = {gate: named.get(gate, gate) for gate in layer.gates}
    gate = choice("Gate", words, try_look.GATE, layer.gates[0])
    signed = layer.signed[gate]
    key = try_look.value_key(signed)
    st.session_state.setdefault(key, 0.0)
    ways = teacher.ways("ask_changes")
    draw = partial(st.slider, "Held at", -1.0 if signed else 0.0, 1.0, step=0.05, key=key, **ways)
    return {"gate": gate, "value": float(teacher.held("ask_changes", key, draw))}


CHANGES = {"zero": unit_control, "clamp_gate": gate_control}


def heard_unit() -> None:
    """A row of the map was clicked."""
    if unit := st.session_state["try"].get("unit"):
        st.session_state[try_look.UNIT] = dict(unit)
        if try_look.ZEROED in st.session_state:
            st.session_state[try_look.ZEROED] = int(unit["unit"]) + 1


def written(asked: Asked) -> dict[str, Any]:
    """What the network makes of the question as a beginning."""
    with st.container(key="try-write", horizontal=True, vertical_alignment="bottom"):
        words = "0: always the likeliest symbol; 1: by its probabilities; above: wild."
        temperature = slid("Temperature: greedy to wild", (0.0, 2.0, 0.1), try_look.HEAT, FIRST.heat, words)
        steps: float = MOST_SYMBOLS  # an answer ends by itself
        if not asked.answer["written"]:
            steps = slid("Symbols", (10, MOST_SYMBOLS, 10), try_look.STEPS, FIRST.count)
        if teacher.button("ask_temperature", "Write again", type="primary"):
            st.session_state[try_look.SEED] = (st.session_state.get(try_look.SEED, 0) + 1) % MOST_DRAWS
        how = {"steps": steps, "temperature": temperature, "seed": st.session_state.get(try_look.SEED, 0)}
        download(asked, "written table", **how)
    return ask(asked.network, "written", asked.text, **how)


def slid(label: str, ends: tuple[Any, Any, Any], key: str, first: Any, help: str = "") -> Any:
    """A number by a slider of how the network writes, kept in the session."""
    low, high, step = ends
    st.session_state.setdefault(key, first)
    ways = teacher.ways("ask_temperature", help)
    draw = partial(st.slider, label, low, high, step=step, key=key, **ways)
    return teacher.held("ask_temperature", key, draw)


def download(asked: Asked, what: str, **options: Any) -> None:
    """A CSV file, made when somebody clicks."""
    if not teacher.shown("ask_download"):
        return

    def made() -> str:
        found = ask(asked.network, what, asked.text, **options)
        return str(found.get("csv") or found["message"])

    name = file_name(asked.network.design, asked.network.update, f"-{what.replace(' ', '-')}.csv")
    ways = teacher.ways("ask_download", "Every time step with its likeliest answers.")
    st.download_button("CSV", made, name, "text/csv", key=f"try {what}", on_click="ignore", **ways)


def forecast(asked: Asked) -> dict[str, Any]:
    """How far ahead."""
    moment, last = int(asked.text), len(asked.offer["choices"])
    longest = max(2, min(asked.offer["longest_horizon"], last - moment))
    key = try_look.HORIZON
    st.session_state[key] = min(st.session_state.get(key, FIRST.ahead), longest)
    with st.container(key="try-horizon"):
        ways = teacher.ways("ask_horizon", "How many time steps ahead.")
        draw = partial(st.slider, "Horizon in time steps", 1, longest, key=key, **ways)
        horizon = teacher.held("ask_horizon", key, draw)
    return ask(asked.network, "forecast", asked.text, horizon=horizon)


def foresees(asked: Asked) -> bool:
    return asked.offer["longest_horizon"] > 1 and asked.text.isdecimal()


VIEWS: dict[str, View] = {
    "forecast": View(forecast, foresees),
    "reading": View(nothing),
    "mattered": View(mattered),
    "units": View(units, lambda asked: asked.offer["kind"] in SYMBOLS),
    "changed": View(changed),
    "written": View(written, lambda asked: bool(asked.offer["writes"]), table=False),
}


def fitting(asked: Asked) -> list[str]:
    """The views that this question and network have, the one that the page opens with first."""
    return [name for name, view in VIEWS.items() if view.fits(asked)]


def choose(asked: Asked) -> str:
    """The view in force; the first where a teacher has hidden the choice."""
    names = fitting(asked)
    if st.session_state.get(KEY) not in names:
        st.session_state[KEY] = names[0]
    return str(teacher.held("ask_views", KEY, lambda: control(names)) or "reading")


def control(names: list[str]) -> Any:
    return st.segmented_control(
        "What to look at",
        names,
        format_func=look.VIEWS.__getitem__,
        key=KEY,
        required=True,
        label_visibility="collapsed",
        **teacher.ways("ask_views"),
    )
