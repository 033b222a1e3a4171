"""Named entities: at every word of a sentence, whether it belongs to a person, a company, a place or a date.

Tags are BIO: B- at the first word of an entity, I- at its others, O outside. Sentences are made of
templates, and no entity of a sentence holds a name or a year of another part. A word goes in
spelled, so that words never met can be read: its last W letters, each one-hot with a mark for
capitals. T words, B sentences, N sentences of a part, V words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, frequencies, predicted, wanted
from rnnlab.tasks.characters import NOTHING
from rnnlab.tasks.made_names import KINDS, Stock, stock
from rnnlab.tasks.spec import Baseline, Batch, Floats, Lengths, Options, Part, Sample, TaskSpec
from rnnlab.tasks.words import joined, pick

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,-'"
WIDEST = 14
"""Letters of a word that are read, the last ones: W."""

TEMPLATES = (
    "@person works for @company in @place",
    "@person left @company on @date",
    "@company will move from @place to @place",
    "@person and @person met in @place",
    "on @date @person was born in @place",
    "@company was founded by @person",
    "we flew to @place with @person on @date",
    "@place is home to @company",
    "since @date @person lives near @place",
    "@person sold the house in @place to @person",
    "@company and @company will merge on @date",
    "a letter from @person came on @date",
    "the mayor of @place thanked @person",
    "@person of @company spoke in @place",
    "nobody at @company knew @person",
    "@date was a good day for @company",
)
TWO_CLAUSES = 1 / 3
SENTENCES: dict[Part, int] = {"train": 6000, "held_out": 1500, "test": 1500}
LONGEST = 30
TAGS = ("O", *(f"{start}-{kind}" for kind in KINDS for start in "BI"))


class Tagged(NamedTuple):
    """Words and their tags."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


def entity(rng: np.random.Generator, kind: str, names: Stock) -> Tagged:
    """An entity whose words can all be read whole; none of them, not even a town, is another part's name."""
    words: list[str] = []
    while not words or max(len(word) for word in words) > WIDEST or not names.others.isdisjoint(words):
        words = KINDS[kind](rng, names).split()
    return Tagged(tuple(words), (f"B-{kind}", *[f"I-{kind}"] * (len(words) - 1)))


def clause(rng: np.random.Generator, names: Stock) -> Tagged:
    """A template, filled."""
    words, tags = list[str](), list[str]()
    for word in pick(rng, TEMPLATES).split():
        part = entity(rng, word[1:], names) if word.startswith("@") else Tagged((word,), (TAGS[0],))
        words += part.words
        tags += part.tags
    return Tagged(tuple(words), tuple(tags))


def sentence(rng: np.random.Generator, names: Stock) -> Tagged:
    """One clause or two, with a capital first."""
    words, tags = clause(rng, names)
    if rng.random() < TWO_CLAUSES:
        more = clause(rng, names)
        words, tags = (*words, ",", "and", *more.words), (*tags, "O", "O", *more.tags)
    return Tagged((words[0][0].upper() + words[0][1:], *words[1:]), tags)


class Sentences(NamedTuple):
    """Sentences of one part, the shortest first: places of words and tags (N, T), and lengths (N,)."""

    words_NT: NDArray[np.int64]
    tags_NT: NDArray[np.int64]
    widths_N: NDArray[np.int64]

    def fitting(self, length: int) -> int:
        """How many have at most `length` words: the first ones."""
        return int(np.searchsorted(self.widths_N, length, side="right"))

    def counts(self, length: int) -> NDArray[np.int64]:
        """How often each tag occurs in sentences that fit."""
        tags_NT = self.tags_NT[: self.fitting(length)]
        return np.bincount(tags_NT[tags_NT != NOTHING], minlength=len(TAGS))


@dataclass(frozen=True)
class Pool:
    """All parts, and all their words spelled (V + 1, I), the last row zeros for padding."""

    spelled: Floats
    train: Sentences
    held_out: Sentences
    test: Sentences


def spelled(word: str) -> NDArray[np.float32]:
    """The last W letters of a word as the network reads them, flushed right; other signs are left blank."""
    letters_WI = np.zeros((WIDEST, len(LETTERS) + 1), np.float32)
    for place, letter in enumerate(word[::-1][:WIDEST], start=1):
        if letter.lower() in LETTERS:
            letters_WI[-place, LETTERS.index(letter.lower())] = 1
            letters_WI[-place, -1] = letter.isupper()
    return letters_WI.ravel()


def read(features_I: NDArray[Any]) -> str:
    """The word that was spelled."""
    letters_WI = features_I.reshape(WIDEST, -1)
    return "".join(
        LETTERS[row[:-1].argmax()].upper() if row[-1] else LETTERS[row[:-1].argmax()]
        for row in letters_WI
        if row[:-1].any()
    )


def gathered(sentences: list[Tagged], index: dict[str, int]) -> Sentences:
    sentences = sorted(sentences, key=lambda tagged: len(tagged.words))
    widths_N = np.array([len(tagged.words) for tagged in sentences], np.int64)
    words_NT, tags_NT = (np.full((len(sentences), LONGEST), NOTHING, np.int64) for _ in range(2))
    valid_NT = np.arange(LONGEST) < widths_N[:, None]
    words_NT[valid_NT] = [index[word] for tagged in sentences for word in tagged.words]
    tags_NT[valid_NT] = [TAGS.index(tag) for tagged in sentences for tag in tagged.tags]
    return Sentences(words_NT, tags_NT, widths_N)


@lru_cache(maxsize=1)
def pool() -> Pool:
    """All sentences, generated with a fixed seed."""
    rng, parts = np.random.default_rng(2003), []
    for part, number in SENTENCES.items():
        drawn = (sentence(rng, stock(part)) for _ in range(number))
        parts.append([tagged for tagged in drawn if len(tagged.words) <= LONGEST])
    words = sorted({word for part in parts for tagged in part for word in tagged.words})
    index = {word: i for i, word in enumerate(words)}
    table = np.stack([*map(spelled, words), spelled("")])
    return Pool(table, *(gathered(part, index) for part in parts))


def draw(part: Sentences, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    rows_B = rng.integers(0, part.fitting(length), batch_size)
    tags_TB = np.ascontiguousarray(part.tags_NT[rows_B, :length].T)
    return Batch(
        inputs_TBI=pool().spelled[part.words_NT[rows_B, :length].T],
        targets=np.maximum(tags_TB, 0),
        mask_SB=tags_TB != NOTHING,
        lengths_B=part.widths_N[rows_B],
    )


def found(words: Sequence[str], tags: Sequence[str]) -> str:
    """The entities and their kinds; one begins at each B-, and at an I- that goes on none of its kind."""
    entities: list[tuple[str, list[str]]] = []
    last = TAGS[0]
    for word, tag in zip(words, tags, strict=True):
        if tag.startswith("B") or (tag.startswith("I") and tag[2:] != last[2:]):
            entities.append((tag[2:], []))
        if tag != TAGS[0]:
            entities[-1][1].append(word)
        last = tag
    return " · ".join(f"{joined(held)} ({kind})" for kind, held in entities) or "none"


@dataclass(frozen=True)
class Entities:
    """Each word of a sentence to its tag."""

    input_size: int = WIDEST * (len(LETTERS) + 1)
    output_size: int = len(TAGS)
    labels: tuple[str, ...] = TAGS
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(pool().train, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(pool().held_out, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(pool().test, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        unseen = pool().test if test else pool().held_out
        train_O, asked_O = pool().train.counts(length), unseen.counts(length)
        loss = float(np.average(-np.log(frequencies(train_O)), weights=asked_O))
        right = float(asked_O[train_O.argmax()] / asked_O.sum())
        return Baseline(loss, right, "how often each tag occurs in training", exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [read(features_I) for features_I in batch.inputs_TBI[: batch.lengths_B[index], index]]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(TAGS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(TAGS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        words, valid = self.input_labels(batch, index), batch.lengths_B[index]
        target = found(words, self.target_labels(batch, index)[:valid])
        answer = found(words, self.output_labels(batch, index, outputs_SO)[:valid])
        return Sample(joined(words), target, answer, target == answer, confidence(outputs_SO[:valid]))


def load(topology: str, options: Options) -> Entities:
    pool()
    return Entities()


SPEC = TaskSpec(
    label="Named entities",
    group="Sentences",
    sentence="At every word: does it belong to a person, a company, a place or a date? The names of held-out "
    "sentences are new, so spelling and neighbours must tell; reading from both ends helps.",
    source="Generated from templates with people, companies and towns made of the American names in the "
    "Python package Faker (MIT licence).",
    topologies={"many-to-many": Lengths(8, LONGEST, 16, "words and commas in the longest sentences")},
    load=load,
    metric_label="words tagged right",
    design={"cell": "lstm", "hidden_size": 32, "bidirectional": True},
    settings={"learning_rate": 5e-3},
)
