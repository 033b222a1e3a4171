"""What one looks at on the Try it page, and the controls that each view has of its own."""

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from pages import teacher
from pages.try_asking import Network, ask
from rnnlab.export import file_name
from rnnlab.model.cells import CELLS

KEY = "try view"
MOST_SYMBOLS = 400
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

    label: str
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
    key = f"try other {asked.text}"
    st.session_state.setdefault(key, asked.text)
    ways = teacher.ways("ask_changes", "Change a character: what the network does from there on is compared.")
    return str(st.text_input("Change the question", key=key, **ways))


def intervention(asked: Asked) -> list[dict[str, Any]]:
    """What is done to the network itself."""
    layers = {layer["name"]: layer for layer in asked.answer["layers"]}
    gates = [
        one["name"] for one in next(iter(layers.values()))["quantities"] if one["name"] not in ("h", "c")
    ]
    what = {"": "leave it as it is", "zero": "a unit is 0"} | (
        {"clamp_gate": "a gate is held"} if gates else {}
    )
    ways = teacher.ways("ask_changes")
    kind = st.selectbox(
        "The network", list(what), format_func=lambda one: what[one], key="try change", **ways
    )
    if not kind:
        return []
    heard = st.session_state.get("try unit", {})
    names = list(layers)
    place = names.index(heard["layer"]) if heard.get("layer") in names else len(names) - 1
    layer = names[0]
    if len(names) > 1:
        layer = st.selectbox(
            "Layer", names, place, format_func=lambda one: layers[one]["words"], key="try layer", **ways
        )
    one = {"kind": kind, "layer": layer}
    if kind == "zero":
        return [one | {"unit": unit_control(layers[layer]["units"], heard)}]
    named = CELLS[asked.network.design.cell].gates
    gate = st.selectbox("Gate", gates, format_func=lambda g: named.get(g, g), key="try gate", **ways)
    signed = next(one["signed"] for one in layers[layer]["quantities"] if one["name"] == gate)
    value = st.slider("Held at", -1.0 if signed else 0.0, 1.0, 0.0, 0.05, key=f"try value {signed}", **ways)
    return [one | {"gate": gate, "value": value}]


def unit_control(units: int, heard: dict[str, Any]) -> int:
    """From 1, as people count; the one that was chosen on the map to begin with."""
    st.session_state.setdefault("try zeroed", min(heard.get("unit", 0) + 1, units))
    ways = teacher.ways("ask_changes", "Or click a row of the map.")
    return int(st.number_input("Unit", 1, units, key="try zeroed", width=130, **ways)) - 1


def heard_unit() -> None:
    """A row of the map was clicked."""
    if unit := st.session_state["try"].get("unit"):
        st.session_state["try unit"] = dict(unit)
        if "try zeroed" in st.session_state:
            st.session_state["try zeroed"] = int(unit["unit"]) + 1


def written(asked: Asked) -> dict[str, Any]:
    """What the network makes of the question as a beginning."""
    with st.container(key="try-write", horizontal=True, vertical_alignment="bottom"):
        ways = teacher.ways(
            "ask_temperature", "0: always the likeliest symbol; 1: by its probabilities; above: wild."
        )
        temperature = st.slider("Temperature: greedy to wild", 0.0, 2.0, 0.7, 0.1, key="try heat", **ways)
        steps = MOST_SYMBOLS  # an answer ends by itself
        if not asked.answer["written"]:
            ways = teacher.ways("ask_temperature")
            steps = st.slider("Symbols", 10, MOST_SYMBOLS, 120, 10, key="try steps", **ways)
        if teacher.button("ask_temperature", "Write again", type="primary"):
            st.session_state["try seed"] = st.session_state.get("try seed", 0) + 1
        how = {"steps": steps, "temperature": temperature, "seed": st.session_state.get("try seed", 0)}
        download(asked, "written table", **how)
    return ask(asked.network, "written", asked.text, **how)


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
    st.session_state["try horizon"] = min(st.session_state.get("try horizon", 14), longest)
    with st.container(key="try-horizon"):
        ways = teacher.ways("ask_horizon", "How many time steps ahead.")
        horizon = st.slider("Horizon", 1, longest, key="try horizon", **ways)
    return ask(asked.network, "forecast", asked.text, horizon=horizon)


def foresees(asked: Asked) -> bool:
    return asked.offer["longest_horizon"] > 1 and asked.text.isdecimal()


VIEWS: dict[str, View] = {
    "forecast": View("Forecast", forecast, foresees),
    "reading": View("Reading", nothing),
    "mattered": View("What mattered", mattered),
    "units": View("Units", units, lambda asked: asked.offer["kind"] in SYMBOLS),
    "changed": View("Change it", changed),
    "written": View("Write", written, lambda asked: bool(asked.offer["writes"]), table=False),
}


def choose(asked: Asked) -> str:
    """The view in force; the first where a teacher has hidden the choice."""
    fitting = {name: view for name, view in VIEWS.items() if view.fits(asked)}
    if st.session_state.get(KEY) not in fitting:
        st.session_state[KEY] = next(iter(fitting))
    return str(teacher.held("ask_views", KEY, lambda: control(fitting)) or "reading")


def control(fitting: dict[str, View]) -> Any:
    return st.segmented_control(
        "What to look at",
        list(fitting),
        format_func=lambda name: fitting[name].label,
        key=KEY,
        required=True,
        label_visibility="collapsed",
        **teacher.ways("ask_views"),
    )
