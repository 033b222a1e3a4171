"""Fresh random symbols for every update; an eighth of all sequences is held out, and another is the test.

Which part a sequence belongs to follows from its symbols alone, by a hash: so no sequence that was trained on
is ever met again as an unseen one, however short. T time steps, B sequences.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.spec import Part

SYMBOLS = tuple("abcdefgh")
LONGEST = 1000
SEED = 2009
EIGHTHS: dict[Part, tuple[int, ...]] = {"train": (2, 3, 4, 5, 6, 7), "held_out": (0,), "test": (1,)}


@lru_cache(maxsize=1)
def factors_T() -> NDArray[np.uint64]:
    return np.random.default_rng(SEED).integers(0, 2**64, LONGEST, np.uint64)


def belongs(symbols_TB: NDArray[np.int64], part: Part) -> NDArray[np.bool_]:
    """Which sequences (B,) of at most LONGEST symbols belong to a part."""
    numbers_TB = symbols_TB.astype(np.uint64) + np.uint64(1)
    sums_B = (factors_T()[: len(numbers_TB), None] * numbers_TB).sum(axis=0)  # modulo 2^64
    return np.isin(sums_B >> np.uint64(61), EIGHTHS[part])


def symbols(rng: np.random.Generator, batch_size: int, length: int, part: Part) -> NDArray[np.int64]:
    """Sequences (T, B) of indices into SYMBOLS, all alike probable, of one part.

    At least 3 symbols long: of shorter ones a part may have none.
    """
    kept_TB = np.empty((length, 0), np.int64)
    while kept_TB.shape[1] < batch_size:
        drawn_TB = rng.integers(0, len(SYMBOLS), (length, 2 * batch_size))
        kept_TB = np.concatenate([kept_TB, drawn_TB[:, belongs(drawn_TB, part)]], axis=1)
    return kept_TB[:, :batch_size]
