"""A video, frame by frame: a digit of 8x8 pixels moves over a canvas of 16x16 and turns round at its edges.

Two questions, and an answer at every frame. Where does it move? One frame shows where the digit is, never
where it came from. Or: which digit is it? There, a wall stands before the right half of the canvas, and the
digit, which begins in full view, goes behind it and comes back.

A digit's place along an axis is a triangle wave: it moves by a pixel a frame or, along one axis, not at all.
The digits are those of `rnnlab.tasks.digits`, with the same images held out. T frames, B videos, I pixels,
H rows and W columns of the canvas; along the axes (2): columns, then rows, which count downwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import by_frequency, confidence, frequencies, predicted, wanted
from rnnlab.tasks.digits import DIGITS, SIDE, Images, images
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Baseline, Batch, Floats, Lengths, Options, Sample, TaskSpec

Ints = NDArray[np.int64]
CANVAS = 16
ROOM = CANVAS - SIDE
"""How far a digit can move; after 2 ROOM frames it is where it was."""

MOVES = {
    "→": (1, 0),
    "↗": (1, -1),
    "↑": (0, -1),
    "↖": (-1, -1),
    "←": (-1, 0),
    "↙": (-1, 1),
    "↓": (0, 1),
    "↘": (1, 1),
}
NO_MOVE = "·"
"""The answer at the first frame: nothing has moved yet."""

ARROWS = (NO_MOVE, *MOVES)
WALL = 0.4
EARLIEST, LATEST = -2, 2
"""Where on its triangle wave a digit that goes behind the wall begins: at most two columns from the left."""

LONGEST = 24


def paths(phase_B2: Ints, speed_B2: Ints, length: int) -> Ints:
    """The upper left corner of each digit (T, B, 2): places on a triangle wave between 0 and ROOM."""
    phase_TB2 = phase_B2 + speed_B2 * np.arange(length)[:, None, None]
    return np.asarray(ROOM - np.abs(ROOM - phase_TB2 % (2 * ROOM)))


def phases(rng: np.random.Generator, speed_B2: Ints) -> Ints:
    """Where each digit begins (B, 2): anywhere on its wave, or in its room where it stands still."""
    return rng.integers(0, np.where(speed_B2 == 0, ROOM + 1, 2 * ROOM))


def films(pixels_BI: Floats, path_TB2: Ints) -> Floats:
    """Frames (T, B, H, W) with each digit on its path."""
    length, number, _ = path_TB2.shape
    frames_TBHW = np.zeros((length, number, CANVAS, CANVAS), np.float32)
    column_TB1S, row_TBS1 = path_TB2[..., None, :1] + np.arange(SIDE), path_TB2[..., 1:, None]
    row_TBS1 = row_TBS1 + np.arange(SIDE)[:, None]
    t, b = np.arange(length)[:, None, None, None], np.arange(number)[:, None, None]
    frames_TBHW[t, b, row_TBS1, column_TB1S] = pixels_BI.reshape(-1, SIDE, SIDE)
    return frames_TBHW


def batch_of(frames_TBHW: Floats, targets_TB: Ints) -> Batch:
    length, number = targets_TB.shape
    return Batch(
        inputs_TBI=frames_TBHW.reshape(length, number, -1),
        targets=np.ascontiguousarray(targets_TB),
        mask_SB=np.ones((length, number), np.bool_),
        lengths_B=np.full(number, length, np.int64),
    )


@lru_cache(maxsize=1)
def arrow_of() -> Ints:
    """The index in ARROWS of a move (columns + 1, rows + 1)."""
    found = np.zeros((3, 3), np.int64)
    for index, (columns, rows) in enumerate(MOVES.values(), 1):
        found[columns + 1, rows + 1] = index
    return found


def arrows(path_TB2: Ints) -> Ints:
    """Where each digit has moved since the frame before (T, B), as an index in ARROWS."""
    moves_TB2 = np.diff(path_TB2, axis=0, prepend=path_TB2[:1])
    return np.asarray(arrow_of()[moves_TB2[..., 0] + 1, moves_TB2[..., 1] + 1])


def at_a_glance() -> float:
    """What a single frame leaves open about the move before it, in nats: at an edge some are impossible."""
    number = ROOM + 1
    after = {speed: np.full(number, 1 / ROOM) for speed in (-1, 1)} | {0: np.full(number, 1 / number)}
    after[1][0] = after[-1][ROOM] = 0.0  # nobody comes from outside
    joint_MWH = np.stack([np.outer(after[x], after[y]) for x, y in MOVES.values()]) / len(MOVES)
    given_MWH = joint_MWH / joint_MWH.sum(axis=0)
    return float(-(joint_MWH * np.log(np.where(given_MWH > 0, given_MWH, 1))).sum())


def seen(batch: Batch, index: int) -> NDArray[np.uint8]:
    """The frames of a video (T, H, W), 255 where a pixel is full."""
    frames_TI = batch.inputs_TBI[: batch.lengths_B[index], index]
    return np.asarray(np.round(255 * frames_TI), np.uint8).reshape(-1, CANVAS, CANVAS)


def trail(batch: Batch, index: int) -> NDArray[np.uint8]:
    """All frames in one image (H, W): the longer ago, the fainter."""
    frames_THW = seen(batch, index)
    fading_T = np.linspace(0.15, 1, len(frames_THW)) ** 2
    return np.asarray((frames_THW * fading_T[:, None, None]).max(axis=0), np.uint8)


def numbered(batch: Batch, index: int) -> list[str]:
    """`frame 1` and so on."""
    return [f"frame {t}" for t in range(1, int(batch.lengths_B[index]) + 1)]


def frames_read(batch: Batch, index: int) -> str:
    return f"{batch.lengths_B[index]} frames"


@dataclass(frozen=True)
class WhichWay:
    """Where the digit has moved since the frame before, at every frame."""

    input_size: int = CANVAS * CANVAS
    output_size: int = len(ARROWS)
    labels: tuple[str, ...] = ARROWS
    loss: str = "cross_entropy"
    metric: str = "recall"

    def film(self, pixels_BI: Floats, digit_B: Ints, phase_B2: Ints, speed_B2: Ints, length: int) -> Batch:
        """A batch of these digits on their ways."""
        path_TB2 = paths(phase_B2, speed_B2, length)
        return batch_of(films(pixels_BI, path_TB2), arrows(path_TB2))

    def draw(self, part: Images, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        chosen_B = rng.integers(0, len(part.digits), batch_size)
        speed_B2 = np.array(list(MOVES.values()))[rng.integers(0, len(MOVES), batch_size)]
        digits = part.pixels[chosen_B], part.digits[chosen_B]
        return self.film(*digits, phases(rng, speed_B2), speed_B2, length)

    def knows(self, digit: int | None) -> bool:
        """Whether the answers to a film follow from what is known of its digit."""
        return True

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(images().train, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(images().held_out, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(images().test, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        number, asked = len(MOVES), length - 1
        loss = asked * math.log(number) / length
        glance = asked * at_a_glance() / length
        words = f"a guess among {number} directions: {asked} ln {number} / {length}; one frame: {glance:.2f}"
        return Baseline(loss, 1 / number, words, exact=True)

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return numbered(batch, index)

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(ARROWS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(ARROWS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target = "".join(self.target_labels(batch, index))
        answer = "".join(self.output_labels(batch, index, outputs_SO))
        return Sample(frames_read(batch, index), target, answer, target == answer, confidence(outputs_SO))

    def images(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        return seen(batch, index)

    def thumbnail(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        return trail(batch, index)


@dataclass(frozen=True)
class BehindTheWall:
    """Which digit it is, at every frame, while it goes behind a wall and comes back."""

    input_size: int = CANVAS * CANVAS
    output_size: int = len(DIGITS)
    labels: tuple[str, ...] = DIGITS
    loss: str = "cross_entropy"
    metric: str = "accuracy"

    def film(self, pixels_BI: Floats, digit_B: Ints, phase_B2: Ints, speed_B2: Ints, length: int) -> Batch:
        """A batch of these digits on their ways behind the wall."""
        frames_TBHW = films(pixels_BI, paths(phase_B2, speed_B2, length))
        frames_TBHW[..., ROOM:] = WALL
        return batch_of(frames_TBHW, np.tile(digit_B, (length, 1)))

    def draw(self, part: Images, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        chosen_B = rng.integers(0, len(part.digits), batch_size)
        speed_B2 = np.column_stack([np.ones(batch_size, np.int64), rng.integers(-1, 2, batch_size)])
        phase_B2 = phases(rng, speed_B2)
        phase_B2[:, 0] = rng.integers(EARLIEST, LATEST + 1, batch_size)
        return self.film(part.pixels[chosen_B], part.digits[chosen_B], phase_B2, speed_B2, length)

    def knows(self, digit: int | None) -> bool:
        """Whether the answers to a film follow from what is known of its digit."""
        return digit is not None

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
        return numbered(batch, index)

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(DIGITS, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(DIGITS, batch, index)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        """The answers in their order, each once for as long as it stays, and how sure the last one is."""
        target = self.target_labels(batch, index)[0]
        answers = [name for name, _ in groupby(self.output_labels(batch, index, outputs_SO))]
        answer = " ".join(answers)
        return Sample(
            frames_read(batch, index), target, answer, answer == target, confidence(outputs_SO[-1:])
        )

    def images(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        return seen(batch, index)

    def thumbnail(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        """The first frame, in which nothing is hidden yet."""
        return np.asarray(seen(batch, index)[0])


QUESTIONS: dict[str, type[WhichWay] | type[BehindTheWall]] = {"direction": WhichWay, "digit": BehindTheWall}


def load(topology: str, options: Options) -> WhichWay | BehindTheWall:
    images()
    return QUESTIONS[options.get("question", "direction")]()


SPEC = TaskSpec(
    label="A video, frame by frame",
    group="Images",
    sentence="A digit moves over a canvas and turns round at its edges. Where does it go? No single frame "
    "can tell: a small convolution looks at each frame, and the recurrent network compares.",
    source="Generated from the 8x8 digits of scikit-learn: optical recognition of handwritten digits, "
    "E. Alpaydin and C. Kaynak, UCI Machine Learning Repository (CC BY 4.0).",
    topologies={"many-to-many": Lengths(4, LONGEST, 12, "frames")},
    load=load,
    metric_label="answers right",
    reader="conv",
    design={"cell": "gru", "hidden_size": 48},
    settings={"learning_rate": 5e-3},
    options={
        "question": ChoiceOption(
            label="Question",
            help="Where the digit moves, or which digit it is, while it goes behind a wall and comes back.",
            choices={"direction": "Where does it move?", "digit": "Which digit is it, behind the wall?"},
            default="direction",
        )
    },
)
