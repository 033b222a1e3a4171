"""Series of measured numbers, from files inside the packages river and vega_datasets, in order of time.

Reading a package's file where it lies takes a hundredth of a second and imports nothing. Where a later
version keeps it elsewhere, the package's own loader is asked, which costs a second or two. The first
three quarters of a series are for training, the next eighth is held out and the last eighth is the test (of a
short series a fifth each), and no window crosses a border. N values, T time steps, B windows.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Rows = list[dict[str, str]]

SHARE = 0.125
"""How much of a series is held out, and how much is the test."""

SHARE_OF_SHORT = 0.2
RIVER = "the Python package river (BSD licence)"


@dataclass(frozen=True)
class Series:
    """Values in the order of time, what they are counted in, and how many decimals a person reads."""

    values_N: Doubles
    unit: str
    decimals: int
    share: float = SHARE

    @property
    def border(self) -> int:
        """Where the held-out part begins."""
        return len(self.values_N) - 2 * round(self.share * len(self.values_N))

    @property
    def middle(self) -> int:
        """Where the test begins."""
        return len(self.values_N) - round(self.share * len(self.values_N))

    @property
    def train_N(self) -> Doubles:
        return self.values_N[: self.border]

    @property
    def held_out_N(self) -> Doubles:
        return self.values_N[self.border : self.middle]

    @property
    def test_N(self) -> Doubles:
        return self.values_N[self.middle :]

    @property
    def mean(self) -> float:
        """Of the training values, like `spread`: nothing is known of the others."""
        return float(self.train_N.mean())

    @property
    def spread(self) -> float:
        return float(self.train_N.std())

    @property
    def usual_change(self) -> float:
        """Root of the mean squared change from one value to the next in training."""
        return float(np.sqrt(np.mean(np.diff(self.train_N) ** 2)))

    def text(self, value: float) -> str:
        """`value` as a person writes it; far too large a number by its power of ten."""
        number = f"{value:.{self.decimals}f}" if abs(value) < 1e6 else f"{value:.0e}"
        return f"{number} {self.unit}".rstrip()


@dataclass(frozen=True)
class File:
    """A CSV file inside a package: folders and name, and the column of the numbers."""

    package: str
    path: str
    column: str

    def rows(self) -> Rows:
        """All rows by column. Raises FileNotFoundError or KeyError where the package has changed."""
        found = find_spec(self.package)
        if found is None or not found.submodule_search_locations:
            raise FileNotFoundError(f"The package {self.package} is not installed.")
        path = Path(found.submodule_search_locations[0]) / self.path
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
        rows = list(csv.DictReader(text.splitlines()))
        if self.column not in rows[0]:
            raise KeyError(f"{self.path} has no column {self.column}.")
        return rows

    def values(self) -> Doubles:
        return np.array([float(row[self.column]) for row in self.rows()])


BRENT = File("river", "drift/datasets/brent_crude_oil.csv", "DPB")
STOCKS = File("river", "datasets/sp500.csv.gz", "next_day_return")
WATER = File("river", "datasets/water-flow.csv", "Water flow [l/s]")
AIRLINE = File("river", "datasets/airline-passengers.csv", "passengers")
SEATTLE = File("vega_datasets", "_data/seattle-weather.csv", "temp_max")


def by_class(module: str, name: str) -> Doubles:
    """The numbers that one of river's datasets asks for, one by one."""
    dataset = getattr(import_module(module), name)()
    return np.array([target for _, target in dataset], np.float64)


def seattle_by_function() -> Doubles:
    from vega_datasets import data

    return np.array(data.seattle_weather()["temp_max"], np.float64)


def either(file: File, loader: Callable[[], Doubles]) -> Doubles:
    """The values of a file where it lies, or by the package's own loader where it has moved."""
    try:
        return file.values()
    except (FileNotFoundError, KeyError):
        return loader()


READERS: dict[str, tuple[File, Callable[[], Doubles], str, int, float]] = {
    "brent": (BRENT, partial(by_class, "river.drift.datasets", "BrentSpotPrice"), "$", 2, SHARE),
    "stocks": (STOCKS, partial(by_class, "river.datasets", "SP500Stocks"), "%", 2, SHARE),
    "weather": (SEATTLE, seattle_by_function, "°C", 1, SHARE),
    "passengers": (
        AIRLINE,
        partial(by_class, "river.datasets", "AirlinePassengers"),
        "thousand",
        0,
        SHARE_OF_SHORT,
    ),
}
"""Link name to file, loader, unit, decimals and the share of each unseen part."""


@lru_cache(maxsize=8)
def series(name: str) -> Series:
    """A series by its link name, read once."""
    file, loader, unit, decimals, share = READERS[name]
    return Series(either(file, loader), unit, decimals, share)


def windows(values_N: NDArray[Any], width: int) -> NDArray[Any]:
    """All windows of consecutive values, as views (windows, width)."""
    return np.asarray(sliding_window_view(values_N, width, axis=0))


def chosen(rng: np.random.Generator, count: int, number: int) -> NDArray[np.int64]:
    """`number` places below `count`, one from each of as many equal stretches, in random order.

    Alike probable, and spread evenly: a few hundred of them measure an error nearly as all would.
    """
    places = ((np.arange(number) + rng.random(number)) * count / number).astype(np.int64)
    return np.asarray(rng.permutation(np.minimum(places, count - 1)))


def root_mean_square(errors: Doubles) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def autoregression(train: Doubles, unseen: Doubles, length: int) -> Doubles:
    """Errors on unseen values of the best linear forecast from the last `length` values.

    Least squares with a constant, fitted on training windows of the width that the network reads.
    """
    known, following = windows(train, length + 1)[:, :-1], train[length:]
    weights = np.linalg.lstsq(with_one(known), following, rcond=None)[0]
    forecasts = with_one(windows(unseen, length + 1)[:, :-1]) @ weights
    return np.asarray(unseen[length:] - forecasts)


def with_one(known: Doubles) -> Doubles:
    return np.column_stack([known, np.ones(len(known))])
