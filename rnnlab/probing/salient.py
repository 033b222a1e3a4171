"""What mattered: how strongly the logarithm of an answer's probability depends on each input.

A derivative says what a small change of an input would do to first order, along every path through time.
T time steps of a part, S output time steps, O output size, I input size.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.saliency import saliency
from rnnlab.probing.answers import Answer
from rnnlab.tasks.spec import Batch

Doubles = NDArray[np.float64]

ROWS = 64
"""Rows of a map that are worked out together."""


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
    if part is None:
        return np.asarray(by_question(answer, grad_SO[:, None])[0])
    return saliency(replace(answer.trace, grad_outputs=grad_SO[:, None]), 0, part).norm


def saliency_map(answer: Answer) -> Doubles:
    """||d log p_s / dx_t|| (S, T) for what was said at every output time step s."""
    grad_SO = gradient_by_outputs(answer, None)
    steps = np.arange(len(grad_SO))
    chunks = [steps[first : first + ROWS] for first in range(0, len(steps), ROWS)]
    return np.concatenate([by_question(answer, alone(grad_SO, chosen_R)) for chosen_R in chunks])


def alone(grad_SO: Doubles, chosen_R: NDArray[np.int64]) -> Doubles:
    """In row r only the gradient at output time step `chosen_R[r]` (S, R, O)."""
    grad_SRO = np.zeros((len(grad_SO), len(chosen_R), grad_SO.shape[1]))
    grad_SRO[chosen_R, np.arange(len(chosen_R))] = grad_SO[chosen_R]
    return grad_SRO


def by_each_number(answer: Answer) -> Doubles:
    """d log p / dx (T, I) of the whole answer by each number of the question alone."""
    grad_SO = gradient_by_outputs(answer, None)
    return np.asarray(gradients_by_question(answer, grad_SO[:, None])[:, 0])


def by_question(answer: Answer, grad_SRO: Doubles) -> Doubles:
    """Norms (R, T) of the derivatives by what was asked, for each row of gradients by the outputs."""
    return np.asarray(np.linalg.norm(gradients_by_question(answer, grad_SRO), axis=2).T)


def gradients_by_question(answer: Answer, grad_SRO: Doubles) -> Doubles:
    """Derivatives (T, R, I) by what was asked, for each row of gradients by the outputs.

    The question stands in a batch as often as there are rows. The network's own symbols are no part of it.
    """
    import torch

    from rnnlab.model.network import forward, new_pass, tensors

    traced, rows = answer.trace, grad_SRO.shape[1]
    every = Batch(
        inputs_TBI=np.repeat(traced.inputs, rows, axis=1).astype(np.float64),
        targets=np.repeat(traced.targets, rows, axis=1),
        mask_SB=np.repeat(traced.mask, rows, axis=1),
        lengths_B=np.repeat(traced.lengths, rows),
    )
    given = tensors(every, torch.device("cpu"), torch.float64)
    given.inputs_TBI.requires_grad_()
    weights = {name: torch.tensor(array) for name, array in traced.weights.items()}
    outputs_SRO, _ = forward(traced.design, new_pass(traced.design, weights), given)
    (by_input_TRI,) = torch.autograd.grad(outputs_SRO, given.inputs_TBI, torch.tensor(grad_SRO))
    return np.asarray(by_input_TRI.numpy())


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
