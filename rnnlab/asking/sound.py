"""Asking for sounds: a vowel to be recognised, spoken by a held-out voice, or a chord for a melody."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.asking.asking import Asking, Question, batch_of_one, question_of, unanswered
from rnnlab.asking.typed import cut, folded, line
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.melody import CHORDS, Melody
from rnnlab.tasks.voice import HOP, WORDS, samples_of, spectrogram, spoken
from rnnlab.tasks.vowels import SHORTEST, VOWEL_FRAMES, Vowels, voices

SPEAKERS = ("a man", "a woman", "another man", "another woman")
"""The first held-out voices: men's and women's by turns."""

SPOKEN = tuple(f"{word}, spoken by {speaker}" for word in WORDS for speaker in SPEAKERS)
WANTED_VOWEL = f"choose one of {', '.join(WORDS)}"
NAMED = "each time step is called by its loudest frequency in hertz, and · where there is only hiss"
WANTED_CHORD = f"choose one of {', '.join(CHORDS)}"


def chosen(text: str, choices: tuple[str, ...], wanted: str) -> int:
    """Which of the choices a text is, whatever its case."""
    typed = folded(line(text, wanted))
    names = [folded(choice) for choice in choices]
    if typed not in names:
        raise ValueError(f"“{cut(text.strip())}” is not among the choices: {wanted}.")
    return names.index(typed)


def spoken_choice(text: str) -> int:
    """Which of SPOKEN a text is; a word alone is said by the first speaker."""
    typed = folded(line(text, WANTED_VOWEL))
    alone = typed in [folded(word) for word in WORDS]
    return chosen(f"{typed}, spoken by {SPEAKERS[0]}" if alone else text, SPOKEN, WANTED_VOWEL)


def spoken_vowel(text: str, length: int) -> NDArray[np.float64]:
    """The samples (N,) of the sound that a choice stands for, `voice.RATE` of them a second."""
    vowel, speaker = divmod(spoken_choice(text), len(SPEAKERS))
    sounds_BN = spoken(
        np.random.default_rng([vowel, speaker]),
        np.array([vowel]),
        voices().held_out.rows(np.array([speaker])),
        HOP * VOWEL_FRAMES,
        HOP * (SHORTEST - VOWEL_FRAMES),
        samples_of(max(length, SHORTEST)),
    )
    return np.asarray(sounds_BN[0])


def read_vowel(task: Vowels, text: str, length: int) -> Question:
    """The spectrogram of a spoken word's vowel, with hiss behind up to `length` frames."""
    number = spoken_choice(text)
    inputs_TI = spectrogram(spoken_vowel(text, length)[None])[:, 0]
    batch = batch_of_one(inputs_TI, np.array([number // len(SPEAKERS)]))
    return question_of(task, batch, True, SPOKEN[number], NAMED)


def vowels(task: Vowels) -> tuple[str, ...]:
    return SPOKEN


def some_vowels(task: Vowels, length: int) -> tuple[str, ...]:
    """Different words by different speakers."""
    return SPOKEN[:: len(SPEAKERS) + 1][:4]


def read_chord(task: Melody, text: str, length: int) -> Question:
    """A chord, by its sign or in words, such as A minor; every melody over it is new, so none is known."""
    typed = line(text, WANTED_CHORD).replace("♯", "#")
    short = folded(typed).replace("minor", "m").replace("major", "").replace(" ", "")
    chord = chosen(short or typed, CHORDS, WANTED_CHORD)
    inputs_TI = one_hot(np.array([chord]), task.input_size)
    return question_of(task, batch_of_one(inputs_TI, unanswered(task, length)), False, CHORDS[chord])


def chords(task: Melody) -> tuple[str, ...]:
    return CHORDS


def some_chords(task: Melody, length: int) -> tuple[str, ...]:
    return CHORDS


VOWELS = Asking(
    "choice",
    "A spoken word",
    "One of ten words, spoken by a voice that is held out.",
    some_vowels,
    read_vowel,
    vowels,
)
MELODY = Asking(
    "choice",
    "A chord",
    "One of six chords: capitals alone are major, with an m minor.",
    some_chords,
    read_chord,
    chords,
)
