"""Parity: is the number of ones so far, in a string of bits, odd or even?

One state that flips at every one solves it for strings of any length, yet no bit tells anything about the
answer without all the others. The running parity is asked for at every bit; many to one asks at the last
alone, which is much harder: only the shortest strings show the way in. Training strings have 1 ... T/2 bits,
all lengths alike, and unseen ones T/2 + 1 ... T, by turns held out and for the test: who found the flip goes
on, who has learnt strings by heart fails. A guess costs ln 2. T time steps, S = T or 1, B strings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.characters import NOTHING, one_hot
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Part, Sample, TaskSpec

BITS = "01"
PARITIES = ("even", "odd")


def numbers(length: int, part: Part) -> NDArray[np.int64]:
    """How many bits the strings of a part may have, all alike probable."""
    half = length // 2
    first = {"train": 1, "held_out": half + 1, "test": half + 2}[part]
    return np.arange(first, half + 1) if part == "train" else np.arange(first, length + 1, 2)


def strings(rng: np.random.Generator, lengths_B: NDArray[np.int64], length: int, everywhere: bool) -> Batch:
    """Random bits, so many in each string, padded to `length` time steps; asked at each bit or the last."""
    bits_TB = rng.integers(0, len(BITS), (length, len(lengths_B)))
    valid_TB = np.arange(length)[:, None] < lengths_B
    odd_TB = (bits_TB * valid_TB).cumsum(axis=0) % 2
    return Batch(
        inputs_TBI=one_hot(np.where(valid_TB, bits_TB, NOTHING), len(BITS)),
        targets=odd_TB * valid_TB if everywhere else odd_TB[-1:],
        mask_SB=valid_TB if everywhere else np.ones((1, len(lengths_B)), np.bool_),
        lengths_B=lengths_B,
    )


@dataclass(frozen=True)
class Parity:
    """A string of bits to whether its ones are odd or even in number, so far or in all."""

    everywhere: bool = True
    input_size: int = len(BITS)
    output_size: int = len(PARITIES)
    labels: tuple[str, ...] = PARITIES
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw("train", rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw("held_out", rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw("test", rng, batch_size, length)

    def draw(self, part: Part, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return strings(rng, rng.choice(numbers(length, part), batch_size), length, self.everywhere)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        return Baseline(math.log(2), 1 / 2, "a guess: ln 2", exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [BITS[i] for i in batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(PARITIES, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(PARITIES, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """Where the parity is asked for at every bit, an odd one is written 1 and an even one 0."""
        text, asked_S = "".join(self.input_labels(batch, index)), batch.mask_SB[:, index]
        target, answer = batch.targets[asked_S, index], outputs_SO[asked_S].argmax(axis=1)
        right, sure = bool((target == answer).all()), confidence(outputs_SO[asked_S])
        return Sample(text, self.words(target), self.words(answer), right, sure)

    def words(self, odd_S: NDArray[np.int64]) -> str:
        return "".join(BITS[odd] for odd in odd_S) if self.everywhere else PARITIES[odd_S[0]]


def load(topology: str, options: Options) -> Parity:
    return Parity(topology == "many-to-many")


SPEC = TaskSpec(
    label="Parity",
    group="Algorithms",
    sentence="Is the number of ones so far odd or even? A single state that flips at every one is enough, "
    "but no bit alone tells anything. Held-out strings are longer than all in training.",
    source="Generated: random bits for every update, strings up to half of the length in training, from "
    "there to its whole elsewhere.",
    topologies={
        topology: Lengths(4, 400, 40, "bits in the longest held-out string")
        for topology in ("many-to-many", "many-to-one")
    },
    load=load,
    metric_label="accuracy",
    design={"cell": "rnn", "hidden_size": 32, "recurrent_init": "orthogonal"},
    settings={"learning_rate": 5e-3},
)
