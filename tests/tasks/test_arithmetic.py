"""Arithmetic: the answers, against Python's own adding; pairs of one side never meet on the other."""

import numpy as np
import pytest

from rnnlab.tasks import TASKS, arithmetic
from rnnlab.tasks.spec import PARTS

SPEC = TASKS["arithmetic"]
OPTIONS = [{"digits": digits, "order": order} for digits in "123" for order in ("end", "start")]


def drawn(side: str, number: int, length: int, options: dict[str, str]):
    """The sums in a batch and their values, as a person would write them, and how they are read."""
    task = SPEC.load("encoder-decoder", options)
    batch = getattr(task, side)(np.random.default_rng(0), number, length)
    silent = np.zeros((int(options["digits"]) + 1, 11))
    for index in range(number):
        sample = task.sample(batch, index, silent)
        yield sample.input, sample.target, "".join(task.input_labels(batch, index))


def pairs(options: dict[str, str], side: str) -> list[tuple[int, int]]:
    """Each pair of one part, the smaller number first."""
    part = getattr(arithmetic.sums(int(options["digits"]), options["order"] == "end"), side)
    texts = [arithmetic.READ.decode(row) for row in part.read_NT]
    texts = [text[::-1] if options["order"] == "end" else text for text in texts]
    return [tuple(sorted(map(int, text.split("+")))) for text in texts]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("side", PARTS)
def test_the_answer_is_the_sum(options, side):
    for length in (3, 5, 7):
        for text, value, read in drawn(side, 100, length, options):
            first, second = text.split("+")
            assert int(first) + int(second) == int(value)
            assert str(int(value)) == value
            assert max(len(first), len(second)) <= int(options["digits"])
            assert len(text) <= length
            assert read == (text[::-1] if options["order"] == "end" else text)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_no_pair_is_in_two_parts_in_either_order(options):
    parts = [pairs(options, part) for part in PARTS]
    every = [pair for part in parts for pair in part]
    assert len(set(every)) == len(every) == {"1": 55, "2": 5_000, "3": 50_000}[options["digits"]]
    assert [len(part) / len(every) for part in parts] == pytest.approx([0.9, 0.05, 0.05], abs=0.02)


def test_more_digits_keep_the_side_of_the_sums_of_fewer():
    for side in PARTS:
        one, two, three = (set(pairs({"digits": digits, "order": "start"}, side)) for digits in "123")
        assert one < two < three


def test_both_orders_of_a_pair_occur():
    texts = [text for text, _, _ in drawn("train", 400, 5, {"digits": "2", "order": "end"})]
    larger_first = np.mean([int(a) > int(b) for a, b in (text.split("+") for text in texts)])
    assert larger_first == pytest.approx(0.5, abs=0.1)


def test_a_shorter_answer_has_blanks_behind():
    task = SPEC.load("encoder-decoder", {"digits": "3"})
    batch = task.train(np.random.default_rng(0), 50, 3)
    for index in range(50):
        labels = "".join(task.target_labels(batch, index))
        assert len(labels) == 4
        assert labels.rstrip("·") == task.sample(batch, index, np.zeros((4, 11))).target


def test_an_answer_of_blanks_is_shown_as_one():
    task = SPEC.load("encoder-decoder", {})
    batch = task.train(np.random.default_rng(0), 1, 5)
    sample = task.sample(batch, 0, np.eye(11)[[10, 10, 10]])
    assert (sample.prediction, sample.correct) == ("·", False)


@pytest.mark.parametrize("test", [False, True])
def test_the_baseline_is_counted_place_by_place(test):
    """From the values alone: shares of each sign at each place in training, their cost in another part."""
    options = {"digits": "2", "order": "start"}
    parts = "train", "test" if test else "held_out"
    train, held_out = ([str(a + b).ljust(3, "·") for a, b in pairs(options, part)] for part in parts)
    cost = 0.0
    for place in range(3):
        column = [value[place] for value in train]
        share = {sign: (column.count(sign) + 1) / (len(column) + 11) for sign in "0123456789·"}
        cost -= np.mean([np.log(share[value[place]]) for value in held_out]) / 3
    found = SPEC.load("encoder-decoder", options).baseline(5, test)
    assert found.loss == pytest.approx(cost)
    usual = "".join(max("0123456789·", key=[v[place] for v in train].count) for place in range(3))
    assert found.metric == pytest.approx(held_out.count(usual) / len(held_out))
