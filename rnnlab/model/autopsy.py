"""Where a run broke: the first tensor and time step that were not finite.

The failing update is run once more with everything noted down, and searched in the order in
which the numbers were computed: states forward in time, outputs, loss, gradients backward in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from rnnlab.config import Design
from rnnlab.layers import layer_words
from rnnlab.model.flat import FlatParameters
from rnnlab.model.layer import Tape
from rnnlab.model.network import forward
from rnnlab.model.stack import Pass
from rnnlab.model.topologies import TensorBatch
from rnnlab.state import Divergence


def find_divergence(
    design: Design, this: Pass, parameters: FlatParameters, batch: TensorBatch, update: int
) -> Divergence:
    """The first number that was not finite in `update`, with a sentence about it.

    `this` is the pass that broke, drawn anew: its dropout and its choices are those of the update.
    """
    tapes: list[Tape] = []
    parameters.clear_gradient()
    outputs_SBO, loss = forward(design, replace(this, tapes=tapes), batch)
    loss.backward()  # type: ignore[no-untyped-call]
    for name, time_step, tensor in computed_in_order(tapes, outputs_SBO, loss, parameters):
        if not bool(torch.isfinite(tensor).all()):
            return Divergence(update, name, time_step, words(update, name, time_step, tensor))
    name = "weights after the update"
    told = f"Update {update:,} would have made the weights infinite; the run stopped before it."
    return Divergence(update, name, None, told)


def computed_in_order(
    tapes: list[Tape], outputs_SBO: Tensor, loss: Tensor, parameters: FlatParameters
) -> Iterator[tuple[str, int | None, Tensor]]:
    """Every tensor of an update with its name and time step (counted from 1), as computed."""
    for tape in tapes:
        yield from through_time(tape, "state", tape.unrolled.states, first=1, backward=tape.reverse)
    for s, output_BO in enumerate(outputs_SBO.detach()):
        yield "output", s + 1, output_BO
    yield "loss", None, loss.detach()
    for tape in reversed(tapes):
        if tape.derivatives:
            found = tape.derivatives.states
            yield from through_time(tape, "gradient of state", found, first=0, backward=not tape.reverse)
    for name, view in parameters.views.items():
        if view.grad is not None:
            yield f"gradient of {name}", None, view.grad


def through_time(
    tape: Tape, kind: str, states: tuple[Tensor, ...], first: int, backward: bool
) -> Iterator[tuple[str, int | None, Tensor]]:
    """Tensors of one kind with their names, in the order in which they were computed."""
    length = len(states[0]) - first
    for position in range(length):
        at = position if kind == "state" else length - 1 - position
        time_step = length - position if backward else position + 1
        for letter, state in zip("hc", states, strict=False):
            yield f"{kind} {letter} of {tape.name}", time_step, state[first + at]


def words(update: int, name: str, time_step: int | None, tensor: Tensor) -> str:
    """What happened, in two sentences for a person."""
    kind = "NaN (not a number)" if bool(torch.isnan(tensor).any()) else "infinite"
    where = f" at time step {time_step}" if time_step is not None else ""
    return (
        f"In update {update:,} the {spoken(name)}{where} became {kind}. The run stopped before applying it."
    )


def spoken(name: str) -> str:
    """A tensor's name as a person says it: `state h of encoder/0/forward` is `state h of encoder layer 1`."""
    kind, found, layer = name.rpartition(" of ")
    return f"{kind}{found}{layer_words(layer)}" if "/" in layer else name
