"""Tables as people really have them: each is read, or refused in one sentence that says what is wrong."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from time import process_time

import numpy as np
import pytest

from rnnlab.own import chosen, offered, read_bytes, read_series

SENTENCE = re.compile(r"[^\n]+\.\Z")
VALUES = np.round(1020 + 5 * np.sin(np.arange(200) / 7) + np.arange(200) % 3, 2)
DAYS = [str(date(2024, 1, 1) + timedelta(days=n)) for n in range(200)]
TABLE = "day,flow\n" + "\n".join(f"{day},{value}" for day, value in zip(DAYS, VALUES, strict=True))


def table(write, sign=";", head="day;flow"):
    """A table whose values are written in a way of their own."""
    rows = [f"{day}{sign}{write(value)}" for day, value in zip(DAYS, VALUES.tolist(), strict=True)]
    return "\n".join([head.replace(";", sign), *rows])


def german(value):
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def series_of(raw):
    """What the page makes of a file: of the likeliest column, by the first column of times."""
    text = read_bytes(raw if isinstance(raw, bytes) else raw.encode()).text
    found = offered(text)
    value, notes = chosen(text, found.likely, found.times[0] if found.times else "")
    return read_series(value), notes


WAYS = {
    "plain": table(str),
    "German": table(german),
    "quoted in commas": table(lambda value: f'"{value:.2f}"'.replace(".", ","), ","),
    "English thousands": table(lambda value: f'"{value:,.2f}"', ","),
    "blanks": table(lambda value: f"{value:,.2f}".replace(",", " ")),
    "French": table(lambda value: f"{value:,.2f}".translate(str.maketrans(",.", "\u202f,"))),
    "Swiss": table(lambda value: f"{value:,.2f}".replace(",", "\u2019")),
    "Arabic digits": table(lambda value: str(value).translate({48 + n: 0x660 + n for n in range(10)})),
    "a title": "My measurements\n\n" + TABLE,
    "comments": "# made by me\n# in 2024\n" + TABLE,
    "a hint to Excel": "sep=;\n" + table(str),
    "a header that is a comment": "#" + TABLE,
    "line ends of old": TABLE.replace("\n", "\r"),
    "a list of Python's": str(VALUES.tolist()),
    "a list over many lines": json.dumps(VALUES.tolist(), indent=1),
    "side by side": " ".join(map(str, VALUES)),
    "side by side in German": "; ".join(f"{value:.2f}".replace(".", ",") for value in VALUES),
    "comments over one column": "# flow\n" + "\n".join(map(str, VALUES)),
    "UTF-16 without a mark": TABLE.encode("utf-16-le"),
}


@pytest.mark.parametrize("name", WAYS)
def test_it_is_read(name):
    series, _ = series_of(WAYS[name])
    assert np.array_equal(series.values_N, VALUES)
    assert series.moments in ((), tuple(DAYS))
    timed = "day" in (WAYS[name] if isinstance(WAYS[name], str) else "")
    assert bool(series.moments) >= timed


def test_a_minus_of_typesetters_is_one():
    series, _ = series_of(table(lambda value: f"\u2212{value}"))
    assert np.array_equal(series.values_N, -VALUES)


@pytest.mark.parametrize(
    ("text", "lines"), [("My title\n" + TABLE, "The line"), (WAYS["a title"], "The 2 lines")]
)
def test_what_stands_above_is_told_and_lines_are_counted_with_it(text, lines):
    _, notes = series_of(text)
    assert notes == (f"{lines} above the table {'was' if lines == 'The line' else 'were'} left out.",)
    broken = text + "\n2024-12-01,5,6"
    with pytest.raises(ValueError, match=f"^Line {broken.count(chr(10)) + 1} has 3 cells, those before it 2"):
        series_of(broken)


def test_a_dot_that_may_part_thousands_is_told():
    _, notes = series_of(table(lambda value: f"{value:,.0f}".replace(",", ".")))
    assert "The dot in 1.020 was read as a decimal point" in " ".join(notes)
    assert series_of(table(lambda value: f"{value / 1000:.4f}"))[1] == ()
    _, some = series_of(table(lambda value: f"{value - 20:,.0f}".replace(",", ".")))
    assert "The dot in 1.000 was read as a decimal point" in " ".join(some)


def test_a_comma_that_may_stand_before_decimals_is_told():
    series, notes = series_of(table(lambda value: f"{value:,.0f}"))
    assert series.values_N[0] == 1020
    assert "The comma in 1,020 parts thousands here" in " ".join(notes)
    assert series_of(table(lambda value: f"{value * 1000:,.0f}"))[1] == ()


def test_dots_part_thousands_where_a_comma_stands_before_decimals():
    """Also in a number without decimals, which reads like an English one of a thousandth."""
    series, notes = series_of(table(lambda value: german(value).removesuffix(",00")))
    assert np.array_equal(series.values_N, VALUES)
    assert notes == ()
    millions = table(
        lambda value: f"{round(1e5 * value):,};{value % 7:.1f}".translate(str.maketrans(",.", ".,"))
    )
    value, told = chosen(millions.replace("flow", "flow;other", 1), "flow", "day")
    assert np.array_equal(read_series(value).values_N, np.round(1e5 * VALUES))
    assert "The dot in 102.000.000 was read as parting thousands" in " ".join(told)


@pytest.mark.parametrize("header", ["<img src=x onerror=alert(1)>", "<b>flow</b>", "<5 mm", "[b](c)", "{x}"])
def test_a_header_may_look_like_markup(header):
    rows = "\n".join(f"{value}\t{day}" for day, value in zip(DAYS, VALUES, strict=True))
    assert offered(f"{header}\twhen\n{rows}").numeric[0].startswith(header[:5])


def test_columns_of_one_name_have_no_unit_of_their_number():
    rows = "\n".join(f"{day},{value},{value}" for day, value in zip(DAYS, VALUES, strict=True))
    found = offered("a,a,a\n" + rows)
    assert found.numeric == ("a, column 2", "a, column 3")
    assert series_of("a,a,a\n" + rows)[0].unit == ""


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (json.dumps([{"a": 1.5}] * 200), "JSON"),
        (json.dumps({"a": [1, 2]}, indent=1), "JSON"),
        ("<!DOCTYPE html>\n<table>" * 50, "web page or XML"),
        ('<?xml version="1.0"?>\n<a>1</a>' * 50, "web page or XML"),
        ("<html>\n" * 50, "web page or XML"),
        (table(lambda value: f"${value}"), "'flow' has '\\$"),
        (table(lambda value: f"{value} °C"), "'flow' has "),
        (table(lambda value: f"{value:.2f}".replace(".", ","), ","), "Line 2 has 3 cells, those before it 2"),
        ("1," * 400_000, "400,000 lines; at most 100,000"),
        ("7\n8\n" * 200_000, "400,000 lines; at most 100,000"),
        ('"' * 400_000, "All cells are empty"),
        ("\n" * 400_000, "table is empty"),
        ("1" * 400_000, "finite numbers"),
        ("Grüße;1\n".encode("latin-1") * 200, "not in UTF-8"),
        (TABLE.encode()[:-1] + b"\0", "NUL"),
        ("[[[[" * 100_000, "JSON"),
        ("[" * 400_000 + "]" * 400_000, "JSON"),
    ],
)
def test_it_is_refused_in_a_sentence(raw, said):
    began = process_time()
    with pytest.raises(ValueError, match=said) as wrong:
        series_of(raw)
    assert SENTENCE.match(str(wrong.value))
    assert process_time() - began < 4
