"""One recurrent layer in one direction as a single differentiable operation over the whole sequence.

One product for the input's part of all gates, the cell's loop, and on the way back one product
for each weight: faster than a step-by-step graph, and the loop yields the total derivative
dL/dh_t at every time step, which `Tape` keeps for whoever asks.

Shapes: T time steps, B sequences, I input size, H hidden size, G rows of the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from rnnlab.model.cells.cell import Activation, Cell, Derivatives, State, Unrolled


class LayerWeights(NamedTuple):
    """PyTorch's four parameters of a recurrent layer."""

    w_ih_GI: Tensor
    w_hh_GH: Tensor
    b_ih_G: Tensor
    b_hh_G: Tensor


def layer_weights(weights: Mapping[str, Tensor], name: str) -> LayerWeights:
    """The four parameters called `name`, e.g. `encoder.{}_l0_reverse`."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return LayerWeights(*(weights[name.format(kind)] for kind in kinds))


@dataclass
class Tape:
    """What one layer did: filled forward, and completed by the backward pass."""

    name: str
    reverse: bool
    lengths_B: Tensor
    unrolled: Unrolled
    derivatives: Derivatives | None = None


class WholeSequence(torch.autograd.Function):
    """x (T, B, I), start state -> states (T, B, H) at every time step."""

    @staticmethod
    def forward(
        ctx: Any, cell: Cell, activation: Activation, window: int, tape: Tape | None, *tensors: Tensor
    ) -> State:
        x_TBI, w_ih_GI, w_hh_GH, b_ih_G, b_hh_G, *start = tensors
        length, batch, _ = x_TBI.shape
        a_TBG = torch.addmm(b_ih_G, x_TBI.reshape(length * batch, -1), w_ih_GI.t()).view(length, batch, -1)
        unrolled = cell.forward(a_TBG, tuple(start), w_hh_GH, b_hh_G, activation)
        ctx.save_for_backward(x_TBI, w_ih_GI, w_hh_GH, b_hh_G)
        ctx.rule = cell, activation, window, tape, unrolled
        ctx.set_materialize_grads(False)
        if tape is not None:
            tape.unrolled = unrolled
        return tuple(state[1:] for state in unrolled.states)

    @staticmethod
    def backward(ctx: Any, *direct: Tensor | None) -> tuple[Tensor | None, ...]:
        x_TBI, w_ih_GI, w_hh_GH, b_hh_G = ctx.saved_tensors
        cell, activation, window, tape, unrolled = ctx.rule
        found = cell.backward(unrolled, direct, w_hh_GH, b_hh_G, activation, window)
        if tape is not None:
            tape.derivatives = found
        a_NG = found.input_part_TBG.flatten(0, 1)
        r_NG = found.recurrent_part_TBG.flatten(0, 1)
        h_before_NH = unrolled.states[0][:-1].flatten(0, 1)
        grad_x = (a_NG @ w_ih_GI).view_as(x_TBI) if ctx.needs_input_grad[4] else None
        weights: tuple[Tensor | None, ...] = (None,) * 4
        if ctx.needs_input_grad[5]:
            grad_b_ih = a_NG.sum(0)
            grad_b_hh = grad_b_ih if r_NG is a_NG else r_NG.sum(0)
            weights = (a_NG.t() @ x_TBI.flatten(0, 1), r_NG.t() @ h_before_NH, grad_b_ih, grad_b_hh)
        return None, None, None, None, grad_x, *weights, *found.start


def run_layer(
    cell: Cell,
    activation: Activation,
    window: int,
    tape: Tape | None,
    x_TBI: Tensor,
    weights: LayerWeights,
    start: State,
    only_h: bool = False,
) -> State:
    """The layer's states at every time step, each (T, B, H), differentiable in all tensors.

    With `only_h`, states other than h may be given after the last time step only, (1, B, H).
    """
    if only_h and cell.fused and tape is None and not window:
        return cell.fused(x_TBI, weights, start)
    states: State = WholeSequence.apply(  # type: ignore[no-untyped-call]
        cell, activation, window, tape, x_TBI, *weights, *start
    )
    return states
