"""One recurrent layer in one direction as a single differentiable operation over the whole sequence.

One product for the input's part of all gates, the cell's loop, and on the way back one product
for each weight: faster than a step-by-step graph, and the loop yields the total derivative
dL/dh_t at every time step, which `Tape` keeps for whoever asks.

Shapes: T time steps, B sequences, I input size, H hidden size, G rows of the weights. A cell works
on columns, (T, H, B); everybody else, tapes included, sees a sequence as a row, (T, B, H).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnlab.model.cells.cell import Activation, Cell, Derivatives, LayerWeights, State, Unrolled
from rnnlab.model.cells.operations import operations


def layer_weights(weights: Mapping[str, Tensor], name: str) -> LayerWeights:
    """The four parameters called `name`, e.g. `encoder.{}_l0_reverse`."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return LayerWeights(*(weights[name.format(kind)] for kind in kinds))


@dataclass
class Tape:
    """What one layer did, sequences as rows: filled forward, and completed by the backward pass."""

    name: str
    reverse: bool
    lengths_B: Tensor
    unrolled: Unrolled
    derivatives: Derivatives | None = None


class Read(NamedTuple):
    """A layer's states: each at every time step (T, B, H), and after the last one (B, H).

    A fused kernel gives h alone at every time step.
    """

    states: State
    last: State


def turned(tensors: Iterable[Tensor]) -> State:
    """Columns to rows or back, without a copy."""
    return tuple(tensor.mT for tensor in tensors)


quietly = np.errstate(all="ignore")
"""Whoever trains finds what is not finite, and says so better than a warning does."""


class WholeSequence(torch.autograd.Function):
    """x (T, B, I), start state -> states at every time step (T, B, H), states after the last (B, H)."""

    @staticmethod
    @quietly
    def forward(
        ctx: Any, cell: Cell, activation: Activation, window: int, tape: Tape | None, *tensors: Tensor
    ) -> State:
        x_TBI, w_ih_GI, w_hh_GH, b_ih_G, b_hh_G, *start = tensors
        weights = LayerWeights(w_ih_GI, w_hh_GH, b_ih_G, b_hh_G)
        unrolled = cell.forward(x_TBI.mT, turned(start), weights, activation)
        ctx.save_for_backward(x_TBI, w_ih_GI, w_hh_GH)
        ctx.rule = cell, activation, window, tape, unrolled
        ctx.set_materialize_grads(False)
        states = turned(unrolled.states)
        if tape is not None:
            gates = zip(unrolled.gates, turned(unrolled.gates.values()), strict=True)
            tape.unrolled = Unrolled(states, dict(gates))
        return *(state[1:] for state in states), *(state[-1] for state in states)

    @staticmethod
    @quietly
    def backward(ctx: Any, *direct: Tensor | None) -> tuple[Tensor | None, ...]:
        x_TBI, w_ih_GI, w_hh_GH = ctx.saved_tensors
        cell, activation, window, tape, unrolled = ctx.rule
        columns = direct_columns(unrolled.states, direct)
        found = cell.backward(unrolled, columns, w_hh_GH, activation, window)
        if tape is not None:
            tape.derivatives = found._replace(states=turned(found.states))
        a_TGB = found.input_part_TGB
        grad_x = by_input(w_ih_GI, a_TGB) if ctx.needs_input_grad[4] else None
        weights: tuple[Tensor | None, ...] = (None,) * 4
        if ctx.needs_input_grad[5]:
            weights = by_weights(found, x_TBI, unrolled.states[0][:-1])
        return None, None, None, None, grad_x, *weights, *turned(found.start)


def direct_columns(states: State, direct: tuple[Tensor | None, ...]) -> State:
    """The direct derivatives as columns (T, H, B), of each state those by its last value added."""
    count = len(states)
    columns = []
    for state, by_all, by_last in zip(states, direct[:count], direct[count:], strict=True):
        column = (
            torch.zeros_like(state[1:]) if by_all is None else torch.empty_like(state[1:]).copy_(by_all.mT)
        )
        if by_last is not None:
            column[-1] += by_last.mT
        columns.append(column)
    return tuple(columns)


def by_input(w_ih_GI: Tensor, a_TGB: Tensor) -> Tensor:
    """dL/dx_t = W_ih^T a'_t at every time step (T, B, I)."""
    rows, inputs = w_ih_GI.shape
    return torch.bmm(w_ih_GI.t().expand(len(a_TGB), inputs, rows), a_TGB).mT


def by_weights(found: Derivatives, x_TBI: Tensor, h_before_THB: Tensor) -> tuple[Tensor, ...]:
    """dL/dW = sum over t of a'_t x_t^T: one product for each weight, time steps and sequences in a row."""
    by_input_GN = in_a_row(found.input_part_TGB)
    grad_b_ih, by_state_GN = by_input_GN.sum(1), by_input_GN
    grad_b_hh = grad_b_ih
    if found.recurrent_part_TGB is not found.input_part_TGB:
        by_state_GN = in_a_row(found.recurrent_part_TGB)
        grad_b_hh = by_state_GN.sum(1)
    x_NI = x_TBI.flatten(0, 1) if x_TBI.is_contiguous() else in_a_row(x_TBI.mT).t()
    return product(by_input_GN, x_NI), product(by_state_GN, in_a_row(h_before_THB).t()), grad_b_ih, grad_b_hh


def in_a_row(x_TGB: Tensor) -> Tensor:
    """(G, T B)"""
    return x_TGB.transpose(0, 1).flatten(1)


def product(a_GN: Tensor, x_NI: Tensor) -> Tensor:
    """A X by the library that is faster for it: NumPy's on a CPU, else torch's."""
    ops, out_GI = operations(a_GN), a_GN.new_empty(len(a_GN), x_NI.shape[1])
    ops.dot(ops.array(a_GN), ops.array(x_NI), out=ops.array(out_GI))
    return out_GI


def run_layer(
    cell: Cell,
    activation: Activation,
    window: int,
    tape: Tape | None,
    x_TBI: Tensor,
    weights: LayerWeights,
    start: State,
    only_h: bool = False,
) -> Read:
    """The layer's states, differentiable in all tensors.

    With `only_h` PyTorch's fused kernel is used where it is the faster one.
    """
    faster = cell.fused_on_cpu or x_TBI.device.type != "cpu"
    if only_h and faster and tape is None and not window:
        fused = cell.fused(x_TBI, start, weights, activation)
        if fused is not None:
            return Read((fused.h_TBH,), fused.last)
    found: State = WholeSequence.apply(  # type: ignore[no-untyped-call]
        cell, activation, window, tape, x_TBI, *weights, *start
    )
    return Read(found[: len(start)], found[len(start) :])
