"""The order of time, from a column of dates, times or numbers, and what a person calls each moment.

N rows.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from rnnlab.own.numbers import Texts, is_nothing, numbers_of
from rnnlab.own.series import LONGEST_MOMENT, Doubles, name_and_unit

LOOKED_AT = 20
LONGEST = 60
"""Characters of a time at most: to look for one in a cell of a hundred thousand takes seconds."""

UNEVEN = 1.5
"""How many times the usual step of time a step may be; beyond, the times are not evenly spaced."""


def looks_like_time(cells: Texts) -> bool:
    """Whether the first cells are dates or times."""
    looked_at = [cell for cell in cells if not is_nothing(cell)][:LOOKED_AT]
    return bool(looked_at) and not np.isnat(moments(looked_at)).any()


def in_order_of(
    name: str, cells: Texts, lines_N: NDArray[np.int64], comma: bool, notes: list[str]
) -> NDArray[np.int64]:
    """Rows in the order of the time in `cells`; what there is to tell goes into `notes`.

    Raises ValueError, in one sentence, for a cell that is no time, or a time that comes twice.
    """
    times_N = as_times(cells, comma)
    if np.isnan(times_N).any():
        row = int(np.flatnonzero(np.isnan(times_N))[0])
        raise ValueError(
            f"{name}: line {lines_N[row]:,} says {cells[row][:30]!r}, which is no date or time; "
            "every line needs one."
        )
    order_N = np.argsort(times_N, kind="stable")
    steps = np.diff(times_N[order_N])
    refuse_twice(name, cells, lines_N[order_N], order_N, steps)
    tell_order(order_N, notes)
    if len(steps) and steps.max() > UNEVEN * np.median(steps):
        notes.append("The times are not evenly spaced: the values are read one after the other all the same.")
    return np.asarray(order_N)


def refuse_twice(
    name: str, cells: Texts, lines_N: NDArray[np.int64], order_N: NDArray[np.int64], steps: Doubles
) -> None:
    again = np.flatnonzero(steps == 0)
    if len(again):
        place = int(again[0])
        first, second = sorted(int(line) for line in lines_N[place : place + 2])
        times = "1 time comes" if len(again) == 1 else f"{len(again):,} times come"
        raise ValueError(
            f"{name}: {times} more than once ({cells[order_N[place]][:30]!r} in lines {first:,} and "
            f"{second:,}); each may come once, so keep one series of the file or choose no column of time."
        )


def tell_order(order_N: NDArray[np.int64], notes: list[str]) -> None:
    steps = np.diff(order_N)
    if len(steps) and (steps == -1).all():
        notes.append("The newest line came first: the order was turned.")
    elif (steps != 1).any():
        notes.append("The lines were not in the order of time: they were sorted.")


def moments_of(name: str, cells: Texts, comma: bool) -> tuple[str, ...]:
    """What a person calls the moments in a column: as the file does, numbers with its name and unit."""
    if np.isnan(numbers_of(cells[:LOOKED_AT], comma)).any():
        return tuple(cell[:LONGEST_MOMENT] for cell in cells)
    heading, unit = name_and_unit(name)
    return tuple(f"{heading} {cell} {unit}".strip()[-LONGEST_MOMENT:] for cell in cells)


def as_times(cells: Texts, comma: bool) -> Doubles:
    """Times as numbers that grow with time; NaN where a cell is none."""
    numbers_N = numbers_of(cells, comma)
    if not np.isnan(numbers_N).any():
        return np.where(np.isfinite(numbers_N), numbers_N, np.nan)
    found = moments(cells)
    return np.where(np.isnat(found), np.nan, found.astype(np.int64).astype(np.float64))


def moments(cells: Texts) -> NDArray[np.datetime64]:
    """Dates and times, the day or the month first, whichever reads more of them; NaT for the rest."""
    cells = [cell if len(cell) <= LONGEST else "" for cell in cells]
    readings = []
    for day_first in (False, True):
        times = read_as(cells, day_first)
        if times is not None and not np.isnat(times).any() and in_order(times):
            return times
        readings += [] if times is None else [times]
    if not readings:
        return np.full(len(cells), np.datetime64("NaT"), "datetime64[us]")
    return min(readings, key=lambda times: (int(np.isnat(times).sum()), not in_order(times)))


def read_as(cells: Texts, day_first: bool) -> NDArray[np.datetime64] | None:
    import pandas

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas tells how it read them; what cannot be read is told here
        try:
            found = pandas.to_datetime(list(cells), errors="coerce", dayfirst=day_first, utc=True)
        except (ValueError, OverflowError, TypeError):
            return None
    return np.asarray(found.tz_localize(None).as_unit("us").to_numpy())


def in_order(times: NDArray[np.datetime64]) -> bool:
    steps = np.diff(times[~np.isnat(times)].astype(np.int64))
    return bool((steps >= 0).all() or (steps <= 0).all())
