"""Word model: at every word of a text, predict the next one.

As the language model on characters, with words for time steps. Words beyond the most frequent are one
sign, UNKNOWN, to be read and to be predicted as any other. T = S words, B chunks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import predicted, wanted
from rnnlab.tasks.language_model import draw
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec
from rnnlab.tasks.text import SOURCE
from rnnlab.tasks.words import LARGEST_VOCABULARY, OPTION, UNKNOWN, WordText, joined, word_text_of


@dataclass(frozen=True)
class WordModel:
    """Each word of a text to the next."""

    text: WordText
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
        return Baseline(loss, loss / math.log(2), "how often each word occurs in training", exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return self.text.vocabulary.decode(batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1))

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target, answer = self.target_labels(batch, index), self.output_labels(batch, index, outputs_SO)
        read = joined(self.input_labels(batch, index))
        return Sample(read, joined(target), joined(answer), target == answer, None)


def load(topology: str, options: Options) -> WordModel:
    text = word_text_of(options.get("text", ""))
    return WordModel(text, text.vocabulary.size, text.vocabulary.size, text.vocabulary.words)


SPEC = TaskSpec(
    label="Word model",
    group="Text",
    sentence="At every word of a text the network predicts the next word. It knows the "
    f"{LARGEST_VOCABULARY} most frequent; all others look alike to it, {UNKNOWN}.",
    source=SOURCE,
    topologies={"many-to-many": Lengths(5, 100, 20, "words in a chunk")},
    load=load,
    metric_label="bits per word",
    design={"cell": "lstm", "hidden_size": 64},
    settings={"learning_rate": 1e-2},
    options={"text": OPTION},
    sees_answer=True,
)
