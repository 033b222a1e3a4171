"""Question answering: who moved where is told, then somebody is asked for: "where is Anna?"

In the manner of the first of the bAbI tasks (Weston and others, 2015, arXiv 1502.05698), with words of our
own. People and places are drawn alike; the answer is the last place of the person asked for, so all places
are alike probable. All other sentences are distraction. The first verb tells the part that a story belongs
to: it is the one that the sum of all other words points to in held-out stories, the one after it in the test,
any other in training. T words, B stories, N sentences in a story, W words in one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.characters import NOTHING, one_hot
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Part, Sample, TaskSpec
from rnnlab.tasks.words import UNKNOWN, Vocabulary, joined

PEOPLE = ("Anna", "Ben", "Carla", "David")
PLACES = ("abroad", "downstairs", "home", "outside", "upstairs")
VERBS = ("came", "moved", "ran", "walked", "went")
PAST: dict[Part, range] = {"train": range(2, len(VERBS)), "held_out": range(1), "test": range(1, 2)}
"""How far past the verb that all other words point to stands the first one."""

KNOWN = Vocabulary((*PEOPLE, *PLACES, *VERBS, "where", "is", ".", "?", UNKNOWN))
SENTENCE = len(("Anna", "went", "upstairs", "."))
QUESTION = len(("where", "is", "Anna", "?"))
MOST_SENTENCES = 24


def first_verb(rng: np.random.Generator, others_BN: NDArray[np.int64], part: Part) -> NDArray[np.int64]:
    """The verb (B,) that all other words point to in a part."""
    past_B = rng.integers(PAST[part].start, PAST[part].stop, len(others_BN))
    return np.asarray((others_BN.sum(axis=1) + past_B) % len(VERBS))


def last_place(
    people_BN: NDArray[np.int64], places_BN: NDArray[np.int64], asked_B: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Where the person asked for went last (B,)."""
    backwards_BN = (people_BN == asked_B[:, None])[:, ::-1]
    last_B = people_BN.shape[1] - 1 - backwards_BN.argmax(axis=1)
    return np.asarray(places_BN[np.arange(len(asked_B)), last_B])


def told(
    people_BN: NDArray[np.int64], verbs_BN: NDArray[np.int64], places_BN: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The story as indices of words (B, N W)."""
    stop_BN = np.full_like(people_BN, KNOWN.index["."])
    places_BN, verbs_BN = places_BN + len(PEOPLE), verbs_BN + len(PEOPLE) + len(PLACES)
    words_BNW = np.stack([people_BN, verbs_BN, places_BN, stop_BN], axis=2)
    return words_BNW.reshape(len(people_BN), -1)


def draw(asked_first: bool, part: Part, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    shape = batch_size, (length - QUESTION) // SENTENCE
    people_BN, places_BN = rng.integers(0, len(PEOPLE), shape), rng.integers(0, len(PLACES), shape)
    verbs_BN = rng.integers(0, len(VERBS), shape)
    asked_B = people_BN[np.arange(batch_size), rng.integers(0, shape[1], batch_size)]
    others_BN = np.column_stack([people_BN, places_BN, verbs_BN[:, 1:], asked_B])
    verbs_BN[:, 0] = first_verb(rng, others_BN, part)
    where, what, mark = (np.full_like(asked_B, i) for i in KNOWN.encode(["where", "is", "?"]))
    parts = [told(people_BN, verbs_BN, places_BN), np.stack([where, what, asked_B, mark], axis=1)]
    words_BT = np.column_stack(parts[::-1] if asked_first else parts)
    span = words_BT.shape[1]
    read_BT = np.pad(words_BT, ((0, 0), (0, length - span)), constant_values=NOTHING)
    return Batch(
        inputs_TBI=one_hot(read_BT.T, KNOWN.size),
        targets=last_place(people_BN, places_BN, asked_B)[None],
        mask_SB=np.ones((1, batch_size), np.bool_),
        lengths_B=np.full(batch_size, span, np.int64),
    )


@dataclass(frozen=True)
class Question:
    """A story and a question, word by word, to a place."""

    asked_first: bool
    input_size: int = KNOWN.size
    output_size: int = len(PLACES)
    labels: tuple[str, ...] = PLACES
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.asked_first, "train", rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.asked_first, "held_out", rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.asked_first, "test", rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        number = len(PLACES)
        return Baseline(math.log(number), 1 / number, f"a guess among {number}: ln {number}", exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return KNOWN.decode(batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1))

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(PLACES, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(PLACES, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target, answer = wanted(PLACES, batch, index)[0], predicted(PLACES, batch, index, outputs_SO)[0]
        read = joined(self.input_labels(batch, index))
        return Sample(read, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> Question:
    return Question(options.get("asked", "after") == "before")


SPEC = TaskSpec(
    label="Question about a story",
    group="Sentences",
    sentence="People move about, then one of them is looked for. Until then the network cannot know who it "
    "will be, so it has to keep everyone's place; asked before the story, it keeps one.",
    source="Generated: fresh stories for every update.",
    topologies={
        "many-to-one": Lengths(
            SENTENCE + QUESTION,
            MOST_SENTENCES * SENTENCE + QUESTION,
            3 * SENTENCE + QUESTION,
            f"words in all: {SENTENCE} more are one more distracting sentence",
        )
    },
    load=load,
    metric_label="accuracy",
    design={"cell": "gru", "hidden_size": 64, "batch_size": 128},
    settings={"learning_rate": 1e-2},
    options={
        "asked": ChoiceOption(
            label="Question",
            help="After the story everyone's place has to be kept; before it, only that of one person.",
            choices={"after": "after the story", "before": "before the story"},
            default="after",
        )
    },
)
