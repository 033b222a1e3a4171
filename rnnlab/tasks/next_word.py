"""Next word: a window of a few words goes in, the word after it comes out.

Words beyond the most frequent are one sign, UNKNOWN. T words in the window, B windows, S = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import by_frequency, confidence, predicted, wanted
from rnnlab.tasks.next_character import draw
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec
from rnnlab.tasks.text import SOURCE
from rnnlab.tasks.words import OPTION, UNKNOWN, WordText, joined, word_text_of


@dataclass(frozen=True)
class NextWord:
    """A window of words to the one that follows."""

    text: WordText
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
        return by_frequency(self.text.training_shares, followers, "how often each word occurs in training")

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return self.text.vocabulary.decode(batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1))

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target = self.target_labels(batch, index)[0]
        answer = self.output_labels(batch, index, outputs_SO)[0]
        window = joined(self.input_labels(batch, index))
        return Sample(window, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> NextWord:
    text = word_text_of(options.get("text", ""))
    return NextWord(text, text.vocabulary.size, text.vocabulary.size, text.vocabulary.words)


SPEC = TaskSpec(
    label="Next word",
    group="Text",
    sentence="The network reads a few words of a text and predicts the one that follows. Rare words look "
    f"alike to it, {UNKNOWN}.",
    source=SOURCE,
    topologies={"many-to-one": Lengths(1, 50, 5, "words in the window")},
    load=load,
    metric_label="accuracy",
    design={"cell": "gru", "hidden_size": 64},
    settings={"learning_rate": 5e-3},
    options={"text": OPTION},
)
