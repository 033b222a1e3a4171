"""Layers on layers, in one or two directions, over sequences of unequal lengths.

Padding stands at the end. A forward layer never sees it before a valid time step; a backward
layer reads each sequence from its own last valid time step, so neither a state nor a gradient
depends on the padding.

Shapes: T time steps, S of them written, B sequences, I input size, H hidden size, D = H times directions,
C context size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from rnnlab.model.cells.cell import ACTIVATIONS, Activation, Cell, State, Unrolled
from rnnlab.model.layer import Read, Tape, layer_weights, run_layer

DIRECTIONS = ("forward", "backward")


class StackOutput(NamedTuple):
    """`top_TBD`: the uppermost layer's h, directions side by side.

    `last`: each layer's state after its last valid time step, the list of layers for each
    direction; a backward layer's last is at the first time step. Without `carry` it is h alone.
    """

    top_TBD: Tensor
    last: tuple[tuple[State, ...], ...]


@dataclass
class Crossing:
    """What crossed, noted by a pass that is traced; the loss's way back completes their `grad`.

    `context_BC` is the context vector, `keys_TBH` the states that attention looks back at, and
    `weights_SBT` with how much weight; both None without attention.
    """

    context_BC: Tensor | None = None
    keys_TBH: Tensor | None = None
    weights_SBT: Tensor | None = None


@dataclass
class Pass:
    """One pass through a network: its weights, what it is made of, and what it should note down.

    `tapes` is a list to append to, or None to note nothing; `crossing` notes what goes from an
    encoder to a decoder. `dropout` and `teacher_forcing` draw from `generator`.
    """

    cell: Cell
    layers: int
    directions: int
    weights: Mapping[str, Tensor]
    activation: str = "tanh"
    attention: str = "none"
    window: int = 0
    dropout: float = 0.0
    teacher_forcing: float = 1.0
    generator: torch.Generator | None = None
    tapes: list[Tape] | None = field(default=None)
    crossing: Crossing | None = None

    @property
    def rule(self) -> Activation:
        """The activation, for cells that have one."""
        return ACTIVATIONS[self.activation]


def run_stack(
    this: Pass,
    part: str,
    x_TBI: Tensor,
    lengths_B: Tensor,
    starts: tuple[tuple[State, ...], ...] | None = None,
    carry: bool = False,
) -> StackOutput:
    """All layers of `part` (a prefix such as `encoder.`, or empty) over a batch of sequences.

    `carry` says that somebody goes on from the last states and needs all of each.
    """
    full = bool((lengths_B == len(x_TBI)).all())
    last: list[list[State]] = [[] for _ in range(this.directions)]
    below = x_TBI
    for layer in range(this.layers):
        if layer:
            below = drop(this, below)
        tops = []
        for direction in range(this.directions):
            start = starts[direction][layer] if starts else zero_state(this, below)
            only_h = full or not carry
            read = run_direction(this, part, layer, direction, below, lengths_B, start, full, only_h)
            last[direction].append(last_states(read, lengths_B, full, carry))
            tops.append(reverse_valid(read.states[0], lengths_B, full) if direction else read.states[0])
        below = tops[0] if len(tops) == 1 else torch.cat(tops, dim=2)
    return StackOutput(below, tuple(tuple(states) for states in last))


def run_direction(
    this: Pass,
    part: str,
    layer: int,
    direction: int,
    x_TBI: Tensor,
    lengths_B: Tensor,
    start: State,
    full: bool,
    only_h: bool,
) -> Read:
    """One layer's states in the order in which that direction reads."""
    weights = layer_weights(this.weights, f"{part}{{}}_l{layer}" + "_reverse" * direction)
    tape = None
    if this.tapes is not None:
        name = f"{part.rstrip('.') or 'recurrent'}/{layer}/{DIRECTIONS[direction]}"
        tape = Tape(name, bool(direction), lengths_B, Unrolled((), {}))
        this.tapes.append(tape)
    x_TBI = reverse_valid(x_TBI, lengths_B, full) if direction else x_TBI
    return run_layer(this.cell, this.rule, this.window, tape, x_TBI, weights, start, only_h)


def zero_state(this: Pass, like_TBI: Tensor) -> State:
    """Zeros (B, H) for each of the cell's states, of the inputs' kind and on their device."""
    hidden = next(w.shape[1] for name, w in this.weights.items() if "weight_hh" in name)
    zeros = tuple(like_TBI.new_zeros(like_TBI.shape[1], hidden) for _ in this.cell.states)
    # A trace may want the states' derivatives alone: then these are what gradients are asked for.
    watched = this.tapes is not None and torch.is_grad_enabled()
    return tuple(zero.requires_grad_() for zero in zeros) if watched else zeros


def last_states(read: Read, lengths_B: Tensor, full: bool, carry: bool) -> State:
    """Each sequence's states after its last valid time step (B, H); without `carry` h alone."""
    if full:
        return read.last if carry else read.last[:1]
    wanted = read.states if carry else read.states[:1]
    last_B = lengths_B.to(wanted[0].device) - 1
    every_B = torch.arange(len(last_B), device=last_B.device)
    return tuple(state_TBH[last_B, every_B] for state_TBH in wanted)


def reverse_valid(x_TBI: Tensor, lengths_B: Tensor, full: bool) -> Tensor:
    """Each sequence's valid part back to front; padding stays where it is. Its own inverse."""
    if full:
        return x_TBI.flip(0)
    t_T1 = torch.arange(len(x_TBI), device=x_TBI.device)[:, None]
    lengths_B = lengths_B.to(x_TBI.device)
    from_TB = torch.where(t_T1 < lengths_B, lengths_B - 1 - t_T1, t_T1)
    return x_TBI.gather(0, from_TB[:, :, None].expand_as(x_TBI))


def drop(this: Pass, x_TBD: Tensor) -> Tensor:
    """Inverted dropout, drawn from the pass's own generator so that a run can be repeated."""
    if not this.dropout or this.generator is None:
        return x_TBD
    kept = torch.rand(x_TBD.shape, generator=this.generator) >= this.dropout
    return x_TBD * (kept.to(x_TBD) / (1 - this.dropout))


def read_out(this: Pass, h_SBD: Tensor) -> Tensor:
    """Outputs (S, B, O): logits for classes, plain numbers otherwise."""
    return torch.nn.functional.linear(
        drop(this, h_SBD).contiguous(), this.weights["readout.weight"], this.weights["readout.bias"]
    )
