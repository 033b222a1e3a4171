"""Dyck-1: strings of balanced brackets; at every time step, which brackets may come next?

The strings of the grammar S -> (S)S | nothing, either way alike probable, as in Suzgun, Gehrmann, Belinkov
and Shieber (2019): so all strings of one length are alike probable, and n pairs come with a probability
proportional to C_n / 4^n, C_n the Catalan numbers. An opening bracket may always follow, a closing one as
long as one is open. Training strings fill at most half of the length, 1 ... N pairs, and unseen ones the
rest, N + 1 ... 2N, by turns held out and for the test: who counts goes on. T = S time steps, B strings, O
output size, N pairs at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.characters import NOTHING, one_hot
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Part, Sample, TaskSpec

BRACKETS = "()"
NONE = "∅"


def most(length: int) -> int:
    """The most pairs of a training string where the sequence has `length` time steps."""
    return length // 4


def numbers(length: int, part: Part) -> range:
    """How many pairs the strings of a part may have."""
    largest = most(length)
    first = {"train": 1, "held_out": largest + 1, "test": largest + 2}[part]
    return range(first, largest + 1) if part == "train" else range(first, 2 * largest + 1, 2)


@lru_cache(maxsize=64)
def shares(pairs: range) -> NDArray[np.float64]:
    """How probable each number of pairs is, by the ratio of neighbours."""
    n = np.arange(pairs[0], pairs[-1])
    weights = np.cumprod(np.concatenate([[1.0], (2 * n + 1) / (2 * (n + 2))]))[:: pairs.step]
    return np.asarray(weights / weights.sum())


def balanced(rng: np.random.Generator, pairs_B: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Strings (T, B) of so many pairs, all alike probable: 1 opens, -1 closes, 0 behind.

    By the cycle lemma: of n opening and n + 1 closing brackets in a circle, exactly one place to begin
    keeps the depth from falling below zero until the last bracket, which is left out.
    """
    size_B, place_W1 = 2 * pairs_B + 1, np.arange(length + 1)[:, None]
    keys_WB = np.where(place_W1 < size_B, rng.random((length + 1, len(pairs_B))), 2.0)
    opens_WB = keys_WB.argsort(axis=0).argsort(axis=0) < pairs_B
    circle_WB = np.where(place_W1 < size_B, np.where(opens_WB, 1, -1), 0)
    begins_B = circle_WB.cumsum(axis=0).argmin(axis=0) + 1
    turned_WB = np.take_along_axis(circle_WB, (place_W1 + begins_B) % size_B, axis=0)
    return np.where(place_W1 < 2 * pairs_B, turned_WB, 0)[:-1]


def strings(rng: np.random.Generator, pairs_B: NDArray[np.int64], length: int) -> Batch:
    """Random strings of so many pairs each, padded to `length` time steps, which must be enough."""
    steps_TB = balanced(rng, pairs_B, length)
    mask_TB = steps_TB != 0
    legal_TBO = np.stack([mask_TB, mask_TB & (steps_TB.cumsum(axis=0) > 0)], axis=2)
    return Batch(
        inputs_TBI=one_hot(np.where(mask_TB, (1 - steps_TB) // 2, NOTHING), len(BRACKETS)),
        targets=legal_TBO.astype(np.float32),
        mask_SB=mask_TB,
        lengths_B=2 * pairs_B,
    )


def draw(part: Part, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    pairs = numbers(length, part)
    return strings(rng, rng.choice(np.array(pairs), batch_size, p=shares(pairs)), length)


def share_open(pairs: range) -> float:
    """At which share of all time steps a bracket is open.

    A string of n pairs is at depth zero after 3n / (n + 2) of its 2n brackets, on average (Deutsch, 1999).
    """
    n = np.array(pairs)
    return 1 - float(shares(pairs) @ (3 * n / (n + 2)) / (shares(pairs) @ (2 * n)))


@dataclass(frozen=True)
class Dyck:
    """A string of balanced brackets, to the brackets that may follow at each time step."""

    input_size: int = len(BRACKETS)
    output_size: int = len(BRACKETS)
    labels: tuple[str, ...] = ()
    loss: str = "binary_cross_entropy"
    metric: str = "exact_sets"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw("train", rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw("held_out", rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw("test", rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        """Nothing for the opening bracket, which may always follow; halved, as a mean over both."""
        parts: tuple[Part, Part] = ("train", "test" if test else "held_out")
        known, met = (share_open(numbers(length, part)) for part in parts)
        cost = -met * np.log(known) - (1 - met) * np.log1p(-known)
        return Baseline(float(cost) / 2, 0.0, "how often each bracket may follow in training", exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [BRACKETS[i] for i in batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return sets(outputs_SO > 0, batch, index)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return sets(batch.targets[:, index] > 0.5, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        valid = batch.lengths_B[index]
        target = " ".join(self.target_labels(batch, index)[:valid])
        answer = " ".join(self.output_labels(batch, index, outputs_SO)[:valid])
        sure = float((1 / (1 + np.exp(-np.abs(outputs_SO[:valid].astype(np.float64))))).prod())
        return Sample("".join(self.input_labels(batch, index)), target, answer, target == answer, sure)


def sets(chosen_SO: NDArray[np.bool_], batch: Batch, index: int) -> list[str]:
    """The chosen brackets at each of the S time steps; empty text where no loss attaches."""
    named = ["".join(np.array(list(BRACKETS))[row]) or NONE for row in chosen_SO]
    return [name if valid else "" for name, valid in zip(named, batch.mask_SB[:, index], strict=True)]


def load(topology: str, options: Options) -> Dyck:
    return Dyck()


SPEC = TaskSpec(
    label="Balanced brackets (Dyck-1)",
    group="Algorithms",
    sentence="Brackets open and close; which may come next? An opening one always, a closing one only while "
    "one is open. The network has to count the depth, in strings longer than all in training.",
    source="Generated from the grammar: strings that fill up to half of the length in training, more than "
    "half elsewhere.",
    topologies={"many-to-many": Lengths(8, 400, 100, "brackets in the longest held-out string")},
    load=load,
    metric_label="strings all right",
    design={"cell": "lstm", "hidden_size": 8, "forget_bias": 3.0},
    settings={"learning_rate": 1e-2},
)
