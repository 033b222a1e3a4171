"""Copy memory: read K symbols, wait, and write them down again when the marker comes.

As in the code of Arjovsky, Shah and Bengio (2016): symbols drawn alike from eight, blanks, one marker, then K
time steps to recall. Ten input classes, nine output classes (blank and symbols), cross entropy over all T
time steps. Here T is the whole length, so the blanks and the marker are T - 2K. Knowing when to answer, but
not what, costs K ln 8 / T.

Held-out and test sequences are fresh draws, as in the literature. Of few symbols there are few sequences, so
all of them come in training: what is asked for is a memory. To hold some of them back would be worse: the
network learns which ones never come and, sure of that, is wrong about them. B sequences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec

SYMBOLS = "abcdefgh"
BLANK, MARKER = 0, len(SYMBOLS) + 1
LABELS = ("·", *SYMBOLS)


def draw(symbols: int, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    shown = rng.integers(1, len(SYMBOLS) + 1, (symbols, batch_size))
    read_TB = np.full((length, batch_size), BLANK, np.int64)
    read_TB[:symbols] = shown
    read_TB[length - symbols - 1] = MARKER
    targets_TB = np.full((length, batch_size), BLANK, np.int64)
    targets_TB[length - symbols :] = shown
    return Batch(
        inputs_TBI=one_hot(read_TB, MARKER + 1),
        targets=targets_TB,
        mask_SB=np.ones((length, batch_size), np.bool_),
        lengths_B=np.full(batch_size, length, np.int64),
    )


@dataclass(frozen=True)
class Copy:
    """So many symbols, to be written down again when the marker asks for them."""

    symbols: int
    input_size: int = MARKER + 1
    output_size: int = len(LABELS)
    labels: tuple[str, ...] = LABELS
    loss: str = "cross_entropy"
    metric: str = "recall"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.symbols, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.symbols, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.symbols, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        number = len(SYMBOLS)
        words = f"knowing when, not what: {self.symbols} ln {number} / {length}"
        return Baseline(self.symbols * math.log(number) / length, 1 / number, words, exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        signs = (*LABELS, "▸")
        return [signs[i] for i in batch.inputs_TBI[:, index].argmax(axis=1)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(LABELS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(LABELS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        shown = "".join(self.input_labels(batch, index)[: self.symbols])
        target = "".join(self.target_labels(batch, index)[-self.symbols :])
        answer = "".join(self.output_labels(batch, index, outputs_SO)[-self.symbols :])
        return Sample(shown, target, answer, target == answer, confidence(outputs_SO[-self.symbols :]))


def load(topology: str, options: Options) -> Copy:
    return Copy(int(options.get("symbols", SPEC.options["symbols"].default)))


SPEC = TaskSpec(
    label="Copy after a delay",
    group="Memory",
    sentence="A few symbols are shown, then nothing for a while, then a marker asks for them back. The "
    "network has to hold several things at once, in order.",
    source="Generated: fresh random symbols for every update. Of few symbols there are few sequences, so "
    "held-out ones come in training too: what is asked for is a memory.",
    topologies={
        "many-to-many": Lengths(21, 400, 24, "time steps from the first symbol to the last recalled")
    },
    load=load,
    metric_label="recalled symbols",
    design={"cell": "gru", "hidden_size": 64},
    settings={"learning_rate": 5e-3},
    options={
        "symbols": ChoiceOption(
            label="Symbols to copy",
            help="How many symbols the network must remember; each one more makes it much harder.",
            choices={
                number: f"{number} symbol" + "s" * (number != "1") for number in ("1", "2", "3", "5", "10")
            },
            default="2",
        )
    },
)
