"""The long-distance clue: the answer follows from the first country alone, at any distance."""

import math
from collections import Counter

import numpy as np
import pytest
from babel import Locale
from babel.languages import get_official_languages

from rnnlab.tasks import TASKS, clue
from rnnlab.tasks.spec import PARTS

TASK = TASKS["clue"].load("many-to-one", {})
LENGTHS = TASKS["clue"].topologies["many-to-one"]
TERRITORIES = {name: code for code, name in Locale("en").territories.items()}
KNOWN = {
    "Chile": "Spanish",
    "Cuba": "Spanish",
    "Brazil": "Portuguese",
    "Angola": "Portuguese",
    "Egypt": "Arabic",
    "France": "French",
    "Jamaica": "English",
    "Liechtenstein": "German",
}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def stories(side: str, number: int, length: int) -> list[tuple[list[str], str]]:
    batch = getattr(TASK, side)(rng(), number, length)
    return [(TASK.input_labels(batch, b), TASK.target_labels(batch, b)[0]) for b in range(number)]


def test_every_schoolchild_knows_some_of_the_answers():
    for country, language in KNOWN.items():
        assert country in clue.official()[language]


@pytest.mark.parametrize("side", PARTS)
def test_the_answer_is_the_only_official_language_of_the_country(side):
    for words, language in stories(side, 300, 30):
        assert words[:4] == ["I", "grew", "up", "in"]
        assert words[-2:] == ["I", "speak"]
        (code,) = get_official_languages(TERRITORIES[words[4]])
        assert Locale("en").languages[code] == language


def test_the_gap_is_as_long_as_asked_for_and_made_of_whole_clauses():
    for length in [*range(LENGTHS.low, LENGTHS.low + 20), LENGTHS.high]:
        for words, _ in stories("train", 20, length):
            assert len(words) == length
            told = " ".join("@" if word in clue.world().countries else word for word in words[5:-4])
            assert [part.strip() for part in told.split(".") if part.strip()] == [
                part.strip() for part in told.split(".")[1:]
            ]
            assert {part.strip() for part in told.split(".")[1:]} <= set(clue.CLAUSES)


def test_other_countries_are_named_on_the_way():
    named = [len(set(words[5:]) & set(clue.world().countries)) for words, _ in stories("train", 300, 40)]
    assert 0.5 < np.mean(named) < 5


def test_no_story_can_be_in_two_parts():
    """Unseen stories of the shortest kind, all of them found, beside all training stories found."""
    seen, held_out, test = (
        {" ".join(words) for words, _ in stories(part, 8000, LENGTHS.low)} for part in PARTS
    )
    assert len(seen | held_out | test) == len(seen) + len(held_out) + len(test)
    everywhere = {words.split(" ", 4)[4] for words in seen}
    assert len(everywhere) > len(held_out) > 200
    assert len(test) > 200


def test_languages_are_alike_probable_so_a_guess_costs_ln_of_their_number():
    shares = (
        np.array(list(Counter(language for _, language in stories("held_out", 8000, 13)).values())) / 8000
    )
    assert len(shares) == len(TASK.labels)
    assert shares == pytest.approx(1 / len(TASK.labels), abs=0.02)
    assert TASK.baseline(20).loss == pytest.approx(math.log(len(shares)))
    assert TASK.baseline(20).exact


def test_the_word_before_the_question_says_nothing():
    """It points to the split, so it is drawn alike whatever the language."""
    told = stories("train", 8000, 13)
    for word in clue.WHEN:
        languages = Counter(language for words, language in told if words[-3] == word)
        shares = np.array([languages[label] for label in TASK.labels]) / languages.total()
        assert shares == pytest.approx(1 / len(TASK.labels), abs=0.04)
