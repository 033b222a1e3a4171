"""Digits: the images are scikit-learn's, in one time step or in eight, under either question."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import PARTS

TOPOLOGIES = ["one-to-one", "many-to-one"]


def known_digits() -> dict[bytes, tuple[int, int]]:
    """Each image's bytes with its index in the set and its digit."""
    loaded = load_digits()
    pixels = (loaded.images / 16).astype(np.float32)
    return {
        image.tobytes(): (index, int(digit))
        for index, (image, digit) in enumerate(zip(pixels, loaded.target, strict=True))
    }


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("side", PARTS)
def test_each_image_has_its_own_digit_and_side(topology, side):
    task, known = TASKS["digits"].load(topology, {}), known_digits()
    batch = getattr(task, side)(np.random.default_rng(0), 300, task.input_size)
    for index in range(300):
        number, digit = known[np.ascontiguousarray(batch.inputs_TBI[:, index]).tobytes()]
        assert task.target_labels(batch, index) == [str(digit)]
        assert side == PARTS[(number >= int(0.8 * 1797)) + (number >= int(0.9 * 1797))]


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_even_is_asked_about_the_same_images(topology):
    which, even = (TASKS["digits"].load(topology, {"question": name}) for name in ("digit", "even"))
    digits = which.train(np.random.default_rng(0), 100, 8)
    parities = even.train(np.random.default_rng(0), 100, 8)
    assert np.array_equal(digits.inputs_TBI, parities.inputs_TBI)
    assert np.array_equal(parities.targets[..., 0] == 1, digits.targets % 2 == 0)


@pytest.mark.parametrize("test", [False, True])
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_baselines_are_counts(topology, test):
    target = load_digits().target
    border, middle = int(0.8 * len(target)), int(0.9 * len(target))
    asked = target[middle:] if test else target[border:middle]
    shares = (np.bincount(target[:border]) + 1) / (border + 10)
    which, even = (
        TASKS["digits"].load(topology, {"question": name}).baseline(8, test) for name in ("digit", "even")
    )
    assert which.loss == pytest.approx(-np.log(shares[asked]).mean())
    assert which.metric == (asked == shares.argmax()).mean()
    odd_share = (target[:border] % 2 == 1).mean()
    costs = np.where(asked % 2 == 1, -np.log(odd_share), -np.log(1 - odd_share))
    assert even.loss == pytest.approx(costs.mean())
    assert even.metric == (asked % 2 == odd_share.round()).mean()


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_picture_has_eight_rows_of_eight(topology):
    task = TASKS["digits"].load(topology, {})
    batch = task.train(np.random.default_rng(0), 5, 8)
    lines = task.sample(batch, 0, np.zeros((1, 10))).input.split("\n")
    assert [len(line) for line in lines] == [8] * 8
    if topology == "many-to-one":
        assert task.input_labels(batch, 0) == lines
