"""Dates in words in a script: the names of months and days are in it, and the dates are written anew."""

from __future__ import annotations

import re
from typing import Literal

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.tasks.dates import HELD_OUT_SHARE, LANGUAGES, TEST_SHARE, WRITINGS, WRITINGS_PER_DAY, pool

Style = Literal["full", "long", "medium"]

PLACES = {
    "EEEE": "{weekday}",
    "MMMM": "{month}",
    "MMM": "{short}",
    "MM": "{number:02}",
    "dd": "{day:02}",
    "d": "{day}",
    "y": "{year}",
}
"""Fields of a CLDR date pattern, as Python writes them."""

DATES = '''
def written():
    """Every day of sixty years in {each} languages and styles, with its ISO date; some days are held out."""
    rng = np.random.default_rng(2009)
    first, last = date(1970, 1, 1), date(2029, 12, 31)
    days = [first + timedelta(i) for i in range((last - first).days + 1)]
    held_out = set(rng.permutation(len(days))[: round({share} * len(days))].tolist())
    texts = []
    for i, day in enumerate(days):
        if i in held_out:
            continue
        for choice in rng.choice(len(patterns), {each}, replace=False):
            language, pattern = patterns[choice]
            weekdays, months, short = (names.split() for names in words[language])
            text = pattern.format(
                weekday=weekdays[day.weekday()],
                month=months[day.month - 1],
                short=short[day.month - 1],
                number=day.month,
                day=day.day,
                year=day.year,
            )
            texts.append((text, day.isoformat()))
    return sorted(texts, key=lambda pair: len(pair[0]))


dates = [pair for pair in written() if len(pair[0]) <= length]
'''

DRAW = '''
def draw(rng):
    """Dates as people write them, and the ten characters of their ISO form."""
    letters, lengths = np.full((length, batch_size), -1), []
    targets = np.zeros((10, batch_size), np.int64)
    for b, row in enumerate(rng.integers(0, len(dates), batch_size)):
        text, iso = dates[row]
        letters[: len(text), b] = [alphabet.index(letter) for letter in text]
        targets[:, b] = ["0123456789-".index(sign) for sign in iso]
        lengths.append(len(text))
    one_hot = np.eye(len(alphabet) + 1, len(alphabet), dtype=np.float32)  # the last row, -1, is all zeros
    return torch.tensor(one_hot[letters]), torch.tensor(targets), torch.tensor(lengths)
'''


def source(design: Design, length: int) -> Data:
    """The dates that the app trains on, without the package that wrote them there."""
    letters = "".join(pool().letters.characters)
    dates = DATES.format(share=HELD_OUT_SHARE + TEST_SHARE, each=WRITINGS_PER_DAY)
    parts = [f"alphabet = {letters!r}", words(), patterns(), dates, DRAW]
    return Data("\n".join(parts), uneven=True)


def words() -> str:
    """The constant `words`: weekdays from Monday on, months and short months of each language."""
    from babel.dates import get_day_names, get_month_names

    lines = []
    for language in LANGUAGES:
        days = get_day_names("wide", "format", language)
        months = [get_month_names(width, "format", language) for width in ("wide", "abbreviated")]
        rows = [[days[i] for i in range(7)], *([names[i] for i in range(1, 13)] for names in months)]
        texts = [" ".join(row).lower() for row in rows]
        lines += [f'    "{language}": (', *(f'        "{text}",' for text in texts), "    ),"]
    return "\n".join(["words = {  # weekdays, months, short months", *lines, "}"])


def patterns() -> str:
    """The constant `patterns`: languages and how they put a date."""
    lines = [f'    ("{language}", "{pattern(language, style)}"),' for language, style in WRITINGS]
    return "\n".join(["patterns = [", *lines, "]"])


def pattern(language: str, style: Style) -> str:
    """A language's pattern for a date, in lower case, as a Python format string."""
    from babel.dates import get_date_format

    found = str(get_date_format(style, language).format).lower()
    places = {name.lower(): put for name, put in PLACES.items()}
    return " ".join(re.sub(r"%\((\w+)\)s", lambda field: places[field[1]], found).split())
