"""The registry of tasks: link name to facts. One file and one line for each."""

from rnnlab.tasks import (
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
from rnnlab.tasks.spec import TaskSpec

TASKS: dict[str, TaskSpec] = {
    "nationality": nationality.SPEC,
    "adding": adding.SPEC,
    "language-model": language_model.SPEC,
    "copy": copy.SPEC,
    "digits": digits.SPEC,
    "temporal-order": temporal_order.SPEC,
    "reber": reber.SPEC,
    "counting": counting.SPEC,
    "look-ahead": look_ahead.SPEC,
    "surname": surname.SPEC,
    "next-character": next_character.SPEC,
    "dates": dates.SPEC,
}
