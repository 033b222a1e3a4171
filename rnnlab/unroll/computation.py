"""The whole computation of a tiny network: forward, backward, sum, update."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnlab.unroll.blocks import stacked
from rnnlab.unroll.board import Line, Stage
from rnnlab.unroll.expression import Matrix
from rnnlab.unroll.passes import backward, begin, forward_pass, sums
from rnnlab.unroll.tiny import Tiny
from rnnlab.unroll.updating import update


@dataclass(frozen=True, eq=False)
class Computed:
    """All that was written. `gradients` and `weights` (after the update) have PyTorch's names and shapes."""

    tiny: Tiny
    stages: tuple[Stage, ...]
    loss: float
    gradients: dict[str, Matrix]
    weights: dict[str, Matrix]

    def line(self, key: str, time_step: int | None = None) -> Line:
        """The line of one quantity. Raises KeyError where there is none."""
        for stage in self.stages:
            for line in stage.lines:
                if (line.key, line.time_step) == (key, time_step):
                    return line
        raise KeyError((key, time_step))


def compute(tiny: Tiny) -> Computed:
    """Every line of it. Overflow and NaN are left as they come."""
    with np.errstate(all="ignore"):
        work = begin(tiny)
        loss = forward_pass(work)
        gradients = sums(work, backward(work))
        weights = update(work, gradients)
    by_name = {name: stacked(work.some, gradients, name, array) for name, array in tiny.weights.items()}
    return Computed(tiny, tuple(work.board.stages), loss, by_name, weights)


def updated(tiny: Tiny) -> Tiny:
    """The network after one update."""
    return replace(tiny, numbers={**tiny.numbers, **compute(tiny).weights})
