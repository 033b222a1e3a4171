"""Asking about names: a surname, letter by letter, or the nationality that a surname is to be from."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnlab.asking.asking import Asking, Question, as_typed, batch_of_one, distinct, question_of, unanswered
from rnnlab.asking.typed import cut, folded, in_alphabet, line, within
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.names import NATIONALITIES, split
from rnnlab.tasks.nationality import Nationality
from rnnlab.tasks.surname import Surname

WANTED = "type a surname in letters, such as Rossi"
WANTED_NATIONALITY = f"choose one of {', '.join(NATIONALITIES)}"


class Listed(NamedTuple):
    """Where a name stands in the data."""

    nationality: int
    trained: bool


@lru_cache(maxsize=1)
def known_names() -> dict[str, Listed]:
    """Every name of the data, with its nationality and whether networks are trained on it."""
    names, found = split(), dict[str, Listed]()
    for part in (names.train, names.held_out, names.test):
        for nationality, row in zip(part.nationality_N, part.letters_NW, strict=True):
            found[names.letters.decode(row)] = Listed(int(nationality), part is names.train)
    return found


def read_surname(task: Nationality, text: str, length: int) -> Question:
    """A surname in small letters; one that is in the data has a right answer."""
    name, changed = in_alphabet(line(text, WANTED), task.letters.characters, WANTED)
    within(len(name), "letters")
    found = known_names().get(name)
    targets = np.array([found.nationality]) if found else unanswered(task, 1)
    inputs_TI = one_hot(task.letters.encode(name), task.input_size)
    met = "this name is in the training data" if found and found.trained else ""
    batch = batch_of_one(inputs_TI, targets)
    return question_of(task, batch, found is not None, name, changed, met)


def surnames(task: Nationality, length: int) -> tuple[str, ...]:
    """A few names that networks are not trained on."""
    return distinct(task, 24, lambda labels: as_typed(labels).title())


def read_nationality(task: Surname, text: str, length: int) -> Question:
    """A nationality; many surnames are right, so none is known."""
    typed = folded(line(text, WANTED_NATIONALITY))
    names = [folded(name) for name in NATIONALITIES]
    if typed not in names:
        raise ValueError(f"“{cut(text.strip())}” is not among the nationalities: {WANTED_NATIONALITY}.")
    place = names.index(typed)
    inputs_TI = one_hot(np.array([place]), task.input_size)
    return question_of(task, batch_of_one(inputs_TI, unanswered(task, length)), False, NATIONALITIES[place])


def nationalities(task: Surname) -> tuple[str, ...]:
    return NATIONALITIES


def some_nationalities(task: Surname, length: int) -> tuple[str, ...]:
    return NATIONALITIES[:4]


SURNAME_TO_NATIONALITY = Asking(
    kind="text",
    label="A surname",
    help="A surname in letters, with or without accents; it may be one that is in no list.",
    examples=surnames,
    read=read_surname,
)
NATIONALITY_TO_SURNAME = Asking(
    kind="choice",
    label="A nationality",
    help="The nationality that a new surname is to sound like.",
    examples=some_nationalities,
    read=read_nationality,
    choices=nationalities,
)
