"""The registry of tasks as scripts carry them: link name to source. One file and one line for each."""

from rnnlab.script.data import (
    adding,
    copy,
    counting,
    dates,
    digits,
    language_model,
    look_ahead,
    nationality,
    next_character,
    reber,
    surname,
    temporal_order,
)
from rnnlab.script.data.data import Data, Source

DATA: dict[str, Source] = {
    "nationality": nationality.source,
    "adding": adding.source,
    "language-model": language_model.source,
    "copy": copy.source,
    "digits": digits.source,
    "temporal-order": temporal_order.source,
    "reber": reber.source,
    "counting": counting.source,
    "look-ahead": look_ahead.source,
    "surname": surname.source,
    "next-character": next_character.source,
    "dates": dates.source,
}

__all__ = ["DATA", "Data"]
