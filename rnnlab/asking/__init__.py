"""Asking a network one's own question: link name of a task to how its question is typed, drawn or chosen."""

from rnnlab.asking import (
    dates,
    dna,
    entities,
    grammars,
    images,
    names,
    sequences,
    series,
    sound,
    stories,
    text,
    translation,
    video,
)
from rnnlab.asking.asking import KINDS, Asking, Question
from rnnlab.config import Design
from rnnlab.tasks import TASKS

__all__ = ["ASKING", "KINDS", "Asking", "Question", "ask"]

ASKING: dict[str, Asking] = {
    "nationality": names.SURNAME_TO_NATIONALITY,
    "adding": sequences.ADDING,
    "language-model": text.LANGUAGE_MODEL,
    "copy": sequences.COPY,
    "digits": images.DIGITS,
    "temporal-order": sequences.ORDER,
    "reber": grammars.REBER,
    "counting": grammars.COUNTING,
    "look-ahead": sequences.LOOK_AHEAD,
    "surname": names.NATIONALITY_TO_SURNAME,
    "next-character": text.NEXT_CHARACTER,
    "dates": dates.DATES,
    "parity": sequences.PARITY,
    "dyck": grammars.DYCK,
    "echo": sequences.ECHO,
    "sine-mixture": series.GENERATED,
    "mackey-glass": series.GENERATED,
    "arithmetic": translation.ARITHMETIC,
    "reverse": sequences.REVERSE,
    "word-model": text.WORD_MODEL,
    "next-word": text.NEXT_WORD,
    "tomorrow": series.TOMORROW,
    "forecast": series.FORECAST,
    "sentiment": stories.SENTIMENT,
    "clue": stories.CLUE,
    "question": stories.STORY,
    "anomaly": series.ANOMALY,
    "caption": images.CAPTION,
    "pixels": images.PIXEL_BY_PIXEL,
    "melody": sound.MELODY,
    "vowels": sound.VOWELS,
    "video": video.VIDEO,
    "coding": dna.CODING,
    "entities": entities.ENTITIES,
    "relative-time": translation.RELATIVE_TIME,
}


def ask(design: Design, text: str, length: int) -> Question:
    """The question `text` for networks of `design`; ValueError, in one sentence, where the text is none."""
    if not isinstance(text, str):
        raise ValueError(f"A question must be text, not {type(text).__name__}.")
    task = TASKS[design.task].load(design.topology, design.options)
    return ASKING[design.task].read(task, text, length)
