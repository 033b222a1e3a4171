"""The adding problem in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data

DRAW = '''
def draw(rng):
    """Numbers, two of them marked, one in each half; the target is the sum of the two."""
    values = rng.random((length, batch_size), dtype=np.float32)
    marks = np.zeros((length, batch_size), np.float32)
    every = np.arange(batch_size)
    marks[rng.integers(0, length // 2, batch_size), every] = 1
    marks[rng.integers(length // 2, length, batch_size), every] = 1
    targets = (values * marks).sum(axis=0)
    return torch.tensor(np.stack([values, marks], axis=2)), torch.tensor(targets[:, None])
'''


def source(design: Design, length: int) -> Data:
    """Random numbers."""
    return Data(DRAW)
