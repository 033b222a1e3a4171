"""Relative time: "3 days ago" goes in letter by letter, "il y a 3 jours" comes out.

Every number from 1 to 99 of every unit from seconds to years, past and future, as Babel writes it in English
and in another language. Number and unit together decide in which part of the data a time is, for past and
future alike. `length` is the longest English text allowed. T letters read, S letters written with the end
sign, B pairs, N pairs of a part.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, frequencies, predicted, wanted
from rnnlab.tasks.characters import NOTHING, Alphabet, alphabet, one_hot, table
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec
from rnnlab.tasks.surname import END

Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]
UNITS: dict[Unit, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
"""The units, and how long Babel takes each to be."""

LARGEST = 99
LONGEST = len("99 seconds ago")
HELD_OUT_SHARE = TEST_SHARE = 0.1
ENGLISH = "en"
LANGUAGES = {
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "it": "Italian",
    "nl": "Dutch",
    "pt": "Portuguese",
    "sv": "Swedish",
    "fi": "Finnish",
    "pl": "Polish",
    "tr": "Turkish",
}


def written(number: int, unit: Unit, language: str) -> str:
    """So many units from now, or ago where the number is negative, with plain spaces."""
    from babel.dates import format_timedelta

    # A threshold that no number reaches keeps Babel from going on to a larger unit.
    text = format_timedelta(number * UNITS[unit], unit, float("inf"), add_direction=True, locale=language)
    return " ".join(text.split())


@dataclass(frozen=True)
class Pairs:
    """Pairs of one part, the shortest English first: letters read and written, and lengths."""

    letters_NT: NDArray[np.int64]
    widths_N: NDArray[np.int64]
    answers_NS: NDArray[np.int64]

    def fitting(self, length: int) -> int:
        """How many English texts have at most `length` letters: the first ones."""
        return int(np.searchsorted(self.widths_N, length, side="right"))

    def counts(self, length: int, size: int) -> NDArray[np.int64]:
        """How often each letter and the end sign are written for texts that fit."""
        answers_NS = self.answers_NS[: self.fitting(length)]
        return np.bincount(answers_NS[answers_NS != NOTHING], minlength=size)


@dataclass(frozen=True)
class Pool:
    """Pairs to train on, held out and for the test, in the alphabets of both languages."""

    read: Alphabet
    answers: Alphabet
    train: Pairs
    held_out: Pairs
    test: Pairs


def translated(times: list[tuple[int, Unit]], language: str) -> list[tuple[str, str]]:
    """Each time, ago and from now, in English and in the language with an end sign, the shortest first."""
    texts = [
        (written(sign * number, unit, ENGLISH), written(sign * number, unit, language) + END)
        for number, unit in times
        for sign in (-1, 1)
    ]
    return sorted(texts, key=lambda pair: len(pair[0]))


def gathered(texts: list[tuple[str, str]], read: Alphabet, answers: Alphabet, most: int) -> Pairs:
    letters_NT, widths_N = table([text for text, _ in texts], read, LONGEST)
    answers_NS, _ = table([answer for _, answer in texts], answers, most)
    return Pairs(letters_NT, widths_N, answers_NS)


@lru_cache(maxsize=len(LANGUAGES))
def pool(language: str) -> Pool:
    """All pairs of English and a language; one time in ten held out and one for the test, by chance."""
    times = [(number, unit) for number in range(1, LARGEST + 1) for unit in UNITS]
    order = [times[i] for i in np.random.default_rng(2009).permutation(len(times))]
    middle, border = (round(share * len(times)) for share in (HELD_OUT_SHARE, HELD_OUT_SHARE + TEST_SHARE))
    parts = [translated(part, language) for part in (order[border:], order[:middle], order[middle:border])]
    pairs = [pair for part in parts for pair in part]
    read, answers = (alphabet("".join(texts)) for texts in zip(*pairs, strict=True))
    most = max(len(answer) for _, answer in pairs)
    return Pool(read, answers, *(gathered(part, read, answers, most) for part in parts))


def draw(pairs: Pairs, size: int, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    rows_B = rng.integers(0, pairs.fitting(length), batch_size)
    answers_SB = np.ascontiguousarray(pairs.answers_NS[rows_B].T)
    return Batch(
        inputs_TBI=one_hot(pairs.letters_NT[rows_B, :length].T, size),
        targets=np.maximum(answers_SB, 0),
        mask_SB=answers_SB != NOTHING,
        lengths_B=pairs.widths_N[rows_B],
    )


@dataclass(frozen=True)
class RelativeTime:
    """A time in English, read to its end, to the same time in another language and an end sign."""

    pool: Pool
    input_size: int
    output_size: int
    labels: tuple[str, ...]
    loss: str = "cross_entropy"
    metric: str = "exact_match"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.pool.train, self.input_size, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.pool.held_out, self.input_size, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.pool.test, self.input_size, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        costs = -np.log(frequencies(self.pool.train.counts(length, self.output_size)))
        asked = self.pool.test if test else self.pool.held_out
        loss = float(np.average(costs, weights=asked.counts(length, self.output_size)))
        return Baseline(loss, 0.0, "how often each letter is written in training", exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        indices_T = batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)
        return [self.pool.read.labels[i] for i in indices_T]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """What was written up to the target's end; an end sign before it, or none there, is shown."""
        read = self.pool.read.decode(batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1))
        asked_S = batch.mask_SB[:, index]
        target = self.text(batch.targets[asked_S, index])
        answer = self.text(outputs_SO[asked_S].argmax(axis=1))
        return Sample(read, target, answer, target == answer, confidence(outputs_SO[asked_S]))

    def text(self, indices: NDArray[np.int64]) -> str:
        """Letters as text, less an end sign that stands last."""
        return self.pool.answers.decode(indices).removesuffix(END)


def load(topology: str, options: Options) -> RelativeTime:
    found = pool(options.get("language", SPEC.options["language"].default))
    return RelativeTime(found, found.read.size, found.answers.size, found.answers.labels)


SPEC = TaskSpec(
    label="Relative time, translated",
    group="Translation",
    sentence="A time such as “3 days ago” is read in English and written in another language: the unit is "
    "translated, the number copied, and the words change places.",
    source="Generated with the Python package Babel (BSD licence) from the Unicode CLDR's patterns of "
    "relative times (Unicode licence).",
    topologies={
        "encoder-decoder": Lengths(10, LONGEST, LONGEST, "letters at most in the time as it is read")
    },
    load=load,
    metric_label="times all right",
    design={"cell": "lstm", "hidden_size": 64},
    settings={"learning_rate": 1e-2},
    options={
        "language": ChoiceOption(
            label="Into", help="The language that the network writes.", choices=LANGUAGES, default="fr"
        )
    },
)
