"""Sine mixture: forecast a sum of slow waves that never quite repeats.

y_t = (sin 0.2 t + sin 0.311 t + sin 0.42 t) / 3, or the mean of the first one or two. A mixture of K sines
follows an exact linear rule of its last 2K values (for one, y_t = 2 cos(w) y_{t-1} - y_{t-2}), so a linear
autoregression has no error, and a vanilla RNN needs no more than linear units. Repeating the last value
costs the mean of 2 - 2 cos(w h) over the frequencies w, for a horizon h.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.horizon import Forecast
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Lengths, Options, TaskSpec

FREQUENCIES = (0.2, 0.311, 0.42)
"""Radians per time step."""

NUMBER = 4000


def mixture(sines: int) -> NDArray[np.float64]:
    """The first NUMBER values of the mean of so many sines."""
    angles = np.arange(NUMBER)[:, None] * np.array(FREQUENCIES[:sines])
    return np.asarray(np.sin(angles).mean(axis=1))


def load(topology: str, options: Options) -> Forecast:
    chosen = {name: int(options.get(name, option.default)) for name, option in SPEC.options.items()}
    return Forecast(mixture(chosen["sines"]), chosen["horizon"], topology == "many-to-many")


SPEC = TaskSpec(
    label="Sine mixture",
    group="Series",
    sentence="Forecast a sum of waves. To know where it goes the network must know where each wave stands, "
    "which the last value alone does not tell.",
    source="Generated: 4,000 values of sin 0.2t + sin 0.311t + sin 0.42t, divided by 3; the last 30 % are "
    "not trained on.",
    topologies={
        "many-to-one": Lengths(5, 400, 50, "values in a window"),
        "many-to-many": Lengths(5, 400, 50, "values in a window"),
    },
    load=load,
    metric_label="NRMSE, 1: always the mean",
    design={"cell": "rnn", "hidden_size": 32, "recurrent_init": "orthogonal"},
    settings={"learning_rate": 5e-3},
    options={
        "sines": ChoiceOption(
            label="Waves",
            help="How many sines are mixed: each one more is two numbers more to keep in mind.",
            choices={"1": "1 sine", "2": "2 sines", "3": "3 sines"},
            default="3",
        ),
        "horizon": ChoiceOption(
            label="Horizon",
            help="How many time steps ahead the forecast is.",
            choices={"1": "1 time step", **{h: f"{h} time steps" for h in ("5", "10", "20")}},
            default="10",
        ),
    },
    sees_answer=True,
)
