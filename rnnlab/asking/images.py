"""Asking about a drawing of 8x8 pixels: 64 numbers from 0, white, to 16, black, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.asking.asking import Asking, Question, batch_of_one, question_of, unanswered
from rnnlab.asking.numbers import numbers_of
from rnnlab.tasks.caption import Caption
from rnnlab.tasks.digits import SIDE, EvenOrOdd, WhichDigit, images
from rnnlab.tasks.pixels import Pixels, order
from rnnlab.tasks.spec import Floats

PIXELS = SIDE * SIDE
BLACK = 16
WANTED = f"a drawing is {PIXELS} numbers from 0, white, to {BLACK}, black"
HELP = f"Draw a digit, or give {PIXELS} numbers from 0, white, to {BLACK}, black, row by row."


def pixels_of(text: str) -> Floats:
    """The pixels (64,) of a drawing, in [0, 1]."""
    numbers = numbers_of(text, WANTED)
    if len(numbers) != PIXELS:
        raise ValueError(f"This has {len(numbers)} numbers: {WANTED}.")
    outside = [value for value in numbers if not 0 <= value <= BLACK]
    if outside:
        raise ValueError(f"{outside[0]:g} is not between 0 and {BLACK}: {WANTED}.")
    if not any(numbers):
        raise ValueError("Nothing is drawn here: draw a digit.")
    return (np.array(numbers) / BLACK).astype(np.float32)


def written(pixels: NDArray[np.float32]) -> str:
    """Pixels as numbers, eight to a line."""
    rows = (pixels.astype(np.float64) * BLACK).reshape(SIDE, SIDE)
    return "\n".join(" ".join(f"{value:.9g}" for value in row) for row in rows)


def digit_of(pixels: Floats) -> int | None:
    """The digit of an image that is in the data, whichever part; None for any other drawing."""
    for part in images():
        rows = np.flatnonzero((part.pixels == pixels).all(axis=1))
        if len(rows):
            return int(part.digits[rows[0]])
    return None


def drawings(number: int) -> tuple[str, ...]:
    """Held-out images of different digits."""
    held_out = images().held_out
    first = [int(np.flatnonzero(held_out.digits == digit)[0]) for digit in range(10)]
    return tuple(written(held_out.pixels[row]) for row in first[:number])


def answer(task: WhichDigit | EvenOrOdd, digit: int) -> NDArray[Any]:
    """The target of a digit: its class, or whether it is even."""
    return np.array([digit]) if task.labels else np.array([[digit % 2 == 0]], np.float32)


def read_digit(task: WhichDigit | EvenOrOdd, text: str, length: int) -> Question:
    """An image at once or in rows, as the task's topology has it."""
    pixels = pixels_of(text)
    digit = digit_of(pixels)
    targets = unanswered(task, 1) if digit is None else answer(task, digit)
    batch = batch_of_one(pixels.reshape(task.rows, -1), targets)
    return question_of(task, batch, digit is not None, written(pixels))


def read_pixels(task: Pixels, text: str, length: int) -> Question:
    """The first pixels of an image in the task's order, as many as `length` says."""
    pixels = pixels_of(text)
    digit = digit_of(pixels)
    read_T = 2 * pixels[order(task.order)[: max(length, 1)]] - 1
    targets = unanswered(task, 1) if digit is None else np.array([digit])
    batch = batch_of_one(read_T[:, None], targets)
    unread = "" if len(read_T) == PIXELS else f"only {len(read_T)} of {PIXELS} pixels are read"
    return question_of(task, batch, digit is not None, written(pixels), unread)


def read_caption(task: Caption, text: str, length: int) -> Question:
    """An image at once, to the name of its digit."""
    pixels = pixels_of(text)
    digit = digit_of(pixels)
    if digit is None:
        batch = batch_of_one(pixels[None], unanswered(task, length))
    else:
        targets_SB, mask_SB = task.spelled(np.array([digit]), length)
        batch = batch_of_one(pixels[None], targets_SB[:, 0], mask_SB[:, 0])
    return question_of(task, batch, digit is not None, written(pixels))


def some_drawings(task: object, length: int) -> tuple[str, ...]:
    """Four held-out images."""
    return drawings(4)


DIGITS = Asking(kind="image", label="A digit", help=HELP, examples=some_drawings, read=read_digit)
PIXEL_BY_PIXEL = Asking("image", "A digit", HELP, some_drawings, read_pixels)
CAPTION = Asking("image", "A digit to be named", HELP, some_drawings, read_caption)
