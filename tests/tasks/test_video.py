"""Videos: against a digit that is pushed pixel by pixel, and scikit-learn's images read independently."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from sklearn.datasets import load_digits

from rnnlab import Design, Settings, advance, begin, default_settings, evaluate
from rnnlab.tasks import TASKS, video
from rnnlab.tasks.video import ARROWS, CANVAS, MOVES, ROOM, WALL


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def task(question: str):
    return TASKS["video"].load("many-to-many", {"question": question})


def known_digits() -> dict[bytes, tuple[int, int]]:
    """Each image's bytes with its index in the set and its digit."""
    loaded = load_digits()
    rows = enumerate(zip(loaded.images.astype(np.uint8), loaded.target, strict=True))
    return {image.tobytes(): (index, int(digit)) for index, (image, digit) in rows}


def frames_of(batch, index: int) -> np.ndarray:
    return np.round(16 * batch.inputs_TBI[:, index].reshape(-1, CANVAS, CANVAS)).astype(int)


def boxes(frames: np.ndarray):
    """Every place (column, row) at which a window of 8x8 holds all the ink."""
    for frame in frames:
        inside = frame.sum()
        yield [
            (x, y)
            for x in range(ROOM + 1)
            for y in range(ROOM + 1)
            if frame[y : y + 8, x : x + 8].sum() == inside
        ]


def pushed(start: tuple[int, int], move: tuple[int, int], length: int) -> list[tuple[int, int]]:
    """Places of a digit that is pushed on pixel by pixel and turns round at the walls."""
    place, speed, found = list(start), list(move), [start]
    for _ in range(length - 1):
        for axis in (0, 1):
            if not 0 <= place[axis] + speed[axis] <= ROOM:
                speed[axis] = -speed[axis]
            place[axis] += speed[axis]
        found.append((place[0], place[1]))
    return found


@pytest.mark.parametrize("move", MOVES.values())
@pytest.mark.parametrize("start", [(0, 0), (8, 3), (5, 8), (4, 4), (7, 1)])
def test_a_path_is_that_of_a_digit_pushed_on(start, move):
    path = video.paths(np.array([start]), np.array([move]), 40)[:, 0]
    assert [tuple(place) for place in path.tolist()] == pushed(start, move, 40)


@pytest.mark.parametrize("side", ["train", "held_out", "test"])
def test_a_known_digit_moves_as_the_arrows_say(side):
    known, which = known_digits(), task("direction")
    batch = getattr(which, side)(rng(), 60, 20)
    sides = {"train": 0, "held_out": 1, "test": 2}
    numbers = [len(part.digits) for part in video.images()]
    for index in range(60):
        frames = frames_of(batch, index)
        labels = which.target_labels(batch, index)
        assert labels[0] == ARROWS[0]
        fitting = [
            path
            for start in next(boxes(frames[:1]))
            if (path := followed(start, labels)) and all(0 <= v <= ROOM for place in path for v in place)
        ]
        digits = {
            tuple(
                frame[y : y + 8, x : x + 8].astype(np.uint8).tobytes()
                for frame, (x, y) in zip(frames, path, strict=True)
            )
            for path in fitting
        }
        steady = {images[0] for images in digits if len(set(images)) == 1 and images[0] in known}
        assert steady, index
        assert any(
            sum(numbers[: sides[side]]) <= known[image][0] < sum(numbers[: sides[side] + 1])
            for image in steady
        )


def followed(start, labels) -> list[tuple[int, int]]:
    path = [start]
    for label in labels[1:]:
        path.append((path[-1][0] + MOVES[label][0], path[-1][1] + MOVES[label][1]))
    return path


@pytest.mark.parametrize("side", ["train", "held_out", "test"])
def test_a_digit_goes_behind_the_wall_and_comes_back(side):
    known, which = known_digits(), task("digit")
    batch = getattr(which, side)(rng(1), 60, 20)
    assert (batch.inputs_TBI.reshape(20, 60, CANVAS, CANVAS)[..., ROOM:] == np.float32(WALL)).all()
    images = np.stack([np.frombuffer(image, np.uint8).reshape(8, 8) for image in known])
    digits = np.array([digit for _, digit in known.values()])
    for index in range(60):
        first = frames_of(batch, index)[0, :, :ROOM]
        (digit,) = set(map(int, which.target_labels(batch, index)))
        fitting = set()
        for x, y in itertools.product(range(3), range(ROOM + 1)):  # at most two columns from the left edge
            there = first[y : y + 8, x:]
            same = (images[:, :, : ROOM - x] == there).all(axis=(1, 2))
            fitting |= set(digits[same & (there.sum() == first.sum())].tolist())
        assert digit in fitting
    hidden_TB = (batch.inputs_TBI.reshape(20, 60, CANVAS, CANVAS)[..., :ROOM] == 0).all(axis=(2, 3))
    assert hidden_TB.any(axis=0).mean() > 0.9
    assert not hidden_TB[-4:].all(axis=0).any()


def test_all_directions_are_alike_probable_at_every_frame():
    targets_TB = task("direction").train(rng(2), 20_000, 6).targets
    assert (targets_TB[0] == 0).all()
    for row in targets_TB[1:]:
        shares = np.bincount(row, minlength=9) / row.size
        assert shares[1:] == pytest.approx(np.full(8, 1 / 8), abs=0.012)


def test_what_a_glance_leaves_open_is_counted():
    """All phases of all directions, by a loop: how often each place follows each move."""
    joint: Counter = Counter()
    for move in MOVES.values():
        weights = [1 / 16 if speed else 1 / 9 for speed in move]
        for column in range(16 if move[0] else 9):
            for row in range(16 if move[1] else 9):
                before, after = video.paths(np.array([(column, row)]), np.array([move]), 2)[:, 0]
                joint[tuple(after), tuple(after - before)] += weights[0] * weights[1] / 8
    assert sum(joint.values()) == pytest.approx(1)
    places: Counter = Counter()
    for (place, _), share in joint.items():
        places[place] += share
    open_ = -sum(share * math.log(share / places[place]) for (place, _), share in joint.items())
    assert video.at_a_glance() == pytest.approx(open_)
    assert 1.5 < open_ < math.log(8)


def test_the_trivial_answers_cost_what_is_said():
    way, behind = task("direction").baseline(12), task("digit").baseline(12)
    assert way.exact
    assert way.loss == pytest.approx(11 * math.log(8) / 12)
    assert way.metric == 1 / 8
    train, held_out, test = (part.digits for part in video.images())
    usual = np.bincount(train).argmax()
    assert behind.metric == pytest.approx((held_out == usual).mean())
    assert task("digit").baseline(12, test=True).metric == pytest.approx((test == usual).mean())


@pytest.mark.parametrize("question", ["direction", "digit"])
def test_images_are_the_frames_and_one_stands_for_all(question):
    which = task(question)
    batch = which.held_out(rng(), 3, 7)
    frames = which.images(batch, 2)
    assert frames.dtype == np.uint8
    assert frames.shape == (7, CANVAS, CANVAS)
    np.testing.assert_allclose(frames.reshape(7, -1) / 255, batch.inputs_TBI[:, 2], atol=0.5 / 255 + 1e-6)
    small = which.thumbnail(batch, 2)
    assert small.shape == (CANVAS, CANVAS)
    if question == "digit":
        assert (small == frames[0]).all()
    else:
        assert (small >= frames[-1]).all()
        assert ((small > 0) <= (frames > 0).any(axis=0)).all()


@pytest.mark.parametrize(("question", "factor"), [("direction", 0.75), ("digit", 0.75)])
def test_a_short_run_learns(question, factor):
    design = Design(task="video", task_options={"question": question}, hidden_size=32)
    settings = Settings(**{**vars(default_settings(design)), "length": 6, "learning_rate": 1e-2})
    state, _ = advance(begin(design), settings, 200)
    report = evaluate(state, settings)
    assert report.loss < factor * report.baseline_loss
