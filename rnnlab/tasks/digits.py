"""Handwritten digits of 8x8 pixels: the whole image at once, or row by row.

The first 80 % of the images are for training, the next 10 % are held out, the last 10 % are the test, never
shuffled: neighbours in the set often are by the same hand, which a shuffled split would put into every part.
T time steps (1, or 8 rows), B images, I pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import by_frequency, confidence, frequencies, predicted, wanted
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Baseline, Batch, Floats, Lengths, Options, Parts, Sample, TaskSpec

TRAINING_SHARE, HELD_OUT_SHARE = 0.8, 0.1
SIDE = 8
ROWS = {"one-to-one": 1, "many-to-one": SIDE}
DIGITS = tuple("0123456789")
PARITIES = ("odd", "even")
SHADES = "·░▒▓█"


class Images(NamedTuple):
    """Images (N, 64) in [0, 1] and their digits (N,)."""

    pixels: Floats
    digits: NDArray[np.int64]


@lru_cache(maxsize=1)
def images() -> Parts[Images]:
    """All images, loaded once."""
    from sklearn.datasets import load_digits

    loaded = load_digits()
    pixels, digits = (loaded.data / 16).astype(np.float32), loaded.target.astype(np.int64)
    border, middle = (int(share * len(digits)) for share in (TRAINING_SHARE, TRAINING_SHARE + HELD_OUT_SHARE))
    sides = slice(border), slice(border, middle), slice(middle, None)
    return Parts(*(Images(pixels[side], digits[side]) for side in sides))


def shaded(pixels: NDArray[Any]) -> str:
    """A row of pixels in [0, 1] as characters from light to dark."""
    return "".join(SHADES[min(int(pixel * len(SHADES)), len(SHADES) - 1)] for pixel in pixels)


def draw(
    part: Images, rows: int, rng: np.random.Generator, batch_size: int
) -> tuple[Floats, NDArray[np.int64]]:
    chosen_B = rng.integers(0, len(part.digits), batch_size)
    inputs_BTI = part.pixels[chosen_B].reshape(batch_size, rows, -1)
    return np.ascontiguousarray(inputs_BTI.transpose(1, 0, 2)), part.digits[chosen_B]


def batch_of(inputs_TBI: Floats, targets: NDArray[Any]) -> Batch:
    rows, batch_size, _ = inputs_TBI.shape
    return Batch(inputs_TBI, targets, np.ones((1, batch_size), np.bool_), np.full(batch_size, rows, np.int64))


def input_labels(batch: Batch, index: int) -> list[str]:
    rows = batch.inputs_TBI[:, index]
    return [picture(batch, index)] if len(rows) == 1 else [shaded(row) for row in rows]


def seen(batch: Batch, index: int) -> NDArray[np.uint8]:
    """The whole image, or one row of it at each time step (T, H, W)."""
    pixels_TI = batch.inputs_TBI[:, index]
    return np.asarray(np.round(255 * pixels_TI), np.uint8).reshape(len(pixels_TI), -1, SIDE)


def picture(batch: Batch, index: int) -> str:
    """The image in eight lines of shades."""
    return "\n".join(shaded(row) for row in batch.inputs_TBI[:, index].reshape(SIDE, SIDE))


@dataclass(frozen=True)
class WhichDigit:
    """Ten classes: which digit an image shows, given whole or in rows."""

    rows: int
    output_size: int = len(DIGITS)
    labels: tuple[str, ...] = DIGITS
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    @property
    def input_size(self) -> int:
        return SIDE * SIDE // self.rows

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.batch(images().train, rng, batch_size)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.batch(images().held_out, rng, batch_size)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.batch(images().test, rng, batch_size)

    def batch(self, part: Images, rng: np.random.Generator, batch_size: int) -> Batch:
        inputs_TBI, digits_B = draw(part, self.rows, rng, batch_size)
        return batch_of(inputs_TBI, digits_B[None])

    def baseline(self, length: int, test: bool = False) -> Baseline:
        shares = frequencies(np.bincount(images().train.digits, minlength=len(DIGITS)))
        return by_frequency(shares, images().unseen(test).digits, "how often each digit occurs in training")

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return input_labels(batch, index)

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(DIGITS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(DIGITS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target, answer = wanted(DIGITS, batch, index)[0], predicted(DIGITS, batch, index, outputs_SO)[0]
        return Sample(picture(batch, index), target, answer, target == answer, confidence(outputs_SO))

    def images(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        return seen(batch, index)

    def thumbnail(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        return seen(batch, index).reshape(SIDE, SIDE)


@dataclass(frozen=True)
class EvenOrOdd:
    """One output, the logit of the digit being even."""

    rows: int
    output_size: int = 1
    labels: tuple[str, ...] = ()
    loss: str = "binary_cross_entropy"
    metric: str = "binary_accuracy"

    @property
    def input_size(self) -> int:
        return SIDE * SIDE // self.rows

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.batch(images().train, rng, batch_size)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.batch(images().held_out, rng, batch_size)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.batch(images().test, rng, batch_size)

    def batch(self, part: Images, rng: np.random.Generator, batch_size: int) -> Batch:
        inputs_TBI, digits_B = draw(part, self.rows, rng, batch_size)
        return batch_of(inputs_TBI, (digits_B % 2 == 0)[None, :, None].astype(np.float32))

    def baseline(self, length: int, test: bool = False) -> Baseline:
        train, asked = (part.digits % 2 == 0 for part in (images().train, images().unseen(test)))
        share = float(train.mean())
        loss = float(-np.log(np.where(asked, share, 1 - share)).mean())
        right = float((asked == (share > 0.5)).mean())
        return Baseline(loss, right, "how often digits are even in training", exact=False)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return input_labels(batch, index)

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return [PARITIES[int(outputs_SO[0, 0] > 0)]]

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return [PARITIES[int(batch.targets[0, index, 0])]]

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target, answer = self.target_labels(batch, index)[0], self.output_labels(batch, index, outputs_SO)[0]
        sure = 0.5 * (1 + math.tanh(abs(float(outputs_SO[0, 0])) / 2))
        return Sample(picture(batch, index), target, answer, target == answer, sure)

    def images(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        return seen(batch, index)

    def thumbnail(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        return seen(batch, index).reshape(SIDE, SIDE)


QUESTIONS: dict[str, type[WhichDigit] | type[EvenOrOdd]] = {"digit": WhichDigit, "even": EvenOrOdd}


def load(topology: str, options: Options) -> WhichDigit | EvenOrOdd:
    images()
    return QUESTIONS[options.get("question", "digit")](ROWS[topology])


SPEC = TaskSpec(
    label="Handwritten digits",
    group="Images",
    sentence="One image in, one answer out: with a single time step a recurrent network is an ordinary one. "
    "Row by row, it has to gather the digit over time.",
    source="The 8x8 digits of scikit-learn: optical recognition of handwritten digits, E. Alpaydin and "
    "C. Kaynak, UCI Machine Learning Repository (CC BY 4.0).",
    topologies={
        "one-to-one": Lengths(1, 1, 1, "the whole image at once"),
        "many-to-one": Lengths(SIDE, SIDE, SIDE, "rows of the image"),
    },
    load=load,
    metric_label="accuracy",
    design={"cell": "rnn", "hidden_size": 32},
    settings={"learning_rate": 5e-3},
    options={
        "question": ChoiceOption(
            label="Question",
            help="What is asked about the image: which digit it is, or whether the digit is even.",
            choices={"digit": "Which digit is it?", "even": "Is it even?"},
            default="digit",
        )
    },
)
