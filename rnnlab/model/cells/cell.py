"""What every cell is: a rule forward through time, its derivative backward, and its names.

A cell file imports no torch, so reading the registry loads none.
The rules work on columns, one for each sequence, as W h does on paper: a time step is (H, B).
Shapes: T time steps, B sequences, I input size, H hidden size, G = gates x H rows of the weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rnnlab.model.cells.operations import Array, Operations
from rnnlab.model.cells.plain import PullBack, Settle, Step

if TYPE_CHECKING:
    from torch import Tensor

State = tuple["Tensor", ...]
"""One tensor per name in `Cell.states`; the first is always h."""


class LayerWeights(NamedTuple):
    """PyTorch's four parameters of a recurrent layer."""

    w_ih_GI: Tensor
    w_hh_GH: Tensor
    b_ih_G: Tensor
    b_hh_G: Tensor


class Unrolled(NamedTuple):
    """A forward pass: `states` (T+1, H, B), the start state first; `gates` (T, H, B) by name."""

    states: State
    gates: dict[str, Tensor]


class Derivatives(NamedTuple):
    """A backward pass.

    `states` are the total derivatives dL/dh_t (and dL/dc_t) (T, H, B); `start` those of the
    start state (H, B); `input_part_TGB` and `recurrent_part_TGB` the derivatives of what the
    input and the previous state contribute to the gates before their nonlinearity.
    """

    states: State
    start: State
    input_part_TGB: Tensor
    recurrent_part_TGB: Tensor


class Fused(NamedTuple):
    """What a fused kernel gives: h at every time step (T, B, H), and each state after the last (B, H)."""

    h_TBH: Tensor
    last: State


ONE_LAYER = True, 1, 0.0, True, False, False
"""PyTorch's kernels: with biases, one layer, no dropout, in training, one direction, time first."""


@dataclass(frozen=True)
class Activation:
    """`apply` works in place; `slope` is the derivative, written in terms of the output.

    `kernel` names PyTorch's own recurrent layer with this activation, "" where it has none.
    """

    apply: Callable[[Operations, Array], Array]
    slope: Callable[[Tensor], Tensor]
    kernel: str = ""


def sigmoid(ops: Operations, a: Array) -> Array:
    """1 / (1 + exp(-a)) = (1 + tanh(a / 2)) / 2, which does not overflow."""
    a *= 0.5
    ops.tanh(a, out=a)
    a *= 0.5
    a += 0.5
    return a


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation(lambda ops, a: ops.tanh(a, out=a), lambda h: 1 - h * h, "rnn_tanh"),
    "relu": Activation(lambda ops, a: ops.relu(a), lambda h: (h > 0).to(h.dtype), "rnn_relu"),
    "sigmoid": Activation(sigmoid, lambda h: h * (1 - h)),
    "identity": Activation(lambda ops, a: a, lambda h: h.new_ones(()).expand_as(h)),
}


@dataclass(frozen=True)
class Cell:
    """A recurrent unit.

    `forward(x_TIB, start, weights, activation)` unrolls it from the states `start` (H, B).
    `backward(unrolled, direct, w_hh_GH, activation, window)` takes the direct derivatives, one
    (T, H, B) tensor for each state, which become the total ones; with a `window` above 0 the
    gradient is cut at every multiple of it.
    `gates` are in the order of PyTorch's weight rows; a cell without gates has one block.
    `keep` is the gate whose 1 keeps the last of `states` as it was, "" where there is none.
    `fused(x_TBI, start, weights, activation)` is PyTorch's own kernel, which keeps gates and
    derivatives to itself, or None where it has none; `fused_on_cpu` says that it is the faster
    one on a CPU too, not only where each launch costs.
    `step` and `pull_back` are one time step forward and its derivative in NumPy:
    `step(a_BG, states, w_hh_GH, b_hh_G, activation)` gives the next states and the gates,
    `pull_back(moment, gradients, w_hh_GH, b_hh_G, activation)` takes dL/dstates a time step back.
    `settle(states, gates)`, where there are states besides h, gives h anew after one of them was
    changed, in NumPy.
    """

    label: str
    states: tuple[str, ...]
    gates: dict[str, str]
    signed_gates: tuple[str, ...]
    keep: str
    has_activation: bool
    formula: str
    forward: Callable[[Tensor, State, LayerWeights, Activation], Unrolled]
    backward: Callable[[Unrolled, State, Tensor, Activation, int], Derivatives]
    fused: Callable[[Tensor, State, LayerWeights, Activation], Fused | None]
    step: Step
    pull_back: PullBack
    fused_on_cpu: bool = False
    settle: Settle | None = None

    @property
    def blocks(self) -> int:
        """How many H-row blocks its weights have."""
        return max(1, len(self.gates))


def cut_here(t: int, window: int) -> bool:
    """Whether truncated backpropagation stops the gradient between time steps t-1 and t."""
    return window > 0 and t > 0 and t % window == 0


def from_input(x_TIB: Tensor, w_GI: Tensor, b_G: Tensor) -> Tensor:
    """W x_t + b for all time steps at once (T, G, B)."""
    length, _, batch = x_TIB.shape
    rows, inputs = w_GI.shape
    return b_G[:, None].expand(length, rows, batch).baddbmm(w_GI.expand(length, rows, inputs), x_TIB)


def for_tanh(weights: LayerWeights, scale: tuple[float, ...]) -> LayerWeights:
    """A copy with each block of rows multiplied by its scale."""
    hidden = weights.w_hh_GH.shape[1]
    scale_G = weights.b_ih_G.new_tensor(scale).repeat_interleave(hidden)
    scale_G1 = scale_G[:, None]
    w_ih_GI, w_hh_GH, b_ih_G, b_hh_G = weights
    return LayerWeights(w_ih_GI * scale_G1, w_hh_GH * scale_G1, b_ih_G * scale_G, b_hh_G * scale_G)


def through_sigmoid(by_gate: Tensor, gate: Tensor, out: Tensor | None = None) -> Tensor:
    """A derivative taken back through a sigmoid, by_gate * gate * (1 - gate), in one pass over memory."""
    import torch

    out = torch.empty_like(by_gate) if out is None else out
    torch.ops.aten.sigmoid_backward(by_gate, gate, grad_input=out)
    return out


def through_tanh(by_gate: Tensor, gate: Tensor, out: Tensor | None = None) -> Tensor:
    """A derivative taken back through a tanh, by_gate * (1 - gate^2), in one pass over memory."""
    import torch

    out = torch.empty_like(by_gate) if out is None else out
    torch.ops.aten.tanh_backward(by_gate, gate, grad_input=out)
    return out
