"""A text to learn from: the user's own, or the English prose that Python carries with it.

The last tenth of a text is held out, and no window of characters crosses the border. A short text
holds out more: at least 51 characters, yet never more than a quarter. N characters, T time steps,
B windows, I characters in the alphabet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import frequencies
from rnnlab.tasks.characters import Alphabet, alphabet
from rnnlab.tasks.spec import TextOption

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
    """A text as indices into its alphabet, cut in two."""

    letters: Alphabet
    train_N: NDArray[np.int64]
    held_out_N: NDArray[np.int64]

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


def held_out_size(size: int) -> int:
    """How many of the last characters of a text of `size` are held out."""
    return max(size // 10, min(51, size // 4))


@lru_cache(maxsize=4)
def text_of(given: str) -> Text:
    """The text that the user gave, or Python's prose where it is empty, read once."""
    whole = given or prose()
    letters = alphabet(whole, LARGEST_ALPHABET)
    indices_N = letters.encode(whole)
    border = len(indices_N) - held_out_size(len(indices_N))
    return Text(letters, indices_N[:border], indices_N[border:])


def windows(
    indices_N: NDArray[np.int64], rng: np.random.Generator, batch_size: int, width: int
) -> NDArray[np.int64]:
    """Windows (width, B) of consecutive characters from places drawn alike; ValueError if none fits."""
    starts_B = rng.integers(0, len(indices_N) - width + 1, batch_size)
    return np.asarray(indices_N[starts_B + np.arange(width)[:, None]])
