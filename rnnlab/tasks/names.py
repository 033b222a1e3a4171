"""Surnames by nationality, from Faker's lists, split into names to train on, held-out names and test names.

Names are in lower case with their accents. A name that occurs in two nationalities is dropped,
so that every name has one answer and no name can stand in two parts. Nor can one that reads like another when
both are cut: of names alike in their first letters ("van den berg", "van den bergh") only one part has any.
Both tasks on names draw the nationality first, all alike, then one of its names: a list of 400
names counts as much as one of 1,800. N names, W the widest name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.characters import Alphabet, alphabet, table

LOCALES = {
    "English": "en_GB",
    "German": "de_DE",
    "French": "fr_FR",
    "Italian": "it_IT",
    "Spanish": "es_ES",
    "Dutch": "nl_NL",
    "Swedish": "sv_SE",
    "Finnish": "fi_FI",
    "Estonian": "et_EE",
    "Croatian": "hr_HR",
    "Slovak": "sk_SK",
}
NATIONALITIES = tuple(LOCALES)
HELD_OUT_SHARE = TEST_SHARE = 0.1
READ = 11
"""Letters of a name that both tasks read at their usual length, the end sign of one of them apart."""

SOURCE = (
    "Surnames by country from the Python package Faker (MIT licence), which gathered them from public lists."
)


@dataclass(frozen=True)
class Names:
    """Names of one part, sorted by nationality: those of nationality k start at `starts[k]`."""

    letters_NW: NDArray[np.int64]
    widths_N: NDArray[np.int64]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def nationality_N(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @property
    def weights_N(self) -> NDArray[np.float64]:
        """The probability that `draw` picks each name."""
        return np.repeat(1 / (len(self.counts) * self.counts), self.counts)

    def draw(self, rng: np.random.Generator, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Nationalities, all alike probable, and the row of one name of each."""
        nationality = rng.integers(0, len(self.counts), number)
        return nationality, self.starts[nationality] + rng.integers(0, self.counts[nationality])


@dataclass(frozen=True)
class Split:
    """Names to train on, names held out and names for the test, in one alphabet."""

    letters: Alphabet
    train: Names
    held_out: Names
    test: Names


def listed(locale: str) -> set[str]:
    """Faker's surnames of a locale (tuple, list or dict of weights), less those like 'vries, de'."""
    provider = import_module(f"faker.providers.person.{locale}").Provider
    return {name.strip().lower() for name in provider.last_names if "," not in name}


def gathered(names: list[list[str]], letters: Alphabet, width: int) -> Names:
    letters_NW, widths_N = table([name for group in names for name in group], letters, width)
    counts = np.array([len(group) for group in names], np.int64)
    return Names(letters_NW, widths_N, np.cumsum(counts) - counts, counts)


@lru_cache(maxsize=1)
def split() -> Split:
    """All names, loaded once; one in ten held out and one in ten for the test, but for a few left out.

    Which ones is decided by a fixed permutation of each sorted list.
    """
    lists = [listed(locale) for locale in LOCALES.values()]
    seen = Counter(name for names in lists for name in names)
    rng = np.random.default_rng(2009)
    shuffled = [
        [str(name) for name in rng.permutation(sorted(n for n in names if seen[n] == 1))] for names in lists
    ]
    letters = alphabet("".join(name for names in shuffled for name in names))
    width = max(len(name) for names in shuffled for name in names)
    cuts = [round((HELD_OUT_SHARE + TEST_SHARE) * len(names)) for names in shuffled]
    parts = zip(*(cut_up(names, cut) for names, cut in zip(shuffled, cuts, strict=True)), strict=True)
    return Split(letters, *(gathered(part, letters, width) for part in apart(parts)))


def cut_up(names: list[str], cut: int) -> tuple[list[str], list[str], list[str]]:
    """Names to train on, held out and for the test: the first `cut` are unseen, half of them test."""
    half = (cut + 1) // 2
    return names[cut:], names[:half], names[half:cut]


def apart(parts: Iterable[Iterable[list[str]]]) -> Iterator[list[list[str]]]:
    """Parts, each without the names that begin as one of an earlier part does."""
    met: set[str] = set()
    for part in parts:
        kept = [[name for name in names if name[:READ] not in met] for names in part]
        met |= {name[:READ] for names in kept for name in names}
        yield kept
