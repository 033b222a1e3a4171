"""Relative times: what is written says the same as what is read, by grammar written down here."""

import math
import re
from collections import Counter

import numpy as np
import pytest

from rnnlab import Design, Settings, advance, begin, default_settings
from rnnlab.tasks import TASKS, relative_time
from rnnlab.tasks.relative_time import END, LANGUAGES, pool

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


def parsed(text: str) -> tuple[int, str, bool]:
    """Number, unit and whether it is over."""
    match text.split():
        case ["in", number, unit]:
            return int(number), unit.rstrip("s"), False
        case [number, unit, "ago"]:
            return int(number), unit.rstrip("s"), True
    raise AssertionError(text)


def test_french_is_written_as_french_is():
    for text, answer in pairs("fr", "train") + pairs("fr", "held_out"):
        number, unit, over = parsed(text)
        word = FRENCH[unit].split()[number > 1]
        assert answer == (f"il y a {number} {word}{END}" if over else f"dans {number} {word}{END}")


def test_german_is_written_as_german_is():
    for text, answer in pairs("de", "train") + pairs("de", "held_out"):
        number, unit, over = parsed(text)
        assert answer == f"{'vor' if over else 'in'} {number} {GERMAN[unit].split()[number > 1]}{END}"


@every_language
def test_every_time_is_there_once_and_keeps_its_number(language):
    found = pairs(language, "train") + pairs(language, "held_out")
    wanted = {
        (n, unit, over) for n in range(1, 100) for unit in relative_time.UNITS for over in (False, True)
    }
    assert {parsed(text) for text, _ in found} == wanted
    assert len(found) == len(wanted) == len({answer for _, answer in found})
    assert all(re.findall(r"\d+", answer) == [str(parsed(text)[0])] for text, answer in found)
    assert all(answer.count(END) == 1 and answer.endswith(END) for _, answer in found)


@every_language
def test_no_number_of_a_unit_is_on_both_sides(language):
    train, held_out = (
        {parsed(text)[:2] for text, _ in pairs(language, side)} for side in ("train", "held_out")
    )
    assert not train & held_out
    share = len(held_out) / (len(train) + len(held_out))
    assert share == pytest.approx(relative_time.HELD_OUT_SHARE, abs=0.01)
    assert {unit for _, unit in held_out} == set(relative_time.UNITS)


@pytest.mark.parametrize("length", [10, 12, 14])
def test_only_texts_that_fit_are_drawn(length):
    task = TASKS["relative-time"].load("encoder-decoder", {})
    assert pool("fr").held_out.fitting(length) >= 20
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


@every_language
def test_baseline_is_the_cross_entropy_of_letter_frequencies(language):
    task = TASKS["relative-time"].load("encoder-decoder", {"language": language})
    train, held_out = (
        Counter("".join(answer for text, answer in pairs(language, side) if len(text) <= 12))
        for side in ("train", "held_out")
    )
    total = train.total() + task.output_size
    cost = (
        -sum(n * math.log((train[letter] + 1) / total) for letter, n in held_out.items()) / held_out.total()
    )
    assert task.baseline(12).loss == pytest.approx(cost)


def test_a_short_run_lowers_the_loss():
    design = Design(task="relative-time", hidden_size=32)
    settings = Settings(**{**vars(default_settings(design)), "length": 10})
    _, records = advance(begin(design), settings, 100)
    assert np.mean(records.loss[-10:]) < 0.6 * np.mean(records.loss[:5])
