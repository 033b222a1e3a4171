"""The adding problem: remember two marked numbers among T and give their sum.

Variant: one mark in each half of the sequence, target the plain sum (the form used in Arjovsky,
Shah and Bengio, 2016, arXiv 1511.06464; the problem is Hochreiter and Schmidhuber's, 1997).
Always answering 1 costs 2 Var(U[0,1]) = 1/6. T time steps, B sequences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec

CLOSE_ENOUGH = 0.1


def decimal(value: float) -> str:
    """Two places; far too large a number, as a network that diverges gives, by its power of ten."""
    return f"{value:.2f}" if abs(value) < 1e4 else f"{value:.0e}"


def draw(rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    values_TB = rng.random((length, batch_size), dtype=np.float32)
    marks_TB = np.zeros((length, batch_size), np.float32)
    half, every = length // 2, np.arange(batch_size)
    marks_TB[rng.integers(0, half, batch_size), every] = 1
    marks_TB[rng.integers(half, length, batch_size), every] = 1
    return Batch(
        inputs_TBI=np.stack([values_TB, marks_TB], axis=2),
        targets=(values_TB * marks_TB).sum(axis=0)[None, :, None],
        mask_SB=np.ones((1, batch_size), np.bool_),
        lengths_B=np.full(batch_size, length, np.int64),
    )


@dataclass(frozen=True)
class Adding:
    """Two marked numbers among many to their sum."""

    input_size: int = 2
    output_size: int = 1
    labels: tuple[str, ...] = ()
    loss: str = "squared_error"
    metric: str = "mean_squared_error"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        return Baseline(1 / 6, 1 / 6, "always answering 1: 1/6", exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [f"{value:.2f}" if mark else "·" for value, mark in batch.inputs_TBI[:, index]]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return [decimal(float(outputs_SO[0, 0]))]

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return [f"{batch.targets[0, index, 0]:.2f}"]

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        marked = [f"{value:.2f}" for value, mark in batch.inputs_TBI[:, index] if mark]
        target, answer = float(batch.targets[0, index, 0]), float(outputs_SO[0, 0])
        return Sample(
            " + ".join(marked), decimal(target), decimal(answer), abs(answer - target) < CLOSE_ENOUGH, None
        )


def load(topology: str, options: Options) -> Adding:
    return Adding()


SPEC = TaskSpec(
    label="Adding two marked numbers",
    group="Memory",
    sentence="Two of many numbers are marked; the answer is their sum. It needs a memory that lasts.",
    source="Generated: fresh random numbers for every update.",
    topologies={"many-to-one": Lengths(4, 400, 100, "numbers in the sequence")},
    load=load,
    metric_label="mean squared error",
    design={"cell": "gru", "hidden_size": 64},
    settings={"learning_rate": 2e-3},
)
