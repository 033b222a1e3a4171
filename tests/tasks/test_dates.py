"""Dates: each ISO date says what its text says, by another way than the one that made it."""

import re
from datetime import date, datetime

import numpy as np
import pytest
from babel import Locale
from babel.dates import format_date

from rnnlab.tasks import TASKS, dates

LENGTHS = [12, 20, 40]
SILENT = np.zeros((10, 11))


def drawn(side: str, number: int, length: int) -> list[tuple[str, date]]:
    task = TASKS["dates"].load("encoder-decoder", {})
    batch = getattr(task, side)(np.random.default_rng(0), number, length)
    samples = [task.sample(batch, index, SILENT) for index in range(number)]
    return [(sample.input, date.fromisoformat(sample.target)) for sample in samples]


def month_names(language: str) -> dict[str, int]:
    months = Locale(language).months["format"]
    return {name.lower(): month for width in ("wide", "abbreviated") for month, name in months[width].items()}


MONTHS = {language: month_names(language) for language in dates.LANGUAGES}


@pytest.mark.parametrize("length", LENGTHS)
def test_the_text_holds_the_same_year_month_and_day(length):
    for text, day in drawn("train", 300, length):
        numbers = [int(number) for number in re.findall(r"\d+", text)]
        assert day.year in numbers
        assert day.day in numbers
        words = set(re.findall(r"[^\W\d]+\.?", text))
        named = {
            months.get(word) or months.get(word.rstrip(".")) for months in MONTHS.values() for word in words
        }
        assert day.month in named | set(numbers)


def test_english_dates_parse_to_the_target():
    parsed = 0
    for text, day in drawn("train", 3000, 40):
        for pattern in ("%A, %B %d, %Y", "%B %d, %Y", "%b %d, %Y"):
            try:
                assert datetime.strptime(text, pattern).date() == day
                parsed += 1
            except ValueError:
                continue
    assert parsed > 100


def test_a_text_is_one_of_the_ways_to_write_its_day():
    for text, day in drawn("held_out", 40, 40):
        ways = {format_date(day, style, language) for language, style in dates.WRITINGS}
        assert text in {" ".join(way.lower().split()) for way in ways}


def test_every_day_is_in_one_part_alone():
    pool = dates.pool()
    parts = [
        {dates.ISO.decode(row) for row in part.iso_NS} for part in (pool.train, pool.held_out, pool.test)
    ]
    assert sum(map(len, parts)) == len(dates.days())
    assert set.union(*parts) == {day.isoformat() for day in dates.days()}
    assert [len(part) / len(dates.days()) for part in parts] == pytest.approx([0.9, 0.05, 0.05], abs=1e-3)


def test_only_texts_that_fit_are_drawn_and_enough_remain():
    pool, low = dates.pool(), TASKS["dates"].topologies["encoder-decoder"].low
    assert pool.train.fitting(low) > 10_000
    assert min(pool.held_out.fitting(low), pool.test.fitting(low)) > 500
    assert pool.train.fitting(dates.LONGEST) == len(pool.train.widths_N)
    for length in LENGTHS:
        assert max(len(text) for text, _ in drawn("train", 500, length)) <= length


def test_the_usual_date_is_hardly_ever_right():
    assert TASKS["dates"].load("encoder-decoder", {}).baseline(20).metric < 0.001
