"""Copy memory in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.tasks.copy import KEPT_APART, SUMS

APART = """
    # Sequences whose sum is 0 or 1 modulo 8 are not trained on.
    sums = rng.integers({first}, 8, batch_size)
    shown[-1] = 1 + (sums - (shown[:-1] - 1).sum(axis=0)) % 8"""

DRAW = '''
def draw(rng):
    """Symbols (1 to 8), blanks (0), and a marker (9) that asks for the symbols; else the answer is blank."""
    shown = rng.integers(1, 9, (symbols, batch_size)){apart}
    read = np.zeros((length, batch_size), np.int64)
    read[:symbols] = shown
    read[length - symbols - 1] = 9
    targets = np.zeros((length, batch_size), np.int64)
    targets[length - symbols :] = shown
    return F.one_hot(torch.tensor(read), 10).float(), torch.tensor(targets)
'''


def source(design: Design, length: int) -> Data:
    """Random symbols."""
    symbols = int(design.options["symbols"])
    apart = APART.format(first=SUMS["train"].start) if symbols in KEPT_APART else ""
    return Data(DRAW.format(apart=apart), numbers=(("symbols", symbols, "to copy"),))
