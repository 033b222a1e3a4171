"""The cells' rules once more in NumPy, one time step at a time: what the analysis is made of.

The fast rules in PyTorch train and trace; these read like the formulas, take any leading
dimensions, and are what the others are checked with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
States = tuple[Doubles, ...]


class Moment(NamedTuple):
    """A time step, or many: the states before and after it and the gates (..., H)."""

    before: States
    after: States
    gates: Mapping[str, Doubles]


class Pulled(NamedTuple):
    """A gradient taken back through one time step.

    `total`: by the states after it, where dL/dc_t also counts what c_t does through h_t.
    `states`: by the states before; `input_part` and `recurrent_part` (..., G): by what the input
    and the state before contribute to the gates before their nonlinearity.
    """

    total: States
    states: States
    input_part: Doubles
    recurrent_part: Doubles


@dataclass(frozen=True)
class PlainActivation:
    """`apply`, and its derivative `slope` written in terms of the output."""

    apply: Callable[[Doubles], Doubles]
    slope: Callable[[Doubles], Doubles]


def sigmoid(a: Doubles) -> Doubles:
    """The logistic function, by way of tanh, which does not overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * a)))


PLAIN_ACTIVATIONS: dict[str, PlainActivation] = {
    "tanh": PlainActivation(np.tanh, lambda h: 1 - h * h),
    "relu": PlainActivation(lambda a: np.maximum(a, 0.0), lambda h: (h > 0).astype(np.float64)),
    "sigmoid": PlainActivation(sigmoid, lambda h: h * (1 - h)),
    "identity": PlainActivation(lambda a: a, np.ones_like),
}

Step = Callable[[Doubles, States, Doubles, Doubles, PlainActivation], tuple[States, dict[str, Doubles]]]
Settle = Callable[[States, Mapping[str, Doubles]], States]
PullBack = Callable[[Moment, States, Doubles, Doubles, PlainActivation], Pulled]
