"""The cells of a table (CSV and its relatives): what separates them is found from the first lines.

A semicolon, a tab, a bar, a comma or a blank may; where another sign than a comma does, or the line of
names has none, numbers may have a decimal comma.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.own.series import all_at_once

if TYPE_CHECKING:
    import pandas

DELIMITERS = ";\t|, "
"""In the order in which they are believed: where a semicolon separates, commas belong to the numbers."""

ALONE = "\n"
"""Stands for a table of one column, whose cells nothing separates."""

LOOKED_AT = 50
MOST_COLUMNS = 200
NOTHING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "missing"}
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
DECIMAL_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)?,\d+(?:[eE][+-]?\d+)?")
UNEVEN = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
Texts = Sequence[str]


class Cells(NamedTuple):
    """Texts in columns without names, the line of the file where each row stands, and what separates them."""

    frame: pandas.DataFrame
    lines_N: NDArray[np.int64]
    delimiter: str

    def column(self, place: int) -> list[str]:
        return [cell.strip() for cell in self.frame[place].tolist()]

    def some(self, place: int, most: int) -> list[str]:
        """The first cells of a column, and others from all over it."""
        cells = self.frame[place]
        spread = cells.iloc[most :: max(1, len(cells) // most)]
        return [cell.strip() for cell in (*cells.iloc[:most].tolist(), *spread.tolist())]

    def row(self, place: int) -> list[str]:
        return [cell.strip() for cell in self.frame.iloc[place].tolist()]


def cells_of(text: str) -> Cells:
    """The cells in a text. Raises ValueError, in one sentence, for lines that are not equally long."""
    whole = text.split("\n")
    lines_N = np.array([place for place, line in enumerate(whole, 1) if line.strip()], np.int64)
    if not len(lines_N):
        raise ValueError("The table is empty; lines with numbers are needed.")
    first = [whole[line - 1] for line in lines_N[:LOOKED_AT]]
    delimiter = delimiter_of(first)
    refuse_wide(first[0], delimiter)
    frame = parsed(text, delimiter)
    if frame.empty:
        raise ValueError("All cells are empty; a column of numbers is needed.")
    if len(frame) != len(lines_N):  # a cell in quotation marks goes over several lines
        lines_N = np.arange(1, len(frame) + 1)
    return Cells(frame, lines_N, delimiter)


def delimiter_of(lines: Texts) -> str:
    """What separates the cells: the first sign that every one of the lines has equally often."""
    for sign in DELIMITERS:
        if even(lines, sign):
            return sign
    shares = {sign: sum(sign in line for line in lines) / len(lines) for sign in DELIMITERS[:-1]}
    best = max(shares, key=lambda sign: shares[sign])
    return best if shares[best] == 1 else ALONE


def even(lines: Texts, sign: str) -> bool:
    try:
        counts = {len(row) for row in csv.reader(lines, delimiter=sign, skipinitialspace=True)}
    except csv.Error:
        return False
    return len(counts) == 1 and counts != {1}


def refuse_wide(line: str, delimiter: str) -> None:
    """Raises ValueError for too many columns, before they are made: thousands of them take minutes."""
    columns = 1 + line.count(delimiter)
    if columns <= MOST_COLUMNS:
        return
    with contextlib.suppress(csv.Error):  # of a cell beyond its limit: so long a line is no row of numbers
        columns = len(next(csv.reader([line], delimiter=delimiter, skipinitialspace=True)))
    if columns > MOST_COLUMNS:
        raise ValueError(f"The table has {columns:,} columns; at most {MOST_COLUMNS} are read.")


def parsed(text: str, delimiter: str) -> pandas.DataFrame:
    """Cells as texts, empty ones as empty texts."""
    import pandas

    if delimiter == ALONE:
        lines = (line.strip().strip('"') for line in text.split("\n"))
        return pandas.DataFrame({0: [line for line in lines if line]}, dtype=str)
    try:
        frame = pandas.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            engine="c",
        )
    except (ValueError, csv.Error) as wrong:
        raise ValueError(why_no_table(str(wrong))) from None
    return frame.fillna("")


def why_no_table(said: str) -> str:
    if found := UNEVEN.search(said):
        expected, line, saw = (int(number) for number in found.groups())
        return (
            f"Line {line:,} has {saw:,} cells, those before it {expected:,}; every line needs equally many."
        )
    return "It is no table: quotation marks or line ends are out of place; lines of cells are needed."


def is_nothing(cell: str) -> bool:
    """Whether a cell says that its value is missing."""
    return cell.lower() in NOTHING


def numbers_of(cells: Texts, comma: bool) -> NDArray[np.float64]:
    """The numbers in some cells; NaN where there is none."""
    plain = None if comma else all_at_once(cells)
    if plain is not None:
        return plain
    found = (as_number(cell, comma) for cell in cells)
    return np.array([np.nan if one is None else one for one in found], np.float64)


def as_number(cell: str, comma: bool) -> float | None:
    """The number in a cell; None where there is none. `comma`: a comma is a decimal comma."""
    if comma and DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(".", "").replace(",", ".")
    elif THOUSANDS.fullmatch(cell):
        cell = cell.replace(",", "")
    try:
        found = float(cell) if cell.isascii() and "_" not in cell else None
    except ValueError:
        return None
    return None if found is None or found != found else found
