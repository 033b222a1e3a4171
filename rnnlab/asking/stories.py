"""Asking in sentences: whether one is positive, what language somebody speaks, where somebody is.

Words are those of a task's small vocabulary; others are read as UNKNOWN, and a remark names them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby

import numpy as np

from rnnlab.asking.asking import Asking, Question, batch_of_one, distinct, question_of, unanswered
from rnnlab.asking.typed import checked, folded, line, quoted, within
from rnnlab.tasks import clue, question, sentiment
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.spec import Task
from rnnlab.tasks.words import PIECES, UNKNOWN, Vocabulary, joined

WANTED_OPINION = "type a sentence such as “the film was not very good”"
WANTED_CLUE = "type a story such as “I grew up in Chile. I like tea. today I speak”"
WANTED_STORY = "type a story such as “Anna went home. Ben ran outside. where is Anna?”"


@lru_cache(maxsize=8)
def by_pieces(known: Vocabulary) -> dict[tuple[str, ...], str]:
    """The words of a vocabulary by the pieces that they are typed in, such as the two of “Costa Rica”."""
    return {tuple(PIECES.findall(folded(word))): word for word in known.words if word != UNKNOWN}


def understood(text: str, known: Vocabulary, wanted: str) -> tuple[list[str], str]:
    """The words of a text, longest first; unknown ones as UNKNOWN, unknown signs left out; and a remark.

    Raises ValueError where no word is known.
    """
    words, lost, signs = list[str](), list[str](), list[str]()
    for number, part in enumerate(line(text, wanted).split(UNKNOWN)):
        words += [UNKNOWN] if number else []
        for word, typed in found_words(part, known):
            words += [word] if word else [UNKNOWN] if typed[0].isalnum() else []
            (lost if typed[0].isalnum() else signs).extend([] if word else [typed])
    if not any(word[0].isalnum() for word in words):
        raise ValueError(f"There is no word here that the network knows: {wanted}.")
    within(len(words), "words")
    unread = f"{quoted(lost)} not known, read as {UNKNOWN}" if lost else ""
    left_out = f"{quoted(signs)} left out" if signs else ""
    return words, "; ".join(filter(None, [unread, left_out]))


def found_words(text: str, known: Vocabulary) -> list[tuple[str, str]]:
    """Each word as the vocabulary has it, or empty, and as it was typed."""
    typed, index = PIECES.findall(text), by_pieces(known)
    pieces, found, place = [folded(piece) for piece in typed], list[tuple[str, str]](), 0
    most = max(map(len, index))
    while place < len(pieces):
        ends = range(min(place + most, len(pieces)), place, -1)
        end = next((end for end in ends if tuple(pieces[place:end]) in index), 0)
        found.append((index[tuple(pieces[place:end])] if end else "", typed[place]))
        place = end or place + 1
    return found


def asked(task: Task, known: Vocabulary, words: list[str], answer: str, *remarks: str) -> Question:
    """A question in words, with an answer by its label, or without one."""
    targets = np.array([task.labels.index(answer)]) if answer else unanswered(task, 1)
    batch = batch_of_one(one_hot(known.encode(words), task.input_size), targets)
    return question_of(task, batch, bool(answer), joined(words), *remarks)


def clause_score(words: tuple[str, ...]) -> float | None:
    """What a clause of the task's grammar adds to the score of a sentence; None where it is none of them."""
    if " ".join(words) in sentiment.NEUTRAL:
        return 0.0
    of_mine = words[:1] == ("i",) and words[-2:-1] == ("the",) and words[-1] in sentiment.THINGS
    of_a_thing = words[:1] == ("the",) and len(words) > 3 and words[1] in sentiment.THINGS
    if not (of_mine or of_a_thing):
        return None
    *start, word = words[1:-2] if of_mine else words[2:]
    booster = start.pop() if start and start[-1] in sentiment.BOOSTERS else ""
    plain, turned = ([()], sentiment.DO_NOT) if of_mine else (sentiment.WAS, sentiment.WAS_NOT)
    rated = sentiment.VERBS if of_mine else sentiment.ADJECTIVES
    if word not in rated or tuple(start) not in (*plain, *turned):
        return None
    return sentiment.score(word, booster, tuple(start) in turned)


def opinion(words: list[str]) -> str:
    """Whether a sentence of the task's grammar is positive; empty where it is not of it, or not clear."""
    parts = [tuple(part) for link, part in groupby(words, lambda word: word in (",", "and")) if not link]
    scores = [clause_score(part) for part in parts]
    if None in scores:
        return ""
    total = sum(score or 0.0 for score in scores)
    return "" if abs(total) < sentiment.CLEAR else sentiment.LABELS[int(total > 0)]


def read_opinion(task: sentiment.Sentiment, text: str, length: int) -> Question:
    """A sentence; where it is made as those of the task are, the words' ratings say what is right."""
    words, remark = understood(text, task.known, WANTED_OPINION)
    return asked(task, task.known, words, opinion(words), remark)


def language_of(words: list[str]) -> str:
    """The language of the country after the first “I grew up in”; empty where there is none."""
    size = len(clue.BEFORE)
    for place in range(len(words) - size):
        if tuple(words[place : place + size]) == clue.BEFORE:
            home = words[place + size]
            return next((name for name, countries in clue.official().items() if home in countries), "")
    return ""


def read_clue(task: clue.Clue, text: str, length: int) -> Question:
    """A story; where it tells in which known country somebody grew up, the language is known."""
    words, remark = understood(text, task.known, WANTED_CLUE)
    ends = "" if tuple(words[-2:]) == clue.AFTER else "stories in training end with “I speak”"
    return asked(task, task.known, words, language_of(words), remark, ends)


def with_signs(words: list[str]) -> list[str]:
    """Words with a full stop after each place that a sentence ends with, and a mark after the question."""
    ends, found = {*question.PEOPLE, "where", None}, list[str]()
    for word, after in zip(words, [*words[1:], None], strict=True):
        found.append(word)
        if word in question.PLACES and after in ends:
            found.append(".")
        if word in question.PEOPLE and found[-3:-1] == ["where", "is"] and after != "?":
            found.append("?")
    return found


def whereabouts(words: list[str]) -> str:
    """Where the person asked for went last; empty where nobody is asked for, or nobody told."""
    text = " ".join(words)
    asked_for = re.findall(f"where is ({'|'.join(question.PEOPLE)})", text)
    if len(set(asked_for)) != 1:
        return ""
    told = re.findall(f"{asked_for[0]} (?:{'|'.join(question.VERBS)}) ({'|'.join(question.PLACES)})", text)
    return str(told[-1]) if told else ""


def on_one_line(text: str) -> str:
    """Lines as sentences, one after the other."""
    lines = [part.strip() for part in text.splitlines() if part.strip()]
    ended = [part if part[-1] in ".?!" else f"{part}." for part in lines[:-1]]
    return " ".join([*ended, *lines[-1:]])


def read_story(task: question.Question, text: str, length: int) -> Question:
    """A story with a question; the answer is the last place of the person asked for."""
    words, remark = understood(on_one_line(checked(text, WANTED_STORY)), question.KNOWN, WANTED_STORY)
    words = with_signs(words)
    within(len(words), "words")
    answer = whereabouts(words)
    nobody = "" if answer else "this does not tell where somebody asked for went"
    usual = words[:2] == ["where", "is"] if task.asked_first else words[-4:-2] == ["where", "is"]
    place = "" if usual else f"in training the question comes {'first' if task.asked_first else 'last'}"
    return asked(task, question.KNOWN, words, answer, remark, nobody, place)


def sentences(task: Task, length: int) -> tuple[str, ...]:
    """A few held-out sentences or stories, as they are read."""
    return distinct(task, length, joined)


SENTIMENT = Asking(
    "text",
    "A sentence that praises or blames",
    "English words in small letters or capitals, such as “the film was not very good”.",
    sentences,
    read_opinion,
)
CLUE = Asking(
    "passage",
    "A story",
    "Somebody tells where they grew up, then other things, and ends with “I speak”.",
    sentences,
    read_clue,
)
STORY = Asking(
    "passage",
    "A story and a question",
    f"Sentences of {', '.join(question.PEOPLE)}, who {', '.join(question.VERBS)} "
    f"{', '.join(question.PLACES)}, and a question such as “where is Anna?”.",
    sentences,
    read_story,
)
