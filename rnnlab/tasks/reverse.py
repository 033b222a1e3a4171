"""Reversing: letters are read to the last one, then written from the last to the first.

T letters drawn alike and independently from V = 8, written as S = T letters. All that the decoder gets
is the encoder's last state, so the state must hold the whole sequence: T ln V nats of it. A guess costs
ln V a letter and is right everywhere once in V^T. B sequences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.fresh import SYMBOLS, symbols
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec


def backwards(read_TB: NDArray[np.int64]) -> Batch:
    """A batch of the letters with these indices, to be written from the last to the first."""
    length, batch_size = read_TB.shape
    return Batch(
        inputs_TBI=one_hot(read_TB, len(SYMBOLS)),
        targets=np.ascontiguousarray(read_TB[::-1]),
        mask_SB=np.ones((length, batch_size), np.bool_),
        lengths_B=np.full(batch_size, length, np.int64),
    )


@dataclass(frozen=True)
class Reverse:
    """Some letters to the same letters backwards."""

    input_size: int = len(SYMBOLS)
    output_size: int = len(SYMBOLS)
    labels: tuple[str, ...] = SYMBOLS
    loss: str = "cross_entropy"
    metric: str = "exact_match"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return backwards(symbols(rng, batch_size, length, "train"))

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return backwards(symbols(rng, batch_size, length, "held_out"))

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return backwards(symbols(rng, batch_size, length, "test"))

    def baseline(self, length: int, test: bool = False) -> Baseline:
        number = len(SYMBOLS)
        words = f"a guess among {number}: ln {number}"
        return Baseline(math.log(number), float(number) ** -length, words, exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [SYMBOLS[i] for i in batch.inputs_TBI[:, index].argmax(axis=1)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(SYMBOLS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(SYMBOLS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        text, target = "".join(self.input_labels(batch, index)), "".join(self.target_labels(batch, index))
        answer = "".join(self.output_labels(batch, index, outputs_SO))
        return Sample(text, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> Reverse:
    return Reverse()


SPEC = TaskSpec(
    label="Reversing a sequence",
    group="Algorithms",
    sentence="Letters are read to the end and written backwards. The one state between reading and writing "
    "has to hold them all, so each letter more makes it harder.",
    source="Generated: fresh random letters for every update; a quarter of all sequences is kept from it.",
    topologies={"encoder-decoder": Lengths(3, 40, 6, "letters in the sequence")},
    load=load,
    metric_label="sequences all right",
    design={"cell": "lstm", "hidden_size": 64},
    settings={"learning_rate": 5e-3},
)
