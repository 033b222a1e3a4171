"""Copy memory: read K symbols, wait, and write them down again when the marker comes.

As in the code of Arjovsky, Shah and Bengio (2016): symbols drawn alike from eight, blanks, one marker, then K
time steps to recall. Ten input classes, nine output classes (blank and symbols), cross entropy over all T
time steps. Here T is the whole length, so the blanks and the marker are T - 2K. Knowing when to answer, but
not what, costs K ln 8 / T.

Of few symbols there are few sequences, so some of all there are are never trained on: the sum of the symbols
modulo eight is 0 in held-out sequences, 1 in the test, 2 to 7 in training, which leaves each symbol alike
probable at each place. Ten symbols are drawn as in that code: no sequence of them comes twice by chance. A
single symbol leaves nothing to hold out. B sequences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.spec import Baseline, Batch, ChoiceOption, Lengths, Options, Part, Sample, TaskSpec

SYMBOLS = "abcdefgh"
BLANK, MARKER = 0, len(SYMBOLS) + 1
LABELS = ("·", *SYMBOLS)
KEPT_APART = range(2, 6)
"""Numbers of symbols of which some sequences are never trained on."""

SUMS: dict[Part, range] = {"train": range(2, len(SYMBOLS)), "held_out": range(1), "test": range(1, 2)}


def drawn(symbols: int, part: Part, rng: np.random.Generator, batch_size: int) -> NDArray[np.int64]:
    """Indices of the symbols to copy (K, B), from 1."""
    shown = rng.integers(1, len(SYMBOLS) + 1, (symbols, batch_size))
    if symbols in KEPT_APART:
        wanted_B = rng.integers(SUMS[part].start, SUMS[part].stop, batch_size)
        shown[-1] = 1 + (wanted_B - (shown[:-1] - 1).sum(axis=0)) % len(SYMBOLS)
    return shown


def draw(symbols: int, part: Part, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    shown = drawn(symbols, part, rng, batch_size)
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
        return draw(self.symbols, "train", rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.symbols, "held_out", rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.symbols, "test", rng, batch_size, length)

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
    source="Generated: fresh random symbols for every update; of two to five symbols, a quarter of all "
    "sequences is never trained on.",
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
