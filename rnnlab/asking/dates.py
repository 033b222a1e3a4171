"""Asking about dates in words: a date in one of the task's languages, or any text in its letters."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from rnnlab.asking.asking import Asking, Question, as_typed, batch_of_one, distinct, question_of, unanswered
from rnnlab.asking.typed import folded, in_alphabet, line, within
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.dates import FIRST_DAY, ISO, LANGUAGES, LAST_DAY, WIDTH, DatesToISO, pool

WANTED = "type a date in words, such as 3 mai 2011 or May 3, 2011"
ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
DOTTED = re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})", re.ASCII)
WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1)
def months() -> dict[str, set[int]]:
    """The names of months in the task's languages, long and short, and which months they are."""
    from babel import Locale

    found = dict[str, set[int]]()
    for language in LANGUAGES:
        for names in (Locale(language).months[form] for form in ("format", "stand-alone")):
            for month, name in [pair for width in ("wide", "abbreviated") for pair in names[width].items()]:
                found.setdefault(folded(name).rstrip("."), set()).add(month)
    return found


def calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # the 30th of February
        return None


def day_of(text: str) -> date | None:
    """The one day that a text names, in whichever of the languages; None where it names none, or several."""
    if found := ISO_DATE.fullmatch(text) or DOTTED.fullmatch(text):
        return calendar_day(**{name: int(part) for name, part in found.groupdict().items()})
    numbers = re.findall(r"[0-9]+", text)
    years, days = ([int(n) for n in numbers if low <= len(n) <= high] for low, high in ((4, 4), (1, 2)))
    named = set().union(*(months().get(word, set()) for word in WORD.findall(folded(text))))
    if len(years) != 1 or len(days) != 1 or len(named) != 1 or len(numbers) != 2:
        return None
    return calendar_day(years[0], named.pop(), days[0])


def remark(day: date | None) -> str:
    """Whether networks are trained on a day."""
    if day is None:
        return ""
    if not FIRST_DAY <= day <= LAST_DAY:
        return (
            f"the training data ends in {LAST_DAY.year}"
            if day > LAST_DAY
            else (f"the training data begins in {FIRST_DAY.year}")
        )
    trained = (pool().train.iso_NS == ISO.encode(day.isoformat())).all(axis=1).any()
    return "this day is in the training data, though perhaps in other words" if trained else ""


def read_date(task: DatesToISO, text: str, length: int) -> Question:
    """A date in small letters; where it is clear which day it names, the answer is known."""
    read, changed = in_alphabet(line(text, WANTED), task.letters.characters, WANTED)
    within(len(read), "characters")
    day = day_of(read)
    targets = unanswered(task, WIDTH) if day is None else ISO.encode(day.isoformat())
    batch = batch_of_one(one_hot(task.letters.encode(read), task.input_size), targets)
    return question_of(task, batch, day is not None, read, changed, remark(day))


def dates(task: DatesToISO, length: int) -> tuple[str, ...]:
    """Held-out days as they are written, not longer than in training."""
    return distinct(task, length, as_typed)


DATES = Asking(
    kind="text",
    label="A date in words",
    help="A date with its month in words, in English, French, German, Spanish, Italian, Dutch, Portuguese or "
    "Swedish.",
    examples=dates,
    read=read_date,
)
