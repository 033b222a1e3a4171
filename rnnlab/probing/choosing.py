"""What a choice mattered: the probability of one and the same answer under every choice there is.

A derivative by a one-hot input says little of another choice, which is no small change. So each is made,
and the network is fed the same answer again. C choices, S output time steps, O output size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.probing.answers import Answer
from rnnlab.tasks.spec import Batch

Doubles = NDArray[np.float64]


class Chosen(NamedTuple):
    """The natural logarithm of the probability of the whole answer, and that of each of its symbols."""

    logarithms_C: Doubles
    chances_SC: Doubles


def by_choice(answer: Answer, choices: Sequence[Batch]) -> Chosen:
    """The answer's probability after every one of `choices`, questions of a single time step.

    A symbol's probability is that after all symbols before it. Raises ValueError, in one sentence, for an
    answer that the network did not write from one input.
    """
    import torch

    from rnnlab.model.network import forward, new_pass, tensors

    traced, count = answer.trace, len(choices)
    if not answer.written or len(answer.question.characters) != 1:
        raise ValueError("Only an answer written from a single choice can be compared with other choices.")
    every = Batch(
        inputs_TBI=np.concatenate([one.inputs_TBI for one in choices], axis=1).astype(np.float64),
        targets=np.repeat(traced.targets, count, axis=1),
        mask_SB=np.repeat(traced.mask, count, axis=1),
        lengths_B=np.ones(count, np.int64),
    )
    weights = {name: torch.tensor(array) for name, array in traced.weights.items()}
    given = tensors(every, torch.device("cpu"), torch.float64)
    with torch.no_grad():
        outputs_SCO, _ = forward(traced.design, new_pass(traced.design, weights), given)
        found_SCO = torch.log_softmax(outputs_SCO, dim=2).numpy()
    logs_SC = np.take_along_axis(found_SCO, every.targets[:, :, None], axis=2)[:, :, 0]
    return Chosen(np.asarray(logs_SC.sum(axis=0)), np.exp(logs_SC))
