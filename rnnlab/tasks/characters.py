"""Characters as a network reads them: an alphabet, indices, one-hot vectors, and labels to look at.

A character is one Unicode code point. Shapes: T time steps, B sequences, I characters in the alphabet.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.spec import Floats

NOTHING = -1
"""The index of padding: `one_hot` turns it into zeros."""

OTHER = "�"
"""Stands for every character that an alphabet leaves out."""

SIGNS = {"\n": "⏎", "\r": "␍", "\t": "⇥", " ": "␣"}
UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zs", "Zl", "Zp"}
"""Unicode categories without a shape of their own: shown by their number."""


@lru_cache(4096)
def visible(character: str) -> str:
    """`character` so that it can be seen on its own: a sign for blanks, a dotted ring below accents."""
    if character in SIGNS:
        return SIGNS[character]
    category = unicodedata.category(character)
    if category in UNSEEN:
        return f"U+{ord(character):04X}"
    return f"◌{character}" if category.startswith("M") else character


def readable(text: str) -> str:
    """`text` on one line: line ends and tabs as signs, spaces as they are."""
    return "".join(character if character == " " else visible(character) for character in text)


def one_hot(indices_TB: NDArray[np.int64], size: int) -> Floats:
    """One-hot vectors (T, B, size), zeros where the index is NOTHING."""
    rows = np.eye(size + 1, size, dtype=np.float32)
    return rows[indices_TB]


def code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


@dataclass(frozen=True)
class Alphabet:
    """The characters that a network knows, in the order of their indices."""

    characters: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.characters)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(visible(character) for character in self.characters)

    def encode(self, text: str) -> NDArray[np.int64]:
        """Indices of the characters of `text`; OTHER for those left out, KeyError where there is no OTHER."""
        points, known = code_points(text), [ord(character) for character in self.characters]
        other = self.characters.index(OTHER) if OTHER in self.characters else NOTHING
        # A table by code point: many times faster than sorting millions of characters.
        index = np.full(1 + max(*known, int(points.max(initial=0))), other, np.int64)
        index[known] = np.arange(self.size)
        found = index[points]
        if other == NOTHING and (found == NOTHING).any():
            raise KeyError(f"{chr(points[found.argmin()])!r} is not in the alphabet")
        return np.asarray(found)

    def decode(self, indices: Iterable[int]) -> str:
        """The text that `indices` stand for; padding stands for nothing."""
        return "".join(self.characters[i] for i in indices if i != NOTHING)


def alphabet(text: str, largest: int | None = None) -> Alphabet:
    """The distinct characters of `text` in code order; beyond `largest`, the most frequent and OTHER."""
    numbers = np.bincount(code_points(text))
    points = np.flatnonzero(numbers)
    counts = numbers[points]
    if largest is None or len(points) <= largest:
        return Alphabet(tuple(chr(point) for point in points))
    kept = np.sort(points[np.argsort(-counts, kind="stable")[:largest]])
    return Alphabet(tuple(dict.fromkeys([*(chr(point) for point in kept), OTHER])))


def table(texts: list[str], letters: Alphabet, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Texts as rows of indices (N, width), cut or padded with NOTHING, and their uncut lengths (N,).

    Texts hold no NUL and only characters of `letters`.
    """
    points_NW = np.array(texts, f"<U{width}").view(np.uint32).reshape(len(texts), width)
    order = {ord(character): i for i, character in enumerate(letters.characters)}
    known, inverse = np.unique(points_NW, return_inverse=True)
    indices = np.array([order[int(point)] if point else NOTHING for point in known], np.int64)
    return indices[inverse].reshape(points_NW.shape), np.array([len(text) for text in texts], np.int64)
