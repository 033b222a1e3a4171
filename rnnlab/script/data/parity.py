"""Parity in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data

DRAW = '''
def draw(rng):
    """Strings of random bits, at most half as many as time steps; are the ones{so_far} odd in number?"""
    lengths = rng.integers(1, length // 2 + 1, batch_size)
    bits = rng.integers(0, 2, (length, batch_size))
    valid = np.arange(length)[:, None] < lengths
    inputs = np.stack([(bits == 0) & valid, (bits == 1) & valid], axis=2)
    {answers}
'''


ANSWERS = {
    "many-to-one": """targets = (bits * valid).sum(axis=0) % 2
    return torch.tensor(inputs).float(), torch.tensor(targets), torch.tensor(lengths)""",
    "many-to-many": """targets = (bits * valid).cumsum(axis=0) % 2 * valid
    return torch.tensor(inputs).float(), torch.tensor(targets), torch.tensor(valid)""",
}


SO_FAR = {"many-to-one": "", "many-to-many": " so far"}


def source(design: Design, length: int) -> Data:
    """Random bits."""
    so_far = SO_FAR[design.topology]
    draw = DRAW.format(so_far=so_far, answers=ANSWERS[design.topology])
    return Data(draw, masked=bool(so_far), uneven=True)
