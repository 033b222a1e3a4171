"""Forecasting in a script: windows of a series that stands there as `values`."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.tasks.horizon import HELD_OUT_SHARE, TEST_SHARE

DRAW = '''
train_values = values[: round({share} * len(values))]


def draw(rng):
    """Windows of training values, and what comes `horizon` after {what}."""
    starts = rng.integers(0, len(train_values) - length - horizon + 1, batch_size)
    windows = train_values[starts + np.arange(length + horizon)[:, None]]
    windows = ((windows - train_values.mean()) / train_values.std()).astype(np.float32)[:, :, None]
    return torch.tensor(windows[:length]), torch.tensor(windows[{asked}])
'''

ASKED = {
    "many-to-one": {"what": "the last", "asked": "-1"},
    "many-to-many": {"what": "each", "asked": "horizon:"},
}


def forecast(values: str, design: Design) -> Data:
    """`values` is source that makes the series."""
    draw = DRAW.format(share=1 - HELD_OUT_SHARE - TEST_SHARE, **ASKED[design.topology])
    return Data(values + draw, numbers=(("horizon", int(design.options["horizon"]), "time steps"),))
