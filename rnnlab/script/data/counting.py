"""Counting a and b in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data

DRAW = '''
def draw(rng):
    """Strings S a...a b...b; the targets are which of a, b and the end may come next."""
    n = rng.integers(1, (length - 1) // 4 + 1, batch_size)  # so many a and as many b
    t = np.arange(length)[:, None]
    starts, in_a, in_b = (t == 0) & (n > 0), (t >= 1) & (t <= n), (t > n) & (t <= 2 * n)
    inputs = np.stack([starts, in_a, in_b], axis=2)
    ends = t == 2 * n
    targets = np.stack([starts | in_a, in_a | (in_b & ~ends), ends], axis=2)
    return torch.tensor(inputs).float(), torch.tensor(targets).float(), torch.tensor(t <= 2 * n)
'''


def source(design: Design, length: int) -> Data:
    """Strings of a random number of a."""
    return Data(DRAW, masked=True, uneven=True)
