"""Looking ahead in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data

DRAW = '''
def draw(rng):
    """Random symbols; the target is the next one, and at the last time step nothing is asked."""
    read = rng.integers(0, 8, (length, batch_size))
    targets = np.roll(read, -1, axis=0)
    mask = torch.ones(length, batch_size, dtype=torch.bool)
    mask[-1] = False
    return F.one_hot(torch.tensor(read), 8).float(), torch.tensor(targets), mask
'''


def source(design: Design, length: int) -> Data:
    """Random symbols."""
    return Data(DRAW, masked=True)
