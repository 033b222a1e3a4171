"""Interventions: the same network with a unit silenced or a gate held at a value.

Both are changes of weights. A gate whose weights are all zero is decided by its bias alone, so it has
the same value at every time step; a unit is 0 throughout where its candidate is held at 0 and what keeps
its old state is shut. The changed network is a network like any other: it is traced, writes its own next
inputs and has gradients by the same rules, and all that comes later sees the change.
H hidden size; units count from 0 here and from 1 in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import weight_names
from rnnlab.layers import layer_words
from rnnlab.model.cells import CELLS
from rnnlab.model.cells.cell import Cell
from rnnlab.state import RunState

Doubles = NDArray[np.float64]

FAR = 1000.0
"""Before a nonlinearity this is as good as infinity: a sigmoid or a tanh of it is at its end exactly."""

ZERO_OF = {"sigmoid": -FAR}
"""Which activations of a vanilla RNN are 0 elsewhere than at 0."""


class Change(NamedTuple):
    """An intervention, from the first time step to the last.

    `kind` is "zero": all states of `unit` in `layer` are 0 (what a decoder is handed before its first time
    step is its encoder's, and stays); or "clamp_gate": `gate` of `unit`, or of
    all units of the layer where it is None, has this `value`.
    """

    kind: str
    layer: str
    unit: int | None = None
    gate: str = ""
    value: float = 0.0


def layers_of(state: RunState) -> list[str]:
    """The names of the recurrent layers, as a trace calls them."""
    found = []
    for name in state.weights:
        part, there, end = name.rpartition("weight_ih_l")
        if there:
            number, _, backward = end.partition("_")
            found.append(
                f"{part.rstrip('.') or 'recurrent'}/{number}/{'backward' if backward else 'forward'}"
            )
    return found


def changed(state: RunState, changes: Sequence[Change]) -> RunState:
    """The network with all changes made. Raises ValueError, in one sentence, for one that it cannot have."""
    if not changes:
        return state
    weights = {name: np.array(array, np.float64) for name, array in state.weights.items()}
    for change in changes:
        if change.kind not in KINDS:
            raise ValueError(f"A change must be one of {', '.join(KINDS)}, not {change.kind!r}.")
        check(state, change)
        for rows, value in KINDS[change.kind](state, change).items():
            hold(weights, change.layer, rows, value)
    exact: Mapping[str, Any] = weights  # in float64, so that a gate held at 0.3 is not at 0.30000001
    return replace(state, weights=exact)


def check(state: RunState, change: Change) -> None:
    layers, hidden = layers_of(state), state.design.hidden_size
    if change.layer not in layers:
        raise ValueError(f"layer must be one of {', '.join(layers)}, not {change.layer!r}.")
    if change.unit is not None and not 0 <= change.unit < hidden:
        raise ValueError(f"unit must be a whole number from 0 to {hidden - 1}, not {change.unit!r}.")


Rows = tuple[int, int]
"""From this row of a layer's weights to below that one."""


def silenced(state: RunState, change: Change) -> dict[Rows, float]:
    """The rows that make all states of a unit 0, and what they are to be before their nonlinearity.

    With its candidate at 0 and its keeping gate at 0 a gated unit has nothing to show: the LSTM's
    c = 0 c + i 0 and h = o tanh(0), the GRU's h = (1 - 0) 0 + 0 h.
    """
    if change.unit is None:
        raise ValueError("A change of the kind zero names the unit that is to be 0.")
    cell, hidden, unit = CELLS[state.design.cell], state.design.hidden_size, change.unit
    if not cell.gates:
        return {(unit, unit + 1): ZERO_OF.get(state.design.activation, 0.0)}
    held = dict.fromkeys((*cell.signed_gates, cell.keep), 0.0)
    return {
        rows: before_nonlinearity(cell, gate, value)
        for gate, value in held.items()
        for rows in [rows_of(cell, hidden, gate, unit)]
    }


def clamped(state: RunState, change: Change) -> dict[Rows, float]:
    """The gate's rows, and what they are to be before the gate's nonlinearity."""
    cell, gate = CELLS[state.design.cell], change.gate
    if not cell.gates:
        raise ValueError(f"A {cell.label} has no gates to clamp.")
    if gate not in cell.gates:
        raise ValueError(f"gate must be one of {', '.join(cell.gates)}, not {gate!r}.")
    low = -1.0 if gate in cell.signed_gates else 0.0
    if not low <= change.value <= 1.0:
        raise ValueError(f"The {cell.gates[gate]} can be held from {low:g} to 1, not at {change.value!r}.")
    rows = rows_of(cell, state.design.hidden_size, gate, change.unit)
    return {rows: before_nonlinearity(cell, gate, change.value)}


KINDS = {"zero": silenced, "clamp_gate": clamped}


def rows_of(cell: Cell, hidden: int, gate: str, unit: int | None) -> Rows:
    block = list(cell.gates).index(gate) * hidden
    return (block, block + hidden) if unit is None else (block + unit, block + unit + 1)


def before_nonlinearity(cell: Cell, gate: str, value: float) -> float:
    """What a gate's tanh, where it is signed, or its sigmoid (1 + tanh(a / 2)) / 2 turns into `value`."""
    if gate in cell.signed_gates:
        return before_tanh(value)
    return 2 * before_tanh(2 * value - 1)


def before_tanh(value: float) -> float:
    return math.atanh(value) if abs(value) < 1 else math.copysign(FAR, value)


def hold(weights: Mapping[str, Doubles], layer: str, rows: Rows, value: float) -> None:
    """These rows are `value` at every time step, whatever is read and whatever the state is."""
    w_ih_GI, w_hh_GH, b_ih_G, b_hh_G = (weights[name] for name in weight_names(layer))
    for array in (w_ih_GI, w_hh_GH, b_hh_G):
        array[slice(*rows)] = 0.0
    b_ih_G[slice(*rows)] = value


def change_words(change: Change, cell: str) -> str:
    """e.g. `unit 7 of layer 1 is 0`, `forget gate f of all units of layer 1 is 0.5`."""
    where = f"of {layer_words(change.layer)}"
    unit = "all units" if change.unit is None else f"unit {change.unit + 1}"
    if change.gate:
        return f"{CELLS[cell].gates.get(change.gate, change.gate)} of {unit} {where} is {change.value:g}"
    return f"{unit} {where} is 0"
