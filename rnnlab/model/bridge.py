"""From an encoder to a decoder: the context vector, and attention beside it.

The context is the encoder's states after its last valid time step, layer by layer (Sutskever,
Vinyals and Le 2014): they become the decoder's start states. With a context size C they pass a
narrow place, with all layers' states in a row s (K numbers):

    context = tanh(W_reduce s + b_reduce),   start = W_expand context + b_expand

This file loads no torch. T time steps read, S written, B sequences, H hidden size, K states in a row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnnlab.config import Design
from rnnlab.model.attention import ATTENTIONS, look_back, remember
from rnnlab.model.cells import CELLS

if TYPE_CHECKING:
    from torch import Tensor

    from rnnlab.model.cells.cell import State
    from rnnlab.model.stack import Pass

    Layers = tuple[tuple[State, ...], ...]
    ReadOut = Callable[[Pass, Tensor], Tensor]

REDUCE, EXPAND = "context.reduce", "context.expand"


def shapes(design: Design) -> dict[str, tuple[int, ...]]:
    """Name and shape of the parameters of a design's context and attention."""
    rule, size, hidden = ATTENTIONS[design.attention], design.context_size, design.hidden_size
    in_a_row = hidden * design.layers * len(CELLS[design.cell].states)
    found: dict[str, tuple[int, ...]] = {}
    if size:
        found |= {f"{REDUCE}.weight": (size, in_a_row), f"{REDUCE}.bias": (size,)}
        found |= {f"{EXPAND}.weight": (in_a_row, size), f"{EXPAND}.bias": (in_a_row,)}
    return found | (rule.shapes(hidden) if rule else {})


def start_states(this: Pass, last: Layers) -> Layers:
    """An encoder's last states as a decoder's first."""
    import torch

    narrow = f"{REDUCE}.weight" in this.weights
    if not narrow and this.crossing is None:
        return last
    context_BC = torch.cat([state for layers in last for states in layers for state in states], dim=1)
    if narrow:
        context_BC = linear(this, REDUCE, context_BC).tanh()
    if this.crossing is not None:
        this.crossing.context_BC = noted(context_BC)
    in_a_row = linear(this, EXPAND, context_BC) if narrow else context_BC
    pieces = iter(torch.split(in_a_row, last[0][0][0].shape[1], dim=1))
    return tuple(tuple(tuple(next(pieces) for _ in states) for states in layers) for layers in last)


def linear(this: Pass, name: str, x_BK: Tensor) -> Tensor:
    """W x + b with the weights of this name."""
    from torch.nn.functional import linear

    return linear(x_BK, this.weights[f"{name}.weight"], this.weights[f"{name}.bias"])


def noted(tensor: Tensor) -> Tensor:
    """`tensor`, which will keep its gradient if it has one."""
    if tensor.requires_grad:
        tensor.retain_grad()
    return tensor


def reader(this: Pass, keys_TBH: Tensor, lengths_B: Tensor) -> ReadOut:
    """What a decoder's states are read out by: as they are, or beside what attention finds.

    `keys_TBH` are the encoder's uppermost states, and `lengths_B` says where its input ends.
    """
    import torch

    from rnnlab.model.stack import read_out

    rule, crossing = ATTENTIONS[this.attention], this.crossing
    if rule is None:
        return read_out
    if crossing is not None:
        crossing.keys_TBH = keys_TBH = noted(keys_TBH.clone())  # apart from the way through time
    memory = remember(rule, this.weights, keys_TBH, lengths_B)

    def read(decoding: Pass, h_SBH: Tensor) -> Tensor:
        means_SBH, weights_SBT = look_back(rule, decoding.weights, h_SBH, memory)
        if decoding.crossing is not None:
            decoding.crossing.weights_SBT = weights_SBT
        return read_out(decoding, torch.cat([h_SBH, means_SBH], dim=2))

    return read
