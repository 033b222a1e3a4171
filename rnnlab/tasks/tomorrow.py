"""Today's price to tomorrow's: one number in, one number out, for the price of Brent crude oil.

The first three quarters of the days are for training, half of the rest is held out, half is the test. Prices
are read and written as their distance from the mean training price, so that an untrained network answers that
mean; errors are in dollars. B days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.series import RIVER, Doubles, Series, autoregression, chosen, root_mean_square, series
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec


def draw(prices: Series, values_N: Doubles, rng: np.random.Generator, batch_size: int) -> Batch:
    today_B = chosen(rng, len(values_N) - 1, batch_size)
    read_B, asked_B = values_N[today_B] - prices.mean, values_N[today_B + 1] - prices.mean
    return Batch(
        inputs_TBI=(read_B / prices.spread).astype(np.float32)[None, :, None],
        targets=asked_B.astype(np.float32)[None, :, None],
        mask_SB=np.ones((1, batch_size), np.bool_),
        lengths_B=np.ones(batch_size, np.int64),
    )


@dataclass(frozen=True)
class Tomorrow:
    """A price to the next trading day's."""

    input_size: int = 1
    output_size: int = 1
    labels: tuple[str, ...] = ()
    loss: str = "squared_error"
    metric: str = "root_mean_squared_error"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        prices = series("brent")
        return draw(prices, prices.train_N, rng, batch_size)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        prices = series("brent")
        return draw(prices, prices.held_out_N, rng, batch_size)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        prices = series("brent")
        return draw(prices, prices.test_N, rng, batch_size)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        prices = series("brent")
        unseen_N = prices.test_N if test else prices.held_out_N
        error = root_mean_square(np.diff(unseen_N))
        line = root_mean_square(autoregression(prices.train_N, unseen_N, 1))
        words = f"persistence, today's price again: off by {error:.2f} $; the best line: {line:.2f} $"
        return Baseline(error**2, error, words, exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        prices = series("brent")
        return [prices.text(float(batch.inputs_TBI[0, index, 0]) * prices.spread + prices.mean)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        prices = series("brent")
        return [prices.text(float(outputs_SO[0, 0]) + prices.mean)]

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return self.output_labels(batch, index, batch.targets[:, index])

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """Right is an answer that is not further off than a price usually moves from day to day."""
        off = abs(float(outputs_SO[0, 0]) - float(batch.targets[0, index, 0]))
        return Sample(
            self.input_labels(batch, index)[0],
            self.target_labels(batch, index)[0],
            self.output_labels(batch, index, outputs_SO)[0],
            off <= series("brent").usual_change,
            None,
        )


def load(topology: str, options: Options) -> Tomorrow:
    series("brent")
    return Tomorrow()


SPEC = TaskSpec(
    label="Today's price to tomorrow's",
    group="Series",
    sentence="From today's oil price alone, tomorrow's. The network soon learns to say today's price again, "
    "and no better is known: nobody should trade on it.",
    source="Brent crude oil, dollars a barrel on 8,195 trading days from 1987 to 2019, by the U.S. Energy "
    f"Information Administration (public domain), as it ships with {RIVER}.",
    topologies={"one-to-one": Lengths(1, 1, 1, "today's price")},
    load=load,
    metric_label="RMSE, in dollars",
    design={"cell": "rnn", "hidden_size": 32},
    settings={"learning_rate": 2e-2},
)
