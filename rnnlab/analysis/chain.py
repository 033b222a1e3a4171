"""A layer of a trace as a chain: its states, gates and weights in the order in which it reads.

Padding stands at the end of that order in both directions, so one loop serves all sequences.
T time steps, B sequences, H hidden size, G rows of a layer's weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.model.cells import CELLS
from rnnlab.model.cells.cell import Cell
from rnnlab.model.cells.plain import PLAIN_ACTIVATIONS, Moment, PlainActivation, Pulled, States
from rnnlab.state import LayerTrace, Trace

Doubles = NDArray[np.float64]


class Chain(NamedTuple):
    """One layer in one direction on some sequences.

    `moment` holds (T, B, H) arrays in reading order, `valid_TB` is True where a sequence has the
    position, and `time_TB` is the time step (from 0) that stands at each position.
    """

    name: str
    reverse: bool
    cell: Cell
    activation: PlainActivation
    window: int
    w_ih_GI: Doubles
    w_hh_GH: Doubles
    b_ih_G: Doubles
    b_hh_G: Doubles
    moment: Moment
    valid_TB: NDArray[np.bool_]
    time_TB: NDArray[np.int64]

    @property
    def length(self) -> int:
        """Positions T, padding included."""
        return len(self.valid_TB)

    def at(self, position: int | slice, *, rows: bool = False) -> Moment:
        """The moment at a position, with an axis for rows of gradients before H if asked for."""

        def pick(x_TBH: Doubles) -> Doubles:
            return x_TBH[position][..., None, :] if rows else x_TBH[position]

        before, after, gates = self.moment
        return Moment(
            tuple(map(pick, before)), tuple(map(pick, after)), {name: pick(g) for name, g in gates.items()}
        )

    def pull_back(self, moment: Moment, gradients: States) -> Pulled:
        """`gradients` by the states after `moment`, taken back to those before it."""
        with np.errstate(over="ignore", invalid="ignore"):  # a NaN says so by itself
            return self.cell.pull_back(moment, gradients, self.w_hh_GH, self.b_hh_G, self.activation)

    def cut_before(self, position: int) -> bool:
        """Whether truncated backpropagation stops the gradient on its way to position - 1."""
        return self.window > 0 and position > 0 and position % self.window == 0


def chain(trace: Trace, layer: str, sequences: Sequence[int] | None = None) -> Chain:
    """The layer called `layer` on the chosen sequences, or on all.

    Raises ValueError for a layer or a sequence that the trace does not have.
    """
    found = named(trace, layer)
    chosen = numbers_of(sequences, found.h.shape[1])
    valid_TB = found.valid[:, chosen]
    time_TB = reading_order(valid_TB, found.reverse)
    w_ih_GI, w_hh_GH, b_ih_G, b_hh_G = (trace.weights[name] for name in weight_names(layer))
    return Chain(
        name=layer,
        reverse=found.reverse,
        cell=CELLS[trace.design.cell],
        activation=PLAIN_ACTIVATIONS[trace.design.activation],
        window=trace.window,
        w_ih_GI=w_ih_GI,
        w_hh_GH=w_hh_GH,
        b_ih_G=b_ih_G,
        b_hh_G=b_hh_G,
        moment=in_reading_order(found, chosen, time_TB),
        valid_TB=valid_TB,
        time_TB=time_TB,
    )


def numbers_of(sequences: Sequence[int] | None, count: int) -> NDArray[np.int64]:
    """The chosen ones of `count` sequences, or all. Raises ValueError for one that there is not."""
    chosen = np.arange(count) if sequences is None else np.asarray(sequences, np.int64)
    if not len(chosen) or chosen.min() < 0 or chosen.max() >= count:
        raise ValueError(f"sequence must be a whole number from 0 to {count - 1}.")
    return chosen


def in_reading_order(found: LayerTrace, chosen: NDArray[np.int64], time_TB: NDArray[np.int64]) -> Moment:
    """States before and after every position, and the gates there."""

    def in_order(x_TBH: Doubles) -> Doubles:
        return np.take_along_axis(x_TBH[:, chosen], time_TB[:, :, None], axis=0)

    after = tuple(in_order(state) for state in states_of(found))
    starts = (start[None, chosen] for start in found.start)
    before = tuple(np.concatenate([start, state[:-1]]) for start, state in zip(starts, after, strict=True))
    return Moment(before, after, {name: in_order(gate) for name, gate in found.gates.items()})


def reading_order(valid_TB: NDArray[np.bool_], reverse: bool) -> NDArray[np.int64]:
    """The time step at each position: a backward layer begins at each sequence's last one."""
    t_T1, lengths_B = np.arange(len(valid_TB))[:, None], valid_TB.sum(axis=0)
    if not reverse:
        return np.broadcast_to(t_T1, valid_TB.shape)
    return np.where(t_T1 < lengths_B, lengths_B - 1 - t_T1, t_T1)


def states_of(layer: LayerTrace) -> States:
    """h alone, or h and c, each (T, B, H)."""
    return (layer.h,) if layer.c is None else (layer.h, layer.c)


def named(trace: Trace, layer: str) -> LayerTrace:
    """The layer called `layer`. Raises ValueError for one that the trace does not have."""
    if layer not in trace.layers:
        raise ValueError(f"layer must be one of {', '.join(trace.layers)}, not {layer!r}.")
    return trace.layers[layer]


def weight_names(layer: str) -> list[str]:
    """PyTorch's names of a layer's parameters: `encoder/1/backward` has `encoder.weight_ih_l1_reverse`."""
    part, number, direction = layer.split("/")
    before = "" if part == "recurrent" else f"{part}."
    end = f"_l{number}" + ("_reverse" if direction == "backward" else "")
    return [f"{before}{kind}{end}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
