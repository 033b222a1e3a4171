"""Surname to nationality: read a name letter by letter, then say where it is from.

Names longer than `length` are cut. All nationalities are drawn alike, so a guess without the
name is right once in as many times as there are nationalities. T letters, B names, S = 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.characters import NOTHING, Alphabet, one_hot
from rnnlab.tasks.names import NATIONALITIES, SOURCE, Names, split
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Preset, Sample, TaskSpec


def draw(names: Names, size: int, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    nationality_B, rows_B = names.draw(rng, batch_size)
    letters_BT = np.full((batch_size, length), NOTHING, np.int64)
    letters_BT[:, : names.letters_NW.shape[1]] = names.letters_NW[rows_B, :length]
    return Batch(
        inputs_TBI=one_hot(letters_BT.T, size),
        targets=nationality_B[None],
        mask_SB=np.ones((1, batch_size), np.bool_),
        lengths_B=np.minimum(names.widths_N[rows_B], length),
    )


@dataclass(frozen=True)
class Nationality:
    """A surname, letter by letter, to the nationality it is most often from."""

    letters: Alphabet
    input_size: int
    output_size: int = len(NATIONALITIES)
    labels: tuple[str, ...] = NATIONALITIES
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(split().train, self.input_size, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(split().held_out, self.input_size, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(split().test, self.input_size, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        number = len(NATIONALITIES)
        return Baseline(math.log(number), 1 / number, f"a guess among {number}: ln {number}", exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        indices_T = batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)
        return [self.letters.labels[i] for i in indices_T]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        name = self.letters.decode(batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1))
        target, answer = (
            wanted(self.labels, batch, index)[0],
            predicted(self.labels, batch, index, outputs_SO)[0],
        )
        return Sample(name, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> Nationality:
    letters = split().letters
    return Nationality(letters, letters.size)


TOO_LARGE = {"hidden_size": 128, "batch_size": 128}
"""A network with room enough to learn the names by heart, which sees each of them often."""

SPEC = TaskSpec(
    label="Surname to nationality",
    group="Names",
    sentence="A surname goes in letter by letter; after the last letter the network says where it is from.",
    source=SOURCE,
    topologies={"many-to-one": Lengths(3, 24, 12, "letters at most; longer names are cut")},
    load=load,
    metric_label="accuracy",
    design={"cell": "lstm", "hidden_size": 32},
    settings={"learning_rate": 5e-3},
    presets={
        "by-heart": Preset("Learned by heart: overfits", TOO_LARGE, {"learning_rate": 1e-2}),
        "held-back": Preset(
            "The same, with dropout and weight decay",
            TOO_LARGE,
            {"learning_rate": 1e-2, "dropout": 0.6, "weight_decay": 3e-4},
        ),
    },
)
