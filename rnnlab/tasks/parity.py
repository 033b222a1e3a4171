"""Parity: is the number of ones in a string of bits odd or even?

One state that flips at every one solves it for strings of any length, yet no bit tells anything about
the answer without all the others. Training strings have 1 ... T/2 bits, all lengths alike, and held-out
ones T/2 + 1 ... T: who found the flip goes on, who has learnt strings by heart fails. Short strings are
the way in: with the length T raised while it trains they come first, a curriculum. A guess costs ln 2.
T time steps, B strings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.characters import NOTHING, one_hot
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec

BITS = "01"
PARITIES = ("even", "odd")


def strings(rng: np.random.Generator, lengths_B: NDArray[np.int64], length: int) -> Batch:
    """Random bits, so many in each string, padded to `length` time steps."""
    bits_TB = rng.integers(0, len(BITS), (length, len(lengths_B)))
    valid_TB = np.arange(length)[:, None] < lengths_B
    return Batch(
        inputs_TBI=one_hot(np.where(valid_TB, bits_TB, NOTHING), len(BITS)),
        targets=(bits_TB * valid_TB).sum(axis=0, keepdims=True) % 2,
        mask_SB=np.ones((1, len(lengths_B)), np.bool_),
        lengths_B=lengths_B,
    )


@dataclass(frozen=True)
class Parity:
    """A string of bits to whether its ones are odd or even in number."""

    input_size: int = len(BITS)
    output_size: int = len(PARITIES)
    labels: tuple[str, ...] = PARITIES
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return strings(rng, rng.integers(1, length // 2 + 1, batch_size), length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return strings(rng, rng.integers(length // 2 + 1, length + 1, batch_size), length)

    def baseline(self, length: int) -> Baseline:
        return Baseline(math.log(2), 1 / 2, "a guess: ln 2", exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [BITS[i] for i in batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(PARITIES, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(PARITIES, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target, answer = wanted(PARITIES, batch, index)[0], predicted(PARITIES, batch, index, outputs_SO)[0]
        text = "".join(self.input_labels(batch, index))
        return Sample(text, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> Parity:
    return Parity()


SPEC = TaskSpec(
    label="Parity",
    sentence="Is the number of ones odd or even? A single state that flips at every one is enough, but no "
    "bit alone tells anything. Held-out strings are longer than all in training.",
    source="Generated: random bits for every update, strings up to half of the length in training, from "
    "there to its whole where held out.",
    topologies={"many-to-one": Lengths(4, 400, 20, "bits in the longest held-out string")},
    load=load,
    metric_label="accuracy",
    design={"cell": "rnn", "hidden_size": 32, "recurrent_init": "orthogonal"},
    settings={"learning_rate": 5e-3},
)
