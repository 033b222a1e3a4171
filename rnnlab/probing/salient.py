"""What mattered: how strongly the logarithm of an answer's probability depends on each input.

A derivative says what a small change of an input would do to first order, along every path through time.
T time steps of a part, S output time steps, O output size, I input size.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.reverse import parts_of, reverse
from rnnlab.analysis.saliency import saliency
from rnnlab.probing.answers import Answer
from rnnlab.topologies import TOPOLOGIES

Doubles = NDArray[np.float64]


def saliency_of(
    answer: Answer, s: int | None = None, part: str | None = None, label: int | None = None
) -> Doubles:
    """||d log p / dx_t|| (T,), p the probability of what was said at output time step `s`, or of `label`.

    Without `s`, p is the probability of the whole answer. Where outputs are numbers, the derivative is that
    of the sum of outputs asked for. `part` names another part, as a decoder, whose inputs are the network's
    own symbols. Raises ValueError, in one sentence, for what the answer does not have.
    """
    grad_SO = gradient_by_outputs(answer, label)
    if s is not None:
        check_step(answer, s)
        grad_SO = np.where(np.arange(len(grad_SO))[:, None] == s, grad_SO, 0.0)
    found = saliency(replace(answer.trace, grad_outputs=grad_SO[:, None]), 0, part)
    if part is None:
        return np.asarray(np.linalg.norm(of_question(answer, found.gradient), axis=-1))
    return found.norm


def saliency_map(answer: Answer) -> Doubles:
    """||d log p_s / dx_t|| (S, T) for what was said at every output time step s."""
    grad_SO = gradient_by_outputs(answer, None)
    steps = len(grad_SO)
    rows_SRO = np.zeros((steps, steps, grad_SO.shape[1]))
    rows_SRO[np.arange(steps), np.arange(steps)] = grad_SO
    found = reverse(answer.trace, rows_SRO, [0])
    first = parts_of(answer.trace)[0]
    lowest = [one for name, one in found.items() if name.startswith(f"{first}/0/")]
    with np.errstate(under="ignore", over="ignore"):
        by_input_TRI = np.sum([np.ldexp(one.inputs, one.exponent[..., None]) for one in lowest], axis=0)
    return np.asarray(np.linalg.norm(of_question(answer, by_input_TRI), axis=-1).T)


def of_question(answer: Answer, by_input: Doubles) -> Doubles:
    """What of the derivatives (T, ..., I) is by the question: a network may go on with its own symbols,
    which have places of their own beside it."""
    topology, given = TOPOLOGIES[answer.trace.design.topology], by_input[: len(answer.trace.batch.inputs_TBI)]
    own = topology.generates and not topology.decodes
    return given[..., : -answer.outputs_SO.shape[1]] if own else given


def check_step(answer: Answer, s: int) -> None:
    steps = len(answer.outputs)
    if not 0 <= s < steps:
        raise ValueError(f"The output time step must be a whole number from 0 to {steps - 1}, not {s!r}.")


def gradient_by_outputs(answer: Answer, label: int | None) -> Doubles:
    """d log p / d outputs (S, O) at each output time step, zero where nothing is asked.

    For classes it is the one-hot answer less all probabilities; for outputs that are true or not by
    themselves, of the side that was said; for numbers, one.
    """
    outputs_SO, chances_SO = answer.outputs_SO, answer.probabilities_SO
    if label is not None and not 0 <= label < outputs_SO.shape[1]:
        raise ValueError(f"label must be a whole number from 0 to {outputs_SO.shape[1] - 1}, not {label!r}.")
    chosen_O = np.ones(outputs_SO.shape[1]) if label is None else np.eye(outputs_SO.shape[1])[label]
    if chances_SO is None:
        grad_SO = np.broadcast_to(chosen_O, outputs_SO.shape)
    elif answer.exclusive:
        said_S = answer.symbols_S if answer.written else outputs_SO.argmax(axis=1)
        said_S = said_S if label is None else np.full(len(outputs_SO), label)
        grad_SO = np.eye(outputs_SO.shape[1])[said_S] - chances_SO
    else:
        side_SO = outputs_SO > 0 if label is None else np.ones(outputs_SO.shape, np.bool_)
        grad_SO = (side_SO - chances_SO) * chosen_O
    return np.where(answer.trace.mask[:, :1], grad_SO, 0.0)
