"""Looking ahead: at every time step, name the symbol that comes next, though nothing foretells it.

Symbols are drawn alike and independently from V = 8, and the target at t is the input at t + 1; at
the last time step nothing is asked. A network that reads forward can do no better than guess, 1/V
right at a cost of ln V, which is exact; one that reads backward too has already met the answer.
T time steps, B sequences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec

SYMBOLS = tuple("abcdefgh")


def draw(rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    read_TB = rng.integers(0, len(SYMBOLS), (length, batch_size))
    mask_TB = np.ones((length, batch_size), np.bool_)
    mask_TB[-1] = False
    return Batch(
        inputs_TBI=one_hot(read_TB, len(SYMBOLS)),
        targets=np.roll(read_TB, -1, axis=0) * mask_TB,
        mask_SB=mask_TB,
        lengths_B=np.full(batch_size, length, np.int64),
    )


@dataclass(frozen=True)
class LookAhead:
    """Each of some random symbols to the one after it."""

    input_size: int = len(SYMBOLS)
    output_size: int = len(SYMBOLS)
    labels: tuple[str, ...] = SYMBOLS
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        number = len(SYMBOLS)
        return Baseline(math.log(number), 1 / number, f"a guess among {number}: ln {number}", exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [SYMBOLS[i] for i in batch.inputs_TBI[:, index].argmax(axis=1)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(SYMBOLS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(SYMBOLS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        text, target = "".join(self.input_labels(batch, index)), "".join(self.target_labels(batch, index))
        answer = "".join(self.output_labels(batch, index, outputs_SO))
        return Sample(text, target, answer, target == answer, confidence(outputs_SO[:-1]))


def load(topology: str, options: Options) -> LookAhead:
    return LookAhead()


SPEC = TaskSpec(
    label="Looking ahead",
    group="Memory",
    sentence="Name the next of random symbols. Reading forward there is nothing to learn; a bidirectional "
    "network has met the answer on its way back. Switch it off: the loss stays at ln 8.",
    source="Generated: fresh random symbols for every update.",
    topologies={"many-to-many": Lengths(2, 400, 20, "symbols in the sequence")},
    load=load,
    metric_label="accuracy",
    # No sees_answer, though the target is a later input: the backward reading that it forbids is the lesson.
    design={"cell": "gru", "hidden_size": 16, "bidirectional": True},
    settings={"learning_rate": 1e-2},
)
