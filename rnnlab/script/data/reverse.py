"""Reversing in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.fresh import FRESH

DRAW = '''
def draw(rng):
    """Random letters, and the same backwards."""
    read = symbols(rng)
    lengths = torch.full((batch_size,), length)
    return F.one_hot(torch.tensor(read), 8).float(), torch.tensor(read[::-1].copy()), lengths
'''


def source(design: Design, length: int) -> Data:
    """Random letters."""
    return Data(FRESH + DRAW, uneven=True)
