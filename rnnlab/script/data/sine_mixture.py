"""A sine mixture in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.horizon import forecast
from rnnlab.tasks.sine_mixture import FREQUENCIES, NUMBER


def source(design: Design, length: int) -> Data:
    """The series in one line."""
    frequencies = list(FREQUENCIES[: int(design.options["sines"])])
    angles = f"np.arange({NUMBER})[:, None] * np.array({frequencies})"
    return forecast(f"\nvalues = np.sin({angles}).mean(axis=1)\n", design)
