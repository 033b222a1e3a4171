"""Surprises in a stream: the flow of water through a pipe, hour by hour, and at each hour the change to come.

The answer is one of CLASSES changes, a fifth of a litre a second apart. How surprised a network is by what
really comes is minus the logarithm of the probability that it gave to it; beyond ALARM_BITS it is flagged.
Nobody tells it what an anomaly is. Only to judge it afterwards are the anomalous hours found by another way:
further than 6 robust deviations from the median of their hour of the day, in the whole series, which gives
the four segments that the data's givers describe. The last third of the hours is held out, with one of the
segments; the first fifth is the test, with two; the shortest is met in training, unmarked. N hours, T time
steps, B windows, O classes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import frequencies, predicted, probabilities, wanted
from rnnlab.tasks.series import RIVER, WATER, Doubles, chosen, windows
from rnnlab.tasks.spec import Baseline, Batch, Floats, Lengths, Options, Parts, Sample, TaskSpec

HELD_OUT_SHARE, TEST_SHARE = 0.32, 0.2
USUAL, STEP = 102.0, 0.2
LARGEST = 8
"""Steps of the largest change that has a class of its own, up or down: all larger ones are in it."""

CLASSES = 2 * LARGEST + 1
ALARM_BITS = 6.0
FLAG = "⚑"
ROBUST = 1.4826
"""A normal distribution's standard deviation in units of its median absolute deviation."""


def written(step: int) -> str:
    """A change of so many steps as a person writes it; the outermost stand for all beyond."""
    more = "≤" if step == -LARGEST else "≥" if step == LARGEST else ""
    return f"{more}{step * STEP:+.1f}".replace("-", "−") if step else "0"


LABELS = tuple(written(step) for step in range(-LARGEST, LARGEST + 1))


@dataclass(frozen=True)
class Flow:
    """Litres a second (N,) and the hour of the day (N,) of each reading."""

    flow_N: Doubles
    hour_N: NDArray[np.int64]

    @property
    def parts(self) -> Parts[Flow]:
        """The hours in the middle train; the last ones are held out, the first ones are the test."""
        number = len(self.flow_N)
        first, last = round(TEST_SHARE * number), number - round(HELD_OUT_SHARE * number)
        sides = slice(first, last), slice(last, None), slice(first)
        return Parts(*(Flow(self.flow_N[side], self.hour_N[side]) for side in sides))


def by_path() -> tuple[list[float], list[datetime]]:
    rows = WATER.rows()
    return [float(row[WATER.column]) for row in rows], [datetime.fromisoformat(row["Time"]) for row in rows]


def by_class() -> tuple[list[float], list[datetime]]:
    pairs = list(import_module("river.datasets").WaterFlow())
    return [float(flow) for _, flow in pairs], [facts["Time"] for facts, _ in pairs]


@lru_cache(maxsize=1)
def flow() -> Flow:
    """All readings in the order of time, read once."""
    try:
        litres, times = by_path()
    except (FileNotFoundError, KeyError):
        litres, times = by_class()
    return Flow(np.array(litres), np.array([time.hour for time in times], np.int64))


def anomalous(stream: Flow) -> NDArray[np.bool_]:
    """Which hours (N,) are anomalous: over 6 robust deviations from the median of their hour of the day."""
    medians = np.array([np.median(stream.flow_N[stream.hour_N == hour]) for hour in range(24)])
    off_N = np.abs(stream.flow_N - medians[stream.hour_N])
    return np.asarray(off_N > 6 * ROBUST * np.median(off_N))


def classes(changes: NDArray[Any]) -> NDArray[np.int64]:
    """The nearest step, of all that is lower or higher the outermost."""
    return np.clip(np.round(changes / STEP), -LARGEST, LARGEST).astype(np.int64) + LARGEST


def read(litres_TB: Doubles, hour_TB: NDArray[np.int64]) -> Floats:
    """Readings (T, B, 3): the flow, on a scale that squeezes what is far off, and the clock's two shadows."""
    angle_TB = 2 * np.pi * hour_TB / 24
    squeezed_TB = np.arcsinh(litres_TB - USUAL)
    return np.stack([squeezed_TB, np.sin(angle_TB), np.cos(angle_TB)], axis=2).astype(np.float32)


def draw(stream: Flow, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    starts_B = chosen(rng, len(stream.flow_N) - length, batch_size)
    places_TB = starts_B + np.arange(length)[:, None]
    return Batch(
        inputs_TBI=np.ascontiguousarray(read(stream.flow_N[places_TB], stream.hour_N[places_TB])),
        targets=classes(stream.flow_N[places_TB + 1] - stream.flow_N[places_TB]),
        mask_SB=np.ones((length, batch_size), np.bool_),
        lengths_B=np.full(batch_size, length, np.int64),
    )


def surprise(outputs_SO: NDArray[Any], targets_S: NDArray[Any]) -> Doubles:
    """Bits (S,) that each value that came was unexpected by: minus the logarithm of its probability."""
    given_S = np.take_along_axis(probabilities(outputs_SO), targets_S[:, None], axis=1)[:, 0]
    return np.asarray(-np.log2(np.maximum(given_S, np.finfo(np.float64).tiny)))


@dataclass(frozen=True)
class Anomaly:
    """Each hour's flow of water to its change in the next hour."""

    input_size: int = 3
    output_size: int = CLASSES
    labels: tuple[str, ...] = LABELS
    loss: str = "cross_entropy"
    metric: str = "bits_per_symbol"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(flow().parts.train, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(flow().parts.held_out, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(flow().parts.test, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        """How often each class occurs in training, on all unseen windows."""
        parts = flow().parts
        counts_O, asked_O = asked(parts.train, length), asked(parts.unseen(test), length)
        loss = float(np.average(-np.log(frequencies(counts_O)), weights=asked_O))
        words = "how often each change occurs in training"
        return Baseline(loss, loss / math.log(2), words, exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [f"{litres:.1f}" for litres in np.sinh(batch.inputs_TBI[:, index, 0]) + USUAL]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        """What was expected, with a flag where what came was a surprise."""
        flagged_S = surprise(outputs_SO, batch.targets[:, index]) > ALARM_BITS
        expected = predicted(LABELS, batch, index, outputs_SO)
        return [f"{label} {FLAG}" if flag else label for label, flag in zip(expected, flagged_S, strict=True)]

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(LABELS, batch, index)

    def hours(self, batch: Batch, index: int) -> NDArray[np.int64]:
        """The hour of the day at each time step."""
        sine_T, cosine_T = batch.inputs_TBI[:, index, 1], batch.inputs_TBI[:, index, 2]
        return np.round(np.arctan2(sine_T, cosine_T) * 12 / np.pi).astype(np.int64) % 24

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """The hour that surprised the network most; right where it was expected all the same."""
        bits_S = surprise(outputs_SO, batch.targets[:, index])
        place = int(bits_S.argmax())
        before, hour = self.input_labels(batch, index)[place], self.hours(batch, index)[place]
        target = self.target_labels(batch, index)[place]
        answer = self.output_labels(batch, index, outputs_SO)[place]
        shares_O = probabilities(outputs_SO)[place]
        text = f"{before} l/s at {hour:02d}:00, most surprising of {len(bits_S)} hours"
        return Sample(text, target, answer, target == answer, float(shares_O.max()))


def asked(stream: Flow, length: int) -> NDArray[np.float64]:
    """How often each class (O,) is asked for in all windows together, at the rate of one series."""
    every = windows(classes(np.diff(stream.flow_N)), length)
    counted_O = np.bincount(every.ravel(), minlength=CLASSES)
    return np.asarray(counted_O * (len(stream.flow_N) / every.size))


def load(topology: str, options: Options) -> Anomaly:
    flow()
    return Anomaly()


SPEC = TaskSpec(
    label="Surprises in a flow of water",
    group="Series",
    sentence="How will the flow through a pipe change in the next hour? Where something comes that the "
    "network held to be next to impossible, it raises a flag, though nobody told it what an anomaly is.",
    source="1,268 hourly readings from March to May 2022, in litres a second, given by Tecnojest s.r.l., as "
    f"they ship with {RIVER}. What is flagged is judged by segments found with robust statistics.",
    topologies={"many-to-many": Lengths(2, 168, 24, "hours read")},
    load=load,
    metric_label="surprise, in bits an hour",
    design={"cell": "gru", "hidden_size": 16},
    settings={"learning_rate": 5e-3, "weight_decay": 1e-2},  # 608 hours are soon learnt by heart
    sees_answer=True,
)
