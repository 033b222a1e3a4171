"""Backpropagation through a whole trace in NumPy, for many gradients at once.

A row is one gradient by the network's outputs: one for each sequence, or one for each loss of one
sequence. All rows go back together through the layers from the top, through time, and from a
decoder over the bridge into its encoder, each with an exponent of its own (see `scaled`).
T time steps, S output time steps, R rows, B sequences (B = R, or 1), H hidden size, I input size, O outputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.attention import ends, through_attention
from rnnlab.analysis.chain import Chain, chain, named
from rnnlab.analysis.context import by_last_states
from rnnlab.analysis.scaled import Exponents, Scaled, add, any_number, plain, rescaled
from rnnlab.model.cells.plain import States
from rnnlab.state import Trace

Doubles = NDArray[np.float64]
Numbers = TypeVar("Numbers", Doubles, Exponents)


class Reversed(NamedTuple):
    """Gradients of one layer in the order of time: `states` each (T, R, H), `inputs` (T, R, I).

    All are to be multiplied by 2**`exponent` (T, R), which is 0 unless they would underflow or
    overflow. As in a trace, dL/dc_t counts what c_t does through h_t at the same time step.
    `start` are those of the states before the first time step that is read, each (R, H).
    """

    states: States
    inputs: Doubles
    exponent: Exponents
    start: Scaled


def reverse(
    trace: Trace,
    grad_outputs_SRO: Doubles,
    sequences: Sequence[int] | None = None,
    only: str | None = None,
) -> dict[str, Reversed]:
    """Total derivatives of every layer, by name, for each row of gradients by the outputs.

    With as many rows as `sequences` (all by default), row r belongs to sequence r; with one
    sequence there may be any number of rows. With `only`, no layer is computed that the one so
    called does not need, and its own inputs are left out.
    """
    return reverse_from(trace, from_read_out(trace, grad_outputs_SRO, sequences), sequences, only)


def reverse_from(
    trace: Trace, above: Mapping[str, Doubles], sequences: Sequence[int] | None, only: str | None = None
) -> dict[str, Reversed]:
    """As `reverse`, from the direct derivatives (T, R, H) of uppermost layers by read-out and attention."""
    parts = parts_of(trace)
    found: dict[str, Reversed] = {}
    for part in reversed(parts):
        scaled = {name: plain(x) for name, x in above.items() if name.startswith(f"{part}/")}
        handed = by_last_states(trace, bridge(found, part, parts), sequences)
        found |= reverse_part(trace, part, scaled, handed, sequences, only)
        if only and named(trace, only).name.startswith(f"{part}/"):
            break
    return {name: found[name] for name in trace.layers if name in found}


def parts_of(trace: Trace) -> list[str]:
    """The stacks, in the order in which they run."""
    return list(dict.fromkeys(name.split("/")[0] for name in trace.layers))


def bridge(found: Mapping[str, Reversed], part: str, parts: Sequence[str]) -> dict[str, Scaled]:
    """The gradients by the next part's start states, from below, by the names of the layers of `part`."""
    if part == parts[-1]:
        return {}
    after = parts[parts.index(part) + 1]
    start = {name: found[name].start for name in sorted(found) if name.startswith(f"{after}/")}
    return {name.replace(after, part, 1): states for name, states in start.items()}


def reverse_part(
    trace: Trace,
    part: str,
    above: Mapping[str, Scaled],
    handed: Mapping[str, Scaled],
    sequences: Sequence[int] | None,
    only: str | None,
) -> dict[str, Reversed]:
    """One stack from the top. `above` are the direct derivatives (T, R, H) of its top layers."""
    found: dict[str, Reversed] = {}
    for number in reversed(range(trace.design.layers)):
        names = [name for name in trace.layers if name.startswith(f"{part}/{number}/")]
        here = [only] if only in names else names
        for name in here:
            link = chain(trace, name, sequences)
            from_above = direct(link, above.get(name), handed.get(name))
            found[name] = through_time(link, from_above, inputs=name != only)
        if only in names:
            break
        above = to_the_layer_below(found, names) if number else {}
    return found


def to_the_layer_below(found: Mapping[str, Reversed], names: Sequence[str]) -> dict[str, Scaled]:
    """The direct derivatives of the layers that feed `names`, which read all of them."""
    first, *others = (Scaled((found[name].inputs,), found[name].exponent) for name in names)
    for other in others:
        first = add(first, other)
    part, number, _ = names[0].split("/")
    halves = np.split(first.states[0], len(names), axis=2)
    below = [name.replace(f"{part}/{number}/", f"{part}/{int(number) - 1}/", 1) for name in names]
    return {name: Scaled((half,), first.exponent) for name, half in zip(below, halves, strict=True)}


def top_layers(trace: Trace) -> list[str]:
    """The layers that the read-out reads: the uppermost of the last stack, in all directions."""
    part = parts_of(trace)[-1]
    return [name for name in trace.layers if name.startswith(f"{part}/{trace.design.layers - 1}/")]


def from_read_out(
    trace: Trace, grad_outputs_SRO: Doubles, sequences: Sequence[int] | None
) -> dict[str, Doubles]:
    """The direct derivatives of the uppermost layers (T, R, H) in the order of time."""
    names = top_layers(trace)
    with np.errstate(over="ignore", invalid="ignore"):
        by_states_SRD = grad_outputs_SRO @ trace.weights["readout.weight"]
    if trace.attention is not None:
        by_h_SRH, by_mean_SRH = np.split(by_states_SRD, 2, axis=2)
        by_query_SRH, by_keys_TRH = through_attention(trace, by_mean_SRH, sequences)
        encoder, decoder = ends(trace)
        return {decoder: by_h_SRH + by_query_SRH, encoder: by_keys_TRH}
    halves = np.split(by_states_SRD, len(names), axis=2)
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


def direct(link: Chain, above: Scaled | None, handed: Scaled | None) -> Scaled:
    """Direct derivatives of each state (T, R, H) in reading order, what is handed on included."""
    rows, hidden = next(x.states[0].shape[-2:] for x in (above, handed) if x is not None)
    found = plain(*(np.zeros((link.length, rows, hidden)) for _ in link.moment.after))
    if above is not None:
        by_h = in_order(link, above.states[0])
        exponent = in_order(link, above.exponent[..., None])[..., 0]
        found = Scaled((by_h, *found.states[1:]), exponent)
    if handed is None:
        return found
    last = np.broadcast_to(link.valid_TB.sum(axis=0) - 1, rows), np.arange(rows)
    there = add(Scaled(tuple(x[last] for x in found.states), found.exponent[last]), handed)
    written = Scaled(tuple(x.copy() for x in found.states), found.exponent.copy())
    for state, new in zip(written.states, there.states, strict=True):
        state[last] = new
    written.exponent[last] = there.exponent
    return written


def in_order(link: Chain, x_TRH: Numbers) -> Numbers:
    """From the order of time to reading order, or back: the permutation is its own inverse."""
    if not link.reverse:
        return x_TRH
    time_TR = np.broadcast_to(link.time_TB, x_TRH.shape[:2])
    return np.take_along_axis(x_TRH, time_TR[:, :, None], axis=0)


def through_time(link: Chain, above: Scaled, inputs: bool = True) -> Reversed:
    """One layer back through time, from direct derivatives in reading order."""
    shape = above.states[0].shape
    states = tuple(np.zeros(shape) for _ in above.states)
    inputs_TRI = np.zeros((*shape[:2], link.w_ih_GI.shape[1] if inputs else 0))
    exponent_TR = np.zeros(shape[:2], np.int64)
    carried = plain(*(np.zeros(shape[1:]) for _ in above.states))
    for position, rows in reversed(list(enumerate(active_rows(link, above)))):
        here = rescaled(add(at(carried, rows), at(above, (position, rows))))
        pulled = link.pull_back(link.at(position), here.states)
        for kept, total in zip(states, pulled.total, strict=True):
            kept[position, rows] = total
        exponent_TR[position, rows] = carried.exponent[rows] = here.exponent
        if inputs:
            with np.errstate(over="ignore", invalid="ignore"):
                inputs_TRI[position, rows] = pulled.input_part @ link.w_ih_GI
        for state, new in zip(carried.states, pulled.states, strict=True):
            state[rows] = 0.0 if link.cut_before(position) else new
    return Reversed(
        tuple(in_order(link, s) for s in states),
        in_order(link, inputs_TRI),
        in_order(link, exponent_TR[..., None])[..., 0],
        carried,
    )


def at(x: Scaled, index: slice | tuple[int, slice]) -> Scaled:
    return Scaled(tuple(state[index] for state in x.states), x.exponent[index])


def active_rows(link: Chain, above: Scaled) -> list[slice]:
    """Which rows there is anything in at each position: the smallest slice around them.

    With one row for each loss, a loss concerns no time step that comes after it, nor one before
    the cut of a truncated gradient: half of all the work, or more, is on zeros.
    """
    positions, rows = above.exponent.shape
    if link.valid_TB.shape[1] > 1:
        return [slice(0, rows)] * positions
    found, active_R = [], np.zeros(rows, np.bool_)
    for position, there_R in reversed(list(enumerate(any_number(above)))):
        active_R = active_R | there_R
        found.append(around(active_R))
        if link.cut_before(position):
            active_R = np.zeros(rows, np.bool_)
    return found[::-1]


def around(there_R: NDArray[np.bool_]) -> slice:
    """From the first True to the last; empty where there is none."""
    first, last = int(there_R.argmax()), len(there_R) - int(there_R[::-1].argmax())
    return slice(first, last) if there_R.any() else slice(0, 0)
