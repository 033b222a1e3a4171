"""Answers as rows for a CSV file: a line for every output time step.

Columns are the same in every row of a table, so that a spreadsheet shows them below each other.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from rnnlab.probing.answers import Answer
from rnnlab.probing.reading import MOST, Top
from rnnlab.probing.writing import Written

Row = dict[str, Any]

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of these for a formula."""


def table(answer: Answer) -> list[Row]:
    """One row for each output time step where the network is asked: what it says and how sure it is.

    Where the network answers once, a row for each time step it reads: what it would have said there.
    """
    if answer.ended_here is not None:
        here = answer.ended_here
        return [
            {"time step": t + 1, "read": symbol, "answer had it ended here": said, **columns(t, here.top)}
            | numbers(here.outputs_TO[t], here.top)
            for t, (symbol, said) in enumerate(zip(answer.question.characters, here.said, strict=False))
        ]
    beside = answer.read[list(answer.read)[-1]]
    return [
        {"time step": s + 1, "read": beside[s] if s < len(beside) else "", "answer": said}
        | right_at(answer, s)
        | chance_of(answer, s)
        | columns(s, answer.top)
        | numbers(answer.outputs_SO[s], answer.top)
        for s, said in enumerate(answer.outputs)
        if answer.trace.mask[s, 0]
    ]


def right_at(answer: Answer, s: int) -> Row:
    """What would be right, where that is known; empty after the right answer's end."""
    if not answer.wanted:
        return {}
    return {"right": answer.wanted[s] if s < len(answer.wanted) else ""}


def chance_of(answer: Answer, s: int) -> Row:
    """The probability of what stands there, where one symbol does."""
    if answer.probabilities_SO is None or not answer.exclusive:
        return {}
    said = int(answer.symbols_S[s]) if answer.written else int(answer.probabilities_SO[s].argmax())
    return {"probability": float(answer.probabilities_SO[s, said])}


def columns(step: int, top: Sequence[Top]) -> Row:
    """The most probable labels and their probabilities, two columns for each."""
    found: Row = {}
    for place, (label, probability) in enumerate(top[step][:MOST] if top else (), 1):
        found |= {f"label {place}": label, f"probability {place}": probability}
    return found


def numbers(outputs_O: Any, top: Sequence[Top]) -> Row:
    """Raw outputs where there are no probabilities."""
    return {} if top else {f"output {o}": float(value) for o, value in enumerate(outputs_O, 1)}


def table_of_written(written: Written) -> list[Row]:
    """One row for each symbol that was written."""
    return [
        {
            "time step": s + 1,
            "symbol": symbol,
            "probability": float(written.probability_S[s]),
            "probability at this temperature": float(written.chance_S[s]),
            **columns(s, written.top),
        }
        for s, symbol in enumerate(written.symbols)
    ]


def as_csv(rows: Sequence[Row]) -> str:
    """Rows as the text of a CSV file with a heading; empty for no rows.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    if not rows:
        return ""
    held = io.StringIO()
    writer = csv.DictWriter(held, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: harmless(value) for name, value in row.items()})
    return held.getvalue()


def harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value
