"""Asking about a film: a drawn digit of 8x8 pixels moves as the films of the task do."""

from __future__ import annotations

import numpy as np

from rnnlab.asking.asking import Asking, Question, question_of
from rnnlab.asking.images import digit_of, pixels_of, some_drawings, written
from rnnlab.tasks.video import BehindTheWall, WhichWay

START, SPEED = (0, 3), (1, -1)
"""It begins at the left, in the middle, and goes to the right and upwards."""


def read_film(task: WhichWay | BehindTheWall, text: str, length: int) -> Question:
    """A drawing that moves for `length` frames: its way is known, its digit where it is in the data."""
    pixels = pixels_of(text)
    digit = digit_of(pixels)
    batch = task.film(pixels[None], np.array([digit or 0]), np.array([START]), np.array([SPEED]), length)
    return question_of(task, batch, task.knows(digit), written(pixels))


VIDEO = Asking(
    "image",
    "A digit that moves",
    "Draw a digit: it begins at the left, moves to the right and upwards, and turns round at the edges.",
    some_drawings,
    read_film,
)
