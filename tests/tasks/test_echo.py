"""Echo: the answers, against a queue; the baseline, against the metrics of a network that only knows when."""

import math
from collections import deque

import numpy as np
import pytest

from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS
from rnnlab.tasks.fresh import SYMBOLS, belongs
from rnnlab.tasks.spec import PARTS

DELAYS = list(TASKS["echo"].options["delay"].choices)


def echo(delay: str):
    return TASKS["echo"].load("many-to-many", {"delay": delay})


@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("length", [12, 30])
def test_a_queue_gives_the_answers(delay, length):
    task = echo(delay)
    batch = task.train(np.random.default_rng(0), 50, length)
    for index in range(50):
        queue, said = deque("·" * int(delay)), []
        for symbol in task.input_labels(batch, index):
            queue.append(symbol)
            said.append(queue.popleft())
        assert task.target_labels(batch, index) == said


@pytest.mark.parametrize("delay", DELAYS)
def test_the_baseline_knows_when_and_guesses_what(delay):
    task, silent = echo(delay), int(delay)
    batch = task.held_out(np.random.default_rng(0), 4000, 20)
    outputs_SBO = np.zeros((20, 4000, 9))
    outputs_SBO[:silent, :, 0] = 50
    outputs_SBO[silent:, :, 0] = -50
    bits = METRICS["bits_per_symbol"].measure(outputs_SBO, batch.targets, batch.mask_SB)
    assert task.baseline(20).loss == pytest.approx(bits * math.log(2), abs=1e-9)
    recalled = METRICS["recall"].measure(outputs_SBO, batch.targets, batch.mask_SB)
    assert task.baseline(20).metric == pytest.approx(recalled, abs=0.02)


@pytest.mark.parametrize("side", PARTS)
def test_sequences_are_of_their_part(side):
    batch = getattr(echo("1"), side)(np.random.default_rng(0), 500, 12)
    assert belongs(batch.inputs_TBI.argmax(axis=2), side).all()


def test_the_table_shows_what_was_heard_and_said():
    task = echo("2")
    batch = task.train(np.random.default_rng(0), 1, 12)
    sample = task.sample(batch, 0, 20.0 * np.eye(9)[batch.targets[:, 0]])
    assert sample.target == "··" + sample.input[:-2]
    assert set(sample.input) <= set(SYMBOLS)
