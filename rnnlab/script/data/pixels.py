"""Digits pixel by pixel in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.digits import packed_images
from rnnlab.script.source import UNPACK
from rnnlab.tasks.pixels import SEED

ORDERS = {
    "rows": "np.arange(64)",
    "columns": "np.arange(64).reshape(8, 8).T.ravel()",
    "shuffled": f"np.random.default_rng({SEED}).permutation(64)",
}

DRAW = '''
order = {order}  # which pixel is read at each time step


def draw(rng):
    """Images, one pixel at each time step, white -1 and black 1, and the digits that they show."""
    chosen = images[rng.integers(0, len(images), batch_size)]
    read = 2 * (chosen[:, order[:length]] / np.float32(16)) - 1
    return torch.tensor(read.T)[..., None], torch.tensor(chosen[:, 64]).long()
'''


def source(design: Design, length: int) -> Data:
    """The images that the app trains on."""
    draw = DRAW.format(order=ORDERS[design.options["order"]])
    return Data(f"{UNPACK}\n{draw}", packed=packed_images())
