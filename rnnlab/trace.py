"""The values that `rnnlab.trace` gives. Shapes: T time steps, B sequences, H hidden size, I inputs, O outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Design
from rnnlab.tasks.spec import Batch

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class LayerTrace:
    """One layer in one direction, in the order of time, float64.

    `h`, `c` and each of `gates` are (T, B, H), zero where `valid` (T, B) is False. `grad_h` and
    `grad_c` are the total derivatives of the trace's loss, along every path through time and
    layers; in an LSTM, h and c count as two states, so the long memory shows in `grad_c`.
    `start` are the states (B, H) before the first time step that this direction reads.
    """

    name: str
    reverse: bool
    valid: NDArray[np.bool_]
    h: Doubles
    c: Doubles | None
    gates: Mapping[str, Doubles]
    grad_h: Doubles
    grad_c: Doubles | None
    start: tuple[Doubles, ...]


@dataclass(frozen=True)
class Trace:
    """The unrolled network on one batch.

    `layers` by name, e.g. `recurrent/0/forward` or `encoder/1/backward`, from the input upwards.
    `loss` is the mean over the positions where `mask` is True; `gradients` are its derivatives
    by the weights' names.
    """

    design: Design
    update: int
    layers: Mapping[str, LayerTrace]
    inputs: Doubles
    outputs: Doubles
    targets: NDArray[Any]
    mask: NDArray[np.bool_]
    lengths: NDArray[np.int64]
    loss: float
    gradients: Mapping[str, Doubles]
    batch: Batch
