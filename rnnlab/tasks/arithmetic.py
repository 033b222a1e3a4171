"""Arithmetic: "535+61" is read, "596" is written, digit by digit.

Pairs of numbers of one to D digits, each pair in one order only; one pair in twenty is held out and one in
twenty is for the test, in either order. The answer has D + 1 places, blanks behind. Reading the sum from its
end brings the units, which are needed first, nearer to the answer's end. The set-up is Zaremba and
Sutskever's (2014) as in the Keras example addition_rnn, with as many examples as that one's notes give: 5,000
for two digits, 50,000 for three. `length` is the longest sum read, in characters; others are not drawn. T
characters read, S = D + 1 written, B sums, N in the pool.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, frequencies, predicted, wanted
from rnnlab.tasks.characters import Alphabet, one_hot, table
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Parts, Sample, TaskSpec

READ = Alphabet(tuple("0123456789+"))
BLANK = "·"
WRITTEN = Alphabet((*"0123456789", BLANK))
EXAMPLES = {1: 55, 2: 4_945, 3: 45_000}
"""How many pairs are used whose larger number has so many digits: all 55 of one digit, some of the others."""

HELD_OUT_SHARE = TEST_SHARE = 0.05
SEED = 2014
LONGEST = len("999+999")


class Sums(NamedTuple):
    """Sums of one part, the shortest text first: as read (N, LONGEST), their lengths, as answered (N, S)."""

    read_NT: NDArray[np.int64]
    widths_N: NDArray[np.int64]
    answers_NS: NDArray[np.int64]

    def fitting(self, length: int) -> int:
        """How many sums have at most `length` characters: the first ones."""
        return int(np.searchsorted(self.widths_N, length, side="right"))


def pairs(digits: int) -> NDArray[np.int64]:
    """Pairs (N, 2) of numbers, the larger of so many digits, in random order; none twice or turned round."""
    rng = np.random.default_rng([SEED, digits])
    larger, other = np.tril_indices(10**digits)
    found = np.column_stack([larger, other])[larger >= (10 ** (digits - 1) if digits > 1 else 0)]
    return np.asarray(rng.permuted(rng.permutation(found)[: EXAMPLES[digits]], axis=1))


def split(digits: int) -> Parts[NDArray[np.int64]]:
    """Pairs of at most so many digits; those of fewer stay in their part."""
    found = [pairs(few) for few in range(1, digits + 1)]
    shares = np.array([HELD_OUT_SHARE, HELD_OUT_SHARE + TEST_SHARE])
    parts = [np.split(numbers, np.round(shares * len(numbers)).astype(int)) for numbers in found]
    held_out, test, train = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Parts(train, held_out, test)


def written(numbers: NDArray[np.int64], digits: int, backwards: bool) -> Sums:
    texts = sorted((f"{a}+{b}" for a, b in numbers.tolist()), key=len)
    answers = [str(sum(map(int, text.split("+")))).ljust(digits + 1, BLANK) for text in texts]
    read_NT, widths_N = table([text[::-1] if backwards else text for text in texts], READ, LONGEST)
    return Sums(read_NT, widths_N, table(answers, WRITTEN, digits + 1)[0])


@lru_cache(maxsize=6)
def sums(digits: int, backwards: bool) -> Parts[Sums]:
    """The sums of each part, written once."""
    return Parts(*(written(numbers, digits, backwards) for numbers in split(digits)))


def draw(part: Sums, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
    rows_B = rng.integers(0, part.fitting(length), batch_size)
    answers_SB = np.ascontiguousarray(part.answers_NS[rows_B].T)
    return Batch(
        inputs_TBI=one_hot(part.read_NT[rows_B, :length].T, READ.size),
        targets=answers_SB,
        mask_SB=np.ones(answers_SB.shape, np.bool_),
        lengths_B=part.widths_N[rows_B],
    )


@dataclass(frozen=True)
class Arithmetic:
    """A sum in digits, read from its start or its end, to the digits of its value."""

    digits: int
    backwards: bool
    input_size: int = READ.size
    output_size: int = WRITTEN.size
    labels: tuple[str, ...] = WRITTEN.characters
    loss: str = "cross_entropy"
    metric: str = "exact_match"

    @property
    def parts(self) -> Parts[Sums]:
        return sums(self.digits, self.backwards)

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.parts.train, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.parts.held_out, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return draw(self.parts.test, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        train_NS, asked_NS = (
            part.answers_NS[: part.fitting(length)] for part in (self.parts.train, self.parts.unseen(test))
        )
        counts_SO = [np.bincount(column_N, minlength=WRITTEN.size) for column_N in train_NS.T]
        costs = [
            -np.log(frequencies(counts_O))[column_N].mean()
            for counts_O, column_N in zip(counts_SO, asked_NS.T, strict=True)
        ]
        usual_S = np.array([counts_O.argmax() for counts_O in counts_SO])
        right = float((asked_NS == usual_S).all(axis=1).mean())
        words = "how often each digit occurs at its place in training"
        return Baseline(float(np.mean(costs)), right, words, exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        """The characters in the order in which they are read."""
        return list(as_read(batch, index))

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """The sum as people write it, whichever way it is read."""
        read = as_read(batch, index)
        target = "".join(self.target_labels(batch, index)).rstrip(BLANK)
        answer = "".join(self.output_labels(batch, index, outputs_SO)).rstrip(BLANK) or BLANK
        text = read[::-1] if self.backwards else read
        return Sample(text, target, answer, target == answer, confidence(outputs_SO))


def as_read(batch: Batch, index: int) -> str:
    return READ.decode(batch.inputs_TBI[: batch.lengths_B[index], index].argmax(axis=1))


def load(topology: str, options: Options) -> Arithmetic:
    chosen = {name: options.get(name, option.default) for name, option in SPEC.options.items()}
    digits, backwards = int(chosen["digits"]), chosen["order"] == "end"
    sums(digits, backwards)
    return Arithmetic(digits, backwards)


SPEC = TaskSpec(
    label="Arithmetic",
    group="Algorithms",
    sentence="A sum such as 535+61 is read character by character, and its value written digit by digit. "
    "Held-out sums show whether the network adds or has learnt a table by heart.",
    source="Generated: pairs of numbers, one in ten not trained on in either order. Set up as the Keras "
    "example addition_rnn, with as many examples.",
    topologies={"encoder-decoder": Lengths(3, LONGEST, 5, "characters at most in the sum as it is read")},
    load=load,
    metric_label="sums all right",
    design={"cell": "lstm", "hidden_size": 128},
    settings={"learning_rate": 3e-3},
    options={
        "digits": ChoiceOption(
            label="Digits",
            help="How many digits the numbers have at most; 3 digits need sums of up to 7 characters.",
            choices={"1": "1 digit", "2": "2 digits", "3": "3 digits"},
            default="2",
        ),
        "order": ChoiceOption(
            label="Read the sum",
            help="From its end, the units come first and the sum's ends meet: the easier way round.",
            choices={"end": "from its end", "start": "from its start"},
            default="end",
        ),
    },
)
