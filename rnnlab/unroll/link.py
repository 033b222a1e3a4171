"""The Unroll page as a query string, and back: its fields, the numbers that a person set, the updates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np

from rnnlab.fields import Number, check, declared, shown
from rnnlab.link import read
from rnnlab.unroll.editing import number_of
from rnnlab.unroll.expression import Matrix
from rnnlab.unroll.tiny import Tiny, fields_of
from rnnlab.unroll.trail import MOST_UPDATES

UPDATES = Number(0, MOST_UPDATES, whole=True)
MOST_UNKNOWN = 3
"""Messages about a link that are told one by one."""


class Linked(NamedTuple):
    """What a link says: the network before its updates, their number, and what was not understood."""

    tiny: Tiny
    updates: int
    messages: tuple[str, ...]


def to_link(tiny: Tiny, updates: int = 0) -> str:
    """The query string, without the question mark; what is as the page opens is left out."""
    first, own = Tiny(), Tiny(**fields_of(tiny))
    pairs = {
        name: about.metadata["kind"].print(getattr(tiny, name))
        for name, about in declared(Tiny).items()
        if getattr(tiny, name) != getattr(first, name)
    }
    for name, array in tiny.numbers.items():
        if not np.array_equal(array, own.numbers[name], equal_nan=True):
            pairs[name] = written(array)
    if updates:
        pairs["updates"] = str(updates)
    return urlencode(pairs)


def written(array: Matrix) -> str:
    """Rows between semicolons, numbers between commas, so that reading gives the same bits."""
    rows = array if array.ndim == 2 else array[None]
    return ";".join(",".join(repr(number).removesuffix(".0") for number in row) for row in rows.tolist())


def from_link(query: Mapping[str, str]) -> Linked:
    """What a query asks for. Never raises: what is wrong becomes a message and the default instead."""
    pairs = dict(query)
    messages: list[str] = []
    made: dict[str, Any] = {}
    for name, about in declared(Tiny).items():
        if name in pairs:
            try:
                made[name] = check(name, about, read(about.metadata["kind"], pairs.pop(name)))
            except ValueError as wrong:
                messages.append(f"{wrong} The default is used instead.")
    updates = linked_updates(pairs, messages)
    tiny = linked_numbers(Tiny(**made), pairs, messages)
    messages += [f"The link holds {shown(name)}, which is no field here; it is left out." for name in pairs]
    more = len(messages) - MOST_UNKNOWN
    told = messages if more <= 0 else [*messages[:MOST_UNKNOWN], f"And {more:,} more like these."]
    return Linked(tiny, updates, tuple(told))


def linked_updates(pairs: dict[str, str], messages: list[str]) -> int:
    text = pairs.pop("updates", "0")
    try:
        return int(UPDATES.check(read(UPDATES, text)))
    except ValueError:
        messages.append(f"updates must be {UPDATES.allowed}, not {shown(text)}. None is made.")
        return 0


def linked_numbers(tiny: Tiny, pairs: dict[str, str], messages: list[str]) -> Tiny:
    for name, shape in tiny.shapes.items():
        if name not in pairs:
            continue
        text = pairs.pop(name)
        try:
            rows = [[number_of(word) for word in row.split(",")] for row in text.split(";")]
            value = rows if len(shape) == 2 else rows[0] if len(rows) == 1 else rows
            tiny = Tiny(**fields_of(tiny), numbers={**tiny.numbers, name: value})
        except ValueError as wrong:
            messages.append(f"{name}: {wrong} The page's own are used instead.")
    return tiny
