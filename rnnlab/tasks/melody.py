"""A chord to a melody: one symbol goes in, eighth notes come out, made by a few rules of harmony.

A melody has one note for each eighth of a bar. It starts on a note of the chord. On the strong beats, every
fourth eighth, stands a note of the chord within a fifth of the one before; in between, the same note again or
its neighbour in the scale. All that a rule allows is alike probable. The last note is the chord's root. The
scale is C major, the chords are its six major and minor triads. `length` counts the notes. Which part a
melody belongs to follows from its notes alone, by a hash. S output time steps, B melodies, O notes, C chords.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import predicted, wanted
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Part, Sample, TaskSpec

NOTES = tuple("CDEFGABcdefgab")
"""Two octaves of C major from middle C on, as ABC notation writes them."""

SEMITONES = (0, 2, 4, 5, 7, 9, 11)
MIDDLE_C = 60
"""Its MIDI number; A above it, 69, is 440 Hz."""

CHORDS = ("C", "Dm", "Em", "F", "G", "Am")
"""The triads on the first six steps of the scale: each one's number is the index of its root in NOTES."""

FIFTH = 4
"""Steps of the scale."""

BEAT = 4
"""Eighths from one strong beat to the next."""

WEAK, STRONG, LAST = range(3)
FIFTHS: dict[Part, tuple[int, ...]] = {"train": (2, 3, 4), "held_out": (0,), "test": (1,)}
LONGEST = 64
SEED = 1722


def tones(chord: int) -> NDArray[np.int64]:
    """The chord's notes in both octaves, as indices into NOTES."""
    steps = {(chord + third) % len(SEMITONES) for third in (0, 2, 4)}
    return np.array([note for note in range(len(NOTES)) if note % len(SEMITONES) in steps])


def allowed(chord: int, kind: int, before: int) -> list[int]:
    """The notes that may come next."""
    if kind == LAST:
        return [chord]
    near = FIFTH if kind == STRONG else 1
    found = tones(chord) if kind == STRONG else np.arange(len(NOTES))
    return [int(note) for note in found if abs(note - before) <= near]


@lru_cache(maxsize=1)
def shares_CKOO() -> NDArray[np.float64]:
    """Probability of the next note: by chord, kind of beat (K), note before, next note."""
    shares = np.zeros((len(CHORDS), 3, len(NOTES), len(NOTES)))
    for chord, kind, before in np.ndindex(shares.shape[:3]):
        notes = allowed(chord, kind, before)
        shares[chord, kind, before, notes] = 1 / len(notes)
    return shares


def kind_of(step: int, length: int) -> int:
    """Which rule gives the note at a time step after the first."""
    return LAST if step == length - 1 else STRONG if step % BEAT == 0 else WEAK


def melodies(rng: np.random.Generator, chord_B: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Notes (S, B) by the rules, one melody for each chord."""
    notes_SB = np.empty((length, len(chord_B)), np.int64)
    starts = np.array([tones(chord) for chord in range(len(CHORDS))])
    notes_SB[0] = starts[chord_B, rng.integers(0, starts.shape[1], len(chord_B))]
    for step in range(1, length):
        shares_BO = shares_CKOO()[chord_B, kind_of(step, length), notes_SB[step - 1]]
        drawn_B1 = rng.random((len(chord_B), 1)) * (1 - 1e-9)
        notes_SB[step] = (shares_BO.cumsum(axis=1) <= drawn_B1).sum(axis=1)
    return notes_SB


@lru_cache(maxsize=1)
def factors_S() -> NDArray[np.uint64]:
    return np.random.default_rng(SEED).integers(0, 2**63, LONGEST, np.uint64)


def belongs(notes_SB: NDArray[np.int64], part: Part) -> NDArray[np.bool_]:
    """Which melodies (B,) belong to a part: decided by their notes alone."""
    numbers_SB = notes_SB.astype(np.uint64) + np.uint64(1)
    sums_B = (numbers_SB * factors_S()[: len(notes_SB), None]).sum(axis=0)  # modulo 2^64
    return np.isin((sums_B >> np.uint64(32)) % np.uint64(5), FIFTHS[part])


def draw(part: Part, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    chord_B, notes_SB = np.empty(0, np.int64), np.empty((length, 0), np.int64)
    while len(chord_B) < batch_size:
        more_B = rng.integers(0, len(CHORDS), batch_size * (2 if part == "train" else 5))
        more_SB = melodies(rng, more_B, length)
        kept_B = belongs(more_SB, part)
        chord_B = np.concatenate([chord_B, more_B[kept_B]])
        notes_SB = np.concatenate([notes_SB, more_SB[:, kept_B]], axis=1)
    return Batch(
        inputs_TBI=one_hot(chord_B[None, :batch_size], len(CHORDS)),
        targets=np.ascontiguousarray(notes_SB[:, :batch_size]),
        mask_SB=np.ones((length, batch_size), np.bool_),
        lengths_B=np.ones(batch_size, np.int64),
    )


def occurring(length: int) -> NDArray[np.float64]:
    """Probability of each note (S, C, O) at each time step, by chord."""
    found = np.zeros((length, len(CHORDS), len(NOTES)))
    for chord in range(len(CHORDS)):
        found[0, chord, tones(chord)] = 1 / len(tones(chord))
    for step in range(1, length):
        moves_COO = shares_CKOO()[:, kind_of(step, length)]
        found[step] = np.einsum("co,cop->cp", found[step - 1], moves_COO)
    return found


def entropy(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nats, over the last axis."""
    return np.asarray(-(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=-1))


def lowest_loss(length: int) -> float:
    """What even the rules themselves leave open, in nats a note: no network can do better."""
    before = occurring(length)
    costs = [entropy(before[0]).mean()]
    for step in range(1, length):
        open_CO = entropy(shares_CKOO()[:, kind_of(step, length)])
        costs.append((before[step - 1] * open_CO).sum(axis=1).mean())
    return float(np.mean(costs))


def keys(notes: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """MIDI keys of indices into NOTES."""
    octaves, steps = np.divmod(np.asarray(notes, np.int64), len(SEMITONES))
    return np.asarray(MIDDLE_C + 12 * octaves + np.asarray(SEMITONES)[steps])


@dataclass(frozen=True)
class Melody:
    """A chord to a melody over it."""

    input_size: int = len(CHORDS)
    output_size: int = len(NOTES)
    labels: tuple[str, ...] = NOTES
    loss: str = "cross_entropy"
    metric: str = "bits_per_symbol"
    note_seconds: float = 0.25

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw("train", rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw("held_out", rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw("test", rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        loss = float(entropy(occurring(length).mean(axis=1)).mean())
        floor = lowest_loss(length)
        words = f"how often each note stands at its place; what the rules leave open: {floor:.2f} nats"
        return Baseline(loss, loss / math.log(2), words, exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [CHORDS[int(batch.inputs_TBI[0, index].argmax())]]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(NOTES, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(NOTES, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target = beats(self.target_labels(batch, index))
        answer = beats(self.output_labels(batch, index, outputs_SO))
        return Sample(self.input_labels(batch, index)[0], target, answer, target == answer, None)

    def keys(self, symbols_S: NDArray[np.int64]) -> list[int]:
        return [int(key) for key in keys(symbols_S)]


def beats(notes: list[str]) -> str:
    """Notes with a space before each strong beat."""
    return " ".join("".join(notes[i : i + BEAT]) for i in range(0, len(notes), BEAT))


def load(topology: str, options: Options) -> Melody:
    return Melody()


SPEC = TaskSpec(
    label="A melody over a chord",
    group="Sound",
    sentence="From one chord, major or minor, the network invents a melody note by note. It learns which "
    "notes fit the chord, where the strong beats are, and that a melody comes home at its end.",
    source="Generated by a few rules of harmony: fresh melodies in C major for every update.",
    topologies={"one-to-many": Lengths(8, LONGEST, 16, "notes")},
    writes="word",
    load=load,
    metric_label="bits per note",
    design={"cell": "gru", "hidden_size": 48},
    settings={"learning_rate": 5e-3},
)
