"""What every cell is: a rule forward through time, its derivative backward, and its names.

A cell file needs nothing but tensor methods, so reading the registry loads no torch.
Shapes: T time steps, B sequences, H hidden size, G = gates x H rows of the weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rnnlab.model.cells.plain import PullBack, Settle, Step

if TYPE_CHECKING:
    from torch import Tensor

State = tuple["Tensor", ...]
"""One tensor per name in `Cell.states`; the first is always h."""


class Unrolled(NamedTuple):
    """A forward pass: `states` (T+1, B, H), the start state first; `gates` (T, B, H) by name."""

    states: State
    gates: dict[str, Tensor]


class Derivatives(NamedTuple):
    """A backward pass.

    `states` are the total derivatives dL/dh_t (and dL/dc_t) (T, B, H); `start` those of the
    start state (B, H); `input_part_TBG` and `recurrent_part_TBG` the derivatives of what the
    input and the previous state contribute to the gates before their nonlinearity.
    """

    states: State
    start: State
    input_part_TBG: Tensor
    recurrent_part_TBG: Tensor


@dataclass(frozen=True)
class Activation:
    """`apply` works in place; `slope` is the derivative, written in terms of the output."""

    apply: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation(lambda a: a.tanh_(), lambda h: 1 - h * h),
    "relu": Activation(lambda a: a.relu_(), lambda h: (h > 0).to(h.dtype)),
    "sigmoid": Activation(lambda a: a.sigmoid_(), lambda h: h * (1 - h)),
    "identity": Activation(lambda a: a, lambda h: h.new_ones(()).expand_as(h)),
}


@dataclass(frozen=True)
class Cell:
    """A recurrent unit.

    `forward(a_TBG, start, w_hh_GH, b_hh_G, activation)` takes the input's part of the gates,
    W_ih x_t + b_ih, for all time steps, and may overwrite it.
    `backward(unrolled, direct, w_hh_GH, b_hh_G, activation, window)` takes the direct
    derivatives, one (T, B, H) tensor or None for each state; with a `window` above 0 the
    gradient is cut at every multiple of it.
    `gates` are in the order of PyTorch's weight rows; a cell without gates has one block.
    `keep` is the gate whose 1 keeps the last of `states` as it was, "" where there is none.
    `fused(x_TBI, weights, start)`, where PyTorch has a faster kernel, gives h at every time step
    and the other states after the last one only, as (1, B, H).
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
    forward: Callable[[Tensor, State, Tensor, Tensor, Activation], Unrolled]
    backward: Callable[[Unrolled, tuple[Tensor | None, ...], Tensor, Tensor, Activation, int], Derivatives]
    step: Step
    pull_back: PullBack
    fused: Callable[[Tensor, tuple[Tensor, ...], State], State] | None = None
    settle: Settle | None = None

    @property
    def blocks(self) -> int:
        """How many H-row blocks its weights have."""
        return max(1, len(self.gates))


def cut_here(t: int, window: int) -> bool:
    """Whether truncated backpropagation stops the gradient between time steps t-1 and t."""
    return window > 0 and t > 0 and t % window == 0
