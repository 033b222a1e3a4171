"""Where in a text its table begins: what stands above it is left out, and numbers side by side are turned."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from rnnlab.own.numbers import Texts, as_number

DELIMITERS = ";\t|, "
"""In the order in which they are believed: where a semicolon separates, commas belong to the numbers."""

ALONE = "\n"
"""Stands for a table of one column, whose cells nothing separates."""

LOOKED_AT, MOST_ABOVE, FEWEST_BELOW = 50, 20, 3
START = 2000
"""Characters that show whether a line is one of numbers."""

COMMENT = ("#", "%", "//")
JSON = re.compile(r"\s*[\[{]\s*[\"\[{]")
MARKUP = re.compile(r"\s*<(?:!doctype\b|!--|\?xml\b|(?:html|head|body|table|svg)\s*>)", re.IGNORECASE)
"""How a document begins; a header may well begin with a bracket of its own."""


def table_in(text: str) -> tuple[str, int]:
    """The table in a text, and the number of lines above it. Raises ValueError for what holds none."""
    if turned := one_below_the_other(text):
        return turned, 0
    if JSON.match(text[:START]):
        raise ValueError("This is JSON, it seems; a table is needed, so export it as CSV.")
    if MARKUP.match(text[:START]):
        raise ValueError("This is a web page or XML, it seems; a table is needed, so export it as CSV.")
    above = lines_above(text.split("\n", LOOKED_AT + MOST_ABOVE)[: LOOKED_AT + MOST_ABOVE])
    return text.split("\n", above)[above], above


def one_below_the_other(text: str) -> str:
    """Numbers that stand on one line, or in brackets as programs print them, one on each line; or nothing."""
    line = text.strip()
    if line.startswith("[") and line.endswith("]"):
        line = " ".join(line[1:-1].split())
    if "\n" in line:
        return ""
    for sign in DELIMITERS:
        parted = None if sign == " " else sign
        some = line[:START].split(parted)
        some = some[:-1] if len(line) > START else some
        if len(some) >= FEWEST_BELOW and all(as_number(one.strip(), sign != ",") is not None for one in some):
            if sign != "," and "." not in line:  # or the table to come would be one of commas
                line = line.replace(",", ".")
            return "\n".join(line.split(parted))
    return ""


def lines_above(first: Texts) -> int:
    """How many lines stand above a table: a title, comments, or a hint of a spreadsheet to itself."""
    places = [place for place, line in enumerate(first) if line.strip()]
    if len(places) > 1 and first[places[0]].lower().startswith("sep="):
        del places[0]
    for start, place in enumerate(places[:MOST_ABOVE]):
        lines = [first[one] for one in places[start:]][:LOOKED_AT]
        above = [first[one] for one in places[:start]]
        if start and (len(lines) < FEWEST_BELOW or all(as_number(line, True) is not None for line in lines)):
            break  # too little to tell, or a name above one column, whose commas are those of decimals
        if any(all(comment(line) or sign not in line for line in above) for sign in evenly(lines)):
            return place
    return next((place for place in places if not comment(first[place])), 0)


def comment(line: str) -> bool:
    return line.startswith(COMMENT)


def evenly(lines: Texts) -> Iterator[str]:
    """The signs that every one of the lines has equally often."""
    return (sign for sign in DELIMITERS if even(lines, sign))


def delimiter_of(lines: Texts) -> str:
    """What separates the cells."""
    if found := next(evenly(lines), ""):
        return found
    shares = {sign: sum(sign in line for line in lines) / len(lines) for sign in DELIMITERS[:-1]}
    best = max(shares, key=lambda sign: shares[sign])
    return best if shares[best] == 1 else ALONE


def even(lines: Texts, sign: str) -> bool:
    try:
        counts = {len(row) for row in csv.reader(lines, delimiter=sign, skipinitialspace=True)}
    except csv.Error:
        return False
    return len(counts) == 1 and counts != {1}
