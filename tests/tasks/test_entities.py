"""Named entities: tags beside an independent reading of the words, and names that training never met."""

import itertools
import math
import re
from collections import Counter

import numpy as np
import pytest
from faker import Faker

from rnnlab.tasks import TASKS, entities, made_names
from rnnlab.tasks.spec import PARTS

TASK = TASKS["entities"].load("many-to-many", {})
FAKER = Faker("en_US")
DATE = re.compile(r"(\d{1,2} [A-Z][a-z]+ \d{4}|[A-Z][a-z]+ \d{1,2} , \d{4}|[A-Z][a-z]+ \d{4})")
SHARED = {*made_names.MONTHS, *map(str, range(1, 29)), ",", "and"}
"""Words of entities that may be on both sides, besides the beginnings of towns and ends of companies."""


def drawn(side: str, number: int, length: int = 30) -> list[tuple[list[str], list[str]]]:
    batch = getattr(TASK, side)(np.random.default_rng(0), number, length)
    pairs = [(TASK.input_labels(batch, b), TASK.target_labels(batch, b)) for b in range(number)]
    return [(words, [tag for tag in tags if tag]) for words, tags in pairs]


def chunks(words: list[str], tags: list[str]) -> list[tuple[str, str]]:
    """The entities of a sentence and their kinds, for tags that are in order."""
    line = " ".join(f"{word}|{tag}" for word, tag in zip(words, tags, strict=True))
    found = re.findall(r"(\S+\|B-(\w+)(?: \S+\|I-\2)*)", line)
    return [(re.sub(r"\|[BI]-\w+", "", text), kind) for text, kind in found]


@pytest.mark.parametrize("side", PARTS)
def test_tags_are_bio_and_all_kinds_occur(side):
    kinds = Counter()
    for words, tags in drawn(side, 400):
        assert len(words) == len(tags)
        for before, tag in zip(["O", *tags], tags, strict=False):
            assert tag[0] != "I" or before[2:] == tag[2:]
        kinds.update(kind for _, kind in chunks(words, tags))
    assert set(kinds) == set(entities.KINDS)
    assert min(kinds.values()) > 50


@pytest.mark.parametrize("side", PARTS)
def test_entities_are_what_their_words_say(side):
    ends = {FAKER.company_suffix().split()[-1] for _ in range(200)}
    for words, tags in drawn(side, 400):
        for text, kind in chunks(words, tags):
            last = text.split()[-1]
            company = last in ends or "-" in text or len(re.findall(" , | and ", text)) == 2
            assert bool(DATE.fullmatch(text)) == (kind == "date"), text
            assert (company and kind != "date") == (kind == "company"), text
        outside = [word for word, tag in zip(words, tags, strict=True) if tag == "O"]
        assert all(word.islower() or word == "," for word in outside if word != words[0]), words


def test_no_entity_holds_a_name_or_year_of_another_part():
    stock = made_names.stock("held_out")
    shared = SHARED | set(stock.town_starts) | {word for end in stock.company_ends for word in end.split()}
    parts = [
        {
            word
            for words, tags in drawn(side, 1500)
            for text, _ in chunks(words, tags)
            for word in re.split("[ -]", text)
        }
        for side in PARTS
    ]
    assert min(len(part - shared) for part in parts) > 200
    for one, other in itertools.combinations(parts, 2):
        assert not (one & other) - shared


def test_names_are_fakers_own():
    firsts, lasts = {FAKER.first_name() for _ in range(20_000)}, {FAKER.last_name() for _ in range(20_000)}
    for part in PARTS:
        stock = made_names.stock(part)
        assert len(set(stock.firsts) & firsts) > 0.6 * len(stock.firsts)
        assert len(set(stock.lasts) & lasts) > 0.6 * len(stock.lasts)
        assert len(stock.firsts) > 100


def test_every_word_that_is_spelled_is_read_again():
    for words, _ in drawn("train", 300) + drawn("held_out", 300) + drawn("test", 300):
        for word in words:
            assert entities.read(entities.spelled(word)) == word


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        ("McDonald", "McDonald"),
        ("NATO", "NATO"),
        ("Zoë", "Zo"),
        ("abcdefghijklmnopq", "defghijklmnopq"),
        ("", ""),
    ],
)
def test_long_words_keep_their_ends_and_other_signs_are_blank(word, kept):
    assert entities.read(entities.spelled(word)) == kept


@pytest.mark.parametrize(
    ("tags", "shown"),
    [
        ("B-person I-person O B-place", "Ann Lee (person) · York (place)"),
        ("O O O O", "none"),
        ("I-person I-person O O", "Ann Lee (person)"),
        ("B-person B-person O O", "Ann (person) · Lee (person)"),
        ("B-person I-company I-company O", "Ann (person) · Lee in (company)"),
    ],
)
def test_entities_are_shown_with_their_kinds(tags, shown):
    assert entities.found(["Ann", "Lee", "in", "York"], tags.split()) == shown


@pytest.mark.parametrize("length", [8, 16, 30])
def test_only_sentences_that_fit_are_drawn_and_enough_remain(length):
    pool = entities.pool()
    assert pool.train.fitting(length) > 1000
    assert min(pool.held_out.fitting(length), pool.test.fitting(length)) > 250
    assert max(len(words) for words, _ in drawn("train", 500, length)) <= length


def test_baseline_is_the_cross_entropy_of_tag_frequencies():
    train, held_out = (
        Counter(
            entities.TAGS[tag]
            for row, width in zip(side.tags_NT, side.widths_N, strict=True)
            if width <= 12
            for tag in row[:width]
        )
        for side in (entities.pool().train, entities.pool().held_out)
    )
    total = train.total() + len(entities.TAGS)
    cost = -sum(n * math.log((train[tag] + 1) / total) for tag, n in held_out.items()) / held_out.total()
    assert TASK.baseline(12).loss == pytest.approx(cost)
    assert TASK.baseline(12).metric == pytest.approx(held_out["O"] / held_out.total())
