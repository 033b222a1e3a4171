"""What stands before the recurrent network in a script: nothing, or a convolution over each image."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

from rnnlab.model.readers import CHANNELS, PADDING, READERS, STRIDE, WIDTH
from rnnlab.tasks import TASKS

if TYPE_CHECKING:
    from rnnlab.script.plan import Plan


@dataclass(frozen=True)
class Before:
    """Lines of `__init__` and of `forward`; `fan_in` is how many numbers make a feature."""

    made: tuple[str, ...] = ()
    forward: tuple[str, ...] = ()
    fan_in: int = 0


def nothing(plan: Plan) -> Before:
    return Before()


def convolution(plan: Plan) -> Before:
    side, arguments = isqrt(plan.inputs), f"1, {CHANNELS}, {WIDTH}, stride={STRIDE}, padding={PADDING}"
    return Before(
        (f"self.reader = nn.Conv2d({arguments})",),
        (
            f"frames = inputs.reshape(-1, 1, {side}, {side})",
            "inputs = F.relu(self.reader(frames)).reshape(length, batch_size, -1)",
        ),
        WIDTH * WIDTH,
    )


BEFORE = {"": nothing, "conv": convolution}
"""By the name that a task gives its reader."""


def before(plan: Plan) -> Before:
    """What this design's task has before the recurrent network."""
    return BEFORE[TASKS[plan.design.task].reader](plan)


def read(plan: Plan) -> int:
    """How many numbers the recurrent network reads at a time step."""
    return READERS[TASKS[plan.design.task].reader].features(plan.inputs)
