"""Long-distance clue: "I grew up in Chile", many other words, "today I speak": Spanish.

Babel says which territories have exactly one official language. Languages that two such territories or more
share are the answers, all alike probable, and so is each territory of a language. Clauses that say nothing of
it fill the gap, though some name another country. The word before "I speak" says nothing either, but for the
part that a story belongs to: it is the one that the sum of all other words points to in held-out stories, the
one after it in the test, any other in training. T words, B stories.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Part, Sample, TaskSpec
from rnnlab.tasks.words import UNKNOWN, Vocabulary, joined, pick

BEFORE, AFTER = ("I", "grew", "up", "in"), ("I", "speak")
WHEN = ("today", "now", "here", "mostly", "often")
PAST: dict[Part, range] = {"train": range(2, len(WHEN)), "held_out": range(1), "test": range(1, 2)}
"""How far past the word that all others point to stands the one before "I speak"."""

COUNTRY = "@"
CLAUSES = (
    "I like tea", "we had dogs", "it often rained", "my room was small", "we lived near trains",
    "once we saw @", "a friend left for @", "my best friend loved music", "every summer I went to @",
    "on Sundays we all ate fish", "then I left home for good", "I never went to see @",
    "for some years I worked at sea", "my sister sends me letters from @",
)  # fmt: skip
"""What stands in the gap, each with a full stop before it; COUNTRY is any country."""

BY_SIZE = {
    size: tuple((".", *clause.split()) for clause in CLAUSES if len(clause.split()) + 1 == size)
    for size in sorted({len(clause.split()) + 1 for clause in CLAUSES})
}
SHORTEST = min(BY_SIZE)
FIXED = len((*BEFORE, COUNTRY, ".", WHEN[0], *AFTER))
FEWEST_COUNTRIES, LONGEST_NAME = 2, 20


@lru_cache(maxsize=1)
def official() -> dict[str, tuple[str, ...]]:
    """The answers, and for each language the territories where it alone is official, if the name is short."""
    from babel import Locale
    from babel.languages import get_official_languages

    english, found = Locale("en"), dict[str, list[str]]()
    for code, name in sorted(english.territories.items()):
        spoken = get_official_languages(code) if len(code) == 2 else ()
        if len(spoken) == 1 and spoken[0] in english.languages and len(name) <= LONGEST_NAME:
            found.setdefault(english.languages[spoken[0]], []).append(name)
    return {
        language: tuple(found[language])
        for language in sorted(found)
        if len(found[language]) >= FEWEST_COUNTRIES
    }


@dataclass(frozen=True)
class World:
    """All words, the answers, and the countries."""

    known: Vocabulary
    languages: tuple[str, ...]
    countries: tuple[str, ...]


@lru_cache(maxsize=1)
def world() -> World:
    """What stories are made of, loaded once."""
    countries = tuple(country for names in official().values() for country in names)
    plain = {word for clauses in BY_SIZE.values() for clause in clauses for word in clause} - {COUNTRY}
    known = Vocabulary((*sorted(plain | {*BEFORE, *AFTER, *WHEN}), *countries, UNKNOWN))
    return World(known, tuple(official()), countries)


def gap(rng: np.random.Generator, size: int, countries: Sequence[str]) -> list[str]:
    """Clauses of exactly `size` words in all."""
    words: list[str] = []
    while left := size - len(words):
        words += pick(rng, BY_SIZE[pick(rng, [n for n in BY_SIZE if n == left or n <= left - SHORTEST])])
    return [pick(rng, countries) if word == COUNTRY else word for word in words]


def story(rng: np.random.Generator, home: str, part: Part, length: int) -> list[str]:
    """A story of `length` words about someone from `home`, of one part."""
    here = world()
    between = gap(rng, length - FIXED, here.countries)
    pointed = int(here.known.encode([home, *between]).sum())
    past = pick(rng, PAST[part])
    return [*BEFORE, home, *between, ".", WHEN[(pointed + past) % len(WHEN)], *AFTER]


def draw(part: Part, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    here = world()
    languages = [pick(rng, here.languages) for _ in range(batch_size)]
    told = [story(rng, pick(rng, official()[language]), part, length) for language in languages]
    words_BT = here.known.encode(word for words in told for word in words).reshape(batch_size, length)
    return Batch(
        inputs_TBI=one_hot(words_BT.T, here.known.size),
        targets=np.array([[here.languages.index(language) for language in languages]], np.int64),
        mask_SB=np.ones((1, batch_size), np.bool_),
        lengths_B=np.full(batch_size, length, np.int64),
    )


@dataclass(frozen=True)
class Clue:
    """A story, word by word, to the language that its teller speaks."""

    known: Vocabulary
    input_size: int
    output_size: int
    labels: tuple[str, ...]
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw("train", rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw("held_out", rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw("test", rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        number = len(self.labels)
        return Baseline(math.log(number), 1 / number, f"a guess among {number}: ln {number}", exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return self.known.decode(batch.inputs_TBI[:, index].argmax(axis=1))

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target = self.target_labels(batch, index)[0]
        answer = self.output_labels(batch, index, outputs_SO)[0]
        read = joined(self.input_labels(batch, index))
        return Sample(read, target, answer, target == answer, confidence(outputs_SO))


def load(topology: str, options: Options) -> Clue:
    here = world()
    return Clue(here.known, here.known.size, len(here.languages), here.languages)


SPEC = TaskSpec(
    label="Long-distance clue",
    group="Sentences",
    sentence="Someone tells where they grew up, then talks of other things; at the end comes the language "
    "they speak. The longer the story, the longer the first clue has to be remembered.",
    source="Generated from the Unicode CLDR's countries and official languages (Unicode licence), as the "
    "Python package Babel has them (BSD licence).",
    topologies={
        "many-to-one": Lengths(FIXED + SHORTEST, 200, 24, f"words in the story: the gap is {FIXED} less")
    },
    load=load,
    metric_label="accuracy",
    design={"cell": "lstm", "hidden_size": 32},
    settings={"learning_rate": 1e-2},
)
