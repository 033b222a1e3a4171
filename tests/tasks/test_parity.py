"""Parity: the answers, against counting ones; strings of one side are never as long as the other's."""

from itertools import product

import numpy as np
import pytest

from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import PARTS

TASK = TASKS["parity"].load("many-to-one", {})
RUNNING = TASKS["parity"].load("many-to-many", {})


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("length", [4, 5, 20, 400])
@pytest.mark.parametrize("side", PARTS)
def test_the_answer_is_whether_ones_are_odd_in_number(length, side):
    batch = getattr(TASK, side)(rng(), 300, length)
    for index in range(300):
        text = "".join(TASK.input_labels(batch, index))
        assert len(text) == batch.lengths_B[index]
        assert TASK.target_labels(batch, index) == ["odd" if text.count("1") % 2 else "even"]
        assert TASK.sample(batch, index, np.zeros((1, 2))).input == text


@pytest.mark.parametrize("length", [4, 5, 20, 400])
@pytest.mark.parametrize("side", PARTS)
def test_the_running_answer_is_that_of_every_beginning(length, side):
    batch = getattr(RUNNING, side)(rng(), 300, length)
    for index in range(300):
        text = "".join(RUNNING.input_labels(batch, index))
        parities = ["odd" if text[: i + 1].count("1") % 2 else "even" for i in range(len(text))]
        assert RUNNING.target_labels(batch, index) == parities + [""] * (length - len(text))
        sample = RUNNING.sample(batch, index, 20.0 * np.eye(2)[batch.targets[:, index]])
        assert sample[:2] == (text, "".join("01"[parity == "odd"] for parity in parities))
        assert sample.correct


@pytest.mark.parametrize(("length", "longest"), [(4, 2), (5, 2), (20, 10), (21, 10)])
def test_unseen_strings_begin_where_training_strings_end(length, longest):
    train, held_out, test = (
        set(draw(rng(), 4000, length).lengths_B.tolist()) for draw in (TASK.train, TASK.held_out, TASK.test)
    )
    assert train == set(range(1, longest + 1))
    assert held_out == set(range(longest + 1, length + 1, 2))
    assert test == set(range(longest + 2, length + 1, 2))


def test_all_strings_of_a_length_are_alike_probable():
    batch = TASK.train(rng(), 20_000, 6)
    texts = ["".join(TASK.input_labels(batch, index)) for index in range(20_000)]
    of_three = [text for text in texts if len(text) == 3]
    shares = [of_three.count("".join(bits)) / len(of_three) for bits in product("01", repeat=3)]
    assert shares == pytest.approx([1 / 8] * 8, abs=0.02)


def test_knowing_all_bits_but_one_tells_nothing():
    """Over all strings of a length, each answer is as frequent for either value of any bit."""
    texts = ["".join(bits) for bits in product("01", repeat=7)]
    odd = np.array([text.count("1") % 2 for text in texts])
    for place in range(7):
        of_one = np.array([text[place] == "1" for text in texts])
        assert odd[of_one].mean() == odd[~of_one].mean() == TASK.baseline(7).metric
