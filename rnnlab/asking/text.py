"""Asking language models: a passage to go on from, in characters or in words of the text they learn from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from itertools import dropwhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.asking.asking import Asking, Question, batch_of_one, drawn, question_of
from rnnlab.asking.typed import LONGEST, checked, nearest, quoted
from rnnlab.tasks.characters import OTHER, one_hot, visible
from rnnlab.tasks.language_model import LanguageModel
from rnnlab.tasks.next_character import NextCharacter
from rnnlab.tasks.next_word import NextWord
from rnnlab.tasks.word_model import WordModel
from rnnlab.tasks.words import UNKNOWN, Vocabulary, joined, words_of

WANTED = "type some text in the signs of the text that is learned from"
WANTED_WORDS = "type some words, of which the network goes on"
KEPT_WORDS = re.compile(f"({re.escape(UNKNOWN)}|U\\+[0-9A-F]{{4,6}}|◌.)")
"""Words that stand for what a text cannot hold or show."""


def readable_signs(text: str, known: Collection[str]) -> tuple[list[str], list[str], list[str]]:
    """A text in known signs, those that were read as near ones, and those that are unknown.

    Line ends of other systems become plain ones, and accents join their letters, where these are not known.
    """
    if "\r" not in known:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not all(sign in known for sign in text):
        text = unicodedata.normalize("NFC", text)
    near = {sign: nearest(sign, known) for sign in dict.fromkeys(text)}
    turned = [sign for sign, way in near.items() if way is not None and way != sign]
    lost = [sign for sign, way in near.items() if way is None]
    return [part for sign in text for part in near[sign] or ("" if near[sign] == "" else sign)], turned, lost


def passage(text: str, known: Collection[str]) -> tuple[str, list[str]]:
    """A text in known signs, the last of it where it is long, and remarks."""
    if text.strip() or not text or not set(text) <= set(known):
        checked(text, WANTED, {*known, *"\n\r\t\f\v"})
    read, turned, lost = readable_signs(text, known)
    if lost and OTHER not in known:
        raise ValueError(f"{quoted(lost)} cannot be read here: {WANTED}.")
    if not read:
        raise ValueError(f"Nothing is left of this that can be read: {WANTED}.")
    remarks = [
        f"{quoted(turned)}, not in the alphabet, read as the nearest there is" if turned else "",
        f"{quoted(lost)}, not in the alphabet, read as {OTHER}" if lost else "",
        shortened(read, "characters"),
    ]
    return "".join(OTHER if sign in lost else sign for sign in read[-LONGEST:]), remarks


def shortened(read: Sequence[str], what: str) -> str:
    return f"only the last {LONGEST} {what} are read" if len(read) > LONGEST else ""


def next_ones(indices_T: NDArray[np.int64]) -> NDArray[np.int64]:
    """What follows each time step, as far as it was typed; zero behind the last."""
    return np.append(indices_T[1:], 0)


def read_passage(task: LanguageModel, text: str, length: int) -> Question:
    """A text, each character to the next; what follows the last nobody knows."""
    letters = task.text.letters
    read, remarks = passage(text, letters.characters)
    indices_T = letters.encode(read)
    batch = batch_of_one(one_hot(indices_T, task.input_size), next_ones(indices_T))
    return question_of(task, batch, False, read, *remarks)


def read_window(task: NextCharacter, text: str, length: int) -> Question:
    """A text, to the character that comes next."""
    letters = task.text.letters
    read, remarks = passage(text, letters.characters)
    batch = batch_of_one(one_hot(letters.encode(read), task.input_size), np.zeros(1, np.int64))
    return question_of(task, batch, False, read, *remarks)


def reads_characters(known: Vocabulary) -> bool:
    """Whether the text that a vocabulary is from was read by characters, for want of words."""
    whole = {word for word in known.words if len(word) == 1 or word == UNKNOWN or KEPT_WORDS.fullmatch(word)}
    return len(whole) == known.size


def words_in(text: str, known: Vocabulary) -> list[str]:
    """The words of a text as the task cuts it; what stands for unknown or unseen signs is one word."""
    if reads_characters(known):
        return [visible(sign) for sign in text]
    parts = KEPT_WORDS.split(text.strip())
    return [word for part in parts for word in ([part] if part in known.index else words_of(part))]


def word_passage(text: str, known: Vocabulary) -> tuple[list[str], str, list[str]]:
    """The words of a text, those unknown as UNKNOWN, the text as it was understood, and remarks."""
    letters = {sign for word in known.words for sign in word}
    words = words_in(checked(text, WANTED_WORDS, {*letters, *"\n\r\t\f\v"}), known)
    if not words:
        raise ValueError(f"Nothing is left of this that can be read: {WANTED_WORDS}.")
    lost = [word for word in words if word not in known.index]
    read = [word if word in known.index else UNKNOWN for word in words[-LONGEST:]]
    if set(read) == {UNKNOWN} and lost:
        raise ValueError(f"{quoted(lost)} and no word that the network knows: {WANTED_WORDS}.")
    remark = f"{quoted(lost)} not among the words that the network knows, read as {UNKNOWN}" if lost else ""
    understood = text[-LONGEST:] if reads_characters(known) else joined(read)
    return read, understood, [remark, shortened(words, "words")]


def read_words(task: WordModel, text: str, length: int) -> Question:
    """A text, each word to the next; what follows the last nobody knows."""
    read, understood, remarks = word_passage(text, task.text.vocabulary)
    indices_T = task.text.vocabulary.encode(read)
    batch = batch_of_one(one_hot(indices_T, task.input_size), next_ones(indices_T))
    return question_of(task, batch, False, understood, *remarks)


def read_word_window(task: NextWord, text: str, length: int) -> Question:
    """A text, to the word that comes next."""
    read, understood, remarks = word_passage(text, task.text.vocabulary)
    indices_T = task.text.vocabulary.encode(read)
    batch = batch_of_one(one_hot(indices_T, task.input_size), np.zeros(1, np.int64))
    return question_of(task, batch, False, understood, *remarks)


def whole_words(text: str) -> str:
    """Without a word whose beginning is cut off, where more is left."""
    return text[text.find(" ") + 1 :].strip() or text


def passages(task: LanguageModel | NextCharacter, length: int) -> tuple[str, ...]:
    """Held-out text, from the beginning of a word."""
    batch = drawn(task, 3, 40)
    widths = batch.lengths_B
    decoded = (batch.inputs_TBI[: widths[index], index].argmax(axis=1) for index in range(3))
    return tuple(whole_words(task.text.letters.decode(indices_T)) for indices_T in decoded)


def word_passages(task: Any, length: int) -> tuple[str, ...]:
    """Held-out words, without those unknown where others are left."""
    batch = drawn(task, 3, 12)
    read = (task.input_labels(batch, index) for index in range(3))
    if reads_characters(task.text.vocabulary):
        return tuple("".join(words) for words in read)
    return tuple(joined(from_a_word(words)) for words in read)


def from_a_word(words: list[str]) -> list[str]:
    """Words without those unknown, from the first that is no sign, where anything is left."""
    known = [word for word in words if word != UNKNOWN]
    return list(dropwhile(lambda word: not word[0].isalnum(), known)) or words


LABEL, HELP = (
    "A text to go on from",
    "Any text in the signs of the text that is learned from; its end counts most.",
)
LANGUAGE_MODEL = Asking("passage", LABEL, HELP, passages, read_passage)
NEXT_CHARACTER = Asking("passage", LABEL, HELP, passages, read_window)
WORD_HELP = f"Any words; rare ones are read as {UNKNOWN}."
WORD_MODEL = Asking("passage", LABEL, WORD_HELP, word_passages, read_words)
NEXT_WORD = Asking("passage", LABEL, WORD_HELP, word_passages, read_word_window)
