"""Looking ahead: the target is the next input, and no past symbol tells it."""

import math

import numpy as np
import pytest

from rnnlab.config import Design
from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS

TASK = TASKS["look-ahead"].load("many-to-many", {})


@pytest.mark.parametrize("length", [2, 3, 20])
def test_the_target_is_the_next_symbol(length):
    batch = TASK.train(np.random.default_rng(0), 50, length)
    for index in range(50):
        read = TASK.input_labels(batch, index)
        assert TASK.target_labels(batch, index) == [*read[1:], ""]


def test_the_past_says_nothing_about_it():
    """The best guess from the symbol before is right once in eight, as is any: pairs are all alike."""
    batch = TASK.held_out(np.random.default_rng(1), 20_000, 5)
    read_TB = batch.inputs_TBI.argmax(axis=2)
    pairs = np.bincount(8 * read_TB[:-1].ravel() + read_TB[1:].ravel(), minlength=64) / read_TB[1:].size
    assert pairs == pytest.approx(np.full(64, 1 / 64), abs=0.002)


def test_the_baseline_is_knowing_nothing():
    batch = TASK.held_out(np.random.default_rng(2), 2000, 12)
    nothing_SBO = np.zeros((12, 2000, 8))
    bits = METRICS["bits_per_symbol"].measure(nothing_SBO, batch.targets, batch.mask_SB)
    assert TASK.baseline(12).loss == pytest.approx(bits * math.log(2))
    right = METRICS["accuracy"].measure(nothing_SBO, batch.targets, batch.mask_SB)
    assert TASK.baseline(12).metric == pytest.approx(right, abs=0.01)


def test_a_backward_reading_is_allowed_and_is_the_default():
    assert Design(task="look-ahead").bidirectional
    assert not Design(task="look-ahead", bidirectional=False).bidirectional
