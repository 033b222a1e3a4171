"""What is known about every place of a text, to compare units with: one function for each, by link name.

A function takes the symbols of one sequence, one for each time step, and gives a number for each. Symbols
are characters, or words; blanks may be shown by their signs. A symbol that a sequence of words holds
counts by its first character where a single one is asked about.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.characters import SIGNS

Doubles = NDArray[np.float64]

WRITTEN = {sign: character for character, sign in SIGNS.items()}
OPENING, CLOSING = "([{", ")]}"
QUOTES = {"“": "”", "„": "“", "«": "»", "‘": "’"}
"""Where a quotation opens and closes by different signs."""

VOWELS = set("aeiouy")
SENTENCE_ENDS = {".", "!", "?"}


@dataclass(frozen=True)
class Known:
    """`words` say what the number counts; `values(symbols)` gives one for each symbol.

    `anywhere`: it means something where symbols are no language, too, such as notes or bases.
    """

    label: str
    words: str
    values: Callable[[Sequence[str]], Doubles]
    anywhere: bool = False


def since(ends: Callable[[str], bool]) -> Callable[[Sequence[str]], Doubles]:
    """Time steps since the last symbol that `ends` something, 0 there; at first since the beginning."""

    def values(symbols: Sequence[str]) -> Doubles:
        found, count = [], 0
        for symbol in symbols:
            count = 0 if ends(symbol) else count + 1
            found.append(count)
        return np.array(found, np.float64)

    return values


def whether(holds: Callable[[str], bool]) -> Callable[[Sequence[str]], Doubles]:
    """1 at every symbol of which this holds, 0 elsewhere."""
    return lambda symbols: np.array([holds(symbol) for symbol in symbols], np.float64)


def position(symbols: Sequence[str]) -> Doubles:
    return np.arange(1, len(symbols) + 1, dtype=np.float64)


def bracket_depth(symbols: Sequence[str]) -> Doubles:
    """How many brackets are open after each symbol; a closing one without an open one closes nothing."""
    found, depth = [], 0
    for symbol in symbols:
        depth += (symbol in OPENING and symbol != "") - (symbol in CLOSING and symbol != "" and depth > 0)
        found.append(depth)
    return np.array(found, np.float64)


def inside_quotation(symbols: Sequence[str]) -> Doubles:
    """1 from an opening quotation mark up to the closing one, which is 0 again; a " opens and closes."""
    found, closing = [], ""
    for symbol in symbols:
        if closing:
            closing = "" if symbol == closing else closing
        elif symbol == '"':
            closing = symbol
        else:
            closing = QUOTES.get(symbol, "")
        found.append(bool(closing))
    return np.array(found, np.float64)


def repeats(symbols: Sequence[str]) -> Doubles:
    """1 where a symbol is the same as the one before."""
    same = [a == b for a, b in pairwise(symbols)]
    return np.array([False, *same][: len(symbols)], np.float64)


def plain(character: str) -> str:
    """A letter without its accents, in lower case."""
    return unicodedata.normalize("NFD", character.lower())[:1]


def is_vowel(symbol: str) -> bool:
    return plain(symbol) in VOWELS


def is_consonant(symbol: str) -> bool:
    return symbol[:1].isalpha() and not is_vowel(symbol)


KNOWN: dict[str, Known] = {
    "position": Known("Position", "time steps since the beginning", position, anywhere=True),
    "word": Known("Position in the word", "time steps since the last space", since(str.isspace)),
    "line": Known("Position in the line", "time steps since the last line end", since("\n".__eq__)),
    "sentence": Known(
        "Position in the sentence",
        "time steps since the last full stop, question or exclamation mark",
        since(SENTENCE_ENDS.__contains__),
    ),
    "brackets": Known("Bracket depth", "how many brackets are open", bracket_depth, anywhere=True),
    "quotation": Known("Inside a quotation", "whether a quotation mark is open", inside_quotation),
    "space": Known("Space", "whether this is a space", whether(str.isspace)),
    "vowel": Known("Vowel", "whether this is a vowel, or begins with one", whether(is_vowel)),
    "consonant": Known("Consonant", "whether this is a consonant, or begins with one", whether(is_consonant)),
    "digit": Known(
        "Digit", "whether this is a digit, or begins with one", whether(lambda s: s[:1].isdigit())
    ),
    "upper": Known(
        "Upper case", "whether this is a capital, or begins with one", whether(lambda s: s[:1].isupper())
    ),
    "punctuation": Known(
        "Punctuation",
        "whether this is a mark of punctuation",
        whether(lambda s: bool(s) and unicodedata.category(s[0]).startswith("P")),
    ),
    "repeat": Known("Repetition", "whether this is the same as the symbol before", repeats, anywhere=True),
    "length": Known(
        "Length of the word", "how many letters this word has", lambda s: np.array([float(len(x)) for x in s])
    ),
}


LANGUAGE = ("Names", "Text", "Sentences", "Translation")
"""Groups of tasks whose symbols are letters or words of a language."""


def known_in(group: str) -> tuple[str, ...]:
    """What is worth comparing in a group of tasks: a vowel among bases of DNA is none."""
    return tuple(name for name, one in KNOWN.items() if one.anywhere or group in LANGUAGE)


def known_values(name: str, symbols: Sequence[str]) -> Doubles:
    """What is known at each of the symbols (T,). Raises ValueError for a name that is not known."""
    if name not in KNOWN:
        raise ValueError(f"What is known must be one of {', '.join(KNOWN)}, not {name!r}.")
    return KNOWN[name].values([WRITTEN.get(symbol, symbol) for symbol in symbols])
