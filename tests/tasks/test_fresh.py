"""Fresh symbols: the two sides of the split share no sequence, and each is drawn alike."""

from itertools import product

import numpy as np
import pytest

from rnnlab.tasks.fresh import SYMBOLS, is_held_out, symbols


def all_of(length: int) -> np.ndarray:
    return np.array(list(product(range(len(SYMBOLS)), repeat=length))).T


@pytest.mark.parametrize("length", [3, 4, 5])
def test_one_in_eight_of_all_sequences_is_held_out(length):
    assert is_held_out(all_of(length)).mean() == pytest.approx(1 / 8, abs=3 * (7 / 64 / 8**length) ** 0.5)


@pytest.mark.parametrize("held_out", [False, True])
def test_all_sequences_of_a_side_and_no_others_are_drawn(held_out):
    drawn = symbols(np.random.default_rng(0), 20_000, 3, held_out)
    every = all_of(3)
    of_side = {tuple(row) for row in every[:, is_held_out(every) == held_out].T.tolist()}
    found, counts = np.unique(drawn, axis=1, return_counts=True)
    assert {tuple(row) for row in found.T.tolist()} == of_side
    expected = 20_000 / len(of_side)
    assert ((counts - expected) ** 2 / expected).sum() < len(of_side) + 5 * np.sqrt(2 * len(of_side))


def test_no_symbol_tells_the_side():
    """Of long sequences either side has each symbol at each place alike often."""
    for held_out in (False, True):
        drawn = symbols(np.random.default_rng(1), 8000, 20, held_out)
        shares = np.stack([(drawn == symbol).mean(axis=1) for symbol in range(len(SYMBOLS))])
        assert shares == pytest.approx(np.full(shares.shape, 1 / 8), abs=0.02)


def test_the_side_does_not_depend_on_the_rest_of_the_batch():
    batch = np.random.default_rng(2).integers(0, 8, (12, 500))
    alone = [bool(is_held_out(batch[:, [index]])[0]) for index in range(500)]
    assert is_held_out(batch).tolist() == alone
    assert 30 < sum(alone) < 100
