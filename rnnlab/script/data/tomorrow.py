"""Today's price to tomorrow's in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.series import CHOSEN, packed_values
from rnnlab.script.source import UNPACK
from rnnlab.tasks.series import series

DRAW = '''
def draw(rng):
    """Prices of some days and of the days after them, as distances from the mean price."""
    today = chosen(rng, len(values) - 1)
    read, asked = values[today] - values.mean(), values[today + 1] - values.mean()
    read = torch.tensor(read / values.std())[None, :, None]
    return read.float(), torch.tensor(asked)[:, None].float()
'''


def source(design: Design, length: int) -> Data:
    """The prices that the app trains on."""
    return Data(f"{UNPACK}\n{CHOSEN}\n{DRAW}", packed=packed_values(series("brent").train_N, 2))
