"""Facts of the generated tasks: adding, copy, temporal order."""

import math
from collections import Counter

import numpy as np
import pytest

from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS

SYMBOLS = ["1", "2", "3", "5", "10"]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("length", [4, 5, 100])
def test_adding_marks_one_number_in_each_half_and_asks_for_their_sum(length):
    batch = TASKS["adding"].load("many-to-one", {}).train(rng(), 200, length)
    for index in range(200):
        values, marks = batch.inputs_TBI[:, index, 0], batch.inputs_TBI[:, index, 1]
        first, second = np.flatnonzero(marks)
        assert first < length // 2 <= second
        assert batch.targets[0, index, 0] == pytest.approx(values[first] + values[second])


def test_adding_baseline_is_the_cost_of_always_answering_one():
    task = TASKS["adding"].load("many-to-one", {})
    batch = task.held_out(rng(), 40_000, 4)
    assert task.baseline(4).loss == pytest.approx(float(((batch.targets - 1) ** 2).mean()), rel=0.02)


@pytest.mark.parametrize("symbols", SYMBOLS)
@pytest.mark.parametrize("length", [21, 50])
def test_copy_asks_for_the_first_symbols_after_the_marker(symbols, length):
    task, number = TASKS["copy"].load("many-to-many", {"symbols": symbols}), int(symbols)
    batch = task.train(rng(), 50, length)
    for index in range(50):
        inputs, targets = task.input_labels(batch, index), task.target_labels(batch, index)
        assert targets[-number:] == inputs[:number]
        assert "·" not in targets[-number:]
        assert set(targets[:-number]) == {"·"}
        assert inputs.index("▸") == length - number - 1
        assert inputs.count("·") == length - number - 1


@pytest.mark.parametrize("symbols", SYMBOLS)
def test_copy_baseline_is_blanks_for_sure_then_a_guess_among_eight(symbols):
    task = TASKS["copy"].load("many-to-many", {"symbols": symbols})
    batch = task.held_out(rng(), 3000, 30)
    outputs_SBO = np.full((30, 3000, 9), -50.0)
    outputs_SBO[: 30 - int(symbols), :, 0] = 50
    outputs_SBO[30 - int(symbols) :, :, 1:] = 0
    bits = METRICS["bits_per_symbol"].measure(outputs_SBO, batch.targets, batch.mask_SB)
    assert task.baseline(30).loss == pytest.approx(bits * math.log(2), abs=1e-9)
    recalled = METRICS["recall"].measure(outputs_SBO, batch.targets, batch.mask_SB)
    assert task.baseline(30).metric == pytest.approx(recalled, abs=0.02)


def test_recall_counts_symbols_and_no_blanks():
    targets = np.array([[0, 0], [0, 0], [3, 1]])
    only_blanks = np.zeros((3, 2, 9))
    only_blanks[..., 0] = 1
    everywhere = np.ones((3, 2), bool)
    assert METRICS["recall"].measure(only_blanks, targets, everywhere) == 0
    assert METRICS["recall"].measure(np.eye(9)[targets], targets, everywhere) == 1
    assert (
        METRICS["recall"].measure(np.eye(9)[np.array([[0, 0], [0, 0], [3, 2]])], targets, everywhere) == 0.5
    )


@pytest.mark.parametrize("length", [10, 11, 50, 137])
def test_temporal_order_is_the_order_of_the_two_symbols(length):
    task = TASKS["temporal-order"].load("many-to-one", {})
    batch = task.train(rng(), 400, length)
    for index in range(400):
        text = "".join(task.input_labels(batch, index))
        (first, one), (second, other) = ((i, symbol) for i, symbol in enumerate(text) if symbol in "AB")
        assert length // 10 <= first < 2 * length // 10
        assert length // 2 <= second < 6 * length // 10
        assert task.target_labels(batch, index) == [one + other]


def test_temporal_orders_are_alike_probable():
    batch = TASKS["temporal-order"].load("many-to-one", {}).train(rng(), 8000, 10)
    shares = [count / 8000 for count in Counter(batch.targets[0].tolist()).values()]
    assert len(shares) == 4
    assert shares == pytest.approx([0.25] * 4, abs=0.02)
