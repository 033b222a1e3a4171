"""Digits pixel by pixel: one number at each of 64 time steps, and at the end, which digit was it?

The images are those of the task on digits, in the same three parts. White is read as −1 and black as
1. Fewer time steps show only the beginning of the image. The shuffled order is one fixed permutation, the
same for every image, as in permuted sequential MNIST (Le, Jaitly and Hinton, 2015, arXiv 1504.00941): nothing
that belongs together stands together any more. T pixels, B images.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import by_frequency, confidence, frequencies, predicted, wanted
from rnnlab.tasks.digits import DIGITS, SIDE, Images, images, shaded
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec

PIXELS = SIDE * SIDE
SEED = 2015
UNREAD = " "


@lru_cache(maxsize=4)
def order(name: str) -> NDArray[np.int64]:
    """Which pixel is read at each time step."""
    rows = np.arange(PIXELS)
    if name == "shuffled":
        return np.random.default_rng(SEED).permutation(PIXELS)
    return rows.reshape(SIDE, SIDE).T.ravel() if name == "columns" else rows


@dataclass(frozen=True)
class Pixels:
    """An image, one pixel after the other, to the digit it shows."""

    order: str
    input_size: int = 1
    output_size: int = len(DIGITS)
    labels: tuple[str, ...] = DIGITS
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def draw(self, part: Images, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        chosen_B = rng.integers(0, len(part.digits), batch_size)
        read_BT = 2 * part.pixels[chosen_B][:, order(self.order)[:length]] - 1
        return Batch(
            inputs_TBI=np.ascontiguousarray(read_BT.T)[..., None],
            targets=part.digits[chosen_B][None],
            mask_SB=np.ones((1, batch_size), np.bool_),
            lengths_B=np.full(batch_size, length, np.int64),
        )

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(images().train, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(images().held_out, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(images().test, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        shares = frequencies(np.bincount(images().train.digits, minlength=len(DIGITS)))
        return by_frequency(shares, images().unseen(test).digits, "how often each digit occurs in training")

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return list(shaded((batch.inputs_TBI[:, index, 0] + 1) / 2))

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(DIGITS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(DIGITS, batch, index)

    def picture(self, batch: Batch, index: int) -> str:
        """The image in eight lines of shades, each pixel in its place; blank where it was not read."""
        shown = np.full(PIXELS, UNREAD)
        labels = self.input_labels(batch, index)
        shown[order(self.order)[: len(labels)]] = labels
        return "\n".join("".join(row) for row in shown.reshape(SIDE, SIDE))

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target, answer = wanted(DIGITS, batch, index)[0], predicted(DIGITS, batch, index, outputs_SO)[0]
        return Sample(self.picture(batch, index), target, answer, target == answer, confidence(outputs_SO))

    def images(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        read_T11 = (batch.inputs_TBI[:, index, :, None] + 1) / 2
        return np.asarray(np.round(255 * read_T11), np.uint8)

    def thumbnail(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        shown, read_T = np.zeros(PIXELS, np.uint8), self.images(batch, index).ravel()
        shown[order(self.order)[: len(read_T)]] = read_T
        return shown.reshape(SIDE, SIDE)


def load(topology: str, options: Options) -> Pixels:
    images()
    return Pixels(options.get("order", "rows"))


SPEC = TaskSpec(
    label="Digits, pixel by pixel",
    group="Images",
    sentence="The image of a digit comes in one pixel at a time. A line across it is long gone when it goes "
    "on in the next row, so only a memory of many time steps can see a shape.",
    source="The 8x8 digits of scikit-learn: optical recognition of handwritten digits, E. Alpaydin and "
    "C. Kaynak, UCI Machine Learning Repository (CC BY 4.0).",
    topologies={"many-to-one": Lengths(SIDE, PIXELS, PIXELS, "pixels read of 64")},
    load=load,
    metric_label="accuracy",
    design={"cell": "gru", "hidden_size": 48},
    settings={"learning_rate": 5e-3},
    options={
        "order": ChoiceOption(
            label="Order of the pixels",
            help="Row by row, column by column, or in one shuffled order, which tears every line apart.",
            choices={"rows": "Row by row", "columns": "Column by column", "shuffled": "Shuffled"},
            default="rows",
        )
    },
)
