"""How each task that forecasts a series reads it, and what its answers say of the values to come.

N values, W values known, T time steps, B windows, I inputs, O outputs, S output time steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks import anomaly, forecast, horizon
from rnnlab.tasks.answers import probabilities
from rnnlab.tasks.series import series
from rnnlab.tasks.spec import Batch, Floats
from rnnlab.tasks.tomorrow import Tomorrow

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """A series, in its unit, with the places of its held-out part: from `first` to before `end`.

    The network answers to values (W, B), the last at some places (B,), with the one `ahead` later. It
    reads `extra` values more than time steps. `read` gives inputs (T, B, I); `answer` turns outputs (B, O)
    and the last known values (B,) into values (B,).
    """

    values_N: Doubles
    train_N: Doubles
    first: int
    end: int
    unit: str
    read: Callable[[Doubles, NDArray[np.int64]], Floats]
    answer: Callable[[Doubles, Doubles], Doubles]
    ahead: int = 1
    extra: int = 0
    everywhere: bool = False
    numbers: bool = True

    def batch(self, known_WB: Doubles, places_B: NDArray[np.int64]) -> Batch:
        """Windows to ask a network about; their targets are not known, and zero."""
        inputs_TBI = np.ascontiguousarray(self.read(known_WB, places_B))
        steps, number = inputs_TBI.shape[:2]
        shape = (steps if self.everywhere else 1, number)
        targets = np.zeros((*shape, 1), np.float32) if self.numbers else np.zeros(shape, np.int64)
        return Batch(inputs_TBI, targets, np.ones(shape, np.bool_), np.full(number, steps, np.int64))


def next_value(task: forecast.Forecast) -> Course:
    """The network reads values with their changes, and answers with the change to come."""
    about = task.series
    return Course(
        about.values_N,
        about.train_N,
        about.border,
        about.middle,
        about.unit,
        lambda known_WB, _: forecast.read(known_WB, about),
        lambda outputs_BO, last_B: last_B + outputs_BO[:, 0],
        extra=1,
    )


def tomorrow(task: Tomorrow) -> Course:
    """One price, and the next day's, both from the mean of training."""
    prices = series("brent")
    return Course(
        prices.values_N,
        prices.train_N,
        prices.border,
        prices.middle,
        prices.unit,
        lambda known_WB, _: ((known_WB[-1:] - prices.mean) / prices.spread).astype(np.float32)[:, :, None],
        lambda outputs_BO, _: outputs_BO[:, 0] + prices.mean,
    )


def generated(task: horizon.Forecast) -> Course:
    """Scaled values, to the one that the task's own horizon asks for."""
    return Course(
        task.values_N,
        task.train_N,
        task.border,
        task.middle,
        "",
        lambda known_WB, _: task.scaled(known_WB).astype(np.float32)[:, :, None],
        lambda outputs_BO, _: task.unscaled(outputs_BO[:, 0]),
        ahead=task.horizon,
        everywhere=task.everywhere,
    )


def flow(task: anomaly.Anomaly) -> Course:
    """Readings with their hours, to the mean of the changes that the network thinks possible."""
    stream, parts = anomaly.flow(), anomaly.flow().parts
    changes_O = (np.arange(anomaly.CLASSES) - anomaly.LARGEST) * anomaly.STEP

    def read(known_WB: Doubles, places_B: NDArray[np.int64]) -> Floats:
        places_WB = places_B + np.arange(1 - len(known_WB), 1)[:, None]
        return anomaly.read(known_WB, stream.hour_N[places_WB])

    return Course(
        stream.flow_N,
        parts.train.flow_N,
        0,
        len(parts.held_out.flow_N),
        "l/s",
        read,
        lambda outputs_BO, last_B: last_B + probabilities(outputs_BO) @ changes_O,
        everywhere=True,
        numbers=False,
    )


COURSES: dict[str, Callable[[Any], Course]] = {
    "tomorrow": tomorrow,
    "forecast": next_value,
    "sine-mixture": generated,
    "mackey-glass": generated,
    "anomaly": flow,
}
"""Link name of a task to its series."""
