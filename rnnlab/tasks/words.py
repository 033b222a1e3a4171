"""Words as a network reads them: a vocabulary, indices, and sentences to look at; and texts cut into words.

A word is a run of letters and digits in lower case, apostrophes inside it included; every other sign
is a word of its own, a line end too, but not a space. N words, W the widest sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import frequencies
from rnnlab.tasks.characters import NOTHING, visible
from rnnlab.tasks.options import TextOption
from rnnlab.tasks.text import Indices, borders, cut_up, prose

UNKNOWN = "‹?›"
"""Stands for every word that a vocabulary leaves out; no text can hold it as one word."""

PIECES = re.compile(r"\w+(?:['’]\w+)*|\n|[^\w\s]")
CLOSING = set(".,;:!?)]}%”’…")
OPENING = set("([{“‘")
LARGEST_VOCABULARY = 500
FEWEST = 50
OPTION = TextOption(
    label="Your text",
    help="Paste any text to learn from, a page or more; leave it empty for English prose. Fewer than "
    f"{FEWEST} words, or a script without spaces between them, are read character by character.",
    shortest=100,
    longest=5_000_000,
)


Choice = TypeVar("Choice")


def pick(rng: np.random.Generator, choices: Sequence[Choice]) -> Choice:
    """One of the choices, all alike probable. Quicker than `rng.choice`."""
    return choices[int(rng.random() * len(choices))]


def words_of(text: str) -> list[str]:
    """The words of a text, each so that it can be seen."""
    return [visible(piece) if len(piece) == 1 else piece for piece in PIECES.findall(text.lower())]


def joined(words: Iterable[str]) -> str:
    """Words as a sentence on one line, without spaces where people write none."""
    line = ""
    for word in words:
        close = word in CLOSING or not line or line[-1] in OPENING
        line += word if close else f" {word}"
    return line


@dataclass(frozen=True)
class Vocabulary:
    """The words that a network knows, in the order of their indices."""

    words: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.words)

    @cached_property
    def index(self) -> dict[str, int]:
        """The place of each word."""
        return {word: i for i, word in enumerate(self.words)}

    def encode(self, words: Iterable[str]) -> NDArray[np.int64]:
        """Indices of words; UNKNOWN for those left out, KeyError where there is no UNKNOWN."""
        other, indices = self.index.get(UNKNOWN), []
        for word in words:
            if (found := self.index.get(word, other)) is None:
                raise KeyError(f"{word!r} is not in the vocabulary")
            indices.append(found)
        return np.array(indices, np.int64)

    def decode(self, indices: Iterable[int]) -> list[str]:
        """The words that `indices` stand for; padding stands for nothing."""
        return [self.words[i] for i in indices if i != NOTHING]


def vocabulary(words: Iterable[str], largest: int) -> Vocabulary:
    """The most frequent words in the order of the dictionary, and UNKNOWN last."""
    counts = Counter(words)
    kept = sorted(counts, key=lambda word: (-counts[word], word))[:largest]
    return Vocabulary((*sorted(kept), UNKNOWN))


def table(
    sentences: Sequence[Sequence[str]], known: Vocabulary, width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sentences as rows of indices (N, width), padded with NOTHING, and their lengths (N,)."""
    indices_NW = np.full((len(sentences), width), NOTHING, np.int64)
    widths_N = np.array([len(sentence) for sentence in sentences], np.int64)
    indices_NW[np.arange(width) < widths_N[:, None]] = known.encode(
        word for sentence in sentences for word in sentence
    )
    return indices_NW, widths_N


@dataclass(frozen=True)
class WordText:
    """A text as indices into its vocabulary, cut in three. Only training words are known."""

    vocabulary: Vocabulary
    train_N: Indices
    held_out_N: Indices
    test_N: Indices

    @property
    def training_shares(self) -> NDArray[np.float64]:
        """How often each word occurs in training, as shares, none of them zero."""
        return frequencies(np.bincount(self.train_N, minlength=self.vocabulary.size))


def cut(text: str) -> list[str]:
    """The words of a text, or its characters where the words are too few to learn from."""
    words = words_of(text)
    return words if len(words) >= FEWEST else [visible(character) for character in text]


@lru_cache(maxsize=4)
def word_text_of(given: str) -> WordText:
    """The words of the text that the user gave, or of Python's prose where it is empty, read once."""
    words = cut(given or prose())
    known = vocabulary(words[: borders(len(words))[0]], LARGEST_VOCABULARY)
    return WordText(known, *cut_up(known.encode(words)))
