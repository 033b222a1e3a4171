"""Outputs as answers: probabilities, the labels they belong to, and the most probable ones.

S output time steps, O output size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import probabilities
from rnnlab.tasks.spec import Batch, Task

Doubles = NDArray[np.float64]
Top = tuple[tuple[str, float], ...]

MOST = 5
"""So many labels are named at each time step."""


def each_by_itself(outputs_SO: NDArray[Any]) -> Doubles:
    """The probability of each output, as many of which may be true at once."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(outputs_SO, np.float64))))


def no_probabilities(outputs_SO: NDArray[Any]) -> None:
    """A number that is forecast comes without a probability."""
    return


CHANCES: dict[str, Callable[[NDArray[Any]], Doubles | None]] = {
    "cross_entropy": probabilities,
    "binary_cross_entropy": each_by_itself,
    "squared_error": no_probabilities,
}
"""What outputs mean, by the loss they were trained with."""


def chances(task: Task, outputs_SO: NDArray[Any]) -> Doubles | None:
    """Probabilities (S, O), or None where outputs are numbers."""
    return CHANCES[task.loss](outputs_SO)


def check_finite(outputs_SO: NDArray[Any]) -> None:
    """Raises ValueError, in one sentence, for outputs that are no numbers."""
    bad = ~np.isfinite(outputs_SO).all(axis=1)
    if bad.any():
        raise ValueError(
            f"The network's output at time step {int(bad.argmax()) + 1} is not a finite number, so it has no "
            "answer: rewind to an update before it diverged."
        )


def labels_of(task: Task, outputs: int) -> tuple[str, ...]:
    """What each output stands for; empty where outputs are numbers.

    A task with several answers at once names them together, so it is asked about one at a time.
    """
    if task.labels or CHANCES[task.loss] is no_probabilities:
        return task.labels
    alone_OO = 2.0 * np.eye(outputs) - 1.0
    return tuple(task.output_labels(nothing(task, outputs), 0, alone_OO)[:outputs])


def nothing(task: Task, steps: int) -> Batch:
    """A batch of one sequence that says nothing, with so many time steps."""
    return Batch(
        np.zeros((steps, 1, task.input_size), np.float32),
        np.zeros((steps, 1, task.output_size), np.float32),
        np.ones((steps, 1), np.bool_),
        np.array([steps], np.int64),
    )


def top_of(labels: Sequence[str], chances_SO: Doubles | None) -> tuple[Top, ...]:
    """The most probable labels at each output time step with their probabilities, the first one first."""
    if chances_SO is None:
        return ()
    order_SO = np.argsort(-chances_SO, axis=1, kind="stable")[:, :MOST]
    return tuple(
        tuple((labels[o], float(row_O[o])) for o in order_O)
        for order_O, row_O in zip(order_SO, chances_SO, strict=True)
    )
