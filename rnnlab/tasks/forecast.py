"""The next value of a measured series, from the last T: oil, shares, weather or air travel.

Each time step shows the value and its change from the one before. The network answers with the change
to come, so an untrained one, which answers about 0, says the last value again: that is persistence. The
targets are in the unit of the series, and so are the errors. No window crosses the border
between two parts of a series. T values read, B windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.own.series import read_series, scaled
from rnnlab.tasks.options import ChoiceOption, SeriesOption
from rnnlab.tasks.series import (
    RIVER,
    Doubles,
    Series,
    autoregression,
    chosen,
    root_mean_square,
    series,
    windows,
)
from rnnlab.tasks.spec import Baseline, Batch, Floats, Lengths, Options, Sample, TaskSpec

SHOWN = 6
"""How many of the last values the table of predictions shows."""

LONGEST = 24


def read(known_TB: Doubles, about: Series) -> Floats:
    """Values as a network reads them (T, B, 2): each but the first, and its change from the one before."""
    value_TB = (known_TB[1:] - about.mean) / about.spread
    change_TB = np.diff(known_TB, axis=0) / about.usual_change
    return np.stack([value_TB, change_TB], axis=2).astype(np.float32)


def draw(about: Series, values_N: Doubles, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    every = windows(values_N, length + 2)
    drawn_TB = every[chosen(rng, len(every), batch_size)].T
    return Batch(
        inputs_TBI=np.ascontiguousarray(read(drawn_TB[:-1], about)),
        targets=(drawn_TB[-1] - drawn_TB[-2]).astype(np.float32)[None, :, None],
        mask_SB=np.ones((1, batch_size), np.bool_),
        lengths_B=np.full(batch_size, length, np.int64),
    )


@dataclass(frozen=True)
class Forecast:
    """The last values of a series to the change that comes next; `own` is the user's, as text."""

    name: str
    own: str = ""
    input_size: int = 2
    output_size: int = 1
    labels: tuple[str, ...] = ()
    loss: str = "squared_error"
    metric: str = "root_mean_squared_error"

    @property
    def series(self) -> Series:
        return own_series(self.own) if self.own else series(self.name)

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.series, self.series.train_N, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.series, self.series.held_out_N, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.series, self.series.test_N, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        """Persistence or the training mean, whichever is better on every unseen window.

        Its words name the best linear forecast too.
        """
        text, unseen_N = self.series.text, self.series.test_N if test else self.series.held_out_N
        errors = {
            "persistence, the last value again": root_mean_square(np.diff(unseen_N[length:])),
            "the training mean": root_mean_square(unseen_N[length + 1 :] - self.series.mean),
        }
        best = min(errors, key=lambda name: errors[name])
        linear = root_mean_square(autoregression(self.series.train_N, unseen_N[1:], length))
        words = (
            f"{best}: off by {text(errors[best])}; linear autoregression from {length} values: {text(linear)}"
        )
        return Baseline(errors[best] ** 2, errors[best], words, exact=False)

    def value(self, batch: Batch, index: int, step: int) -> float:
        """The value that is read at a time step, in its unit."""
        return float(batch.inputs_TBI[step, index, 0]) * self.series.spread + self.series.mean

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        steps = range(len(batch.inputs_TBI))
        return [self.series.text(self.value(batch, index, step)) for step in steps]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return [self.series.text(self.value(batch, index, -1) + float(outputs_SO[0, 0]))]

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return self.output_labels(batch, index, batch.targets[:, index])

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """Right is a forecast that is not further off than the series usually moves in one time step."""
        numbers = [label.split()[0] for label in self.input_labels(batch, index)]
        more = "… " if len(numbers) > SHOWN else ""
        off = abs(float(outputs_SO[0, 0]) - float(batch.targets[0, index, 0]))
        return Sample(
            f"{more}{' '.join(numbers[-SHOWN:])} {self.series.unit}",
            self.target_labels(batch, index)[0],
            self.output_labels(batch, index, outputs_SO)[0],
            off <= self.series.usual_change,
            None,
        )


def load(topology: str, options: Options) -> Forecast:
    found = Forecast(options.get("series", SPEC.options["series"].default), options.get("values", ""))
    assert len(found.series.values_N)
    return found


@lru_cache(maxsize=4)
def own_series(text: str) -> Series:
    """The user's series, read once. Raises ValueError where it is none."""
    return Series(*scaled(read_series(text)))


SPEC = TaskSpec(
    label="Forecast of the next value",
    group="Series",
    sentence="From the last values of a series, the next. Air travel repeats its years and can be learned; "
    "for oil hardly anything beats saying that nothing changes, and for shares the mean.",
    source="Monthly international airline passengers 1949–1960, Brent crude oil (U.S. Energy Information "
    "Administration, public domain) and the daily mean return of ten large companies of the S&P 500, as they "
    f"ship with {RIVER}; daily highest temperatures of Seattle (NOAA, public domain) from the Python package "
    "vega_datasets (MIT licence).",
    topologies={"many-to-one": Lengths(2, LONGEST, 12, "values read before the forecast")},
    load=load,
    metric_label="RMSE, in the unit of the series",
    design={"cell": "gru", "hidden_size": 32},
    settings={"learning_rate": 1e-2},
    options={
        "series": ChoiceOption(
            label="Series",
            help="What is measured: monthly air travel, or daily weather, oil price or returns of shares.",
            choices={
                "passengers": "Airline passengers, monthly",
                "weather": "Seattle's highest temperature, daily",
                "brent": "Brent oil price, daily",
                "stocks": "Mean return of ten S&P 500 shares, daily",
            },
            default="passengers",
        ),
        "values": SeriesOption(
            label="Your series",
            help="Numbers in the order of time, one on each line, to forecast instead of the series above.",
            instead_of="series",
        ),
    },
)
