"""Mackey-Glass: forecast a chaotic series that a delay makes.

dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x with tau = 17 (Mackey and Glass, 1977: blood cells), by
Runge and Kutta's fourth-order rule with steps of 0.1 from x = 1.2 before t = 0, one value a time unit, the
first 1,000 left out. Gers, Eck and Schmidhuber (2001) found that an LSTM does no better here than a
feed-forward network on a window, so the linear autoregression beside the baseline is worth a look.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.horizon import Forecast
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Lengths, Options, TaskSpec

DELAY, STEP, BEFORE = 17, 0.1, 1.2
STEPS_PER_UNIT = round(1 / STEP)
LAG = DELAY * STEPS_PER_UNIT
LEFT_OUT, NUMBER = 1000, 5000


def production(x: float) -> float:
    """What a value adds to the rate, DELAY later."""
    return 0.2 * x / (1 + x**10)


def after(x: float, start: float, middle: float, end: float) -> float:
    """x one STEP later, by Runge and Kutta, where it grows by these and shrinks by a tenth of itself."""
    k1 = start - 0.1 * x
    k2 = middle - 0.1 * (x + STEP / 2 * k1)
    k3 = middle - 0.1 * (x + STEP / 2 * k2)
    k4 = end - 0.1 * (x + STEP * k3)
    return x + STEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def mackey_glass(units: int) -> NDArray[np.float64]:
    """x at t = 0, 1, ... `units` - 1."""
    x, values = BEFORE, [BEFORE]
    made, made_halfway = [production(BEFORE)] * (LAG + 1), [production(BEFORE)] * LAG
    for i in range((units - 1) * STEPS_PER_UNIT):
        now = after(x, made[i], made_halfway[i], made[i + 1])
        slowing = (made[i] - 0.1 * x) - (made[i + 1] - 0.1 * now)
        made_halfway.append(production((x + now) / 2 + STEP / 8 * slowing))  # by Hermite's cubic
        made.append(production(now))
        values.append(x := now)
    return np.array(values[::STEPS_PER_UNIT])


@lru_cache(maxsize=1)
def settled() -> NDArray[np.float64]:
    """The series without its start, computed once."""
    return mackey_glass(LEFT_OUT + NUMBER)[LEFT_OUT:]


def load(topology: str, options: Options) -> Forecast:
    horizon = int(options.get("horizon", SPEC.options["horizon"].default))
    return Forecast(settled(), horizon, topology == "many-to-many")


SPEC = TaskSpec(
    label="Mackey-Glass series",
    group="Series",
    sentence="Forecast a chaotic series: it almost repeats, and small differences grow. How far ahead can "
    "the network see, and does it beat a straight line through the last values?",
    source="Generated: 5,000 values of the Mackey-Glass equation, delay 17; the last 30 % are "
    "not trained on.",
    topologies={
        "many-to-one": Lengths(5, 400, 50, "values in a window"),
        "many-to-many": Lengths(5, 400, 50, "values in a window"),
    },
    load=load,
    metric_label="NRMSE, 1: always the mean",
    design={"cell": "lstm", "hidden_size": 32},
    settings={"learning_rate": 5e-3},
    options={
        "horizon": ChoiceOption(
            label="Horizon",
            help="How many time steps ahead the forecast is; 84 is the literature's hard case.",
            choices={"1": "1 time step", **{h: f"{h} time steps" for h in ("6", "17", "84")}},
            default="6",
        ),
    },
    sees_answer=True,
)
