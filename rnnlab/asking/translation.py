"""Asking for another writing: a sum to its value, a time in English to another language."""

from __future__ import annotations

import re

import numpy as np

from rnnlab.asking.asking import Asking, Question, as_typed, batch_of_one, distinct, question_of, unanswered
from rnnlab.asking.typed import in_alphabet, line, within
from rnnlab.tasks.arithmetic import BLANK, READ, WRITTEN, Arithmetic
from rnnlab.tasks.characters import NOTHING, one_hot
from rnnlab.tasks.relative_time import LARGEST, Pairs, RelativeTime

WANTED_SUM = "type a sum of whole numbers, such as 535+61"
SUM = re.compile(r"[0-9]+(\+[0-9]+)+")
WANTED_TIME = "type a time in English, such as 3 days ago or in 2 weeks"


def read_sum(task: Arithmetic, text: str, length: int) -> Question:
    """A sum, read from the end that the task reads first; its value with blanks behind."""
    typed = "".join(line(text, WANTED_SUM).rstrip("= ").split())
    read, changed = in_alphabet(typed, READ.characters, WANTED_SUM) if typed else ("", "")
    if not SUM.fullmatch(read):
        raise ValueError(f"This is no sum of digits with a plus between numbers: {WANTED_SUM}.")
    within(len(read), "characters")
    numbers = read.split("+")
    value = str(sum(map(int, numbers)))
    targets = WRITTEN.encode(value.ljust(task.digits + 1, BLANK))
    order = read[::-1] if task.backwards else read
    batch = batch_of_one(one_hot(READ.encode(order), task.input_size), targets)
    beyond = len(numbers) > 2 or max(map(len, numbers)) > task.digits
    trained = f"training is on two numbers of up to {task.digits} digits" if beyond else ""
    turned = f"read from its end: {order}" if task.backwards else ""
    return question_of(task, batch, True, read, changed, turned, trained)


def sums(task: Arithmetic, length: int) -> tuple[str, ...]:
    """Held-out sums as people write them."""
    order = slice(None, None, -1 if task.backwards else 1)
    return distinct(task, max(length, 2 * task.digits + 1), lambda labels: "".join(labels[order]))


def row_of(pairs: Pairs, letters_T: np.ndarray) -> int | None:
    """The row of an English text among the pairs of a part, if it is there."""
    padded = np.full(pairs.letters_NT.shape[1], NOTHING, np.int64)
    if len(letters_T) > len(padded):
        return None
    padded[: len(letters_T)] = letters_T
    found = np.flatnonzero((pairs.letters_NT == padded).all(axis=1))
    return int(found[0]) if len(found) else None


def read_time(task: RelativeTime, text: str, length: int) -> Question:
    """A time in English; every number up to the largest in the data has a known translation."""
    read, changed = in_alphabet(line(text, WANTED_TIME), task.pool.read.characters, WANTED_TIME)
    within(len(read), "letters")
    letters_T = task.pool.read.encode(read)
    inputs_TI = one_hot(letters_T, task.input_size)
    for pairs in (task.pool.train, task.pool.held_out, task.pool.test):
        if (row := row_of(pairs, letters_T)) is not None:
            answer_S = pairs.answers_NS[row]
            batch = batch_of_one(inputs_TI, np.maximum(answer_S, 0), answer_S != NOTHING)
            met = "this time is in the training data" if pairs is task.pool.train else ""
            return question_of(task, batch, True, read, changed, met)
    batch = batch_of_one(inputs_TI, unanswered(task, task.pool.train.answers_NS.shape[1]))
    other = f"the training data has “in 1 second” to “{LARGEST} years ago”, and not these words"
    return question_of(task, batch, False, read, changed, other)


def times(task: RelativeTime, length: int) -> tuple[str, ...]:
    """Held-out times."""
    return distinct(task, length, as_typed)


ARITHMETIC = Asking(
    "text", "A sum", "Two whole numbers with a plus between them, such as 535+61.", sums, read_sum
)
RELATIVE_TIME = Asking(
    "text",
    "A time in English",
    f"A time such as “3 days ago” or “in 2 weeks”, from seconds to years, numbers up to {LARGEST}.",
    times,
    read_time,
)
