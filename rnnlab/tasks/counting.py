"""Counting: strings of n times a and n times b; at every time step, which symbols may come next?

The language a^n b^n of Gers and Schmidhuber (2001), between a start S and an end T: after S an a must come,
after an a either, after a b another b until there are as many as there were a, then T. The target is the set
of legal symbols, one yes or no for each, so that nothing asked is left to chance. A string takes 2n + 1 time
steps. Training strings fill at most half of the length, n = 1 ... N, and unseen ones the rest, n = N + 1 ...
2N, by turns held out and for the test: who counts goes on, who has learnt lengths by heart fails. T = S time
steps, B strings, O output size.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.characters import NOTHING, one_hot
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Part, Sample, TaskSpec

READ = "Sab"
MAY_FOLLOW = "abT"
NONE = "∅"


def most(length: int) -> int:
    """The largest n of a training string where the sequence has `length` time steps."""
    return (length - 1) // 4


def numbers(length: int, part: Part) -> NDArray[np.int64]:
    """Each n of a part, all alike probable."""
    largest = most(length)
    firsts = {"train": 1, "held_out": largest + 1, "test": largest + 2}
    step, end = (1, largest) if part == "train" else (2, 2 * largest)
    return np.arange(firsts[part], end + 1, step)


def strings(n_B: NDArray[np.int64], length: int) -> Batch:
    """The strings of these n, each at least 1, padded to `length` time steps, which must be enough."""
    t_T1 = np.arange(length)[:, None]
    starts, in_a, in_b = t_T1 == 0, (t_T1 >= 1) & (t_T1 <= n_B), (t_T1 > n_B) & (t_T1 <= 2 * n_B)
    mask_TB = t_T1 <= 2 * n_B
    read_TB = np.select([np.broadcast_to(starts, mask_TB.shape), in_a, in_b], [0, 1, 2], NOTHING)
    ends = t_T1 == 2 * n_B
    legal = (starts | in_a, in_a | (in_b & ~ends), ends)
    return Batch(
        inputs_TBI=one_hot(read_TB, len(READ)),
        targets=np.stack(legal, axis=2).astype(np.float32),
        mask_SB=mask_TB,
        lengths_B=2 * n_B + 1,
    )


def words(sets: list[str]) -> str:
    """Sets of symbols on one line, equal neighbours once with their number."""
    runs = [(label, len(list(group))) for label, group in groupby(sets)]
    return ", ".join(f"{count}×{label}" if count > 1 else label for label, count in runs)


@dataclass(frozen=True)
class Counting:
    """A string of as many b as a, to the symbols that may follow at each time step."""

    input_size: int = len(READ)
    output_size: int = len(MAY_FOLLOW)
    labels: tuple[str, ...] = ()
    loss: str = "binary_cross_entropy"
    metric: str = "exact_sets"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return strings(rng.choice(numbers(length, "train"), batch_size), length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return strings(rng.choice(numbers(length, "held_out"), batch_size), length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return strings(rng.choice(numbers(length, "test"), batch_size), length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        shares_O = legal_shares(numbers(length, "train"), length)
        asked_O = legal_shares(numbers(length, "test" if test else "held_out"), length)
        costs_O = -asked_O * np.log(shares_O) - (1 - asked_O) * np.log1p(-shares_O)
        return Baseline(
            float(costs_O.mean()), 0.0, "how often each symbol may follow in training", exact=True
        )

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        indices_T = batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)
        return [READ[i] for i in indices_T]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return sets(outputs_SO > 0, batch, index)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return sets(batch.targets[:, index] > 0.5, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        valid = batch.lengths_B[index]
        target = words(self.target_labels(batch, index)[:valid])
        answer = words(self.output_labels(batch, index, outputs_SO)[:valid])
        sure = float((1 / (1 + np.exp(-np.abs(outputs_SO[:valid].astype(np.float64))))).prod())
        return Sample(words(self.input_labels(batch, index)), target, answer, target == answer, sure)


def sets(chosen_SO: NDArray[np.bool_], batch: Batch, index: int) -> list[str]:
    """The chosen symbols at each of the S time steps; empty text where no loss attaches."""
    named = ["/".join(np.array(list(MAY_FOLLOW))[row]) or NONE for row in chosen_SO]
    return [name if valid else "" for name, valid in zip(named, batch.mask_SB[:, index], strict=True)]


def legal_shares(n_B: NDArray[np.int64], length: int) -> NDArray[np.float64]:
    """At which share of all time steps of the strings of these n each symbol may follow (O,)."""
    batch = strings(n_B, length)
    return np.asarray(batch.targets[batch.mask_SB].mean(axis=0, dtype=np.float64))


def load(topology: str, options: Options) -> Counting:
    return Counting()


SPEC = TaskSpec(
    label="Counting a and b",
    group="Algorithms",
    sentence="S, some a, as many b, T: which symbols may come next? Held-out strings are longer than all in "
    "training, so only a network that counts gets them right.",
    source="Generated: n is drawn for every string, up to a quarter of the length in training, from there to "
    "its half elsewhere.",
    topologies={"many-to-many": Lengths(9, 481, 41, "time steps: a quarter for the most a in training")},
    load=load,
    metric_label="strings all right",
    design={"cell": "lstm", "hidden_size": 8, "forget_bias": 3.0},
    settings={"learning_rate": 1e-2},
)
