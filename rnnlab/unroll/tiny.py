"""A network small enough to read, with all its numbers.

Shapes: T time steps, I inputs, H hidden units, G = gates x H rows; one output.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnlab.config import Design
from rnnlab.fields import Choice, Number, check, declare, declared, shown
from rnnlab.unroll.cells import TINY_CELLS
from rnnlab.unroll.expression import Matrix

KINDS = {name: about.metadata for name, about in declared(Design).items()}
LONGEST = 6
ROUND = (0.5, -1.0, 1.0, 0.5, -0.5, 1.0, 0.5)
"""Weights for the blackboard, again and again; their number shares no factor with a matrix's columns."""

OWN = {
    "x": (1.0, 0.0, -1.0, 0.5, 2.0, -0.5, 1.5),
    "target": (0.5, 0.0, 1.0, -0.5, 0.5, -1.0),
    "bias_ih": (0.0,),
    "bias_hh": (0.0,),
    "readout.weight": (1.0, -0.5, 0.5, -1.0),
    "readout.bias": (0.0,),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Tiny:
    """What the Unroll page computes. Raises ValueError, in one sentence, for a value that is not allowed.

    `numbers` holds the weights under PyTorch's names (weight_ih (G, I), weight_hh (G, H), bias_ih (G,),
    bias_hh (G,), readout.weight (1, H), readout.bias (1,)), the inputs x (T, I) and the targets
    target (T,); those not given come from `seed`. They may be NaN or infinite. h_0 and c_0 are 0.
    The loss is half the squared error, at the last time step or summed over all.
    """

    cell: str = declare(KINDS["cell"]["kind"], "rnn", "Cell", KINDS["cell"]["help"])
    activation: str = declare(KINDS["activation"]["kind"], "tanh", "Activation", KINDS["activation"]["help"])
    hidden_size: int = declare(
        Number(1, 4, "units", whole=True), 2, "Units", "How many numbers the hidden state holds."
    )
    input_size: int = declare(
        Number(1, 3, whole=True), 1, "Inputs", "How many numbers the network reads at each time step."
    )
    length: int = declare(
        Number(2, LONGEST, "time steps", whole=True), 3, "Time steps", "The length T of the sequence."
    )
    loss_at: str = declare(
        Choice({"last": "at the last time step", "every": "at every time step"}),
        "last",
        "Loss",
        "Where the output is compared with a target: half the squared error.",
    )
    learning_rate: float = declare(
        Number(0.001, 10, logarithmic=True), 0.1, "Learning rate", "How far an update moves the weights."
    )
    clip_threshold: float = declare(
        Number(0, 1000), 0.0, "Clip at norm", "A longer gradient is shortened to this norm; 0 is off."
    )
    seed: int = declare(
        Number(0, 2**31 - 1, whole=True),
        0,
        "Seed",
        "Which random numbers; 0 is an example of round numbers for the blackboard.",
    )
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, about in declared(Tiny).items():
            object.__setattr__(self, name, check(name, about, getattr(self, name)))
        if unknown := set(self.numbers) - set(self.shapes):
            raise ValueError(f"numbers must be of {', '.join(self.shapes)}, not {shown(sorted(unknown)[0])}.")
        own = round_numbers(self.shapes) if self.seed == 0 else random_numbers(self.shapes, self.seed)
        given = {
            name: array_of(name, self.numbers[name], shape)
            for name, shape in self.shapes.items()
            if name in self.numbers
        }
        for array in own.values():
            array.flags.writeable = False
        object.__setattr__(self, "numbers", {**own, **given})

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        rows = len(TINY_CELLS[self.cell].gates) * self.hidden_size
        return {
            "weight_ih": (rows, self.input_size),
            "weight_hh": (rows, self.hidden_size),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
            "readout.weight": (1, self.hidden_size),
            "readout.bias": (1,),
            "x": (self.length, self.input_size),
            "target": (self.length,),
        }

    @property
    def weights(self) -> dict[str, Matrix]:
        return {name: array for name, array in self.numbers.items() if name not in ("x", "target")}

    @property
    def loss_times(self) -> list[int]:
        """The time steps, from 1, that have a loss."""
        return list(range(1, self.length + 1)) if self.loss_at == "every" else [self.length]


def array_of(name: str, value: object, shape: tuple[int, ...]) -> Matrix:
    """`value` as numbers of `shape`. Raises ValueError, in one sentence."""
    size = " x ".join(str(n) for n in shape)
    try:
        array = np.array(value, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be {size} numbers, not {shown(value)}.") from None
    if array.shape != shape:
        found = " x ".join(str(n) for n in array.shape) or "a single number"
        raise ValueError(f"{name} must be {size} numbers, not {found}.")
    array.flags.writeable = False
    return array


def round_numbers(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Matrix]:
    """Few round numbers, so that a class can follow by hand."""
    return {name: np.resize(np.array(OWN.get(name, ROUND)), shape) for name, shape in shapes.items()}


def random_numbers(shapes: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, Matrix]:
    """Uniform numbers from -1 to 1 with two decimals."""
    random = np.random.default_rng(seed)
    return {name: np.round(random.uniform(-1, 1, shape), 2) for name, shape in shapes.items()}


def fields_of(tiny: Tiny) -> dict[str, Any]:
    """All but the numbers."""
    return {name: getattr(tiny, name) for name in declared(Tiny)}
