"""Typed numbers: with points or commas, between spaces or semicolons."""

from __future__ import annotations

import re

from rnnlab.asking.typed import SEPARATORS, cut, line

LARGEST = 1e6


def pointed(text: str) -> str:
    """`text` with points for decimal commas: commas inside numbers between which there are spaces."""
    decimal = "." not in text and re.search(r"[\s;]", text) and not re.search(r",(?![0-9])", text)
    return text.replace(",", ".") if decimal else text


def number_of(text: str, wanted: str) -> float:
    """A finite number; ValueError, which says what is `wanted`, where it is none or too large."""
    try:
        value = float(text.replace("−", "-"))
    except ValueError:
        raise ValueError(f"“{cut(text)}” is no number: {wanted}.") from None
    if not abs(value) <= LARGEST:  # NaN is not either
        raise ValueError(f"“{cut(text)}” is not between {-LARGEST:,.0f} and {LARGEST:,.0f}: {wanted}.")
    return value


def parts_of(text: str, wanted: str) -> list[str]:
    """The parts of a line of numbers, decimal commas as points."""
    found = [part for part in SEPARATORS.split(pointed(line(text, wanted)).strip("[]() ")) if part]
    if not found:
        raise ValueError(f"No number is written here: {wanted}.")
    return found


def numbers_of(text: str, wanted: str) -> list[float]:
    """The numbers of a line."""
    return [number_of(part, wanted) for part in parts_of(text, wanted)]


def plain(value: float) -> str:
    """A number that can be typed again: exactly this one, whole numbers without a point."""
    text = repr(float(value))
    return text.removesuffix(".0")
