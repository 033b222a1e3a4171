"""Echo: say each symbol again, k time steps after it was heard.

Symbols drawn alike and independently from V = 8; the target at t is the input at t - k, and a blank in
the first k time steps, when there is nothing to say yet. The network hears while it speaks, so its state
has to work as a conveyor belt of k places. Without a memory, yet knowing when, an answer costs
(T - k) ln V / T. T = S time steps, B sequences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.fresh import SYMBOLS, symbols
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec

LABELS = ("·", *SYMBOLS)


def heard(read_TB: NDArray[np.int64], delay: int) -> Batch:
    """A batch of the symbols with these indices, each to be said again `delay` time steps later."""
    length, batch_size = read_TB.shape
    targets_TB = np.zeros((length, batch_size), np.int64)
    targets_TB[delay:] = 1 + read_TB[: length - delay]
    return Batch(
        inputs_TBI=one_hot(read_TB, len(SYMBOLS)),
        targets=targets_TB,
        mask_SB=np.ones((length, batch_size), np.bool_),
        lengths_B=np.full(batch_size, length, np.int64),
    )


@dataclass(frozen=True)
class Echo:
    """Each symbol again, after so many time steps."""

    delay: int
    input_size: int = len(SYMBOLS)
    output_size: int = len(LABELS)
    labels: tuple[str, ...] = LABELS
    loss: str = "cross_entropy"
    metric: str = "recall"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return heard(symbols(rng, batch_size, length, "train"), self.delay)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return heard(symbols(rng, batch_size, length, "held_out"), self.delay)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return heard(symbols(rng, batch_size, length, "test"), self.delay)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        number, asked = len(SYMBOLS), length - self.delay
        words = f"knowing when, not what: {asked} ln {number} / {length}"
        return Baseline(asked * math.log(number) / length, 1 / number, words, exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [SYMBOLS[i] for i in batch.inputs_TBI[:, index].argmax(axis=1)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(LABELS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(LABELS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        text, target = "".join(self.input_labels(batch, index)), "".join(self.target_labels(batch, index))
        answer = "".join(self.output_labels(batch, index, outputs_SO))
        return Sample(text, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> Echo:
    return Echo(int(options.get("delay", SPEC.options["delay"].default)))


SPEC = TaskSpec(
    label="Echo",
    group="Memory",
    sentence="Every symbol is to be said again a few time steps later, while new ones come in: the state has "
    "to hold the last few symbols in order, like a conveyor belt.",
    source="Generated: fresh random symbols for every update; a quarter of all sequences is kept from it.",
    topologies={"many-to-many": Lengths(12, 400, 30, "symbols in the sequence")},
    load=load,
    metric_label="echoed symbols",
    design={"cell": "rnn", "hidden_size": 64, "recurrent_init": "orthogonal"},
    settings={"learning_rate": 5e-3},
    options={
        "delay": ChoiceOption(
            label="Delay",
            help="How many time steps later a symbol is said again: the state must hold as many at once.",
            choices={
                number: f"{number} time step" + "s" * (number != "1") for number in ("1", "2", "3", "5", "10")
            },
            default="3",
        )
    },
)
