"""What somebody looks at on the Try it page, as names and values of its address, and back.

Beside the network and the question an address says the view, the chosen unit, what is done to the network
and how it writes: `view=changed&zero=7` shows what happens when unit 7 is off. Units count from 1 here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from rnnlab.config import Design
from rnnlab.fields import Choice, Number, check, declare, declared, shown
from rnnlab.link import linked_option, option_pairs, read
from rnnlab.model.cells import CELLS

VIEWS = {
    "forecast": "Forecast",
    "reading": "Reading",
    "mattered": "What mattered",
    "units": "Units",
    "changed": "Change it",
    "written": "Write",
}
"""The views by their names in an address, with the words that a person reads."""

MOST_SYMBOLS = 400
MOST_DRAWS = 9999
MOST_AHEAD = 10_000
MOST_UNITS: int = int(declared(Design)["hidden_size"].metadata["kind"].high)
GATES = {name: words for cell in CELLS.values() for name, words in cell.gates.items()}
QUANTITIES = {"h": "hidden state", "c": "cell state", **GATES}
UNITS = Number(1, MOST_UNITS, whole=True)


@dataclass(frozen=True)
class Look:
    """What an address may say; a field that it does not name is as the page opens.

    `zero` and `gate` are what is done to the network, in `layer`; `unit` is the one whose colours are shown,
    in `unit_layer`. 0 is no unit. `other` is the question that is compared with the one that was asked.
    """

    view: str = declare(Choice(VIEWS), "", "View", "What to look at.")
    unit: int = declare(UNITS, 0, "Unit", "The unit whose colours are shown.")
    unit_layer: str = ""
    shows: str = declare(Choice(QUANTITIES), "h", "Shows", "The state or gate that the map shows.")
    zero: int = declare(UNITS, 0, "Unit that is 0", "A unit that is held at 0.")
    gate: str = declare(Choice(GATES), "", "Gate", "A gate that is held at one value.")
    held: float = declare(Number(-1, 1), 0.0, "Held at", "The value of the gate.")
    layer: str = ""
    other: str | None = None
    heat: float = declare(Number(0, 2), 0.7, "Temperature", "0: the likeliest symbol; above 1: wild.")
    count: int = declare(Number(10, MOST_SYMBOLS, whole=True), 120, "Symbols", "How many are written.")
    draw: int = declare(Number(0, MOST_DRAWS, whole=True), 0, "Draw", "Which of the drawn texts.")
    ahead: int = declare(Number(1, MOST_AHEAD, whole=True), 14, "Horizon", "Time steps of a forecast.")


IMPLIED = {"zero": "changed", "gate": "changed", "other": "changed", "heat": "written", "draw": "written"}
"""The view that a link means where it names none: `zero=7` alone is enough."""

LAYERS = ("unit_layer", "layer")
FIRST = Look()


class Layer(NamedTuple):
    """What a look can refer to in a layer: its units, and whether each quantity is signed."""

    units: int
    signed: Mapping[str, bool]

    @property
    def gates(self) -> list[str]:
        return [name for name in self.signed if name not in ("h", "c")]


def take(pairs: dict[str, str], messages: list[str]) -> Look:
    """What a link says of the look, taking its names out of `pairs`. Never raises: see `from_link`."""
    made: dict[str, Any] = {name: pairs.pop(name)[:80] for name in LAYERS if name in pairs}
    for name, about in declared(Look).items():
        if name not in pairs:
            continue
        try:
            made[name] = check(name, about, read(about.metadata["kind"], pairs.pop(name)))
        except ValueError as wrong:
            messages.append(f"{wrong} It is left out.")
    look = Look(**made, other=linked_option("other", pairs, messages))
    implied = [view for name, view in IMPLIED.items() if getattr(look, name) != getattr(FIRST, name)]
    return look if look.view or not implied else replace(look, view=implied[0])


def pairs_of(look: Look) -> dict[str, str]:
    """The names and values of a link for a look; nothing that is as the page opens."""
    pairs = {name: getattr(look, name) for name in LAYERS if getattr(look, name)}
    for name, about in declared(Look).items():
        if getattr(look, name) != getattr(FIRST, name):
            pairs[name] = about.metadata["kind"].print(getattr(look, name))
    return pairs if look.other is None else pairs | option_pairs("other", look.other)


def within(look: Look, views: Sequence[str], layers: Mapping[str, Layer]) -> tuple[Look, list[str]]:
    """The look without what a network does not have, and a sentence for each such thing."""
    messages: list[str] = []
    for name, wrong in CHECKS.items():
        if getattr(look, name) == getattr(FIRST, name):
            continue
        if said := wrong(look, views, layers):
            messages.append(f"{said} It is left out.")
            look = replace(look, **{name: getattr(FIRST, name)})
    return look, messages


def layer_of(name: str, layers: Mapping[str, Layer]) -> Layer:
    """The named layer; the last one where none is named."""
    return layers[name] if name in layers else list(layers.values())[-1]


def one_of(name: str, value: object, allowed: Sequence[str]) -> str:
    """What is wrong with a word; empty where nothing is."""
    if value in allowed:
        return ""
    return f"{name} must be one of {', '.join(allowed)} here, not {shown(value)}."


def too_many(name: str, value: int, units: int) -> str:
    if value <= units:
        return ""
    return f"{name} must be a whole number from 1 to {units:,} here, not {value}."


def gate_wrong(look: Look, _: Sequence[str], layers: Mapping[str, Layer]) -> str:
    if look.zero:
        return "A link silences a unit (zero) or holds a gate (gate), not both."
    gates = layer_of(look.layer, layers).gates
    return one_of("gate", look.gate, gates) if gates else "gate: this network has no gates to hold."


def held_wrong(look: Look, _: Sequence[str], layers: Mapping[str, Layer]) -> str:
    signed = layer_of(look.layer, layers).signed
    if not look.gate:
        return "held is the value of a gate, and the link names none."
    if look.held >= 0 or signed[look.gate]:
        return ""
    return f"held must be a number from 0 to 1 for this gate, not {look.held:g}."


CHECKS: dict[str, Callable[[Look, Sequence[str], Mapping[str, Layer]], str]] = {
    "view": lambda look, views, layers: one_of("view", look.view, views),
    "unit_layer": lambda look, views, layers: one_of("unit_layer", look.unit_layer, list(layers)),
    "layer": lambda look, views, layers: one_of("layer", look.layer, list(layers)),
    "unit": lambda look, views, layers: too_many("unit", look.unit, layer_of(look.unit_layer, layers).units),
    "shows": lambda look, views, layers: one_of(
        "shows", look.shows, list(layer_of(look.unit_layer, layers).signed)
    ),
    "zero": lambda look, views, layers: too_many("zero", look.zero, layer_of(look.layer, layers).units),
    "gate": gate_wrong,
    "held": held_wrong,
}
"""By field, in this order: what is wrong with it for a network, in a sentence; empty where nothing is."""
