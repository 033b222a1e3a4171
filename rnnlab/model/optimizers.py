"""Optimisers: link name to PyTorch's rule in its functional form, which has no state of its own.

A rule steps one flat tensor of parameters; what it remembers, its memory, goes by PyTorch's names
of slots and starts at zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from rnnlab.config import Settings
from rnnlab.model.flat import FlatParameters

Memory = dict[str, Tensor]


@dataclass(frozen=True)
class Rule:
    """`slots` are remembered for each parameter; with `counts` the number of steps as well.

    `step(values, gradient, memory, settings)` changes the values and the memory in place.
    """

    slots: tuple[str, ...]
    counts: bool
    step: Callable[[Tensor, Tensor, Memory, Settings], None]


def gradient_descent(momentum: float) -> Callable[[Tensor, Tensor, Memory, Settings], None]:
    """w - learning rate x v, with v = momentum x v + gradient (Polyak 1964, in PyTorch's form)."""

    def step(values: Tensor, gradient: Tensor, memory: Memory, settings: Settings) -> None:
        sgd(
            [values],
            [gradient],
            [memory.get("momentum_buffer")],
            weight_decay=settings.weight_decay,
            momentum=momentum,
            lr=settings.learning_rate,
            dampening=0,
            nesterov=False,
            maximize=False,
        )

    return step


def step_rmsprop(values: Tensor, gradient: Tensor, memory: Memory, settings: Settings) -> None:
    """The gradient over the root of its mean square, which forgets by 0.99 (Hinton's lecture 6e)."""
    rmsprop(
        [values],
        [gradient],
        [memory["square_avg"]],
        [],
        [],
        [memory["step"]],
        lr=settings.learning_rate,
        alpha=0.99,
        eps=1e-8,
        weight_decay=settings.weight_decay,
        momentum=0,
        centered=False,
    )


def step_adam(values: Tensor, gradient: Tensor, memory: Memory, settings: Settings) -> None:
    """Kingma and Ba 2015, with their constants, in PyTorch's fused kernel."""
    adam(
        [values],
        [gradient],
        [memory["exp_avg"]],
        [memory["exp_avg_sq"]],
        [],
        [memory["step"]],
        fused=True,
        amsgrad=False,
        beta1=0.9,
        beta2=0.999,
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
        eps=1e-8,
        maximize=False,
    )


OPTIMIZERS: dict[str, Rule] = {
    "sgd": Rule((), False, gradient_descent(momentum=0)),
    "momentum": Rule(("momentum_buffer",), False, gradient_descent(momentum=0.9)),
    "rmsprop": Rule(("square_avg",), True, step_rmsprop),
    "adam": Rule(("exp_avg", "exp_avg_sq"), True, step_adam),
}


@dataclass(frozen=True)
class Optimizer:
    """A rule on its way: the parameters that it steps and what it remembers of them."""

    rule: Rule
    settings: Settings
    parameters: FlatParameters
    memory: Memory

    def step(self) -> None:
        """Change parameters and memory in place by the gradient that stands in the parameters."""
        self.rule.step(self.parameters.values, self.parameters.gradient, self.memory, self.settings)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """A copy of the memory by slot: flat arrays and the number of steps."""
        return {slot: np.array(value.cpu().numpy()) for slot, value in self.memory.items()}


def new_optimizer(
    name: str, settings: Settings, parameters: FlatParameters, remembered: Mapping[str, NDArray[Any]]
) -> Optimizer:
    """The rule called `name` over the flat parameters, remembering what a run's state holds."""
    rule, values = OPTIMIZERS[name], parameters.values
    memory = {"step": values.new_zeros(())} if rule.counts else {}
    memory |= {slot: torch.zeros_like(values) for slot in rule.slots}
    for slot, array in remembered.items():
        memory[slot].copy_(torch.tensor(array))
    return Optimizer(rule, settings, parameters, memory)
