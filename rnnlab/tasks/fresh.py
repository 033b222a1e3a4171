"""Fresh random symbols for every update, with a fixed eighth of all sequences held out.

Which side a sequence is on follows from its symbols alone, by a hash: so no sequence that was trained on
is ever met again as a held-out one, however short. T time steps, B sequences.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SYMBOLS = tuple("abcdefgh")
LONGEST = 1000
SEED = 2009


@lru_cache(maxsize=1)
def factors_T() -> NDArray[np.uint64]:
    return np.random.default_rng(SEED).integers(0, 2**64, LONGEST, np.uint64)


def is_held_out(symbols_TB: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which sequences (B,) of at most LONGEST symbols are held out: one in eight."""
    numbers_TB = symbols_TB.astype(np.uint64) + np.uint64(1)
    sums_B = (factors_T()[: len(numbers_TB), None] * numbers_TB).sum(axis=0)  # modulo 2^64
    return np.asarray(sums_B >> np.uint64(61) == 0)


def symbols(rng: np.random.Generator, batch_size: int, length: int, held_out: bool) -> NDArray[np.int64]:
    """Sequences (T, B) of indices into SYMBOLS, all alike probable, of one side.

    At least 3 symbols long: shorter ones may all be on one side.
    """
    kept_TB = np.empty((length, 0), np.int64)
    while kept_TB.shape[1] < batch_size:
        drawn_TB = rng.integers(0, len(SYMBOLS), (length, 2 * batch_size))
        kept_TB = np.concatenate([kept_TB, drawn_TB[:, is_held_out(drawn_TB) == held_out]], axis=1)
    return kept_TB[:, :batch_size]
