"""Relative times: what is written says the same as what is read, by grammar written down here."""

import math
import re
from collections import Counter

import numpy as np
import pytest

from rnnlab.tasks import TASKS, relative_time
from rnnlab.tasks.relative_time import END, LANGUAGES, pool
from rnnlab.tasks.spec import PARTS

SILENT = np.zeros((40, 60))
FRENCH = {
    "second": "seconde secondes",
    "minute": "minute minutes",
    "hour": "heure heures",
    "day": "jour jours",
    "week": "semaine semaines",
    "month": "mois mois",
    "year": "an ans",
}
GERMAN = {
    "second": "Sekunde Sekunden",
    "minute": "Minute Minuten",
    "hour": "Stunde Stunden",
    "day": "Tag Tagen",
    "week": "Woche Wochen",
    "month": "Monat Monaten",
    "year": "Jahr Jahren",
}
every_language = pytest.mark.parametrize("language", LANGUAGES)


def pairs(language: str, side: str) -> list[tuple[str, str]]:
    both, part = pool(language), getattr(pool(language), side)
    read = [both.read.decode(row) for row in part.letters_NT]
    return [(text, both.answers.decode(row)) for text, row in zip(read, part.answers_NS, strict=True)]


def every_pair(language: str) -> list[tuple[str, str]]:
    return [pair for part in PARTS for pair in pairs(language, part)]


def parsed(text: str) -> tuple[int, str, bool]:
    """Number, unit and whether it is over."""
    match text.split():
        case ["in", number, unit]:
            return int(number), unit.rstrip("s"), False
        case [number, unit, "ago"]:
            return int(number), unit.rstrip("s"), True
    raise AssertionError(text)


def test_french_is_written_as_french_is():
    for text, answer in every_pair("fr"):
        number, unit, over = parsed(text)
        word = FRENCH[unit].split()[number > 1]
        assert answer == (f"il y a {number} {word}{END}" if over else f"dans {number} {word}{END}")


def test_german_is_written_as_german_is():
    for text, answer in every_pair("de"):
        number, unit, over = parsed(text)
        assert answer == f"{'vor' if over else 'in'} {number} {GERMAN[unit].split()[number > 1]}{END}"


@every_language
def test_every_time_is_there_once_and_keeps_its_number(language):
    found = every_pair(language)
    wanted = {
        (n, unit, over) for n in range(1, 100) for unit in relative_time.UNITS for over in (False, True)
    }
    assert {parsed(text) for text, _ in found} == wanted
    assert len(found) == len(wanted) == len({answer for _, answer in found})
    assert all(re.findall(r"\d+", answer) == [str(parsed(text)[0])] for text, answer in found)
    assert all(answer.count(END) == 1 and answer.endswith(END) for _, answer in found)


@every_language
def test_no_number_of_a_unit_is_in_two_parts(language):
    parts = [{parsed(text)[:2] for text, _ in pairs(language, part)} for part in PARTS]
    number = len(set.union(*parts))
    assert sum(map(len, parts)) == number == 99 * 7
    assert [len(part) / number for part in parts] == pytest.approx([0.8, 0.1, 0.1], abs=0.01)
    assert all({unit for _, unit in part} == set(relative_time.UNITS) for part in parts)


@pytest.mark.parametrize("length", [10, 12, 14])
def test_only_texts_that_fit_are_drawn(length):
    task = TASKS["relative-time"].load("encoder-decoder", {})
    assert min(pool("fr").held_out.fitting(length), pool("fr").test.fitting(length)) >= 10
    batch = task.train(np.random.default_rng(0), 300, length)
    texts = [
        task.sample(batch, b, SILENT[: len(batch.targets), : task.output_size]).input for b in range(300)
    ]
    assert max(map(len, texts)) <= length


def test_an_answer_that_ends_early_or_not_at_all_is_wrong_and_shown():
    task = TASKS["relative-time"].load("encoder-decoder", {})
    batch = task.train(np.random.default_rng(0), 1, 14)
    target, valid = task.sample(batch, 0, np.eye(task.output_size)[batch.targets[:, 0]]), batch.mask_SB.sum()
    early, late = batch.targets[:, 0].copy(), batch.targets[:, 0].copy()
    early[valid - 2], late[valid - 1] = task.labels.index(END), task.labels.index("s")
    assert target.correct
    for wrong, shown in ((early, target.target[:-1] + END), (late, target.target + "s")):
        sample = task.sample(batch, 0, np.eye(task.output_size)[wrong])
        assert not sample.correct
        assert sample.prediction == shown


@pytest.mark.parametrize("test", [False, True])
@every_language
def test_baseline_is_the_cross_entropy_of_letter_frequencies(language, test):
    task = TASKS["relative-time"].load("encoder-decoder", {"language": language})
    train, held_out = (
        Counter("".join(answer for text, answer in pairs(language, side) if len(text) <= 12))
        for side in ("train", "test" if test else "held_out")
    )
    total = train.total() + task.output_size
    cost = (
        -sum(n * math.log((train[letter] + 1) / total) for letter, n in held_out.items()) / held_out.total()
    )
    assert task.baseline(12, test).loss == pytest.approx(cost)
