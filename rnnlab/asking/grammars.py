"""Asking about strings of a small language: a and b in equal number, balanced brackets, the Reber grammar."""

from __future__ import annotations

import re
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from rnnlab.asking.asking import Asking, Question, batch_of_one, distinct, question_of, unanswered
from rnnlab.asking.typed import signs, within
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.counting import MAY_FOLLOW, READ, Counting
from rnnlab.tasks.dyck import BRACKETS, Dyck
from rnnlab.tasks.reber import INNER, LETTERS, OUTER, Reber
from rnnlab.tasks.spec import Task

WANTED_COUNTED = "type some a and as many b, or the beginning of it, such as aaabb"
WANTED_BRACKETS = "type round brackets, such as (()())"
WANTED_REBER = "type a Reber string or its beginning, of the letters B T P S X V E, such as BTBTXSETE"
COUNTED = re.compile("S?([ab]*)T?")
OTHER_BRACKETS = str.maketrans("[]{}<>⟨⟩", "()" * 4)


def may_follow(read: str) -> str:
    """Which symbols may come after some a and b; nothing where these are the beginning of no string."""
    if not read:
        return "a"
    a, b = read.count("a"), read.count("b")
    if not re.fullmatch("a+b*", read) or b > a:
        return ""
    return "ab" if b == 0 else "b" if b < a else "T"


def read_counted(task: Counting, text: str, length: int) -> Question:
    """a and b after the start symbol; what may follow at each time step, if so far it is of the language."""
    typed, changed = signs(text, "SabT", WANTED_COUNTED)
    if not (found := COUNTED.fullmatch(typed)):
        raise ValueError(f"S may only stand first and T only last: {WANTED_COUNTED}.")
    read = found[1]
    within(len(read) + 1, "symbols")
    sets = [may_follow(read[:end]) for end in range(len(read) + 1)]
    known = all(sets)
    targets = as_sets(sets, MAY_FOLLOW) if known else unanswered(task, len(sets))
    indices_T = np.array([READ.index(sign) for sign in f"S{read}"], np.int64)
    batch = batch_of_one(one_hot(indices_T, task.input_size), targets)
    wrong = "" if known else "this is the beginning of no string of the language"
    return question_of(task, batch, known, f"S{read}", changed, wrong)


def as_sets(sets: list[str], symbols: str) -> NDArray[np.float32]:
    """Sets of symbols as a yes or no for each (T, O)."""
    return np.array([[symbol in found for symbol in symbols] for found in sets], np.float32)


def read_brackets(task: Dyck, text: str, length: int) -> Question:
    """Brackets; which may follow at each time step, as long as none closes that was not open."""
    plain = text.translate(OTHER_BRACKETS)
    read, changed = signs(plain, BRACKETS, WANTED_BRACKETS)
    within(len(read), "brackets")
    depth_T = list(accumulate(1 if sign == "(" else -1 for sign in read))
    known = min(depth_T) >= 0
    sets = ["()" if depth > 0 else "(" for depth in depth_T]
    targets = as_sets(sets, BRACKETS) if known else unanswered(task, len(sets))
    indices_T = np.array([BRACKETS.index(sign) for sign in read], np.int64)
    batch = batch_of_one(one_hot(indices_T, task.input_size), targets)
    wrong = "" if known else "a bracket closes that was not open"
    other = "" if plain == text else "all brackets are read as round ones"
    return question_of(task, batch, known, read, changed, other, wrong)


def places(outer: str) -> dict[int, dict[str, int]]:
    """The embedded Reber grammar: at each place, the symbols that may follow and where they lead to.

    Places of the inner grammar are its nodes; before it stand -3 to -1, behind it three more.
    """
    end = len(INNER)
    before = {-3: {"B": -2}, -2: dict.fromkeys(OUTER, -1), -1: {"B": 0}}
    return {**before, **dict(enumerate(INNER)), end: {outer: end + 1}, end + 1: {"E": end + 2}, end + 2: {}}


def followers(word: str) -> list[set[str]]:
    """What may follow each symbol of a Reber string or its beginning, up to the first symbol that may not."""
    grammar, place, found = places(word[1:2]), -3, list[set[str]]()
    for symbol in word:
        if symbol not in grammar[place]:
            return found
        place = grammar[place][symbol]
        found.append(set(grammar[place]))
    return found


def read_reber(task: Reber, text: str, length: int) -> Question:
    """A string or its beginning, each symbol to the next; the last symbol of a whole string is not read."""
    word, changed = signs(text, LETTERS.characters, WANTED_REBER)
    follow = followers(word)
    whole = len(follow) == len(word) and not follow[-1]
    read = word[:-1] if whole else word
    within(len(read), "symbols")
    right = len(follow) == len(word)
    last = word[-1] if whole else "".join(follow[-1]) if right and len(follow[-1]) == 1 else ""
    targets = LETTERS.encode(word[1 : len(read)] + (last or LETTERS.characters[0]))
    batch = batch_of_one(one_hot(LETTERS.encode(read), task.input_size), targets)
    wrong = (
        "" if right else f"“{word[len(follow)]}” may not stand at place {len(follow) + 1} of a Reber string"
    )
    return question_of(task, batch, bool(last), read, changed, wrong)


def strings(task: Task, length: int) -> tuple[str, ...]:
    """A few held-out strings, as they are read, or one and its beginning."""
    found = distinct(task, length, "".join)
    return found if len(found) > 1 else (*found, found[0][:-1])


COUNTING = Asking(
    "text",
    "Some a and as many b",
    "Some a and as many b, or only the beginning; S before and T behind may be left out.",
    strings,
    read_counted,
)
DYCK = Asking("text", "Brackets", "Opening and closing brackets, up to 500.", strings, read_brackets)
REBER = Asking(
    "text",
    "A Reber string",
    "A string of the embedded Reber grammar or its beginning, of the letters B T P S X V E.",
    strings,
    read_reber,
)
