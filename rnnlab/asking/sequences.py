"""Asking for a memory: symbols, bits and marked numbers, in the encodings of the tasks on memory."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from rnnlab.asking.asking import Asking, Question, batch_of_one, distinct, drawn, question_of, unanswered
from rnnlab.asking.numbers import number_of, parts_of, plain
from rnnlab.asking.typed import SEPARATORS, in_alphabet, line, signs, within
from rnnlab.tasks import copy, echo, look_ahead, parity, reverse, temporal_order
from rnnlab.tasks.adding import Adding
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.fresh import SYMBOLS
from rnnlab.tasks.spec import Batch, Task

LETTERS = "".join(SYMBOLS)
WANTED_LETTERS = f"type letters from {LETTERS[0]} to {LETTERS[-1]}, such as abba"
WANTED_BITS = "type zeros and ones, such as 0110"
WANTED_ORDER = "type A or B twice among letters from c to f, such as cAdfBe"
WANTED_COPY = f"{WANTED_LETTERS}, and if you like dots for a wait and > for the marker"
WANTED_NUMBERS = "type numbers and a star behind each one that is to be added, such as 0.3 0.7* 0.1 0.9*"
BLANK, MARKER = "·", "▸"


def letters(text: str) -> tuple[str, NDArray[np.int64], str]:
    """Letters, their indices (T,), and a remark."""
    read, changed = signs(text, LETTERS, WANTED_LETTERS)
    within(len(read), "letters")
    return read, np.array([LETTERS.index(sign) for sign in read], np.int64), changed


def as_labels(task: Task, length: int) -> tuple[str, ...]:
    """A few held-out sequences of symbols, as their labels say."""
    return distinct(task, length, "".join)


def read_echo(task: echo.Echo, text: str, length: int) -> Question:
    """Letters, each to be said again after the task's delay."""
    read, indices_T, changed = letters(text)
    batch = echo.heard(indices_T[:, None], min(task.delay, len(read)))
    short = "" if len(read) > task.delay else f"nothing is to be said within {task.delay} time steps"
    return question_of(task, batch, True, read, changed, short)


def read_reverse(task: reverse.Reverse, text: str, length: int) -> Question:
    """Letters, to be written backwards."""
    read, indices_T, changed = letters(text)
    return question_of(task, reverse.backwards(indices_T[:, None]), True, read, changed)


def read_look_ahead(task: look_ahead.LookAhead, text: str, length: int) -> Question:
    """Letters, each to be named one time step before; nothing is asked at the last."""
    read, indices_T, changed = letters(text)
    if len(read) == 1:
        raise ValueError(f"There is nothing to name before a single letter: {WANTED_LETTERS}.")
    asked_T = np.arange(len(read)) < len(read) - 1
    inputs_TI = one_hot(indices_T, task.input_size)
    batch = batch_of_one(inputs_TI, np.roll(indices_T, -1) * asked_T, asked_T)
    return question_of(task, batch, True, read, changed)


def read_parity(task: parity.Parity, text: str, length: int) -> Question:
    """Bits, and whether their ones are odd in number, so far or in all."""
    read, changed = signs(text, parity.BITS, WANTED_BITS)
    within(len(read), "bits")
    bits_T = np.array([int(bit) for bit in read], np.int64)
    odd_T = bits_T.cumsum() % 2
    batch = batch_of_one(one_hot(bits_T, task.input_size), odd_T if task.everywhere else odd_T[-1:])
    return question_of(task, batch, True, read, changed)


def read_order(task: temporal_order.TemporalOrder, text: str, length: int) -> Question:
    """Symbols; where exactly two of them are A or B, their order is the answer."""
    read, changed = signs(text, temporal_order.CHANNELS, WANTED_ORDER)
    within(len(read), "symbols")
    indices_T = np.array([temporal_order.CHANNELS.index(sign) for sign in read], np.int64)
    order = "".join(sign for sign in read if sign in "AB")
    known = order in task.labels
    targets = np.array([task.labels.index(order)]) if known else unanswered(task, 1)
    remark = (
        "" if known else f"A or B stands here {len(order)} times, not twice, so no order is the right one"
    )
    batch = batch_of_one(one_hot(indices_T, task.input_size), targets)
    return question_of(task, batch, known, read, changed, remark)


COPIED = re.compile(f"([{copy.SYMBOLS}]+)({BLANK}*)({MARKER}{BLANK}*)?")


def read_copy(task: copy.Copy, text: str, length: int) -> Question:
    """Symbols, a wait, a marker and as many time steps to recall: all typed, or the symbols alone.

    Symbols alone are recalled at the end of `length` time steps, or at once where these are too few.
    """
    typed = re.sub("[._-]", BLANK, re.sub("[>|]", MARKER, "".join(SEPARATORS.split(line(text, WANTED_COPY)))))
    read, changed = in_alphabet(typed, {*copy.SYMBOLS, BLANK, MARKER}, WANTED_COPY)
    if not (found := COPIED.fullmatch(read)):
        raise ValueError(f"This is not letters first, then a wait, then the marker: {WANTED_COPY}.")
    shown, wait, marker = found.groups()
    usual = max(length - 2 * len(shown) - 1, 0)
    waiting = len(wait) if wait or marker else usual
    within(2 * len(shown) + waiting + 1, "time steps with those to recall in")
    batch = copied(task, [copy.SYMBOLS.index(sign) + 1 for sign in shown], waiting)
    whole = shown if waiting == usual else shown + BLANK * waiting + MARKER
    other = "" if len(shown) == task.symbols else f"training is on {task.symbols} symbols, not {len(shown)}"
    return question_of(task, batch, True, whole, changed, other)


def copied(task: copy.Copy, shown: list[int], waiting: int) -> Batch:
    """The batch of symbols by their indices, and a wait of so many time steps before the marker."""
    blanks = [copy.BLANK] * len(shown)
    read_T = np.array([*shown, *[copy.BLANK] * waiting, copy.MARKER, *blanks], np.int64)
    targets_T = np.array([*blanks, *[copy.BLANK] * (waiting + 1), *shown], np.int64)
    return batch_of_one(one_hot(read_T, task.input_size), targets_T)


def read_adding(task: Adding, text: str, length: int) -> Question:
    """Numbers, those with a star marked; the answer is the sum of the marked ones."""
    parts = parts_of(re.sub(r"\s+\*", "*", line(text, WANTED_NUMBERS)), WANTED_NUMBERS)
    within(len(parts), "numbers")
    marks_T = np.array(["*" in part for part in parts], np.float32)
    values_T = np.array([number_of(part.strip("*"), WANTED_NUMBERS) for part in parts], np.float32)
    if not marks_T.any():
        raise ValueError(f"No number is marked: {WANTED_NUMBERS}.")
    target = (values_T * marks_T).sum(keepdims=True)
    batch = batch_of_one(np.stack([values_T, marks_T], axis=1), target[:, None])
    pairs = zip(values_T, marks_T, strict=True)
    written = " ".join(f"{plain_single(value)}{'*' if mark else ''}" for value, mark in pairs)
    number = int(marks_T.sum())
    return question_of(
        task, batch, True, written, "" if number == 2 else f"{number} numbers are marked, not two"
    )


def plain_single(value: np.float32) -> str:
    """A number in single precision, as short as it can be typed again."""
    return plain(float(str(value)))


def marked_numbers(task: Adding, length: int) -> tuple[str, ...]:
    """A few numbers, and as many as are read, two of them marked."""
    pairs = [drawn(task, 1, steps).inputs_TBI[:, 0] for steps in (8, length)]
    return tuple(
        " ".join(f"{value:.2f}{'*' if mark else ''}" for value, mark in numbers_T2) for numbers_T2 in pairs
    )


def to_copy(task: copy.Copy, length: int) -> tuple[str, ...]:
    """As many symbols as training has, and one more."""
    return (copy.SYMBOLS * 2)[: task.symbols], "hgfedcbahgfedcba"[: task.symbols + 1]


LETTER_HELP = f"Letters from {LETTERS[0]} to {LETTERS[-1]}, with or without spaces, up to 500."

ECHO = Asking("text", "Letters to say again", LETTER_HELP, as_labels, read_echo)
REVERSE = Asking("text", "Letters to write backwards", LETTER_HELP, as_labels, read_reverse)
LOOK_AHEAD = Asking("text", "Letters to foretell", LETTER_HELP, as_labels, read_look_ahead)
PARITY = Asking("text", "Bits", "Zeros and ones, with or without spaces, up to 500.", as_labels, read_parity)
ORDER = Asking(
    "text",
    "Symbols, A or B twice among them",
    "Letters from c to f that say nothing, and twice A or B: their order is the answer.",
    as_labels,
    read_order,
)
COPY = Asking(
    "text",
    "Symbols to copy",
    f"Letters from {LETTERS[0]} to {LETTERS[-1]}; dots and > behind them say how long to wait.",
    to_copy,
    read_copy,
)
ADDING = Asking(
    "numbers",
    "Numbers, two of them marked",
    "Numbers between 0 and 1, a star behind each one that is to be added, up to 500.",
    marked_numbers,
    read_adding,
)
