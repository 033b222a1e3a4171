"""Asking about names: a surname, letter by letter, or the nationality that a surname is to be from."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnlab.asking.asking import Asking, Question, batch_of_one, drawn, unanswered
from rnnlab.asking.typed import in_alphabet, line, sentence, within
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.names import split
from rnnlab.tasks.nationality import Nationality

WANTED = "type a surname in letters, such as Rossi"


class Listed(NamedTuple):
    """Where a name stands in the data."""

    nationality: int
    trained: bool


@lru_cache(maxsize=1)
def known_names() -> dict[str, Listed]:
    """Every name of the data, with its nationality and whether networks are trained on it."""
    names, found = split(), dict[str, Listed]()
    for side, trained in ((names.train, True), (names.held_out, False)):
        for nationality, row in zip(side.nationality_N, side.letters_NW, strict=True):
            found[names.letters.decode(row)] = Listed(int(nationality), trained)
    return found


def read_surname(task: Nationality, text: str, length: int) -> Question:
    """A surname in small letters; one that is in the data has a right answer."""
    name, changed = in_alphabet(line(text, WANTED).lower(), task.letters.characters, WANTED)
    within(len(name), "letters")
    found = known_names().get(name)
    targets = np.array([found.nationality]) if found else unanswered(task, 1)
    inputs_TI = one_hot(task.letters.encode(name), task.input_size)
    met = "this name is in the training data" if found and found.trained else ""
    batch = batch_of_one(inputs_TI, targets)
    labels = tuple(task.input_labels(batch, 0))
    return Question(batch, found is not None, name, labels, sentence([changed, met]))


def surnames(task: Nationality, length: int) -> tuple[str, ...]:
    """A few names that networks are not trained on."""
    batch = drawn(task, 8, 24)
    return tuple("".join(task.input_labels(batch, index)).replace("␣", " ").title() for index in range(8))


SURNAME_TO_NATIONALITY = Asking(
    kind="text",
    label="A surname",
    help="A surname in letters, with or without accents; it may be one that is in no list.",
    examples=surnames,
    read=read_surname,
)
