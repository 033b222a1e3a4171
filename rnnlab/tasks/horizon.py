"""Forecasting a generated series: from its values up to time t to the value at t + h, h the horizon.

The network reads and answers in units of the training values' spread around their mean, so that the root of
its mean squared error is the NRMSE, 1 for an answer that is always the mean; labels are in the series' own
numbers. The first 70 % are for training, the next 15 % are held out, the last 15 %
are the test, and no window crosses a border.
N values, T time steps, S = T or 1, B windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.spec import Baseline, Batch, Sample

Doubles = NDArray[np.float64]

HELD_OUT_SHARE = TEST_SHARE = 0.15
CLOSE_ENOUGH = 0.1
"""How far off a right forecast may be, in units of the training values' spread."""

LEVELS = "▁▂▃▄▅▆▇█"


def lagged(values_N: Doubles, taps: int, horizon: int) -> tuple[Doubles, Doubles]:
    """Windows of `taps` values and a one (M, taps + 1), and what comes `horizon` after each (M,)."""
    windows = np.lib.stride_tricks.sliding_window_view(values_N[: len(values_N) - horizon], taps)
    return np.column_stack([windows, np.ones(len(windows))]), values_N[taps + horizon - 1 :]


@dataclass(frozen=True)
class Forecast:
    """The values of a series up to each time step, or the last one, to the value `horizon` later."""

    values_N: Doubles
    horizon: int
    everywhere: bool
    input_size: int = 1
    output_size: int = 1
    labels: tuple[str, ...] = ()
    loss: str = "squared_error"
    metric: str = "root_mean_squared_error"

    @property
    def border(self) -> int:
        """Where the held-out part begins."""
        return round((1 - HELD_OUT_SHARE - TEST_SHARE) * len(self.values_N))

    @property
    def middle(self) -> int:
        """Where the test begins."""
        return round((1 - TEST_SHARE) * len(self.values_N))

    @property
    def train_N(self) -> Doubles:
        return self.values_N[: self.border]

    @property
    def held_out_N(self) -> Doubles:
        return self.values_N[self.border : self.middle]

    @property
    def test_N(self) -> Doubles:
        return self.values_N[self.middle :]

    def scaled(self, values: NDArray[Any]) -> Doubles:
        """Values of the series as the network reads them."""
        return np.asarray((values - self.train_N.mean()) / self.train_N.std())

    def unscaled(self, outputs: NDArray[Any]) -> Doubles:
        """What the network reads or answers, in the series' own numbers."""
        return np.asarray(self.train_N.mean() + self.train_N.std() * outputs.astype(np.float64))

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(self.train_N, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(self.held_out_N, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(self.test_N, rng, batch_size, length)

    def draw(self, part_N: Doubles, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        width = length + self.horizon
        starts_B = rng.integers(0, len(part_N) - width + 1, batch_size)
        values_WB = self.scaled(part_N[starts_B + np.arange(width)[:, None]]).astype(np.float32)
        answers_SB = values_WB[self.horizon if self.everywhere else width - 1 :]
        return Batch(
            inputs_TBI=np.ascontiguousarray(values_WB[:length, :, None]),
            targets=np.ascontiguousarray(answers_SB[:, :, None]),
            mask_SB=np.ones(answers_SB.shape, np.bool_),
            lengths_B=np.full(batch_size, length, np.int64),
        )

    def baseline(self, length: int, test: bool = False) -> Baseline:
        """The last value again or the training mean, whichever is better; beside a linear autoregression."""
        unseen_N = self.test_N if test else self.held_out_N
        part_N = self.scaled(unseen_N)
        asked_M, last_M = part_N[self.horizon :], part_N[: -self.horizon]
        losses = {
            "the last value again": self.in_windows((asked_M - last_M) ** 2, length),
            "the training mean": self.in_windows(asked_M**2, length),
        }
        best = min(losses, key=lambda name: losses[name])
        nrmse = {name: loss**0.5 for name, loss in losses.items()}
        nrmse["linear autoregression"] = self.autoregression_nrmse(unseen_N, length)
        beside = ", ".join(f"{name} {error:.2g}" for name, error in nrmse.items())
        return Baseline(losses[best], nrmse[best], f"{best} (NRMSE: {beside})", exact=False)

    def in_windows(self, errors_M: Doubles, length: int) -> float:
        """The mean of these errors, one for each place in a part, over all that all its windows ask for."""
        asked_T = np.full(length, 1 / length) if self.everywhere else np.eye(length)[0]
        return float(np.convolve(errors_M, asked_T, "valid").mean())

    def autoregression_nrmse(self, unseen_N: Doubles, taps: int) -> float:
        """NRMSE of the best linear forecast in training from the last `taps` values, on unseen ones."""
        known, asked = lagged(self.scaled(self.train_N), taps, self.horizon)
        weights = np.linalg.lstsq(known, asked, rcond=None)[0]
        known, asked = lagged(self.scaled(unseen_N), taps, self.horizon)
        return float(np.sqrt(np.mean((known @ weights - asked) ** 2)))

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [number(value) for value in self.unscaled(batch.inputs_TBI[:, index, 0])]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return [number(value) for value in self.unscaled(outputs_SO[:, 0])]

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return [number(value) for value in self.unscaled(batch.targets[:, index, 0])]

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """The window drawn as a row of columns, and the value after it."""
        target, answer = float(batch.targets[-1, index, 0]), float(outputs_SO[-1, 0])
        close = abs(answer - target) < CLOSE_ENOUGH
        labels = self.target_labels(batch, index)[-1], self.output_labels(batch, index, outputs_SO)[-1]
        return Sample(self.columns(batch.inputs_TBI[:, index, 0]), *labels, close, None)

    def columns(self, inputs_T: NDArray[Any]) -> str:
        """Each value as a column whose height is its place between the least and most of training."""
        train_N = self.scaled(self.train_N)
        shares_T = (inputs_T - train_N.min()) / np.ptp(train_N)
        heights_T = np.clip(shares_T * len(LEVELS), 0, len(LEVELS) - 1).astype(int)
        return "".join(LEVELS[height] for height in heights_T)


def number(value: float) -> str:
    """Three places; far too large a number, as a network that diverges gives, by its power of ten."""
    text = f"{value:.3f}" if abs(value) < 1e4 else f"{value:.0e}"
    return "0.000" if text == "-0.000" else text
