"""Dyck-1: strings against their grammar and all balanced strings there are, answers against a counter."""

import math
from collections import Counter
from itertools import product

import numpy as np
import pytest

from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS
from rnnlab.tasks.dyck import balanced, most, share_open, shares
from rnnlab.tasks.spec import PARTS

TASK = TASKS["dyck"].load("many-to-many", {})


def depths(text: str) -> list[int]:
    return np.cumsum([1 if bracket == "(" else -1 for bracket in text]).tolist()


def is_balanced(text: str) -> bool:
    return min(depths(text)) >= 0 and depths(text)[-1] == 0


def all_balanced(pairs: int) -> list[str]:
    return [text for text in map("".join, product("()", repeat=2 * pairs)) if is_balanced(text)]


def from_grammar(rng: np.random.Generator, longest: int) -> str | None:
    """S -> (S)S | nothing, each with probability one half; None where it grows beyond `longest`."""
    text, waiting = "", ["S"]
    while waiting:
        symbol = waiting.pop()
        if symbol != "S":
            text += symbol
        elif rng.random() < 0.5:
            waiting += ["S", ")", "S", "("]
        if len(text) > longest:
            return None
    return text


@pytest.mark.parametrize("length", [8, 11, 100])
@pytest.mark.parametrize("side", PARTS)
def test_a_counter_gives_the_targets(length, side):
    batch = getattr(TASK, side)(np.random.default_rng(0), 200, length)
    for index in range(200):
        text = "".join(TASK.input_labels(batch, index))
        assert is_balanced(text)
        assert len(text) == batch.lengths_B[index]
        said = ["()" if depth else "(" for depth in depths(text)]
        assert TASK.target_labels(batch, index)[: len(text)] == said


@pytest.mark.parametrize(("length", "pairs"), [(8, 2), (11, 2), (100, 25), (101, 25), (400, 100)])
def test_held_out_strings_begin_where_training_strings_end(length, pairs):
    assert most(length) == pairs
    train, held_out, test = (
        set((draw(np.random.default_rng(0), 8000, length).lengths_B // 2).tolist())
        for draw in (TASK.train, TASK.held_out, TASK.test)
    )
    assert min(train) == 1
    assert max(train) <= pairs
    assert held_out <= set(range(pairs + 1, 2 * pairs + 1, 2))
    assert test <= set(range(pairs + 2, 2 * pairs + 1, 2))
    assert min(len(train), 2 * len(held_out), 2 * len(test)) > 0.4 * pairs


@pytest.mark.parametrize("pairs", [1, 2, 3, 4])
def test_all_balanced_strings_are_alike_probable(pairs):
    steps_TB = balanced(np.random.default_rng(0), np.full(14_000, pairs), 10)
    texts = Counter("".join("()"[(1 - step) // 2] for step in column if step) for column in steps_TB.T)
    known = all_balanced(pairs)
    assert set(texts) == set(known)
    assert [texts[text] * len(known) / 14_000 for text in known] == pytest.approx([1] * len(known), abs=0.15)


def test_lengths_are_those_of_the_grammar():
    rng = np.random.default_rng(0)
    grown = [text for text in (from_grammar(rng, 10) for _ in range(30_000)) if text]
    counted = np.bincount([len(text) // 2 for text in grown], minlength=6)[1:] / len(grown)
    assert shares(range(1, 6)) == pytest.approx(counted, abs=0.01)
    for pairs in (range(26, 51, 2), range(27, 51, 2)):
        catalan = np.array([math.comb(2 * n, n) / (n + 1) / 4**n for n in pairs])
        assert shares(pairs) == pytest.approx(catalan / catalan.sum(), rel=1e-12)


def test_the_share_of_open_brackets_is_counted_in_all_strings():
    weights, places, opened = shares(range(2, 7, 2)), 0.0, 0.0
    for pairs, weight in zip(range(2, 7, 2), weights, strict=True):
        known = all_balanced(pairs)
        places += weight * 2 * pairs
        opened += weight * np.mean([sum(depth > 0 for depth in depths(text)) for text in known])
    assert share_open(range(2, 7, 2)) == pytest.approx(opened / places)


@pytest.mark.parametrize("test", [False, True])
def test_the_baseline_is_what_constant_probabilities_cost(test):
    unseen = TASK.test if test else TASK.held_out
    train, held_out = (draw(np.random.default_rng(1), 20_000, 40) for draw in (TASK.train, unseen))
    share = train.targets[train.mask_SB][:, 1].mean(dtype=float)
    met = held_out.targets[held_out.mask_SB]
    assert (met[:, 0] == 1).all()
    cost = -(met[:, 1] * np.log(share) + (1 - met[:, 1]) * np.log(1 - share)).mean() / 2
    assert TASK.baseline(40, test).loss == pytest.approx(cost, rel=0.01)
    always = np.full(held_out.targets.shape, 9.0)
    assert METRICS["exact_sets"].measure(always, held_out.targets, held_out.mask_SB) == 0
    assert TASK.baseline(40).metric == 0


def test_a_sample_reads_as_brackets():
    batch = TASK.train(np.random.default_rng(0), 50, 8)
    index = next(i for i in range(50) if "".join(TASK.input_labels(batch, i)) == "(())")
    right = TASK.sample(batch, index, 40.0 * batch.targets[:, index] - 20)
    assert right[:3] == ("(())", "() () () (", "() () () (")
    wrong = TASK.sample(batch, index, np.full((8, 2), -1.0))
    assert (wrong.prediction, wrong.correct) == ("∅ ∅ ∅ ∅", False)
    assert wrong.confidence == pytest.approx((1 / (1 + np.exp(-1))) ** 8)
