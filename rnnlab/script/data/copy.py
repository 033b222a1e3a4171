"""Copy memory in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data

DRAW = '''
def draw(rng):
    """Symbols (1 to 8), blanks (0), and a marker (9) that asks for the symbols; else the answer is blank."""
    shown = rng.integers(1, 9, (symbols, batch_size))
    read = np.zeros((length, batch_size), np.int64)
    read[:symbols] = shown
    read[length - symbols - 1] = 9
    targets = np.zeros((length, batch_size), np.int64)
    targets[length - symbols :] = shown
    return F.one_hot(torch.tensor(read), 10).float(), torch.tensor(targets)
'''


def source(design: Design, length: int) -> Data:
    """Random symbols."""
    return Data(DRAW, numbers=(("symbols", int(design.options["symbols"]), "to copy"),))
