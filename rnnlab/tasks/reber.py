"""Embedded Reber grammar: predict the next symbol; the last but one is the second again.

The grammar of experiment 1 in Hochreiter and Schmidhuber (1997), after Smith and Zipser (1989): B, an outer
symbol T or P, a whole string of the inner grammar, the same outer symbol, E. At every fork of the inner
grammar both ways are alike probable. As there, 256 strings are for training and 256 others are not, half of
them held out, half the test: 128 and twice 64 inner strings, each with either outer symbol, drawn as often as
the grammar gives them. The few with more symbols than LONGEST are left out. T = S time steps: each symbol but
the last is read, each but the first predicted. B strings, N strings of a set, W symbols at most, O outputs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import frequencies, predicted, probabilities, wanted
from rnnlab.tasks.characters import NOTHING, Alphabet, one_hot, table
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Parts, Sample, TaskSpec

LETTERS = Alphabet(tuple("BTPSXVE"))
OUTER = ("T", "P")
INNER = ({"T": 1, "P": 2}, {"S": 1, "X": 3}, {"T": 2, "V": 4}, {"X": 2, "S": 5}, {"P": 3, "V": 5}, {"E": 6})
"""The inner grammar: at each node, the symbols that may follow and the nodes they lead to."""

EACH = 128
"""Inner strings for training, and as many others, of which half are held out and half are the test."""

LONGEST = 31
SEED = 1997


class Strings(NamedTuple):
    """Different strings, short ones first: their symbols with NOTHING behind (N, W), and how many (N,).

    `weights_N` are the probabilities that the grammar gives them.
    """

    symbols_NW: NDArray[np.int64]
    widths_N: NDArray[np.int64]
    weights_N: NDArray[np.float64]

    def fitting(self, length: int) -> int:
        """How many strings are read within `length` time steps."""
        return int(np.searchsorted(self.widths_N, length + 1, side="right"))

    def shares(self, length: int) -> NDArray[np.float64]:
        """How often each string that fits is drawn."""
        weights = self.weights_N[: self.fitting(length)]
        return np.asarray(weights / weights.sum())

    def counts(self, length: int) -> NDArray[np.float64]:
        """How often each symbol is expected to be asked for in as many strings as fit (O,)."""
        asked_NT = self.symbols_NW[: self.fitting(length), 1:]
        weights_NT = np.broadcast_to(len(asked_NT) * self.shares(length)[:, None], asked_NT.shape)
        valid_NT = asked_NT != NOTHING
        counted_O = np.bincount(asked_NT[valid_NT], weights_NT[valid_NT], LETTERS.size)
        return counted_O.astype(np.float64)

    def words(self) -> list[str]:
        return [LETTERS.decode(row) for row in self.symbols_NW]


def inner(rng: np.random.Generator) -> str:
    """A string of the inner grammar, as often as it gives it."""
    word, node = "B", 0
    while node < len(INNER):
        symbol = list(INNER[node])[rng.integers(len(INNER[node]))]
        word, node = word + symbol, INNER[node][symbol]
    return word


def embedded(word: str) -> list[str]:
    """An inner string between either outer symbol."""
    return [f"B{outer}{word}{outer}E" for outer in OUTER]


def legal(word: str) -> list[set[str]]:
    """The symbols that may come next after each symbol of a string but the last."""
    node, inside = 0, []
    for symbol in word[3:-2]:
        inside.append(set(INNER[node]))
        node = INNER[node][symbol]
    return [set(OUTER), {"B"}, *inside, {word[1]}, {"E"}]


@lru_cache(maxsize=1)
def strings() -> Parts[Strings]:
    """Training strings, the first that the grammar gave; those that came new after, by turns, are unseen.

    Common strings come first, so both ways of a fork are met in training as often as they should be.
    """
    rng, found = np.random.default_rng(SEED), dict[str, None]()
    while len(found) < 2 * EACH:
        word = inner(rng)
        found.update({word: None} if len(word) + 4 <= LONGEST else {})
    words = list(found)
    return Parts(as_set(words[:EACH]), as_set(words[EACH::2]), as_set(words[EACH + 1 :: 2]))


def as_set(inner_words: list[str]) -> Strings:
    words = [word for found in sorted(inner_words, key=len) for word in embedded(found)]
    weights = [math.prod(1 / len(symbols) for symbols in legal(word)) for word in words]
    return Strings(*table(words, LETTERS, LONGEST), np.array(weights))


def batch_of(part: Strings, rows_B: NDArray[np.int64], length: int) -> Batch:
    """The strings in `rows_B`, all of which are read within `length` time steps."""
    symbols_WB = np.full((length + 1, len(rows_B)), NOTHING, np.int64)
    kept = min(length + 1, LONGEST)
    symbols_WB[:kept] = part.symbols_NW[rows_B, :kept].T
    mask_TB = symbols_WB[1:] != NOTHING
    return Batch(
        inputs_TBI=one_hot(np.where(mask_TB, symbols_WB[:-1], NOTHING), LETTERS.size),
        targets=np.where(mask_TB, symbols_WB[1:], 0),
        mask_SB=mask_TB,
        lengths_B=part.widths_N[rows_B] - 1,
    )


def draw(part: Strings, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    return batch_of(part, rng.choice(part.fitting(length), batch_size, p=part.shares(length)), length)


@dataclass(frozen=True)
class Reber:
    """Each symbol of an embedded Reber string to the next."""

    input_size: int = LETTERS.size
    output_size: int = LETTERS.size
    labels: tuple[str, ...] = LETTERS.characters
    loss: str = "cross_entropy"
    metric: str = "last_but_one"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(strings().train, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(strings().held_out, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(strings().test, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        costs_O = -np.log(frequencies(strings().train.counts(length)))
        loss = float(np.average(costs_O, weights=strings().unseen(test).counts(length)))
        words = "how often each symbol occurs in training; of T and P either"
        return Baseline(loss, 1 / len(OUTER), words, exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        indices_T = batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)
        return [LETTERS.characters[i] for i in indices_T]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """What was read up to the end of the inner string, and the outer symbol that has to follow."""
        read, place = "".join(self.input_labels(batch, index)[:-1]), batch.lengths_B[index] - 2
        target = self.target_labels(batch, index)[place]
        answer = self.output_labels(batch, index, outputs_SO)[place]
        return Sample(read, target, answer, target == answer, float(probabilities(outputs_SO)[place].max()))


def load(topology: str, options: Options) -> Reber:
    strings()
    return Reber()


SPEC = TaskSpec(
    label="Embedded Reber grammar",
    group="Algorithms",
    sentence="Predict the next symbol of a small grammar. At a fork two are legal, and nobody can know which "
    "comes; but the last but one repeats the second, which a memory across all between knows.",
    source="Generated from the grammar: 256 strings for training, 128 held out, 128 for the test.",
    topologies={"many-to-many": Lengths(15, LONGEST - 1, LONGEST - 1, "symbols read of the longest strings")},
    load=load,
    metric_label="outer symbol remembered",
    design={"cell": "lstm", "hidden_size": 8, "batch_size": 8},
    settings={"learning_rate": 1e-2},
)
