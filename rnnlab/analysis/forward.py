"""The whole network forward once more in NumPy, to nudge a state or a weight and see what the loss does.

Independent of the passes that train and trace: the cells' rules one time step at a time.
T time steps, S output time steps, B sequences, H hidden size, I input size, D states to the read-out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.attention import with_what_is_read
from rnnlab.analysis.chain import chain, reading_order, weight_names
from rnnlab.analysis.context import start_states
from rnnlab.analysis.reverse import parts_of
from rnnlab.model.cells import CELLS
from rnnlab.model.cells.cell import Cell
from rnnlab.model.cells.plain import PLAIN_ACTIVATIONS, States
from rnnlab.model.losses import LOSSES
from rnnlab.model.topologies import WIRINGS, Fed
from rnnlab.model.weights import reader
from rnnlab.own.given import without_own_data
from rnnlab.state import Trace
from rnnlab.tasks import TASKS

Doubles = NDArray[np.float64]


class Nudge(NamedTuple):
    """What is added to one state of a layer, right after the position in reading order: `by` (B, H)."""

    layer: str
    state: int
    position: int
    by_BH: Doubles


class Forward(NamedTuple):
    """Outputs (S, B, O), and each sequence's share (B,) of the trace's mean loss."""

    outputs_SBO: Doubles
    loss_B: Doubles


def forward(
    trace: Trace,
    sequences: Sequence[int],
    weights: Mapping[str, Doubles] | None = None,
    nudge: Nudge | None = None,
    held: bool = False,
) -> Forward:
    """The trace's network on some of its sequences, which may be named several times.

    With `held`, what a truncated gradient does not pass is not passed on here either: at each cut
    the layer goes on from the trace's own state instead of a nudged one.
    """
    weights = trace.weights if weights is None else weights
    outputs = len(weights["readout.bias"])
    starts: Mapping[str, States] = {}
    tops: list[Doubles] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for part, fed in zip(parts_of(trace), fed_to(trace, outputs, sequences, weights), strict=True):
            starts = start_states(trace, starts, weights) if tops else starts
            top_TBD, last_BD, starts = run_part(trace, part, fed, starts, sequences, weights, nudge, held)
            tops.append(top_TBD)
        h_SBD = last_BD[None] if len(trace.mask) == 1 else top_TBD
        if trace.attention is not None:
            h_SBD = with_what_is_read(trace, weights, tops, trace.lengths[list(sequences)])
        outputs_SBO = h_SBD @ weights["readout.weight"].T + weights["readout.bias"]
        return Forward(outputs_SBO, loss_shares(trace, outputs_SBO, sequences))


def fed_to(
    trace: Trace, outputs: int, sequences: Sequence[int], weights: Mapping[str, Doubles] | None = None
) -> list[Fed]:
    """What each stack reads of some sequences: inputs as the task's reader gives them on."""
    chosen, weights = list(sequences), trace.weights if weights is None else weights
    x_TBI = np.asarray(trace.batch.inputs_TBI[:, chosen], np.float64)
    some = trace.batch._replace(
        inputs_TBI=reader(trace.design).plain(weights, x_TBI),
        targets=trace.batch.targets[:, chosen],
        mask_SB=trace.batch.mask_SB[:, chosen],
        lengths_B=trace.batch.lengths_B[chosen],
    )
    return [
        Fed(np.asarray(x, x.dtype if x.dtype == object else np.float64), lengths)
        for x, lengths in WIRINGS[trace.design.topology].feed(some, outputs)
    ]


def run_part(
    trace: Trace,
    part: str,
    fed: Fed,
    starts: Mapping[str, States],
    sequences: Sequence[int],
    weights: Mapping[str, Doubles],
    nudge: Nudge | None,
    held: bool,
) -> tuple[Doubles, Doubles, dict[str, States]]:
    """A stack's top h (T, B, D), its top layers' last h (B, D), and all last states for the next stack."""
    below_TBI, lengths_B = fed
    last: dict[str, States] = {}
    for number in range(trace.design.layers):
        names = [name for name in trace.layers if name.startswith(f"{part}/{number}/")]
        tops = []
        for name in names:
            start = next((s for key, s in starts.items() if key.split("/")[1:] == name.split("/")[1:]), None)
            of_layer = nudge if nudge is not None and nudge.layer == name else None
            before = held_states(trace, name, sequences) if held else None
            run = run_layer(trace, name, Fed(below_TBI, lengths_B), start, weights, of_layer, before)
            tops.append(run[0])
            last[name] = run[1]
        below_TBI = np.concatenate(tops, axis=2)
    return below_TBI, np.concatenate([last[name][0] for name in names], axis=1), last


def held_states(trace: Trace, name: str, sequences: Sequence[int]) -> States | None:
    """The states before each position (T, B, H) as the trace has them, where its gradient is cut."""
    return chain(trace, name, sequences).moment.before if trace.window else None


def run_layer(
    trace: Trace,
    name: str,
    fed: Fed,
    start: States | None,
    weights: Mapping[str, Doubles],
    nudge: Nudge | None,
    held: States | None,
) -> tuple[Doubles, States]:
    """One layer: h (T, B, H) in the order of time, and the states (B, H) that it read last."""
    cell, activation = CELLS[trace.design.cell], PLAIN_ACTIVATIONS[trace.design.activation]
    w_ih_GI, w_hh_GH, b_ih_G, b_hh_G = (weights[key] for key in weight_names(name))
    valid_TB = np.arange(len(fed.x_TBI))[:, None] < fed.lengths_B
    time_TB1 = reading_order(valid_TB, trace.layers[name].reverse)[:, :, None]
    a_TBG = np.take_along_axis(fed.x_TBI, time_TB1, axis=0) @ w_ih_GI.T + b_ih_G
    zeros = tuple(np.zeros((a_TBG.shape[1], w_hh_GH.shape[1])) for _ in cell.states)
    states, found = zeros if start is None else start, []
    for position, a_BG in enumerate(a_TBG):
        if held is not None and position and position % trace.window == 0:
            states = tuple(state[position] for state in held)
        states, gates = cell.step(a_BG, states, w_hh_GH, b_hh_G, activation)
        if nudge is not None and nudge.position == position:
            states = nudged(cell, states, gates, nudge)
        found.append(states)
    all_states = [np.stack(state) for state in zip(*found, strict=True)]
    index = fed.lengths_B - 1, np.arange(len(fed.lengths_B))
    last = tuple(state[index] for state in all_states)
    return np.take_along_axis(all_states[0], time_TB1, axis=0), last


def nudged(cell: Cell, states: States, gates: Mapping[str, Doubles], nudge: Nudge) -> States:
    """The states with the nudge added to one; h follows where another was nudged."""
    changed = tuple(s + nudge.by_BH if k == nudge.state else s for k, s in enumerate(states))
    return cell.settle(changed, gates) if nudge.state and cell.settle else changed


def loss_shares(trace: Trace, outputs_SBO: Doubles, sequences: Sequence[int]) -> Doubles:
    """What each sequence adds to the trace's loss, the mean over all positions that are counted."""
    chosen = list(sequences)
    mask_SB, targets = trace.mask[:, chosen], trace.targets[:, chosen]
    counted = mask_SB.reshape(*mask_SB.shape, *(1,) * (targets.ndim - 2))
    each_SB = LOSSES[loss_name(trace)].plain(outputs_SBO, np.where(counted, targets, 0))
    return np.asarray(np.where(mask_SB, each_SB, 0.0).sum(axis=0) / trace.mask.sum())


def loss_name(trace: Trace) -> str:
    """The name of the trace's loss in LOSSES."""
    return cached_loss_name(trace.design.task, trace.design.topology, without_own_data(trace.design))


@lru_cache(maxsize=16)
def cached_loss_name(task: str, topology: str, options: tuple[tuple[str, str], ...]) -> str:
    return TASKS[task].load(topology, dict(options)).loss
