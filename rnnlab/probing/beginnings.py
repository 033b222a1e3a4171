"""What a network would have said had the question ended at each of its time steps.

T input time steps, O output size.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.probing.reading import Top, chances, check_finite, top_of
from rnnlab.state import Trace
from rnnlab.tasks.spec import Batch, Task
from rnnlab.topologies import TOPOLOGIES

Doubles = NDArray[np.float64]


class EndedHere(NamedTuple):
    """What the network would have said had the sequence ended at each of its T time steps."""

    outputs_TO: Doubles
    probabilities_TO: Doubles | None
    said: tuple[str, ...]
    top: tuple[Top, ...]


def ended_here(traced: Trace, task: Task, labels: tuple[str, ...], asked: Batch) -> EndedHere | None:
    """Answers to every beginning of the question; None where the network answers at once, or often."""
    length = len(asked.inputs_TBI)
    if TOPOLOGIES[traced.design.topology].generates or len(traced.outputs) > 1 or length < 2:
        return None
    outputs_TO = outputs_of_beginnings(traced, asked)
    check_finite(outputs_TO)
    found = chances(task, outputs_TO)
    said = [said_then(task, asked, t, outputs_TO[[t]]) for t in range(length)]
    return EndedHere(outputs_TO, found, tuple(said), top_of(labels, found))


def outputs_of_beginnings(traced: Trace, asked: Batch) -> Doubles:
    """Outputs (T, O) of the read-out after each time step; read both ways, each beginning is read anew."""
    if not traced.design.bidirectional:
        *_, top = traced.layers.values()
        readout_OH, bias_O = traced.weights["readout.weight"], traced.weights["readout.bias"]
        return np.asarray(top.h[:, 0] @ readout_OH.T + bias_O)
    return read_anew(traced, asked)


def read_anew(traced: Trace, asked: Batch) -> Doubles:
    """All T beginnings as sequences of one batch."""
    import torch

    from rnnlab.model.network import forward, new_pass, tensors

    length = len(asked.inputs_TBI)
    every = Batch(
        inputs_TBI=np.repeat(asked.inputs_TBI, length, axis=1),
        targets=np.repeat(asked.targets, length, axis=1),
        mask_SB=np.ones((1, length), np.bool_),
        lengths_B=np.arange(1, length + 1),
    )
    weights = {name: torch.tensor(array) for name, array in traced.weights.items()}
    given = tensors(every, torch.device("cpu"), torch.float64)
    with torch.no_grad():
        outputs_1TO, _ = forward(traced.design, new_pass(traced.design, weights), given)
    return np.asarray(outputs_1TO[0].numpy())


def said_then(task: Task, asked: Batch, t: int, outputs_1O: NDArray[Any]) -> str:
    shorter = asked._replace(inputs_TBI=asked.inputs_TBI[: t + 1], lengths_B=np.array([t + 1], np.int64))
    return task.output_labels(shorter, 0, outputs_1O)[0]
