"""Next character: a window of a few characters goes in, the character after it comes out.

T characters in the window, B windows, S = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import by_frequency, confidence, predicted, wanted
from rnnlab.tasks.characters import NOTHING, one_hot, readable
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Preset, Sample, TaskSpec
from rnnlab.tasks.text import OPTION, SOURCE, Indices, Text, text_of, windows


def draw(indices_N: Indices, size: int, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    span = min(length, len(indices_N) - 1)
    chunks = windows(indices_N, rng, batch_size, span + 1)
    read_TB = np.full((length, batch_size), NOTHING, np.int64)
    read_TB[:span] = chunks[:-1]
    return Batch(
        inputs_TBI=one_hot(read_TB, size),
        targets=chunks[-1:],
        mask_SB=np.ones((1, batch_size), np.bool_),
        lengths_B=np.full(batch_size, span, np.int64),
    )


@dataclass(frozen=True)
class NextCharacter:
    """A window of characters to the one that follows."""

    text: Text
    input_size: int
    output_size: int
    labels: tuple[str, ...]
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.text.train_N, self.input_size, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.text.held_out_N, self.input_size, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.text.test_N, self.input_size, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        asked_N = self.text.test_N if test else self.text.held_out_N
        followers = asked_N[min(length, len(asked_N) - 1) :]
        return by_frequency(
            self.text.training_shares, followers, "how often each character occurs in training"
        )

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        indices_T = batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)
        return [self.labels[i] for i in indices_T]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        read = batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)
        target = wanted(self.labels, batch, index)[0]
        answer = predicted(self.labels, batch, index, outputs_SO)[0]
        window = readable(self.text.letters.decode(read))
        return Sample(window, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> NextCharacter:
    text = text_of(options.get("text", ""))
    return NextCharacter(text, text.letters.size, text.letters.size, text.letters.labels)


TEXTBOOK = {"cell": "rnn", "activation": "relu", "hidden_size": 50, "optimizer": "adam"}

SPEC = TaskSpec(
    label="Next character",
    group="Text",
    sentence="The network reads a few characters of a text and predicts the one that follows. The longer the "
    "window, the more it can know, if it remembers.",
    source=SOURCE,
    topologies={"many-to-one": Lengths(1, 50, 3, "characters in the window")},
    writes="text",
    load=load,
    metric_label="accuracy",
    design=TEXTBOOK,
    settings={"learning_rate": 5e-3},
    options={"text": OPTION},
    presets={
        "textbook": Preset(
            "Textbook: window of 3 characters, 50 relu units, Adam",
            TEXTBOOK,
            {"length": 3, "learning_rate": 5e-3},
        )
    },
)
