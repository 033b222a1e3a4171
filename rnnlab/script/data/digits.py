"""Handwritten digits in a script: the training images are in it, four bits a pixel before compression."""

import numpy as np

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.source import UNPACK, packed
from rnnlab.tasks.digits import ROWS, images

DRAW = '''
def draw(rng):
    """Images {form}, and {what}."""
    chosen = images[rng.integers(0, len(images), batch_size)]
    pixels, digits = chosen[:, :64] / np.float32(16), chosen[:, 64]
    inputs = pixels.reshape(batch_size, {rows}, {pixels}).transpose(1, 0, 2)
    return torch.tensor(inputs), {targets}
'''

QUESTIONS = {
    "digit": ("the digits that they show", "torch.tensor(digits).long()"),
    "even": ("whether their digits are even", "torch.tensor(digits % 2 == 0).float()[:, None]"),
}

PACKED = """
# {number:,} images of 64 pixels from 0 to 16, and after each the digit that it shows.
images = np.frombuffer(unpack('''
{text}
'''), np.uint8).reshape(-1, 65)
"""


def packed_images() -> str:
    """The constant `images`: those that the app trains on."""
    train = images().train
    table = np.column_stack([np.round(train.pixels * 16), train.digits]).astype(np.uint8)
    return PACKED.format(number=len(table), text=packed(table.tobytes()))


def source(design: Design, length: int) -> Data:
    """The images that the app trains on."""
    what, targets = QUESTIONS[design.options["question"]]
    rows = ROWS[design.topology]
    form = "row by row" if rows > 1 else "as a whole"
    draw = DRAW.format(form=form, what=what, rows=rows, pixels=64 // rows, targets=targets)
    return Data(f"{UNPACK}\n{draw}", packed=packed_images())
