"""A spoken vowel to its word: a spectrogram comes in frame by frame, with one short vowel near its beginning.

The sounds are synthesised, see `rnnlab.tasks.voice`. Then there is nothing but hiss: the longer the sound,
the longer the vowel must be remembered. 60 voices are for training, 20 others held out and 20 more for the
test; every sound is fresh. T frames of 10 milliseconds, B sounds, K bands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, predicted, wanted
from rnnlab.tasks.digits import shaded
from rnnlab.tasks.spec import Baseline, Batch, Floats, Lengths, Options, Parts, Sample, TaskSpec
from rnnlab.tasks.voice import (
    BANDS,
    HOP,
    LOUD,
    RATE,
    WORDS,
    Voices,
    centres,
    samples_of,
    spectrogram,
    spoken,
)

SHORTEST = 16
VOWEL_FRAMES = 10
"""How long a vowel lasts, in frames of 10 milliseconds; it begins within the first SHORTEST less these."""

VOICES, HELD_OUT_VOICES, TEST_VOICES = 60, 20, 20
SEED = 1952
PICTURE_ROWS, PICTURE_COLUMNS = 8, 24
LOUDEST = 1.8
"""As loud as the darkest shade of a picture."""


@lru_cache(maxsize=1)
def voices() -> Parts[Voices]:
    """The voices of each part: half of each kind, tracts and pitches a little apart."""
    rng = np.random.default_rng(SEED)
    number = VOICES + HELD_OUT_VOICES + TEST_VOICES
    every = Voices(np.arange(number) % 2, rng.normal(1, 0.04, number), rng.normal(1, 0.08, number))
    parts = np.split(np.arange(number), [VOICES, VOICES + HELD_OUT_VOICES])
    return Parts(*(every.rows(part) for part in parts))


def sounds(
    part: Voices, rng: np.random.Generator, number: int, length: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sounds (B, N) that have `length` frames, and the vowel in each (B,)."""
    vowel_B = rng.integers(0, len(WORDS), number)
    speaker_B = rng.integers(0, len(part.kind_B), number)
    latest = HOP * (SHORTEST - VOWEL_FRAMES)
    return spoken(rng, vowel_B, part.rows(speaker_B), HOP * VOWEL_FRAMES, latest, samples_of(length)), vowel_B


def draw(part: Voices, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    sounds_BN, vowel_B = sounds(part, rng, batch_size, length)
    return Batch(
        inputs_TBI=spectrogram(sounds_BN),
        targets=vowel_B[None],
        mask_SB=np.ones((1, batch_size), np.bool_),
        lengths_B=np.full(batch_size, length, np.int64),
    )


@dataclass(frozen=True)
class Vowels:
    """A spectrogram to the word whose vowel it holds."""

    input_size: int = BANDS
    output_size: int = len(WORDS)
    labels: tuple[str, ...] = WORDS
    loss: str = "cross_entropy"
    metric: str = "accuracy"
    rate: int = RATE

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(voices().train, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(voices().held_out, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(voices().test, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        number = len(WORDS)
        return Baseline(math.log(number), 1 / number, f"a guess among {number}: ln {number}", exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        """The frequency of the loudest band in hertz; a dot where there is only hiss."""
        bands_TK, hertz_K = batch.inputs_TBI[:, index], centres()[1:-1]
        return [f"{hertz_K[row.argmax()]:.0f}" if row.max() > LOUD else "·" for row in bands_TK]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(WORDS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(WORDS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target, answer = wanted(WORDS, batch, index)[0], predicted(WORDS, batch, index, outputs_SO)[0]
        return Sample(picture(batch, index), target, answer, target == answer, confidence(outputs_SO))

    def images(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        """A column of the spectrogram at each time step, high frequencies at the top."""
        shares_TK = (batch.inputs_TBI[:, index, ::-1] / LOUDEST).clip(0, 1)
        return np.asarray(np.round(255 * shares_TK), np.uint8)[:, :, None]

    def thumbnail(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        return np.asarray(self.images(batch, index)[:PICTURE_COLUMNS, :, 0].T)

    def held_out_sounds(self, rng: np.random.Generator, batch_size: int, length: int) -> Floats:
        return np.asarray(sounds(voices()[1], rng, batch_size, length)[0], np.float32)


def picture(batch: Batch, index: int) -> str:
    """The beginning of the spectrogram in shades, high frequencies at the top."""
    bands_TK = batch.inputs_TBI[:PICTURE_COLUMNS, index]
    rows_RT = bands_TK.reshape(len(bands_TK), PICTURE_ROWS, -1).max(axis=2).T[::-1]
    shares_RT = (rows_RT / LOUDEST).clip(0, 1)
    return "\n".join(shaded(row) for row in shares_RT)


def load(topology: str, options: Options) -> Vowels:
    voices()
    return Vowels()


SPEC = TaskSpec(
    label="Spoken vowels",
    group="Sound",
    sentence="A short vowel is spoken, then there is only hiss. Which of ten words was it from? The network "
    "hears one slice of a spectrogram at each time step and has to keep in mind what it heard.",
    source="Generated: synthetic sound from the average pitch and formants of men and women that Peterson "
    "and Barney measured (1952, J. Acoust. Soc. Am. 24, 175).",
    topologies={
        "many-to-one": Lengths(SHORTEST, 100, 24, f"frames of {1000 * HOP // RATE} milliseconds of sound")
    },
    load=load,
    metric_label="vowels recognised",
    design={"cell": "gru", "hidden_size": 32},
    settings={"learning_rate": 5e-3},
)
