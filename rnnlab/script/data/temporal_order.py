"""Temporal order in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data

DRAW = '''
def draw(rng):
    """Distractors (2 to 5) and, far apart, two symbols, 0 or 1 each; the target is their order."""
    read = rng.integers(2, 6, (length, batch_size))
    first, second = rng.integers(0, 2, (2, batch_size))
    every = np.arange(batch_size)
    read[rng.integers(length // 10, 2 * length // 10, batch_size), every] = first
    read[rng.integers(length // 2, 6 * length // 10, batch_size), every] = second
    return F.one_hot(torch.tensor(read), 6).float(), torch.tensor(2 * first + second)
'''


def source(design: Design, length: int) -> Data:
    """Random symbols."""
    return Data(DRAW)
