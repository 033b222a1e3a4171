"""Changing a tiny network: one of its numbers, or its fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rnnlab.fields import shown
from rnnlab.unroll.tiny import Tiny, fields_of


def number_of(text: str) -> float:
    """A number as people type it: a decimal comma and a typographic minus are understood too.

    Raises ValueError, in one sentence.
    """
    try:
        return float(text.strip().replace(",", ".").replace("−", "-").replace("∞", "inf"))
    except ValueError:
        raise ValueError(f"Weights, inputs and targets are numbers such as 0.5, not {shown(text)}.") from None


def edited(tiny: Tiny, name: str, row: int, column: int, text: str) -> Tiny:
    """`tiny` with another number in one place; a vector has column 0 only.

    Raises ValueError, in one sentence, for what is no number and for a place there is not.
    """
    value = number_of(text)
    if name not in tiny.numbers:
        raise ValueError(f"There are no numbers called {shown(name)} in this network.")
    array = np.array(tiny.numbers[name])
    columns = array.reshape(len(array), -1)
    if not (0 <= row < columns.shape[0] and 0 <= column < columns.shape[1]):
        raise ValueError(f"{name} has no row {row + 1}, column {column + 1}.")
    columns[row, column] = value
    return replace(tiny, numbers={**tiny.numbers, name: columns.reshape(array.shape)})


def changed(tiny: Tiny, **new: Any) -> Tiny:
    """`tiny` with other fields. Numbers that a person or an update set stay where they still fit.

    Raises ValueError, in one sentence.
    """
    before = fields_of(tiny)
    own, fresh = Tiny(**before).numbers, Tiny(**{**before, **new})
    if fresh.seed != tiny.seed:
        return fresh
    kept = {
        name: array
        for name, array in tiny.numbers.items()
        if fresh.shapes[name] == array.shape and not np.array_equal(array, own[name], equal_nan=True)
    }
    return replace(fresh, numbers={**fresh.numbers, **kept})
