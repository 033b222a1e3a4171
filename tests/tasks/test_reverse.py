"""Reversing: the answers, against Python's own reversing; the baseline, against a guess."""

import math

import numpy as np
import pytest

from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS
from rnnlab.tasks.fresh import belongs
from rnnlab.tasks.spec import PARTS

TASK = TASKS["reverse"].load("encoder-decoder", {})


@pytest.mark.parametrize("side", PARTS)
@pytest.mark.parametrize("length", [3, 8, 40])
def test_targets_are_the_letters_backwards(side, length):
    batch = getattr(TASK, side)(np.random.default_rng(0), 60, length)
    for index in range(60):
        sample = TASK.sample(batch, index, np.zeros((length, 8)))
        assert sample.target == sample.input[::-1]
        assert sample.input == "".join(TASK.input_labels(batch, index))
    assert belongs(batch.inputs_TBI.argmax(axis=2), side).all()


def test_the_baseline_is_a_guess_at_every_letter():
    batch = TASK.held_out(np.random.default_rng(0), 2000, 6)
    bits = METRICS["bits_per_symbol"].measure(np.zeros((6, 2000, 8)), batch.targets, batch.mask_SB)
    assert TASK.baseline(6).loss == pytest.approx(bits * math.log(2))


@pytest.mark.parametrize("length", [3, 4])
def test_a_guess_is_right_everywhere_once_in_all_sequences(length):
    guesses = np.random.default_rng(0).normal(size=(length, 200_000, 8))
    batch = TASK.train(np.random.default_rng(1), 200_000, length)
    right = METRICS["exact_match"].measure(guesses, batch.targets, batch.mask_SB)
    assert TASK.baseline(length).metric == pytest.approx(right, abs=4 * math.sqrt(8.0**-length / 200_000))
