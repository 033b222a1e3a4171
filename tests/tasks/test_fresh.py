"""Fresh symbols: no two parts share a sequence, and each is drawn alike."""

from itertools import product

import numpy as np
import pytest

from rnnlab.tasks.fresh import SYMBOLS, belongs, symbols

SHARES = {"train": 6 / 8, "held_out": 1 / 8, "test": 1 / 8}


def all_of(length: int) -> np.ndarray:
    return np.array(list(product(range(len(SYMBOLS)), repeat=length))).T


@pytest.mark.parametrize("length", [3, 4, 5])
def test_every_sequence_is_in_one_part_and_one_in_eight_is_held_out(length):
    parts = {part: belongs(all_of(length), part) for part in SHARES}
    assert (np.sum(list(parts.values()), axis=0) == 1).all()
    for part, share in SHARES.items():
        assert parts[part].mean() == pytest.approx(share, abs=4 * (share * (1 - share) / 8**length) ** 0.5)


@pytest.mark.parametrize("part", SHARES)
def test_all_sequences_of_a_part_and_no_others_are_drawn(part):
    drawn = symbols(np.random.default_rng(0), 20_000, 3, part)
    every = all_of(3)
    of_part = {tuple(row) for row in every[:, belongs(every, part)].T.tolist()}
    found, counts = np.unique(drawn, axis=1, return_counts=True)
    assert {tuple(row) for row in found.T.tolist()} == of_part
    expected = 20_000 / len(of_part)
    assert ((counts - expected) ** 2 / expected).sum() < len(of_part) + 5 * np.sqrt(2 * len(of_part))


def test_no_symbol_tells_the_part():
    """Of long sequences each part has each symbol at each place alike often."""
    for part in SHARES:
        drawn = symbols(np.random.default_rng(1), 8000, 20, part)
        shares = np.stack([(drawn == symbol).mean(axis=1) for symbol in range(len(SYMBOLS))])
        assert shares == pytest.approx(np.full(shares.shape, 1 / 8), abs=0.02)


def test_the_part_does_not_depend_on_the_rest_of_the_batch():
    batch = np.random.default_rng(2).integers(0, 8, (12, 500))
    alone = [bool(belongs(batch[:, [index]], "test")[0]) for index in range(500)]
    assert belongs(batch, "test").tolist() == alone
    assert 30 < sum(alone) < 100
