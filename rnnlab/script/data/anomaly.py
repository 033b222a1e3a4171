"""Surprises in a flow of water in a script."""

import numpy as np

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.series import CHOSEN, packed_values
from rnnlab.script.source import UNPACK, packed
from rnnlab.tasks.anomaly import LARGEST, STEP, USUAL, flow

DRAW = f'''
def draw(rng):
    """Flows, hour by hour, and the clock; the target is the change to the next hour's, in steps."""
    places = chosen(rng, len(values) - length) + np.arange(length)[:, None]
    angle = 2 * np.pi * hours[places] / 24
    inputs = np.stack([np.arcsinh(values[places] - {USUAL}), np.sin(angle), np.cos(angle)], axis=2)
    changes = np.round((values[places + 1] - values[places]) / {STEP})
    targets = torch.tensor(np.clip(changes, -{LARGEST}, {LARGEST}) + {LARGEST})
    return torch.tensor(inputs).float(), targets.long()
'''

HOURS = """
# The hour of the day of each.
hours = np.frombuffer(unpack('''
{text}
'''), np.uint8).astype(np.int64)
"""


def source(design: Design, length: int) -> Data:
    """The readings that the app trains on."""
    part = flow().parts.train
    hours = HOURS.format(text=packed(part.hour_N.astype(np.uint8).tobytes()))
    return Data(f"{UNPACK}\n{CHOSEN}\n{DRAW}", packed=packed_values(part.flow_N, 2) + hours)
