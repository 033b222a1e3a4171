"""Dates in words to ISO dates: "mardi 3 mai 2011" goes in, "2011-05-03" comes out.

Every day of sixty years is written a few times, in languages and styles drawn at random from Babel. One
calendar day in twenty is held out and one in twenty for the test, in all their writings. `length` is the
longest text allowed; dates that do not fit are not drawn. T characters read, S = 10 characters written, B
dates, N in the pool.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, frequencies, predicted, wanted
from rnnlab.tasks.characters import Alphabet, alphabet, one_hot, table
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec

LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pt", "sv")
STYLES: tuple[Literal["full", "long", "medium"], ...] = ("full", "long", "medium")
WRITINGS = tuple((language, style) for language in LANGUAGES for style in STYLES)
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2029, 12, 31)
WRITINGS_PER_DAY = 3
HELD_OUT_SHARE = TEST_SHARE = 0.05
LONGEST = 40
ISO = Alphabet(tuple("0123456789-"))
WIDTH = len("2009-05-25")


@dataclass(frozen=True)
class Dates:
    """Dates of one part, the shortest text first."""

    letters_NT: NDArray[np.int64]
    widths_N: NDArray[np.int64]
    iso_NS: NDArray[np.int64]

    def fitting(self, length: int) -> int:
        """How many texts have at most `length` characters: the first ones."""
        return int(np.searchsorted(self.widths_N, length, side="right"))


@dataclass(frozen=True)
class Pool:
    """Dates to train on, dates held out and dates for the test, in one alphabet."""

    letters: Alphabet
    train: Dates
    held_out: Dates
    test: Dates


def days() -> list[date]:
    return [FIRST_DAY + timedelta(i) for i in range((LAST_DAY - FIRST_DAY).days + 1)]


def written(rng: np.random.Generator, calendar: Iterable[date]) -> list[tuple[str, date]]:
    """Each day in a few languages and styles drawn at random, in lower case, with plain spaces."""
    from babel.dates import get_date_format

    patterns = [(get_date_format(style, language), language) for language, style in WRITINGS]
    pairs = []
    for day in calendar:
        for choice in rng.choice(len(patterns), WRITINGS_PER_DAY, replace=False):
            pattern, language = patterns[choice]
            pairs.append((" ".join(pattern.apply(day, language).lower().split()), day))
    return pairs


def gathered(pairs: list[tuple[str, date]], letters: Alphabet) -> Dates:
    pairs = sorted(pairs, key=lambda pair: len(pair[0]))
    letters_NT, widths_N = table([text for text, _ in pairs], letters, LONGEST)
    iso_NS, _ = table([day.isoformat() for _, day in pairs], ISO, WIDTH)
    return Dates(letters_NT, widths_N, iso_NS)


@lru_cache(maxsize=1)
def pool() -> Pool:
    """All dates, written once; the days of each part by a fixed permutation."""
    rng = np.random.default_rng(2009)
    calendar = days()
    unseen = rng.permutation(len(calendar))[: round((HELD_OUT_SHARE + TEST_SHARE) * len(calendar))].tolist()
    train_days = sorted(set(range(len(calendar))) - set(unseen))
    parts = [
        written(rng, (calendar[i] for i in part))
        for part in (train_days, sorted(unseen[::2]), sorted(unseen[1::2]))
    ]
    letters = alphabet("".join(text for part in parts for text, _ in part))
    return Pool(letters, *(gathered(part, letters) for part in parts))


def draw(dates: Dates, size: int, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    rows_B = rng.integers(0, dates.fitting(length), batch_size)
    return Batch(
        inputs_TBI=one_hot(dates.letters_NT[rows_B, :length].T, size),
        targets=np.ascontiguousarray(dates.iso_NS[rows_B].T),
        mask_SB=np.ones((WIDTH, batch_size), np.bool_),
        lengths_B=dates.widths_N[rows_B],
    )


@dataclass(frozen=True)
class DatesToISO:
    """A date as people write it, read to its end, to ten characters of ISO 8601."""

    letters: Alphabet
    input_size: int
    output_size: int = ISO.size
    labels: tuple[str, ...] = ISO.characters
    loss: str = "cross_entropy"
    metric: str = "exact_match"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(pool().train, self.input_size, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(pool().held_out, self.input_size, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(pool().test, self.input_size, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        train_NS = pool().train.iso_NS[: pool().train.fitting(length)]
        asked = pool().test if test else pool().held_out
        asked_NS = asked.iso_NS[: asked.fitting(length)]
        counts_SO = [np.bincount(column_N, minlength=ISO.size) for column_N in train_NS.T]
        costs = [
            -np.log(frequencies(counts_O))[column_N].mean()
            for counts_O, column_N in zip(counts_SO, asked_NS.T, strict=True)
        ]
        usual_S = np.array([counts_O.argmax() for counts_O in counts_SO])
        right = float((asked_NS == usual_S).all(axis=1).mean())
        words = "how often each digit occurs at its place in training"
        return Baseline(float(np.mean(costs)), right, words, exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        indices_T = batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)
        return [self.letters.labels[i] for i in indices_T]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        text = self.letters.decode(batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1))
        target = "".join(self.target_labels(batch, index))
        answer = "".join(self.output_labels(batch, index, outputs_SO))
        return Sample(text, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> DatesToISO:
    letters = pool().letters
    return DatesToISO(letters, letters.size)


SPEC = TaskSpec(
    label="Dates in words to ISO dates",
    group="Translation",
    sentence="A date in one of eight languages is read to its end, squeezed into the hidden state, and "
    "written again as year, month and day.",
    source="Generated with the Python package Babel (BSD licence) from the Unicode CLDR's names of months "
    "and days (Unicode licence).",
    topologies={"encoder-decoder": Lengths(12, LONGEST, 20, "characters at most in the date as it is read")},
    load=load,
    metric_label="dates all right",
    design={"cell": "lstm", "hidden_size": 64},
    settings={"learning_rate": 1e-2},
)
