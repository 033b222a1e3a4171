"""Temporal order: among distractors stand two symbols, A or B each; which came, in which order?

The generator is that of Pascanu, Mikolov and Bengio (2013, arXiv 1211.5063; from their code), after
task 6a of Hochreiter and Schmidhuber (1997): the first symbol stands at a time step drawn from
[T/10, 2T/10), the second from [T/2, 6T/10), distractors c to f elsewhere. Without a memory all four
orders are alike: ln 4. T time steps, B sequences.
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

CHANNELS = "ABcdef"
ORDERS = ("AA", "AB", "BA", "BB")


def draw(rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    read_TB = rng.integers(2, len(CHANNELS), (length, batch_size))
    first_B, second_B = rng.integers(0, 2, (2, batch_size))
    every = np.arange(batch_size)
    read_TB[rng.integers(length // 10, 2 * length // 10, batch_size), every] = first_B
    read_TB[rng.integers(length // 2, 6 * length // 10, batch_size), every] = second_B
    return Batch(
        inputs_TBI=one_hot(read_TB, len(CHANNELS)),
        targets=(2 * first_B + second_B)[None],
        mask_SB=np.ones((1, batch_size), np.bool_),
        lengths_B=np.full(batch_size, length, np.int64),
    )


@dataclass(frozen=True)
class TemporalOrder:
    """Two symbols that matter, among many, to the order they came in."""

    input_size: int = len(CHANNELS)
    output_size: int = len(ORDERS)
    labels: tuple[str, ...] = ORDERS
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        return Baseline(math.log(4), 1 / 4, "a guess among the four orders: ln 4", exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [CHANNELS[i] for i in batch.inputs_TBI[:, index].argmax(axis=1)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(ORDERS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(ORDERS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        text = "".join(self.input_labels(batch, index))
        target, answer = wanted(ORDERS, batch, index)[0], predicted(ORDERS, batch, index, outputs_SO)[0]
        return Sample(text, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> TemporalOrder:
    return TemporalOrder()


SPEC = TaskSpec(
    label="Temporal order",
    group="Memory",
    sentence="Two symbols that matter lie far apart among many that do not; the answer is their order. The "
    "loss falls in two stairs, ln 4 to ln 2 to 0, one for each symbol learnt.",
    source="Generated: fresh random sequences for every update.",
    topologies={"many-to-one": Lengths(10, 400, 50, "symbols in the sequence")},
    load=load,
    metric_label="accuracy",
    design={"cell": "gru", "hidden_size": 32},
    settings={"learning_rate": 5e-3},
)
