"""Backpropagation through a whole trace in NumPy, for many gradients at once.

A row is one gradient by the network's outputs: one for each sequence, or one for each loss of one
sequence. All rows go back together through the layers from the top, through time, and from a
decoder over the bridge into its encoder.
T time steps, S output time steps, R rows, B sequences (B = R, or 1), H hidden size, I input size, O outputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import Chain, chain
from rnnlab.model.cells.plain import States
from rnnlab.state import Trace

Doubles = NDArray[np.float64]


class Reversed(NamedTuple):
    """Gradients of one layer in the order of time: `states` each (T, R, H), `inputs` (T, R, I).

    As in a trace, dL/dc_t counts what c_t does through h_t at the same time step. `start` are
    those of the states before the first time step that is read, each (R, H).
    """

    states: States
    inputs: Doubles
    start: States


def reverse(
    trace: Trace, grad_outputs_SRO: Doubles, sequences: Sequence[int] | None = None
) -> dict[str, Reversed]:
    """Total derivatives of every layer, by name, for each row of gradients by the outputs.

    With as many rows as `sequences` (all by default), row r belongs to sequence r; with one
    sequence there may be any number of rows.
    """
    parts = list(dict.fromkeys(name.split("/")[0] for name in trace.layers))
    found: dict[str, Reversed] = {}
    for part in reversed(parts):
        above = {}
        if part == parts[-1]:
            above = from_read_out(trace, grad_outputs_SRO, sequences)
        found |= reverse_part(trace, part, above, bridge(found, part, parts), sequences)
    return {name: found[name] for name in trace.layers}


def bridge(found: Mapping[str, Reversed], part: str, parts: Sequence[str]) -> dict[str, States]:
    """What the next part's start states pass on to the last states of `part`, by layer."""
    if part == parts[-1]:
        return {}
    after = parts[parts.index(part) + 1]
    start = {name: gone.start for name, gone in found.items() if name.startswith(f"{after}/")}
    return {name.replace(after, part, 1): states for name, states in start.items()}


def reverse_part(
    trace: Trace,
    part: str,
    above: Mapping[str, Doubles],
    handed: Mapping[str, States],
    sequences: Sequence[int] | None,
) -> dict[str, Reversed]:
    """One stack from the top. `above` are the direct derivatives (T, R, H) of its top layers."""
    found: dict[str, Reversed] = {}
    for number in reversed(range(trace.design.layers)):
        names = [name for name in trace.layers if name.startswith(f"{part}/{number}/")]
        for name in names:
            link = chain(trace, name, sequences)
            found[name] = through_time(link, direct(link, above.get(name), handed.get(name)))
        below_TRD = sum(found[name].inputs for name in names)
        halves = np.split(below_TRD, len(names), axis=2) if number else []
        above = {
            name.replace(f"/{number}/", f"/{number - 1}/"): half
            for name, half in zip(names, halves, strict=False)
        }
    return found


def from_read_out(
    trace: Trace, grad_outputs_SRO: Doubles, sequences: Sequence[int] | None
) -> dict[str, Doubles]:
    """The direct derivatives of the uppermost layers (T, R, H) in the order of time."""
    part = list(trace.layers)[-1].split("/")[0]
    names = [name for name in trace.layers if name.startswith(f"{part}/{trace.design.layers - 1}/")]
    halves = np.split(grad_outputs_SRO @ trace.weights["readout.weight"], len(names), axis=2)
    if len(trace.mask) > 1:
        return dict(zip(names, halves, strict=True))
    return {
        name: at_last_read(chain(trace, name, sequences), half[0])
        for name, half in zip(names, halves, strict=True)
    }


def at_last_read(link: Chain, g_RH: Doubles) -> Doubles:
    """`g_RH` at the time step whose state was written last, zero elsewhere (T, R, H)."""
    last_B = link.valid_TB.sum(axis=0) - 1
    time_R = np.broadcast_to(link.time_TB[last_B, np.arange(len(last_B))], len(g_RH))
    g_TRH = np.zeros((link.length, *g_RH.shape))
    g_TRH[time_R, np.arange(len(g_RH))] = g_RH
    return g_TRH


def direct(link: Chain, above_TRH: Doubles | None, handed: States | None) -> States:
    """Direct derivatives of each state (T, R, H) in reading order, what is handed on included."""
    shape = next(x.shape[-2:] for x in (above_TRH, *(handed or ())) if x is not None)
    found = [np.zeros((link.length, *shape)) for _ in link.moment.after]
    if above_TRH is not None:
        found[0] += in_order(link, above_TRH)
    for state_TRH, given_RH in zip(found, handed or (), strict=False):
        last_R = np.broadcast_to(link.valid_TB.sum(axis=0) - 1, len(given_RH))
        state_TRH[last_R, np.arange(len(given_RH))] += given_RH
    return tuple(found)


def in_order(link: Chain, x_TRH: Doubles) -> Doubles:
    """From the order of time to reading order, or back: the permutation is its own inverse."""
    time_TR = np.broadcast_to(link.time_TB, x_TRH.shape[:2])
    return np.take_along_axis(x_TRH, time_TR[:, :, None], axis=0)


def through_time(link: Chain, direct_TRH: States) -> Reversed:
    """One layer back through time, from direct derivatives in reading order."""
    states = tuple(np.empty_like(d) for d in direct_TRH)
    inputs_TRI = np.empty((*direct_TRH[0].shape[:2], link.w_ih_GI.shape[1]))
    carried = tuple(np.zeros(d.shape[1:]) for d in direct_TRH)
    for position in reversed(range(link.length)):
        here = tuple(c + d[position] for c, d in zip(carried, direct_TRH, strict=True))
        pulled = link.pull_back(link.at(position), here)
        for kept, total in zip(states, pulled.total, strict=True):
            kept[position] = total
        inputs_TRI[position] = pulled.input_part @ link.w_ih_GI
        cut = link.cut_before(position)
        carried = tuple(np.zeros_like(c) for c in pulled.states) if cut else pulled.states
    return Reversed(tuple(in_order(link, s) for s in states), in_order(link, inputs_TRI), carried)
