"""Echo in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.fresh import FRESH

DRAW = '''
def draw(rng):
    """Random symbols; the answer is the symbol (1 to 8) of `delay` time steps ago, a blank (0) at first."""
    heard = symbols(rng)
    targets = np.zeros((length, batch_size), np.int64)
    targets[delay:] = 1 + heard[: length - delay]
    return F.one_hot(torch.tensor(heard), 8).float(), torch.tensor(targets)
'''


def source(design: Design, length: int) -> Data:
    """Random symbols."""
    return Data(FRESH + DRAW, numbers=(("delay", int(design.options["delay"]), "time steps"),))
