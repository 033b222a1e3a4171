"""A series of numbers as text, as a design holds it: its name and unit on the first line, then its values.

    Flow [l/s]
    102.1
    101.8

The first line may be missing. Where each value's moment is known, it stands before it, with a tab between:

    time	Flow [l/s]
    2024-01-01	102.1
    2024-01-02	101.8

N values, in the order of time and evenly spaced.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

FEWEST, MOST = 140, 100_000
LONG = 400
"""So many values, and an eighth of them is enough to be held out, and another for the test."""

SHARE, SHARE_OF_SHORT = 0.125, 0.2

LARGEST, SMALLEST = 1e30, 1e-30
LARGEST_LEAP = 1e6
"""How many times larger than usual a change may be: beyond, single precision cannot hold both."""

LONGEST_NAME, LONGEST_UNIT, LONGEST_MOMENT = 60, 20, 40
TIME = "time\t"
"""How the first line begins where moments stand before the values."""

SMALL, LARGE = 0.1, 100.0
"""The usual change of a scaled series, which a network that starts near zero can learn to answer."""

POWERS = {1: "thousand", 2: "million"}
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
HEADER = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\[\]()]{1,20}?)[\])]\s*$")


class OwnSeries(NamedTuple):
    """What a series is of, what it is counted in (both may be empty), its values, and when each one was.

    There are no moments where nobody knows them.
    """

    name: str
    unit: str
    values_N: Doubles
    moments: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """How much of it is held out, and how much is the test."""
        return SHARE if len(self.values_N) >= LONG else SHARE_OF_SHORT

    @property
    def borders(self) -> tuple[int, int]:
        """Where the held-out part begins, and where the test."""
        number = len(self.values_N)
        unseen = round(self.share * number)
        return number - 2 * unseen, number - unseen

    @property
    def train_N(self) -> Doubles:
        """What is trained on: the first values."""
        return self.values_N[: self.borders[0]]


class Scaled(NamedTuple):
    """Values in a unit that makes them neither tiny nor huge, that unit, and the decimals a person reads.

    `share` of the values is held out, and as many are the test.
    """

    values_N: Doubles
    unit: str
    decimals: int
    share: float


def name_and_unit(heading: str) -> tuple[str, str]:
    """`Flow [l/s]` or `Flow (l/s)` to its name and its unit; without brackets there is no unit."""
    line = " ".join("".join(one if one.isprintable() else " " for one in heading).split())
    found = HEADER.match(line)
    if found is None:
        return line[:LONGEST_NAME].rstrip(), ""
    return found["name"][:LONGEST_NAME].rstrip(), found["unit"].strip()


def write_series(values_N: Doubles, name: str = "", unit: str = "", moments: Sequence[str] = ()) -> str:
    """The text of a series; `read_series` gives the same values and moments back."""
    lines = [repr(float(value)).removesuffix(".0") for value in values_N]
    first = heading_of(name, unit)
    if not moments:
        return "\n".join([first, *lines])
    told = (plain(moment, LONGEST_MOMENT) or "?" for moment in moments)
    return "\n".join([TIME + first, *map("\t".join, zip(told, lines, strict=True))])


def heading_of(name: str, unit: str) -> str:
    """The first line of a series: never empty, and no number."""
    heading, counted = plain(name, LONGEST_NAME) or "value", plain(unit, LONGEST_UNIT)
    if all_numbers(heading):
        heading = f"column {heading}"[:LONGEST_NAME].rstrip()
    return f"{heading} [{counted}]" if counted else heading


def plain(text: str, longest: int) -> str:
    """`text` on one line, without brackets, which set off a unit."""
    kept = "".join(one if one.isprintable() and one not in "[]()" else " " for one in text)
    return " ".join(kept.split())[:longest].rstrip()


def all_numbers(line: str) -> bool:
    return all(number(word) is not None for word in line.split())


def number(text: str) -> float | None:
    """A number that is written with a dot; None for anything else."""
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None


def all_at_once(texts: Sequence[str]) -> Doubles | None:
    """Numbers that are all written with a dot, quickly; None where one of them is not a number."""
    whole = "".join(texts)
    if not whole.isascii() or "_" in whole:
        return None
    try:
        return np.array(texts, np.float64)
    except ValueError:
        return None


@lru_cache(maxsize=4)
def read_series(text: str) -> OwnSeries:
    """The series in a text. Raises ValueError; its sentence begins with "must", a name stands before it."""
    first, _, rest = text.strip().partition("\n")
    headed = not all_numbers(first)
    name, unit = name_and_unit(first.removeprefix(TIME)) if headed else ("", "")
    moments, lines = apart(rest) if first.startswith(TIME) else ((), (rest if headed else text).split())
    refuse_count(len(lines))
    values_N = all_at_once(lines)
    if values_N is None:
        place = next(place for place, line in enumerate(lines) if number(line) is None)
        raise ValueError(
            f"must be numbers with a dot, one on each line; number {place + 1:,} is {lines[place][:20]!r}."
        )
    series = OwnSeries(name, unit, values_N, moments)
    refuse_values(series)
    return series


def apart(lines: str) -> tuple[tuple[str, ...], list[str]]:
    """Moments, and the texts of the values behind them. Raises ValueError for a line without its tab."""
    rows = [line.partition("\t") for line in lines.split("\n") if line.strip()]
    for moment, tab, value in rows:
        if not tab or not moment or not moment.isprintable() or len(moment) > LONGEST_MOMENT:
            raise ValueError(
                f"must be a time, a tab and a number on each line; one is {(moment + tab + value)[:20]!r}."
            )
    return tuple(moment for moment, _, _ in rows), [value.strip() for _, _, value in rows]


def refuse_count(count: int) -> None:
    if not FEWEST <= count <= MOST:
        raise ValueError(f"must have {FEWEST:,} to {MOST:,} numbers, one on each line; this has {count:,}.")


def refuse_values(series: OwnSeries) -> None:
    """Raises ValueError for values from which no change can be learned."""
    values_N, train_N = series.values_N, series.train_N
    if not np.isfinite(values_N).all():
        place = int(np.flatnonzero(~np.isfinite(values_N))[0])
        raise ValueError(f"must be finite numbers; number {place + 1:,} is {values_N[place]}.")
    if np.abs(values_N).max() > LARGEST:
        raise ValueError(f"must be no larger than {LARGEST:g}; choose another unit.")
    if np.ptp(train_N) == 0:
        raise ValueError(
            f"must change in the part that is trained on; its {len(train_N):,} values are all {train_N[0]:g}."
        )
    if usual_change(train_N) < SMALLEST:
        raise ValueError(f"must change by more than {SMALLEST:g} from one to the next; choose another unit.")
    leap = float(np.abs(np.diff(values_N)).max() / usual_change(train_N))
    if leap > LARGEST_LEAP:
        raise ValueError(
            f"must not leap; the largest change is {leap:.0e} times the usual one, over {LARGEST_LEAP:.0e}."
        )


def usual_change(values_N: Doubles) -> float:
    """Root of the mean squared change from one value to the next."""
    changes = np.diff(values_N)
    largest = float(np.abs(changes).max())
    return largest * float(np.sqrt(np.mean((changes / largest) ** 2))) if largest else 0.0


def outline(values_N: Doubles, most: int = 500) -> tuple[NDArray[np.int64], Doubles]:
    """Places and values that draw as the whole series does: the lowest and highest of equal stretches."""
    if len(values_N) <= most:
        return np.arange(len(values_N)), values_N
    edges = np.linspace(0, len(values_N), most // 2 + 1).astype(np.int64)
    found: set[int] = set()
    for low, high in pairwise(edges.tolist()):
        found |= {low + int(values_N[low:high].argmin()), low + int(values_N[low:high].argmax())}
    places = np.array(sorted(found), np.int64)
    return places, values_N[places]


def scaled(series: OwnSeries) -> Scaled:
    """The series in thousands, millions, thousandths... where its unit makes its changes large or small."""
    change = usual_change(series.train_N)
    power = math.ceil(math.log(change / LARGE, 1000)) if not SMALL <= change < LARGE else 0
    change /= 1000.0**power
    decimals = min(6, max(0, 1 - math.floor(math.log10(change))))
    named = POWERS.get(power, "" if power == 0 else f"10{str(3 * power).translate(SUPERSCRIPTS)}")
    return Scaled(series.values_N / 1000.0**power, f"{named} {series.unit}".strip(), decimals, series.share)
