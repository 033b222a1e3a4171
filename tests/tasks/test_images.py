"""Digits pixel by pixel and spelled: against scikit-learn's images, read independently."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from rnnlab.tasks import TASKS, caption
from rnnlab.tasks.spec import PARTS

GERMAN = ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
FRENCH = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def known_digits() -> dict[bytes, tuple[int, int]]:
    """Each image's bytes with its index in the set and its digit."""
    loaded = load_digits()
    rows = enumerate(zip(loaded.data.astype(np.uint8), loaded.target, strict=True))
    return {image.tobytes(): (index, int(digit)) for index, (image, digit) in rows}


def part_of(number: int) -> str:
    """Which part an image belongs to, by its place in the set."""
    return PARTS[(number >= int(0.8 * 1797)) + (number >= int(0.9 * 1797))]


@pytest.mark.parametrize("order", ["rows", "columns", "shuffled"])
@pytest.mark.parametrize("side", PARTS)
def test_every_pixel_is_read_once_in_its_order(order, side):
    task, known = TASKS["pixels"].load("many-to-one", {"order": order}), known_digits()
    batch = getattr(task, side)(rng(), 100, 64)
    plain = TASKS["pixels"].load("many-to-one", {}).__class__("rows")
    same = getattr(plain, side)(rng(), 100, 64)
    for index in range(100):
        pixels = np.round((same.inputs_TBI[:, index, 0] + 1) * 8).astype(np.uint8)
        number, digit = known[pixels.tobytes()]
        assert task.target_labels(batch, index) == [str(digit)]
        assert side == part_of(number)
        assert task.picture(batch, index) == plain.picture(same, index)
        if order == "columns":
            assert np.array_equal(
                batch.inputs_TBI[:, index, 0].reshape(8, 8).T.ravel(), same.inputs_TBI[:, index, 0]
            )
    assert not np.array_equal(batch.inputs_TBI, same.inputs_TBI) or order == "rows"


def test_fewer_pixels_show_the_top_of_the_picture_only():
    task = TASKS["pixels"].load("many-to-one", {})
    whole, part = task.train(rng(), 5, 64), task.train(rng(), 5, 20)
    assert np.array_equal(whole.inputs_TBI[:20], part.inputs_TBI)
    lines = task.picture(part, 0).split("\n")
    assert lines[:2] == task.picture(whole, 0).split("\n")[:2]
    assert lines[2][4:] == " " * 4
    assert lines[3:] == [" " * 8] * 5


@pytest.mark.parametrize(("language", "names"), [("de", GERMAN), ("fr", FRENCH)])
@pytest.mark.parametrize("side", PARTS)
@pytest.mark.parametrize("length", [4, 9, 10])
def test_an_image_has_its_own_digits_name(language, names, side, length):
    task, known = TASKS["caption"].load("one-to-many", {"language": language}), known_digits()
    batch = getattr(task, side)(rng(), 100, length)
    for index in range(100):
        number, digit = known[np.round(batch.inputs_TBI[0, index] * 16).astype(np.uint8).tobytes()]
        assert side == part_of(number)
        *letters, end = [label for label in task.target_labels(batch, index) if label]
        assert "".join(letters) == names[digit][: length - 1]
        assert end == caption.END


@pytest.mark.parametrize("language", caption.NAMES)
def test_ten_different_names_in_every_language(language):
    names = caption.NAMES[language].split()
    assert len(set(names)) == len(names) == 10
    assert max(map(len, names)) < TASKS["caption"].topologies["one-to-many"].default
    assert language in caption.LANGUAGES


def test_captions_trivial_answer_is_the_most_frequent_digits_name():
    target = load_digits().target
    border, middle = int(0.8 * len(target)), int(0.9 * len(target))
    usual = np.bincount(target[:border]).argmax()
    task = TASKS["caption"].load("one-to-many", {})
    for test, asked in ((False, target[border:middle]), (True, target[middle:])):
        share = pytest.approx((asked == usual).mean())
        assert task.baseline(9, test).metric == share
        assert TASKS["pixels"].load("many-to-one", {}).baseline(64, test).metric == share
