"""The Mackey-Glass series in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.horizon import forecast
from rnnlab.tasks.mackey_glass import BEFORE, LAG, LEFT_OUT, NUMBER, STEP, STEPS_PER_UNIT

SERIES = f'''
def production(x):
    """What a value adds to the rate after the delay of {LAG} steps."""
    return 0.2 * x / (1 + x**10)


def mackey_glass():
    """The series by Runge and Kutta's rule with steps of {STEP}, without its first {LEFT_OUT} time units."""
    x, found = {BEFORE}, [{BEFORE}]
    made, halfway = [production(x)] * {LAG + 1}, [production(x)] * {LAG}
    for start in range({(LEFT_OUT + NUMBER - 1) * STEPS_PER_UNIT}):
        k1 = made[start] - 0.1 * x
        k2 = halfway[start] - 0.1 * (x + {STEP} / 2 * k1)
        k3 = halfway[start] - 0.1 * (x + {STEP} / 2 * k2)
        k4 = made[start + 1] - 0.1 * (x + {STEP} * k3)
        now = x + {STEP} / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        slowing = k1 - (made[start + 1] - 0.1 * now)
        halfway.append(production((x + now) / 2 + {STEP} / 8 * slowing))  # by Hermite's cubic
        made.append(production(now))
        x = now
        found.append(x)
    return np.array(found[{LEFT_OUT * STEPS_PER_UNIT}::{STEPS_PER_UNIT}])


values = mackey_glass()
'''


def source(design: Design, length: int) -> Data:
    """The series, computed anew."""
    return forecast(SERIES, design)
