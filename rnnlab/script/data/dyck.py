"""Balanced brackets in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data

DRAW = '''
def draw(rng):
    """Balanced brackets; the targets are whether an opening and a closing one may come next."""
    n = np.arange(1, length // 4)
    chances = np.cumprod(np.concatenate([[1.0], (2 * n + 1) / (2 * (n + 2))]))
    pairs = 1 + rng.choice(length // 4, batch_size, p=chances / chances.sum())
    place = np.arange(length + 1)[:, None]
    keys = np.where(place <= 2 * pairs, rng.random((length + 1, batch_size)), 2.0)
    opens = keys.argsort(axis=0).argsort(axis=0) < pairs
    circle = np.where(place <= 2 * pairs, np.where(opens, 1, -1), 0)  # closes once more than it opens
    begins = circle.cumsum(axis=0).argmin(axis=0) + 1  # from there the depth stays above zero to the last
    turned = np.take_along_axis(circle, (place + begins) % (2 * pairs + 1), axis=0)
    steps = np.where(place < 2 * pairs, turned, 0)[:-1]
    mask = steps != 0
    inputs = np.stack([steps == 1, steps == -1], axis=2)
    targets = np.stack([mask, mask & (steps.cumsum(axis=0) > 0)], axis=2)
    return torch.tensor(inputs).float(), torch.tensor(targets).float(), torch.tensor(mask)
'''


def source(design: Design, length: int) -> Data:
    """Random strings of the grammar."""
    return Data(DRAW, masked=True, uneven=True)
