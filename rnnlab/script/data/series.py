"""Measured series as scripts carry them, and how places in them are drawn."""

import numpy as np

from rnnlab.script.source import packed
from rnnlab.tasks.series import Doubles

CHOSEN = '''
def chosen(rng, count):
    """Places below `count`, one from each of as many equal stretches as there are sequences, shuffled."""
    stretches = (np.arange(batch_size) + rng.random(batch_size)) * count / batch_size
    return rng.permutation(np.minimum(stretches.astype(np.int64), count - 1))
'''

PACKED = """
# {number:,} values to train on, in the order of time.
values = np.frombuffer(unpack('''
{text}
'''), np.int32) / {scale}
"""


PACKED_DOUBLES = """
# {number:,} values to train on, in the order of time.
values = np.frombuffer(unpack('''
{text}
'''))
"""


def packed_doubles(values_N: Doubles) -> str:
    """The constant `values`, whatever decimals they have."""
    return PACKED_DOUBLES.format(number=len(values_N), text=packed(values_N.astype(np.float64).tobytes()))


def packed_values(values_N: Doubles, decimals: int) -> str:
    """The constant `values`: whole numbers of the last decimal, so that every value comes back exactly."""
    scale = 10**decimals
    whole_N = np.round(values_N * scale).astype(np.int32)
    if not np.array_equal(whole_N / scale, values_N):
        raise ValueError(f"values must have at most {decimals} decimals.")
    return PACKED.format(number=len(values_N), text=packed(whole_N.tobytes()), scale=scale)
