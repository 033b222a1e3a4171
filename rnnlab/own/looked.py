"""What a person is shown of long data before they use it: plain values, which a process can send to another.

Reading megabytes takes a second. Done in the server, that would hold up every page that is open; so each
of these is a function of the text alone.
"""

from __future__ import annotations

from typing import NamedTuple

from rnnlab.own.series import write_series
from rnnlab.own.table import column_of, read_table

SHOWN_ROWS = 4


class Offered(NamedTuple):
    """What there is to choose of a table: its columns of numbers, the likeliest, and those of times.

    `head` are the first rows, by column.
    """

    numeric: tuple[str, ...]
    likely: str
    times: tuple[str, ...]
    head: tuple[dict[str, str], ...]


class Chosen(NamedTuple):
    """A column as the text of a series, and a sentence for each thing that was changed in it."""

    text: str
    notes: tuple[str, ...]


def offered(text: str) -> Offered:
    """Raises ValueError, in one sentence, for a text that is no table of numbers."""
    table = read_table(text)
    return Offered(table.numeric, table.likely, table.times, tuple(table.head(SHOWN_ROWS)))


def chosen(text: str, column: str, time: str = "", unit: str | None = None) -> Chosen:
    """A column of the table in a text. Raises ValueError, in one sentence."""
    series, notes = column_of(read_table(text), column, time, unit)
    return Chosen(write_series(series.values_N, series.name, series.unit, series.moments), notes)


def different(text: str) -> int:
    """How many different characters there are in a text."""
    return len(set(text))
