"""Language model: at every character of a text, predict the next one.

Chunks of `length` characters from random places. Where the user's text is too short for that, the
chunks are as long as it allows and padded. T = S characters, B chunks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import predicted, wanted
from rnnlab.tasks.characters import NOTHING, one_hot, readable
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec
from rnnlab.tasks.text import OPTION, SOURCE, Indices, Text, text_of, windows


def draw(indices_N: Indices, size: int, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    span = min(length, len(indices_N) - 1)
    chunks = windows(indices_N, rng, batch_size, span + 1)
    read_TB = np.full((length, batch_size), NOTHING, np.int64)
    next_TB = np.zeros((length, batch_size), np.int64)
    read_TB[:span], next_TB[:span] = chunks[:-1], chunks[1:]
    return Batch(
        inputs_TBI=one_hot(read_TB, size),
        targets=next_TB,
        mask_SB=read_TB != NOTHING,
        lengths_B=np.full(batch_size, span, np.int64),
    )


@dataclass(frozen=True)
class LanguageModel:
    """Each character of a text to the next."""

    text: Text
    input_size: int
    output_size: int
    labels: tuple[str, ...]
    loss: str = "cross_entropy"
    metric: str = "bits_per_symbol"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.text.train_N, self.input_size, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.text.held_out_N, self.input_size, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.text.test_N, self.input_size, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        asked_N = self.text.test_N if test else self.text.held_out_N
        loss = float(-np.log(self.text.training_shares)[asked_N[1:]].mean())
        return Baseline(loss, loss / math.log(2), "how often each character occurs in training", exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        indices_T = batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1)
        return [self.labels[i] for i in indices_T]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        span = batch.lengths_B[index]
        read = self.text.letters.decode(batch.inputs_TBI[:span, index].argmax(axis=1))
        target = self.text.letters.decode(batch.targets[:span, index])
        answer = self.text.letters.decode(outputs_SO[:span].argmax(axis=1))
        return Sample(readable(read), readable(target), readable(answer), target == answer, None)


def load(topology: str, options: Options) -> LanguageModel:
    text = text_of(options.get("text", ""))
    return LanguageModel(text, text.letters.size, text.letters.size, text.letters.labels)


SPEC = TaskSpec(
    label="Language model",
    group="Text",
    sentence="At every character of a text the network predicts the next: how much of the past does it use?",
    source=SOURCE,
    topologies={"many-to-many": Lengths(5, 400, 50, "characters in a chunk")},
    writes="text",
    load=load,
    metric_label="bits per character",
    design={"cell": "lstm", "hidden_size": 64},
    settings={"learning_rate": 1e-2},
    options={"text": OPTION},
    sees_answer=True,
)
