"""A text to learn from: the user's own, or the English prose that Python carries with it.

The last tenth of a text is not trained on: its first half is held out, its second half is the test, and no
window of characters crosses a border. Of a short text it is more, at least 51 characters in either half, yet
never more than a quarter in all. N characters, T time steps, B windows, I characters in the alphabet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import frequencies
from rnnlab.tasks.characters import Alphabet, alphabet
from rnnlab.tasks.options import TextOption

Indices = NDArray[np.int16]
"""Into an alphabet or a vocabulary: a quarter of the memory, which counts for millions of characters."""

LARGEST_ALPHABET = 200
SHORTEST_PARAGRAPH = 60
SOURCE = (
    "Unless you give your own text: the English prose of Python's own documentation, as it ships with Python "
    "(module pydoc_data.topics, PSF licence)."
)
OPTION = TextOption(
    label="Your text",
    help="Paste any text to learn from, in any language; leave it empty for English prose.",
    shortest=100,
    longest=5_000_000,
)


@dataclass(frozen=True)
class Text:
    """A text as indices into its alphabet, cut in three."""

    letters: Alphabet
    train_N: Indices
    held_out_N: Indices
    test_N: Indices

    @property
    def training_shares(self) -> NDArray[np.float64]:
        """How often each character occurs in training, as shares, none of them zero."""
        return frequencies(np.bincount(self.train_N, minlength=self.letters.size))


def prose() -> str:
    """The paragraphs of Python's documentation that are sentences, each once, one to a line."""
    from pydoc_data.topics import topics

    blocks = [
        " ".join(block.split()) for name in sorted(topics) for block in re.split(r"\n\s*\n", topics[name])
    ]
    sentences = [block for block in blocks if len(block) >= SHORTEST_PARAGRAPH and block[0].isupper()]
    kept = [block for block in sentences if block[-1] in ".:" and "::=" not in block]
    return "\n".join(dict.fromkeys(kept))


def cut_up(indices_N: NDArray[np.int64]) -> tuple[Indices, Indices, Indices]:
    """What is trained on, what is held out, and the test, in the order of the text."""
    border, middle = borders(len(indices_N))
    small_N = indices_N.astype(np.int16)
    return small_N[:border], small_N[border:middle], small_N[middle:]


def borders(size: int) -> tuple[int, int]:
    """Where in a text of `size` characters the held-out part begins, and where the test."""
    unseen = max(size // 10, min(102, size // 4))
    return size - unseen, size - unseen // 2


@lru_cache(maxsize=4)
def text_of(given: str) -> Text:
    """The text that the user gave, or Python's prose where it is empty, read once."""
    whole = given or prose()
    letters = alphabet(whole, LARGEST_ALPHABET)
    indices_N = letters.encode(whole)
    return Text(letters, *cut_up(indices_N))


def windows(indices_N: Indices, rng: np.random.Generator, batch_size: int, width: int) -> NDArray[np.int64]:
    """Windows (width, B) of consecutive characters from places drawn alike; ValueError if none fits."""
    starts_B = rng.integers(0, len(indices_N) - width + 1, batch_size)
    return np.asarray(indices_N[starts_B + np.arange(width)[:, None]], np.int64)
