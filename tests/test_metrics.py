"""Metrics on cases small enough to count by hand. Shapes: S time steps, B sequences, O output size."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.metrics import METRICS, exact_match, written_right
from rnnlab.model.losses import LOSSES

TARGETS_SB = np.array([[0, 1, 2], [2, 2, 0]])
MASK_SB = np.array([[True, True, True], [True, False, True]])
ANSWERS_SB = np.array([[0, 1, 1], [2, 0, 0]])


def outputs_for(answers_SB: np.ndarray, size: int = 3) -> np.ndarray:
    return 5.0 * np.eye(size)[answers_SB]


@pytest.mark.parametrize(
    ("name", "value"),
    [("accuracy", 4 / 5), ("recall", 2 / 3), ("exact_match", 2 / 3)],
)
def test_by_hand(name, value):
    """Of five positions that count four are right; of three that are no blank two; of three columns two."""
    assert METRICS[name].measure(outputs_for(ANSWERS_SB), TARGETS_SB, MASK_SB) == pytest.approx(value)


def test_numbers_by_hand():
    outputs, targets = np.array([[[1.0], [2.0]], [[0.0], [9.0]]]), np.array([[[0.0], [4.0]], [[1.0], [0.0]]])
    mask = np.array([[True, True], [True, False]])
    assert METRICS["mean_squared_error"].measure(outputs, targets, mask) == pytest.approx((1 + 4 + 1) / 3)


def test_even_or_odd_by_hand():
    outputs, targets = np.array([[[0.1], [-3.0], [2.0]]]), np.array([[[1.0], [1.0], [0.0]]])
    mask = np.array([[True, True, False]])
    assert METRICS["binary_accuracy"].measure(outputs, targets, mask) == 0.5


def test_the_last_but_one_by_hand():
    """Columns of two, one and two positions that count: places 0, 0 (there is no other) and 0."""
    measure = METRICS["last_but_one"].measure
    assert measure(outputs_for(ANSWERS_SB), TARGETS_SB, MASK_SB) == pytest.approx(2 / 3)
    three_by_one = np.array([[0], [1], [2]]), np.array([[1], [1], [0]])
    assert measure(outputs_for(three_by_one[0]), three_by_one[1], np.ones((3, 1), bool)) == 1.0


def test_sets_count_only_where_each_symbol_is_right():
    outputs = np.array([[[1.0, -1.0], [1.0, 1.0]], [[-2.0, 3.0], [5.0, -5.0]]])
    targets = np.array([[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]]])
    measure = METRICS["exact_sets"].measure
    assert measure(outputs, targets, np.ones((2, 2), bool)) == 0.5
    assert measure(outputs, targets, np.array([[True, False], [True, True]])) == 1.0


def test_knowing_nothing_costs_log2_of_the_alphabet():
    bits = METRICS["bits_per_symbol"].measure(np.zeros((2, 3, 8)), TARGETS_SB, MASK_SB)
    assert bits == pytest.approx(3.0)


def test_huge_logits_do_not_overflow():
    assert METRICS["bits_per_symbol"].measure(1e4 * outputs_for(TARGETS_SB), TARGETS_SB, MASK_SB) == 0


@given(st.integers(0, 10**6))
def test_bits_are_the_cross_entropy_in_base_two(seed):
    rng = np.random.default_rng(seed)
    outputs = rng.normal(0, 3, (4, 3, 5))
    targets, mask = rng.integers(0, 5, (4, 3)), rng.random((4, 3)) < 0.6
    mask[0, 0] = True
    nats = LOSSES["cross_entropy"].measure(*map(torch.tensor, (outputs, targets, mask)))
    bits = METRICS["bits_per_symbol"].measure(outputs, targets, mask)
    assert bits == pytest.approx(float(nats) / np.log(2), rel=1e-10)


@pytest.mark.parametrize("name", METRICS)
def test_what_is_masked_out_does_not_count(name):
    rng, metric = np.random.default_rng(0), METRICS[name]
    of_classes = name not in (
        "mean_squared_error",
        "root_mean_squared_error",
        "binary_accuracy",
        "exact_sets",
    )
    outputs = rng.normal(size=(3, 4, 3 if of_classes else 1))
    targets = rng.integers(0, 3, (3, 4)) if of_classes else rng.integers(0, 2, (3, 4, 1)).astype(float)
    mask = np.array([[True] * 4, [True, False] * 2, [False] * 4])
    before = metric.measure(outputs, targets, mask)
    garbage = np.where(mask[:, :, None], outputs, 1e6 * rng.normal(size=outputs.shape))
    assert metric.measure(garbage, targets, mask) == before
    assert isinstance(before, float)


@pytest.mark.parametrize("kind", LOSSES)
def test_losses_are_means_over_the_mask(kind):
    rng = np.random.default_rng(1)
    outputs = torch.tensor(rng.normal(size=(3, 4, 2)))
    targets = torch.tensor(rng.integers(0, 2, (3, 4, 2)).astype(float))
    targets = targets[..., 0].long() if LOSSES[kind].classes else targets
    mask = torch.tensor(rng.random((3, 4)) < 0.5)
    one_by_one = [
        LOSSES[kind].measure(
            outputs[s : s + 1, b : b + 1], targets[s : s + 1, b : b + 1], torch.ones(1, 1, dtype=torch.bool)
        )
        for s in range(3)
        for b in range(4)
        if mask[s, b]
    ]
    torch.testing.assert_close(LOSSES[kind].measure(outputs, targets, mask), torch.stack(one_by_one).mean())


def test_text_of_a_metric():
    assert METRICS["accuracy"].text(0.9714) == "97.1 %"
    assert METRICS["mean_squared_error"].text(0.000123456) == "0.000123"


def right_letters(wrote: str, target: str, end: str) -> int:
    """How many letters of a target, its END among them, stand in a text at their place."""
    text = wrote[: wrote.index(end) + 1] if end in wrote else wrote
    return sum(s < len(text) and text[s] == letter for s, letter in enumerate(target))


@pytest.mark.parametrize(
    ("wrote", "target", "right"),
    [
        ("ab$", "ab$", 3),
        ("abb", "ab$", 2),  # it goes on where the target ends
        ("a$b", "abb", 1),  # what comes after its own END was not written
        ("$$$", "ab$", 0),
        ("ab$a", "ab$b", 3),
    ],
)
def test_a_text_that_is_written_by_hand(wrote, target, right):
    letters = {letter: i for i, letter in enumerate("ab$")}
    named, targets = (np.array([[letters[one]] for one in text]) for text in (wrote, target))
    mask = np.ones(named.shape, bool)
    assert right_letters(wrote, target, "$") == right
    assert written_right(outputs_for(named), targets, mask, letters["$"]) == pytest.approx(
        right / len(target)
    )


@given(st.integers(0, 10**6))
def test_what_is_written_against_strings(seed):
    rng = np.random.default_rng(seed)
    texts = ["".join(rng.choice(list("ab"), rng.integers(0, 4))) + "$" for _ in range(5)]
    longest = max(map(len, texts))
    wrote = ["".join(rng.choice(list("ab$"), longest)) for _ in texts]
    wrote[0] = (texts[0] + wrote[0])[:longest]
    letters = {letter: i for i, letter in enumerate("ab$")}
    targets_SB = np.array([[letters[one] for one in text.ljust(longest, "a")] for text in texts]).T
    named_SB = np.array([[letters[one] for one in text] for text in wrote]).T
    mask_SB = np.arange(longest)[:, None] < np.array([len(text) for text in texts])
    right = sum(right_letters(one, text, "$") for one, text in zip(wrote, texts, strict=True))
    share = written_right(outputs_for(named_SB), targets_SB, mask_SB, letters["$"])
    assert share == pytest.approx(right / sum(map(len, texts)))
    same = [one[: one.index("$") + 1] == text for one, text in zip(wrote, texts, strict=True) if "$" in one]
    assert exact_match(outputs_for(named_SB), targets_SB, mask_SB) == pytest.approx(sum(same) / len(texts))


def test_texts_of_one_length_need_no_end():
    named, targets = np.array([[0], [2], [1]]), np.array([[0], [1], [1]])
    assert written_right(outputs_for(named), targets, np.ones((3, 1), bool), None) == pytest.approx(2 / 3)
