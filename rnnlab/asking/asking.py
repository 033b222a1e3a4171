"""What a person asks a network: a text that was typed becomes an input in the task's own encoding.

Shapes: T input time steps, S output time steps, I input size, O output size; a question is a batch of B = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.asking.typed import LONGEST, sentence
from rnnlab.tasks.spec import Batch, Floats, Task

KINDS = {
    "text": "a typed line",
    "passage": "a longer text",
    "image": "a drawing of 8x8 pixels",
    "numbers": "typed numbers",
    "moment": "a place in a series",
    "choice": "one of a list",
}
"""What a person gives: by this a page chooses its widget."""


class Question(NamedTuple):
    """One input of a network, and what it was understood to be.

    `known` says whether `batch.targets` are the right answers; where not, they are zeros, except that a
    next symbol stands where the question itself holds it. `text` is the question as it was understood: read
    again, it gives the same batch. `characters` says what stands at each of the T time steps. `note` is
    empty, or one sentence about what was changed, left out, or met in training.
    """

    batch: Batch
    known: bool
    text: str
    characters: tuple[str, ...]
    note: str = ""


def no_choices(task: Task) -> tuple[str, ...]:
    """Nothing to choose from: the question is typed or drawn."""
    return ()


@dataclass(frozen=True)
class Asking:
    """How one asks the networks of a task.

    `kind` is one of KINDS. `help` says in one sentence what may be typed. `examples(task, length)` gives two
    texts or more that `read` takes; an image is 64 numbers from 0 to 16, a moment its number. `choices(task)`
    lists what can be chosen, and all moments of a series in order. `read(task, text, length)` gives the
    question, and raises ValueError, in one sentence, where the text is none; `length` decides how many time
    steps are read of a series or a sound, and written where the network writes.
    """

    kind: str
    label: str
    help: str
    examples: Callable[[Any, int], tuple[str, ...]]
    read: Callable[[Any, str, int], Question]
    choices: Callable[[Any], tuple[str, ...]] = no_choices


def batch_of_one(inputs_TI: Floats, targets: NDArray[Any], mask_S: NDArray[np.bool_] | None = None) -> Batch:
    """A batch of one sequence without padding; targets are classes (S,) or numbers (S, O)."""
    steps = len(inputs_TI)
    mask = np.ones(len(targets), np.bool_) if mask_S is None else mask_S
    return Batch(
        inputs_TBI=np.ascontiguousarray(inputs_TI[:, None], np.float32),
        targets=np.ascontiguousarray(targets[:, None]),
        mask_SB=mask[:, None],
        lengths_B=np.array([steps], np.int64),
    )


def unanswered(task: Task, steps: int) -> NDArray[Any]:
    """Zeros in place of targets for so many output time steps."""
    if task.labels:
        return np.zeros(steps, np.int64)
    return np.zeros((steps, task.output_size), np.float32)


def question_of(task: Task, batch: Batch, known: bool, text: str, *remarks: str) -> Question:
    """A question whose time steps are called what the task calls them."""
    return Question(batch, known, text, tuple(task.input_labels(batch, 0)), sentence(remarks))


def drawn(task: Task, number: int, length: int) -> Batch:
    """A few held-out sequences, always the same, to make examples of."""
    return task.held_out(np.random.default_rng(0), number, min(length, LONGEST))


def distinct(
    task: Task, length: int, written: Callable[[list[str]], str], number: int = 4
) -> tuple[str, ...]:
    """Different held-out sequences as a person would type their labels."""
    batch = drawn(task, 10 * number, length)
    texts = dict.fromkeys(written(task.input_labels(batch, index)) for index in range(10 * number))
    return tuple(texts)[:number]


def as_typed(labels: list[str]) -> str:
    """Labels of characters as text, with spaces."""
    return "".join(labels).replace("␣", " ")
