"""A table of numbers to one of its columns as a series, in the order of time.

Missing values between two known ones are filled in on a straight line, so that the series stays evenly
spaced; at its ends they are left out. Each of these is told. N rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.own.cells import Cells, cells_of
from rnnlab.own.numbers import DOTTED, ONE_COMMA, Texts, as_number, has_decimal_comma, is_nothing, numbers_of
from rnnlab.own.series import FEWEST, MOST, Doubles, OwnSeries, name_and_unit, refuse_values
from rnnlab.own.times import in_order_of, looks_like_time, moments_of

LOOKED_AT, FIRST = 1000, 50
LEAST_NUMBERS = 0.5
"""The share of its cells that are numbers, from which on a column is one of numbers."""

MOST_MISSING = 0.2
TOLD = 3
"""Lines that a sentence names one by one."""

LONGEST_NAME = 60


@dataclass(frozen=True)
class Table:
    """A table: the names of its columns, those of numbers, and those that may be the time."""

    names: tuple[str, ...]
    numeric: tuple[str, ...]
    times: tuple[str, ...]
    cells: Cells
    headed: bool
    comma: bool

    @property
    def lines_N(self) -> NDArray[np.int64]:
        """Where each row stands in the file."""
        return self.cells.lines_N[1:] if self.headed else self.cells.lines_N

    @property
    def rows(self) -> int:
        return len(self.lines_N)

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        return self.cells.column(self.names.index(name))[self.headed :]

    @property
    def likely(self) -> str:
        """The column of numbers to offer first: one that does more than count evenly, where there is one."""
        return next((name for name in self.numeric if not self._counts(name)), self.numeric[0])

    def _counts(self, name: str) -> bool:
        first = self.cells.some(self.names.index(name), FIRST)[self.headed : FIRST]
        return len(set(np.diff(numbers_of(first, self.comma)).round(9).tolist())) == 1

    def head(self, rows: int = 5) -> list[dict[str, str]]:
        """The first rows."""
        found = [
            self.cells.row(place)
            for place in range(self.headed, min(self.headed + rows, len(self.cells.frame)))
        ]
        return [dict(zip(self.names, row, strict=True)) for row in found]


class Column(NamedTuple):
    """A column as a series, and a sentence for each thing that was changed in it."""

    series: OwnSeries
    notes: tuple[str, ...]


def read_table(text: str) -> Table:
    """The table in a text. Raises ValueError, in one sentence, for one without a column of numbers."""
    cells = cells_of(text)
    first = cells.row(0)
    comma = has_decimal_commas(cells)
    headed = not any(as_number(cell, comma) is not None for cell in first)
    if headed and len(cells.frame) == 1:
        raise ValueError(why_no_numbers(first, [first]))
    names = unique(first) if headed else [f"column {place + 1}" for place in range(len(first))]
    columns = {name: cells.some(place, LOOKED_AT)[headed:] for place, name in enumerate(names)}
    numeric = tuple(name for name, column in columns.items() if is_numeric(column, comma))
    if not numeric:
        raise ValueError(why_no_numbers(names, list(columns.values())))
    times = tuple(name for name in names if name not in numeric and looks_like_time(columns[name]))
    return Table(tuple(names), numeric, times, cells, headed, comma)


def has_decimal_commas(cells: Cells) -> bool:
    first = range(min(len(cells.frame), FIRST))
    return any(has_decimal_comma(cell) for place in first for cell in cells.row(place))


def unique(names: Texts) -> list[str]:
    """Names of columns, none of them empty or twice."""
    found: list[str] = []
    for place, name in enumerate(names, 1):
        wanted = " ".join(name.split())[:LONGEST_NAME] or f"column {place}"
        found.append(wanted if wanted not in found else f"{wanted}, column {place}")
    return found


def is_numeric(column: Texts, comma: bool) -> bool:
    looked_at = [cell for cell in column if not is_nothing(cell)]
    numbers = sum(as_number(cell, comma) is not None for cell in looked_at)
    return bool(looked_at) and numbers >= LEAST_NUMBERS * len(looked_at)


def why_no_numbers(names: Texts, columns: list[list[str]]) -> str:
    named = sorted(zip(names, columns, strict=False), key=lambda one: looks_like_time(one[1]))
    words = [(name, cell) for name, column in named for cell in column]
    name, word = next(((name, cell) for name, cell in words if not is_nothing(cell)), ("", ""))
    if not word:
        return "All cells are empty; a column of numbers is needed."
    if len(names) == 1:
        return f"It has one column, of words such as {word[:30]!r}; a column of numbers is needed."
    return f"None of its {len(names):,} columns holds numbers ({name[:30]!r} has {word[:30]!r}); one must."


def column_of(table: Table, name: str, time: str = "", unit: str | None = None) -> Column:
    """A column of numbers as a series in the order of `time` (empty: of the lines).

    `unit` wins over the one in the column's name. Raises ValueError, in one sentence, for a series from
    which nothing can be learned.
    """
    column, notes, lines_N, moments = table.column(name), list[str](), table.lines_N, tuple[str, ...]()
    values_N = numbers_of(column, table.comma)
    refuse_infinite(name, column, values_N, lines_N)
    tell_layout(table, column, notes)
    word = next(
        (column[row] for row in np.flatnonzero(np.isnan(values_N)) if not is_nothing(column[row])), ""
    )
    if time:
        times = table.column(time)
        order_N = in_order_of(time, times, lines_N, table.comma, notes)
        values_N, lines_N = values_N[order_N], lines_N[order_N]
        told = moments_of(time, times, table.comma)
        moments = tuple(told[row] for row in order_N[known_stretch(values_N)])
    values_N = filled(name, values_N, lines_N, word, notes)
    heading, own_unit = name_and_unit(name)
    series = OwnSeries(heading, own_unit if unit is None else unit.strip(), values_N, moments)
    refuse_series(name, series)
    return Column(series, tuple(notes))


def tell_layout(table: Table, column: Texts, notes: list[str]) -> None:
    """What was left out above the table, and what a dot was taken for that may have meant another thing."""
    if above := table.cells.above:
        lines = "The line above the table was" if above == 1 else f"The {above} lines above the table were"
        notes.append(f"{lines} left out.")
    if table.cells.delimiter in ";\t":
        notes.extend(doubts([cell for cell in column if not is_nothing(cell)], table.comma))


def doubts(cells: Texts, comma: bool) -> list[str]:
    """What dots or commas were taken for where each of a column's stands before three digits."""
    dotted, parted = ([cell for cell in cells if sign in cell] for sign in ".,")
    if dotted and all(map(DOTTED.fullmatch, dotted)):
        decimal = (
            f"The dot in {dotted[0]} was read as a decimal point; if it parts thousands, take the dots out."
        )
        parting = f"The dot in {dotted[0]} was read as parting thousands: decimals stand behind a comma here."
        return [parting if comma else decimal]
    if not comma and parted and all(map(ONE_COMMA.fullmatch, parted)):
        return [f"The comma in {parted[0]} parts thousands here; if it stands before decimals, write a dot."]
    return []


def refuse_infinite(name: str, column: Texts, values_N: Doubles, lines_N: NDArray[Any]) -> None:
    if np.isinf(values_N).any():
        row = int(np.flatnonzero(np.isinf(values_N))[0])
        raise ValueError(
            f"{name}: line {lines_N[row]:,} says {column[row][:30]!r}; finite numbers are needed."
        )


def filled(name: str, values_N: Doubles, lines_N: NDArray[Any], word: str, notes: list[str]) -> Doubles:
    """`values_N` without what is missing. Raises ValueError where too much is."""
    missing_N = np.isnan(values_N)
    count = int(missing_N.sum())
    if not count:
        return values_N
    where = listed(lines_N[missing_N]) + (f" ({word[:20]!r} is no number)" if word else "")
    if count > MOST_MISSING * len(values_N):
        raise ValueError(
            f"{name}: {count:,} of {len(values_N):,} values are missing, in {where}; at most a fifth may be."
        )
    inner_N = values_N[known_stretch(values_N)]
    steps, holes = np.arange(len(inner_N)), np.isnan(inner_N)
    between, ends = int(holes.sum()), count - int(holes.sum())
    done = [f"{between:,} filled in on a straight line between neighbours"] if between else []
    done += [f"{ends:,} at the ends left out"] if ends else []
    notes.append(f"{count:,} missing, in {where}: {' and '.join(done)}.")
    return np.where(holes, np.interp(steps, steps[~holes], inner_N[~holes]), inner_N)


def known_stretch(values_N: Doubles) -> slice:
    """From the first value that is there to the last; nothing where none is."""
    known = np.flatnonzero(~np.isnan(values_N))
    return slice(int(known[0]), int(known[-1]) + 1) if len(known) else slice(0, 0)


def listed(lines: NDArray[Any]) -> str:
    """The first few lines, and how many more."""
    told = [f"{int(line):,}" for line in np.sort(lines)[:TOLD]]
    if more := len(lines) - len(told):
        return f"lines {', '.join(told)} and {more:,} more"
    return f"line {told[0]}" if len(told) == 1 else f"lines {', '.join(told[:-1])} and {told[-1]}"


def refuse_series(name: str, series: OwnSeries) -> None:
    """Raises ValueError for a series that is too short, too long, or from which nothing can be learned."""
    count = len(series.values_N)
    if count < FEWEST:
        raise ValueError(
            f"{name}: it has {count:,} values; at least {FEWEST} are needed, a part of them held out."
        )
    if count > MOST:
        raise ValueError(f"{name}: it has {count:,} values; at most {MOST:,} are read, so cut a part out.")
    if (series.values_N == series.values_N[0]).all():
        raise ValueError(
            f"{name}: all {count:,} values are {series.values_N[0]:g}; values that change are needed."
        )
    try:
        refuse_values(series)
    except ValueError as wrong:
        raise ValueError(f"{name}: its values {wrong}") from None
