"""The cells of a table (CSV and its relatives): what separates them is found from the first lines.

A semicolon, a tab, a bar, a comma or a blank may; where another sign than a comma does, or the line of
names has none, numbers may have a decimal comma.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.own.lines import ALONE, LOOKED_AT, delimiter_of, table_in
from rnnlab.own.series import MOST

if TYPE_CHECKING:
    import pandas

MOST_COLUMNS, MOST_LINES = 200, 200_000
UNEVEN = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


class Cells(NamedTuple):
    """Texts in columns without names, the line of the file where each row stands, and what separates them.

    `above` is how many lines above the table were left out.
    """

    frame: pandas.DataFrame
    lines_N: NDArray[np.int64]
    delimiter: str
    above: int = 0

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
    text, above = table_in(text)
    whole = text.split("\n")
    lines_N = np.array([place for place, line in enumerate(whole, 1) if line.strip()], np.int64)
    if not len(lines_N):
        raise ValueError("The table is empty; lines with numbers are needed.")
    if len(lines_N) > MOST_LINES:
        raise ValueError(
            f"The table has {len(lines_N):,} lines; at most {MOST:,} are read, so cut a part out."
        )
    first = [whole[line - 1] for line in lines_N[:LOOKED_AT]]
    delimiter = delimiter_of(first)
    refuse_wide(first[0], delimiter)
    frame = parsed(text, delimiter, above)
    if frame.empty:
        raise ValueError("All cells are empty; a column of numbers is needed.")
    if len(frame) != len(lines_N):  # a cell in quotation marks goes over several lines
        lines_N = np.arange(1, len(frame) + 1)
    return Cells(frame, lines_N + above, delimiter, above)


def refuse_wide(line: str, delimiter: str) -> None:
    """Raises ValueError for too many columns, before they are made: thousands of them take minutes."""
    columns = 1 + line.count(delimiter)
    if columns <= MOST_COLUMNS:
        return
    with contextlib.suppress(csv.Error):  # of a cell beyond its limit: so long a line is no row of numbers
        columns = len(next(csv.reader([line], delimiter=delimiter, skipinitialspace=True)))
    if columns > MOST_COLUMNS:
        raise ValueError(f"The table has {columns:,} columns; at most {MOST_COLUMNS} are read.")


def parsed(text: str, delimiter: str, above: int) -> pandas.DataFrame:
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
        raise ValueError(why_no_table(str(wrong), above)) from None
    return frame.fillna("")


def why_no_table(said: str, above: int) -> str:
    if found := UNEVEN.search(said):
        expected, line, saw = (int(number) for number in found.groups())
        cells = f"{saw:,} cells, those before it {expected:,}"
        return f"Line {line + above:,} has {cells}; every line needs equally many."
    return "It is no table: quotation marks or line ends are out of place; lines of cells are needed."
