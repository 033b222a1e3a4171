"""The next value of a measured series in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.series import CHOSEN, packed_doubles, packed_values
from rnnlab.script.source import UNPACK
from rnnlab.tasks.forecast import own_series
from rnnlab.tasks.series import series

DECIMALS = 6

DRAW = '''
def draw(rng):
    """Each value and its change from the one before; the target is the change that comes next."""
    drawn = values[chosen(rng, len(values) - length - 1) + np.arange(length + 2)[:, None]]
    usual_change = np.sqrt(np.mean(np.diff(values) ** 2))
    read = (drawn[1:-1] - values.mean()) / values.std()
    inputs = np.stack([read, np.diff(drawn[:-1], axis=0) / usual_change], axis=2)
    return torch.tensor(inputs).float(), torch.tensor(drawn[-1] - drawn[-2])[:, None].float()
'''


def source(design: Design, length: int) -> Data:
    """The values that the app trains on."""
    own = design.options["values"]
    values_N = own_series(own).train_N if own else series(design.options["series"]).train_N
    values = packed_doubles(values_N) if own else packed_values(values_N, DECIMALS)
    return Data(f"{UNPACK}\n{CHOSEN}\n{DRAW}", packed=values)
