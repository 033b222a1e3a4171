"""Numbers as people and their programs write them: `1234.5`, `1,234.5`, `1.234,5`, `1 234,5`, `1'234.5`."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.own.series import all_at_once

Texts = Sequence[str]
NOTHING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "missing"}
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
DECIMAL_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)?,\d+(?:[eE][+-]?\d+)?")
APART = "[ '\u00a0\u2009\u202f\u2019]"
"""What parts thousands beside commas and dots: blanks, and apostrophes in Switzerland."""

PARTED = re.compile(rf"[+-]?\d{{1,3}}(?:{APART}\d{{3}})+(?:[.,]\d*)?")
DOTTED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
"""A thousand and some in German; in English one and some, or no number."""

ONE_COMMA = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
"""The same the other way round."""


def is_nothing(cell: str) -> bool:
    """Whether a cell says that its value is missing."""
    return cell.lower() in NOTHING


def has_decimal_comma(cell: str) -> bool:
    """Whether the comma in a cell can only be that of decimals."""
    return bool(DECIMAL_COMMA.fullmatch(tight := tightened(cell)) and not THOUSANDS.fullmatch(tight))


def numbers_of(cells: Texts, comma: bool) -> NDArray[np.float64]:
    """The numbers in some cells; NaN where there is none."""
    plain = None if comma else all_at_once(cells)
    if plain is not None:
        return plain
    found = (as_number(cell, comma) for cell in cells)
    return np.array([np.nan if one is None else one for one in found], np.float64)


def as_number(cell: str, comma: bool) -> float | None:
    """The number in a cell; None where there is none.

    `comma`: a comma is a decimal comma, and dots before three digits each part thousands.
    """
    cell = tightened(cell)
    if comma and (DECIMAL_COMMA.fullmatch(cell) or DOTTED.fullmatch(cell)):
        cell = cell.replace(".", "").replace(",", ".")
    elif THOUSANDS.fullmatch(cell):
        cell = cell.replace(",", "")
    try:
        found = None if "_" in cell else float(cell)
    except ValueError:
        return None
    return None if found is None or found != found else found


def tightened(cell: str) -> str:
    """A number without what parts its thousands, its minus the keyboard's; other cells as they are."""
    if cell.startswith("\u2212"):
        cell = "-" + cell[1:]
    return re.sub(APART, "", cell) if PARTED.fullmatch(cell) else cell
