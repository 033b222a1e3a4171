"""Nationality to surname: one word goes in, letters come out, until the end symbol.

`length` counts the letters and the end symbol; longer names are cut. The network's own letters
are its later inputs, which the one-to-many topology sees to. S output time steps, B names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import frequencies, predicted, wanted
from rnnlab.tasks.characters import Alphabet, one_hot
from rnnlab.tasks.names import NATIONALITIES, SOURCE, Names, split
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec

END = "■"


def spelled(
    names: Names, rows: NDArray[np.int64], end: int, length: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Letters and end symbol of the names in `rows`, with zeros behind (S, B), and where they stand."""
    letters_BS = np.zeros((len(rows), length), np.int64)
    letters_BS[:, : names.letters_NW.shape[1]] = np.maximum(names.letters_NW[rows, :length], 0)
    last_B = np.minimum(names.widths_N[rows], length - 1)
    letters_BS[np.arange(len(rows)), last_B] = end
    mask_BS = np.arange(length) <= last_B[:, None]
    return np.ascontiguousarray((letters_BS * mask_BS).T), np.ascontiguousarray(mask_BS.T)


def draw(names: Names, end: int, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    nationality_B, rows_B = names.draw(rng, batch_size)
    targets_SB, mask_SB = spelled(names, rows_B, end, length)
    inputs_TBI = one_hot(nationality_B[None], len(NATIONALITIES))
    return Batch(inputs_TBI, targets_SB, mask_SB, np.ones(batch_size, np.int64))


@dataclass(frozen=True)
class Surname:
    """A nationality to a surname, written letter by letter to its end sign."""

    letters: Alphabet
    output_size: int
    labels: tuple[str, ...]
    input_size: int = len(NATIONALITIES)
    loss: str = "cross_entropy"
    metric: str = "bits_per_symbol"

    @property
    def end(self) -> int:
        return self.letters.size

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(split().train, self.end, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(split().held_out, self.end, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(split().test, self.end, rng, batch_size, length)

    def counts(self, names: Names, length: int) -> NDArray[np.float64]:
        """How often each letter and the end symbol are expected in as many names as there are."""
        number = len(names.widths_N)
        targets_SB, mask_SB = spelled(names, np.arange(number), self.end, length)
        weights_SB = np.broadcast_to(number * names.weights_N, mask_SB.shape)
        counted_O = np.bincount(targets_SB[mask_SB], weights_SB[mask_SB], self.output_size)
        return counted_O.astype(np.float64)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        costs = -np.log(frequencies(self.counts(split().train, length)))
        asked = split().test if test else split().held_out
        loss = float(np.average(costs, weights=self.counts(asked, length)))
        return Baseline(loss, loss / math.log(2), "how often each letter occurs in training", exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [NATIONALITIES[int(batch.inputs_TBI[0, index].argmax())]]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def name(self, indices: NDArray[np.int64]) -> str:
        """The letters before the first end symbol."""
        ends = np.flatnonzero(indices == self.end)
        return self.letters.decode(indices[: ends[0]] if len(ends) else indices)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target, answer = self.name(batch.targets[:, index]), self.name(outputs_SO.argmax(axis=1))
        return Sample(self.input_labels(batch, index)[0], target, answer, target == answer, None)


def load(topology: str, options: Options) -> Surname:
    letters = split().letters
    return Surname(letters, letters.size + 1, (*letters.labels, END))


SPEC = TaskSpec(
    label="Nationality to surname",
    group="Names",
    sentence="From one word, a nationality, the network invents a surname letter by letter. There is no one "
    "right answer; what it learns is which letters follow which.",
    source=SOURCE,
    topologies={"one-to-many": Lengths(3, 24, 12, "letters at most, the end sign included")},
    writes="word",
    load=load,
    metric_label="bits per letter",
    design={"cell": "gru", "hidden_size": 64},
    settings={"learning_rate": 5e-3},
)
