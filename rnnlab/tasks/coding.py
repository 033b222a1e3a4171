"""Coding regions in DNA: at each base, is it inside a gene or between two?

A genome is generated once. Between genes each of the four bases is alike probable. A gene is the start codon
ATG, then amino acids drawn alike, each spelled by one of its codons drawn alike (the standard genetic code),
then one of the three stop codons. So inside a gene, read three by three from its start, no stop codon comes
before the end, and some codons come more often than others; nothing else gives it away, and ATG occurs
between genes too. Half of a genome is coding. The last fifth is not trained on: its first half is held out,
its second half is the test, and no window crosses a border. N bases, T time steps, B windows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, frequencies, predicted, wanted
from rnnlab.tasks.characters import one_hot
from rnnlab.tasks.series import windows
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Parts, Sample, TaskSpec

BASES = "TCAG"
AMINO_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
"""The standard genetic code (NCBI translation table 1), codons in the order of BASES, * a stop."""

CODONS = tuple(a + b + c for a in BASES for b in BASES for c in BASES)
CODE = dict(zip(CODONS, AMINO_ACIDS, strict=True))
START = "ATG"
STOPS = tuple(codon for codon, acid in CODE.items() if acid == "*")
LABELS = ("·", "■")
"""Between genes, and inside one."""

SHORTEST, LONGEST = 15, 35
"""Amino acids in a gene after the start, both included; it is six bases longer than three times that."""

GENOME = 150_000
HELD_OUT_SHARE = TEST_SHARE = 0.1
SEED = 1961


class Genome(NamedTuple):
    """Bases as indices into BASES (N,), and whether each is coding (N,)."""

    bases_N: NDArray[np.int64]
    coding_N: NDArray[np.int64]


def spellings() -> dict[str, list[str]]:
    """Amino acids to their codons; the stops are none."""
    found: dict[str, list[str]] = {}
    for codon, acid in CODE.items():
        if acid != "*":
            found.setdefault(acid, []).append(codon)
    return found


def gene(rng: np.random.Generator) -> str:
    """A start codon, amino acids drawn alike, and a stop codon."""
    codons = list(spellings().values())
    acids = rng.integers(0, len(codons), rng.integers(SHORTEST, LONGEST + 1))
    middle = "".join(codons[acid][rng.integers(len(codons[acid]))] for acid in acids)
    return START + middle + STOPS[rng.integers(len(STOPS))]


def gap(rng: np.random.Generator) -> str:
    """Bases between two genes, as many on average as in one."""
    number = rng.integers(3 * SHORTEST + 6, 3 * LONGEST + 7)
    return "".join(BASES[base] for base in rng.integers(0, len(BASES), number))


def pieces(rng: np.random.Generator, size: int) -> Iterator[tuple[str, int]]:
    """Stretches of a genome by turns, each with 0 between genes or 1 inside: at least `size` bases."""
    written = 0
    while written < size:
        for text, coding in ((gap(rng), 0), (gene(rng), 1)):
            yield text, coding
            written += len(text)


@lru_cache(maxsize=1)
def genomes() -> Parts[Genome]:
    """The three parts of the genome, generated once."""
    found = list(pieces(np.random.default_rng(SEED), GENOME))
    text = "".join(piece for piece, _ in found)
    bases_N = np.array([BASES.index(base) for base in text], np.int64)
    coding_N = np.repeat([coding for _, coding in found], [len(piece) for piece, _ in found])
    border, middle = (round(share * len(text)) for share in (1 - HELD_OUT_SHARE - TEST_SHARE, 1 - TEST_SHARE))
    sides = slice(border), slice(border, middle), slice(middle, None)
    return Parts(*(Genome(bases_N[side], coding_N[side]) for side in sides))


def draw(part: Genome, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    places_TB = rng.integers(0, len(part.bases_N) - length + 1, batch_size) + np.arange(length)[:, None]
    return Batch(
        inputs_TBI=one_hot(part.bases_N[places_TB], len(BASES)),
        targets=part.coding_N[places_TB],
        mask_SB=np.ones((length, batch_size), np.bool_),
        lengths_B=np.full(batch_size, length, np.int64),
    )


@dataclass(frozen=True)
class Coding:
    """Each base to whether it is part of a gene."""

    input_size: int = len(BASES)
    output_size: int = len(LABELS)
    labels: tuple[str, ...] = LABELS
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(genomes().train, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(genomes().held_out, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(genomes().test, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        counts_O, asked_O = (
            np.bincount(windows(part.coding_N, length).ravel(), minlength=len(LABELS))
            for part in (genomes().train, genomes().unseen(test))
        )
        loss = float(np.average(-np.log(frequencies(counts_O)), weights=asked_O))
        right = float(asked_O[counts_O.argmax()] / asked_O.sum())
        return Baseline(loss, right, "how much of the training genome is coding", exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [BASES[base] for base in batch.inputs_TBI[:, index].argmax(axis=1)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(LABELS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(LABELS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """Bases inside genes are capitals, as annotated sequences show them; right where every base is."""
        bases = "".join(self.input_labels(batch, index))
        target = marked(bases, batch.targets[:, index])
        answer = marked(bases, outputs_SO.argmax(axis=1))
        return Sample(bases.lower(), target, answer, target == answer, confidence(outputs_SO))


def marked(bases: str, coding_T: NDArray[np.int64]) -> str:
    """Bases in capitals where they are coding, and small where not."""
    pairs = zip(bases, coding_T, strict=True)
    return "".join(base if coding else base.lower() for base, coding in pairs)


def load(topology: str, options: Options) -> Coding:
    genomes()
    return Coding()


SPEC = TaskSpec(
    label="Genes in DNA",
    group="DNA",
    sentence="Which bases are part of a gene? A start codon opens one, and then three by three no stop "
    "codon may come before its end. Read in both directions the network also knows what follows.",
    source="Generated with the standard genetic code: genes of random amino acids between random bases.",
    topologies={"many-to-many": Lengths(30, 300, 90, "bases read")},
    load=load,
    metric_label="bases right",
    design={"cell": "lstm", "hidden_size": 32, "bidirectional": True},
    settings={"learning_rate": 1e-2},
)
