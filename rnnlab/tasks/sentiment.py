"""Sentiment: read a sentence word by word, then say whether it is positive or negative.

Sentences come from a small grammar of one or more clauses. A clause of praise or blame holds one word
that people rated, perhaps a booster and perhaps a negation; neutral clauses hold none. The score
of a sentence is the sum over its rated words, each by the constants of VADER (Hutto and Gilbert, ICWSM
2014): a booster adds to the size of the rating, or takes away from it, and a negation turns it over at
0.74 of its size. T words, B sentences, N in the pool, W words in the longest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import by_frequency, confidence, frequencies, predicted, wanted
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec
from rnnlab.tasks.words import Vocabulary, joined, pick, table, vocabulary

LABELS = ("negative", "positive")
RATED = """
good bad great nice terrible horrible awesome awful brilliant boring dull funny sad happy lovely ugly
poor weak strong sweet perfect amazing annoying pleasant unpleasant stupid smart clever friendly rude
kind cruel fresh dirty clean safe easy interesting exciting charming disappointing disgusting superb
nasty splendid lousy stunning thrilling honest dishonest fair unfair brave lazy greedy gentle harsh
calm tense bright scary frightening terrifying shocking irritating entertaining elegant cute lame
popular special excellent fantastic fabulous delicious beautiful wonderful delightful dreadful  painful
useful useless hopeful hopeless worthless joyful peaceful powerful successful shameful  stressful
cheerful graceful pitiful generous glorious gorgeous gracious hilarious humorous joyous  marvelous
obnoxious ridiculous suspicious vicious disastrous dangerous creative effective impressive  offensive
innovative depressive admirable adorable agreeable comfortable enjoyable lovable likeable  miserable
regrettable remarkable valuable unacceptable careless clueless flawless mindless tragic  catastrophic
chaotic energetic heroic horrific pathetic romantic terrific magnificent intelligent  violent
incompetent helpful faithful thoughtful respectful hateful handsome troublesome acceptable  attractive
unattractive positive negative supportive festive abusive destructive
"""
ADJECTIVES = tuple(RATED.split())
"""Common adjectives, all of them rated."""

VERBS = (
    "love",
    "like",
    "enjoy",
    "admire",
    "adore",
    "appreciate",
    "trust",
    "hate",
    "dislike",
    "despise",
    "loathe",
)
THINGS = (
    "film",
    "book",
    "hotel",
    "music",
    "food",
    "room",
    "service",
    "staff",
    "guide",
    "story",
    "place",
    "ending",
)
WAS, WAS_NOT = (("was",), ("is",), ("seemed",)), (("was", "not"), ("is", "not"), ("was", "never"), ("isn't",))
DO_NOT = (("do", "not"), ("don't",), ("never",))
BOOSTERS = {"very": 1, "really": 1, "extremely": 1, "slightly": -1, "somewhat": -1}
"""Words that strengthen or weaken the word after them."""

NEUTRAL = (
    "we came by train", "it was on a monday", "my sister came too", "we stayed for two days",
    "i saw it with my brother", "there were six of us", "it began at nine", "the door was blue",
)  # fmt: skip
LINKS = (("and",), (",", "and"), (",",))
BOOST, TURN = 0.293, -0.74
CLEAR = 0.5
"""Sentences whose score is smaller are left out: people too would not agree about them."""

SENTENCES, CLAUSES, LONGEST = 10_000, 5, 40
HELD_OUT_SHARE = TEST_SHARE = 0.1


class Clause(NamedTuple):
    """Words and what they add to the score of a sentence."""

    words: tuple[str, ...]
    score: float = 0.0


@lru_cache(maxsize=1)
def lexicon() -> dict[str, float]:
    """VADER's words and the mean of the ratings that ten people gave to each, from -4 to 4."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return {word: float(rating) for word, rating in SentimentIntensityAnalyzer().lexicon.items()}


def score(word: str, booster: str, negated: bool) -> float:
    """The rating of a word after a booster, or after none, and a negation, or none."""
    rating = lexicon()[word]
    boosted = rating + float(np.sign(rating)) * BOOST * BOOSTERS.get(booster, 0)
    return boosted * TURN if negated else boosted


def of_a_thing(rng: np.random.Generator, negated: bool, boosted: bool) -> Clause:
    """What a thing was like."""
    word, booster = pick(rng, ADJECTIVES), pick(rng, tuple(BOOSTERS)) if boosted else ""
    verb = pick(rng, WAS_NOT if negated else WAS)
    words = ("the", pick(rng, THINGS), *verb, *booster.split(), word)
    return Clause(words, score(word, booster, negated))


def of_mine(rng: np.random.Generator, negated: bool, boosted: bool) -> Clause:
    """What I feel about a thing."""
    word, booster = pick(rng, VERBS), "really" if boosted else ""
    start = pick(rng, DO_NOT) if negated else ()
    words = ("i", *start, *booster.split(), word, "the", pick(rng, THINGS))
    return Clause(words, score(word, booster, negated))


def clause(rng: np.random.Generator) -> Clause:
    """One clause: neutral, about a thing, or about what I feel."""
    kind, negated, boosted = rng.random(), bool(rng.random() < 0.4), bool(rng.random() < 0.4)
    if kind < 0.25:
        return Clause(tuple(pick(rng, NEUTRAL).split()))
    return (of_a_thing if kind < 0.8 else of_mine)(rng, negated, boosted)


def sentence(rng: np.random.Generator) -> Clause:
    """Clauses, one after the other, and the sum of their scores."""
    parts = [clause(rng) for _ in range(pick(rng, range(1, CLAUSES + 1)))]
    words = parts[0].words
    for part in parts[1:]:
        words += (*pick(rng, LINKS), *part.words)
    return Clause(words, sum(part.score for part in parts))


class Sentences(NamedTuple):
    """Sentences of one part, the shortest first: words (N, W), lengths and classes (N,)."""

    words_NW: NDArray[np.int64]
    widths_N: NDArray[np.int64]
    positive_N: NDArray[np.int64]

    def fitting(self, length: int) -> int:
        """How many have at most `length` words: the first ones."""
        return int(np.searchsorted(self.widths_N, length, side="right"))


@dataclass(frozen=True)
class Pool:
    """Sentences to train on, held out and for the test, in one vocabulary."""

    known: Vocabulary
    train: Sentences
    held_out: Sentences
    test: Sentences


def gathered(parts: list[Clause], known: Vocabulary) -> Sentences:
    parts = sorted(parts, key=lambda part: len(part.words))
    words_NW, widths_N = table([part.words for part in parts], known, LONGEST)
    return Sentences(words_NW, widths_N, np.array([int(part.score > 0) for part in parts], np.int64))


@lru_cache(maxsize=1)
def pool() -> Pool:
    """All sentences, each once, generated with a fixed seed; the last ones are held out or the test."""
    rng, found = np.random.default_rng(2014), dict[tuple[str, ...], Clause]()
    while len(found) < SENTENCES:
        new = sentence(rng)
        if abs(new.score) >= CLEAR and len(new.words) <= LONGEST:
            found[new.words] = new
    every, border = list(found.values()), round((1 - HELD_OUT_SHARE - TEST_SHARE) * SENTENCES)
    middle = border + round(HELD_OUT_SHARE * SENTENCES)
    known = vocabulary((word for part in every[:border] for word in part.words), SENTENCES)
    parts = every[:border], every[border:middle], every[middle:]
    return Pool(known, *(gathered(part, known) for part in parts))


def draw(part: Sentences, size: int, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    rows_B = rng.integers(0, part.fitting(length), batch_size)
    return Batch(
        inputs_TBI=one_hot(part.words_NW[rows_B, :length].T, size),
        targets=part.positive_N[rows_B][None],
        mask_SB=np.ones((1, batch_size), np.bool_),
        lengths_B=part.widths_N[rows_B],
    )


@dataclass(frozen=True)
class Sentiment:
    """A sentence, word by word, to one of two classes."""

    known: Vocabulary
    input_size: int
    output_size: int = len(LABELS)
    labels: tuple[str, ...] = LABELS
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(pool().train, self.input_size, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(pool().held_out, self.input_size, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(pool().test, self.input_size, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        unseen = pool().test if test else pool().held_out
        train_N, asked_N = (part.positive_N[: part.fitting(length)] for part in (pool().train, unseen))
        shares = frequencies(np.bincount(train_N, minlength=len(LABELS)))
        return by_frequency(shares, asked_N, "how often sentences are positive in training")

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return self.known.decode(batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1))

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(LABELS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(LABELS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target, answer = wanted(LABELS, batch, index)[0], predicted(LABELS, batch, index, outputs_SO)[0]
        read = joined(self.input_labels(batch, index))
        return Sample(read, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> Sentiment:
    known = pool().known
    return Sentiment(known, known.size)


SPEC = TaskSpec(
    label="Sentiment of a sentence",
    group="Sentences",
    sentence="A sentence goes in word by word; after the last word the network says whether it is positive "
    "or negative. A not turns around what follows, and one clause may outweigh another.",
    source="Generated by a small grammar from words that people rated: the lexicon of the Python package "
    "vaderSentiment (C. J. Hutto and E. Gilbert, 2014; MIT licence).",
    topologies={"many-to-one": Lengths(8, LONGEST, 16, "words and commas in the longest sentences")},
    load=load,
    metric_label="accuracy",
    design={"cell": "lstm", "hidden_size": 32},
    settings={"learning_rate": 5e-3},
)
