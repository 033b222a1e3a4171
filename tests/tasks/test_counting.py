"""Counting: the strings and their legal symbols, against a reader of a^n b^n with a counter."""

import math

import numpy as np
import pytest

from rnnlab.live.drawing import confidences
from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS
from rnnlab.tasks.counting import most, strings
from rnnlab.tasks.spec import PARTS

TASK = TASKS["counting"].load("many-to-many", {})


def may_follow(read: str) -> str:
    """What a counter says after each symbol of S a^n b^n."""
    depth, sets = 0, []
    for symbol in read:
        depth += {"S": 0, "a": 1, "b": -1}[symbol]
        sets.append({"S": "a", "a": "a/b"}.get(symbol, "b" if depth else "T"))
    return sets


@pytest.mark.parametrize("length", [9, 21, 41])
@pytest.mark.parametrize("side", PARTS)
def test_a_counter_gives_the_targets(length, side):
    batch = getattr(TASK, side)(np.random.default_rng(0), 200, length)
    for index in range(200):
        read = "".join(TASK.input_labels(batch, index))
        n = read.count("a")
        assert read == "S" + "a" * n + "b" * n
        assert TASK.target_labels(batch, index)[: len(read)] == may_follow(read)


@pytest.mark.parametrize(("length", "largest"), [(9, 2), (41, 10), (43, 10), (44, 10), (45, 11), (481, 120)])
def test_held_out_strings_begin_where_training_strings_end(length, largest):
    assert most(length) == largest
    train, held_out, test = (
        {int(n) for n in (draw(np.random.default_rng(0), 4000, length).lengths_B - 1) // 2}
        for draw in (TASK.train, TASK.held_out, TASK.test)
    )
    assert train == set(range(1, largest + 1))
    assert held_out == set(range(largest + 1, 2 * largest + 1, 2))
    assert test == set(range(largest + 2, 2 * largest + 1, 2))


@pytest.mark.parametrize("test", [False, True])
def test_the_baseline_is_what_constant_probabilities_cost(test):
    """Shares counted in training strings, their binary cross entropy on unseen ones, drawn at random."""
    unseen = TASK.test if test else TASK.held_out
    train, held_out = (draw(np.random.default_rng(1), 20_000, 41) for draw in (TASK.train, unseen))
    shares = train.targets[train.mask_SB].mean(axis=0, dtype=float)
    targets = held_out.targets[held_out.mask_SB]
    cost = -(targets * np.log(shares) + (1 - targets) * np.log(1 - shares)).mean()
    trivial = TASK.baseline(41, test)
    assert trivial.loss == pytest.approx(cost, rel=0.01)
    logits_SBO = np.broadcast_to(np.log(shares / (1 - shares)), held_out.targets.shape)
    measured = METRICS["exact_sets"].measure(logits_SBO, held_out.targets, held_out.mask_SB)
    assert trivial.metric == measured == 0


def test_a_sample_counts_equal_neighbours():
    batch = strings(np.array([3, 1]), 9)
    logits = 40.0 * batch.targets - 20
    assert TASK.sample(batch, 0, logits[:, 0])[:3] == ("S, 3×a, 3×b", "a, 3×a/b, 2×b, T", "a, 3×a/b, 2×b, T")
    assert TASK.sample(batch, 1, logits[:, 1])[:3] == ("S, a, b", "a, a/b, T", "a, a/b, T")
    wrong = TASK.sample(batch, 1, np.full((9, 3), -1.0))
    assert (wrong.prediction, wrong.correct) == ("3×∅", False)
    assert wrong.confidence == pytest.approx((1 / (1 + np.exp(-1))) ** 9)


def test_the_drawings_confidence_is_in_the_whole_set():
    """Three independent answers, each sure by its own logit, multiply."""
    outputs_SO = np.array([[0.0, 0.0, 0.0], [math.log(9), -math.log(4), 50.0]])
    assert confidences(outputs_SO, TASK) == pytest.approx([1 / 8, 0.9 * 0.8])
