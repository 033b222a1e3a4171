"""Asking a network one's own question: link name of a task to how its question is typed, drawn or chosen."""

from rnnlab.asking import dates, images, names
from rnnlab.asking.asking import KINDS, Asking, Question
from rnnlab.config import Design
from rnnlab.tasks import TASKS

__all__ = ["ASKING", "KINDS", "Asking", "Question", "ask"]

ASKING: dict[str, Asking] = {
    "nationality": names.SURNAME_TO_NATIONALITY,
    "digits": images.DIGITS,
    "dates": dates.DATES,
}


def ask(design: Design, text: str, length: int) -> Question:
    """The question `text` for networks of `design`; ValueError, in one sentence, where the text is none."""
    if not isinstance(text, str):
        raise ValueError(f"A question must be text, not {type(text).__name__}.")
    task = TASKS[design.task].load(design.topology, design.options)
    return ASKING[design.task].read(task, text, length)
