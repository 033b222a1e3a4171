"""Asking for named entities: any English sentence, each word spelled as the task spells it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.asking.asking import Asking, Question, batch_of_one, distinct, question_of, unanswered
from rnnlab.asking.typed import line, nearest, quoted, within
from rnnlab.tasks.characters import NOTHING
from rnnlab.tasks.entities import LETTERS, WIDEST, Entities, pool, spelled
from rnnlab.tasks.words import joined

WANTED = "type an English sentence, such as Anna Smith left Hill Inc on May 3, 2011"
KNOWN = {*LETTERS, *LETTERS.upper()}
SIGNS = ",;:!?"


def words_of(text: str) -> list[str]:
    """Words between spaces, commas as words of their own, as the task has them."""
    words = list[str]()
    for piece in text.split():
        word = piece.rstrip(SIGNS)
        words += [part for part in (word, *piece[len(word) :]) if part]
    return words


def readable(word: str) -> str:
    """A word in letters that can be read, accents off; others are left out."""
    return "".join(nearest(sign, KNOWN) or "" for sign in word)


def tags_of(spelled_TI: NDArray[np.float32]) -> NDArray[np.int64] | None:
    """The tags of a sentence that is in the data, whichever part; None of any other."""
    known_VI = pool().spelled[:-1]
    common_VT = known_VI @ spelled_TI.T  # ones and zeros: as many in common as each has where they are equal
    same_VT = (common_VT == known_VI.sum(axis=1)[:, None]) & (common_VT == spelled_TI.sum(axis=1))
    if not same_VT.any(axis=0).all():
        return None
    places = same_VT.argmax(axis=0).tolist()
    for part in (pool().held_out, pool().train, pool().test):
        beyond = part.words_NT.shape[1] - len(places)
        if beyond >= 0:
            row_T = np.array(places + [NOTHING] * beyond, np.int64)
            found = np.flatnonzero((part.words_NT == row_T).all(axis=1))
            if len(found):
                return part.tags_NT[found[0], : len(places)]
    return None


def read_sentence(task: Entities, text: str, length: int) -> Question:
    """A sentence in words; a full stop at its end is left out, since no sentence of training has one."""
    typed = line(text, WANTED)
    words = words_of(typed.rstrip(".!? ") or typed)
    read = [readable(word) for word in words]
    lost = [word for word, found in zip(words, read, strict=True) if not found]
    kept = [found for found in read if found]
    if not kept:
        raise ValueError(f"{quoted(lost or words)} cannot be read here: {WANTED}.")
    within(len(kept), "words")
    spelled_TI = np.stack([spelled(word) for word in kept])
    tags_T = tags_of(spelled_TI)
    targets = unanswered(task, len(kept)) if tags_T is None else tags_T
    long = [word for word in kept if len(word) > WIDEST]
    return question_of(
        task,
        batch_of_one(spelled_TI, targets),
        tags_T is not None,
        joined(kept) if words_of(joined(kept)) == kept else " ".join(kept),
        f"{quoted(lost)} left out" if lost else "",
        f"of {quoted(long)} only the last {WIDEST} letters are read" if long else "",
    )


def sentences(task: Entities, length: int) -> tuple[str, ...]:
    """A few held-out sentences."""
    return distinct(task, max(length, 12), joined)


ENTITIES = Asking(
    "text",
    "A sentence with names",
    "An English sentence with people, companies, places or dates; capitals matter.",
    sentences,
    read_sentence,
)
