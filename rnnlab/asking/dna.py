"""Asking about DNA: bases as they are, or a FASTA record."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rnnlab.asking.asking import Asking, Question, batch_of_one, distinct, question_of, unanswered
from rnnlab.asking.typed import LONGEST, SEPARATORS, checked, quoted
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.coding import BASES, Coding, genomes

WANTED = "type bases T, C, A and G, or paste a FASTA record"
RNA = str.maketrans("Uu", "Tt")


def first_record(text: str) -> tuple[str, int]:
    """The lines of bases before the second header of FASTA, and how many records there are."""
    lines = [part.strip() for part in text.splitlines() if part.strip() and not part.strip().startswith(";")]
    headers = [place for place, part in enumerate(lines) if part.startswith(">")]
    first, *others = [*headers, len(lines)] if headers and headers[0] == 0 else [-1, *headers, len(lines)]
    return " ".join(lines[first + 1 : others[0]]), len(others)


@lru_cache(maxsize=1)
def texts() -> tuple[str, ...]:
    """The parts of the task's genome as text."""
    return tuple("".join(np.array(list(BASES))[part.bases_N]) for part in genomes())


def coding_of(bases: str) -> np.ndarray | None:
    """Which bases of a sequence are coding, where it occurs once in the task's genome."""
    if sum(text.count(bases) for text in texts()) != 1:
        return None
    for text, part in zip(texts(), genomes(), strict=True):
        if (place := text.find(bases)) >= 0:
            return part.coding_N[place : place + len(bases)]
    return None


def read_bases(task: Coding, text: str, length: int) -> Question:
    """Bases, U as T; those of the first record and not more than LONGEST."""
    typed, records = first_record(checked(text, WANTED))
    plain = "".join(SEPARATORS.split(typed)).translate(RNA)
    bases = "".join(sign for sign in plain.upper() if not (sign.isascii() and sign.isdigit()))
    if odd := [sign for sign in bases if sign not in BASES]:
        raise ValueError(f"{quoted(odd)} cannot be read here: {WANTED}.")
    if not bases:
        raise ValueError(f"There are no bases here: {WANTED}.")
    read = bases[:LONGEST]
    coding_T = coding_of(read)
    targets = unanswered(task, len(read)) if coding_T is None else coding_T
    indices_T = np.array([BASES.index(base) for base in read], np.int64)
    return question_of(
        task,
        batch_of_one(one_hot(indices_T, task.input_size), targets),
        coding_T is not None,
        read,
        "U is read as T" if "u" in typed.lower() else "",
        f"only the first of {records} records is read" if records > 1 else "",
        f"only the first {LONGEST} of {len(bases):,} bases are read" if len(bases) > LONGEST else "",
    )


def sequences(task: Coding, length: int) -> tuple[str, ...]:
    """Stretches of the held-out genome."""
    return distinct(task, length, "".join)


CODING = Asking(
    "passage",
    "A DNA sequence",
    f"Bases T, C, A and G, or a FASTA record; the first {LONGEST} bases are read.",
    sequences,
    read_bases,
)
