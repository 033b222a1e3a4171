"""Mackey-Glass: the series against SciPy's integrator, interval by interval, and its known nature."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from rnnlab.tasks import TASKS
from rnnlab.tasks.mackey_glass import DELAY, mackey_glass, settled


def by_intervals(intervals: int) -> np.ndarray:
    """Each stretch of one delay from the one before, which is known everywhere by dense output."""
    known, start, values = (lambda t: np.array([1.2])), 1.2, []
    for interval in range(intervals):
        begin = interval * DELAY

        def rate(t, x, before=known):
            late = before(t - DELAY)[0]
            return 0.2 * late / (1 + late**10) - 0.1 * x

        found = solve_ivp(
            rate, (begin, begin + DELAY), [start], dense_output=True, rtol=1e-10, atol=1e-12, max_step=1
        )
        known, start = found.sol, found.y[0, -1]
        values.append(found.sol(np.arange(begin, begin + DELAY))[0])
    return np.concatenate(values)


def test_the_series_is_what_scipy_finds():
    expected = by_intervals(12)
    assert mackey_glass(len(expected)) == pytest.approx(expected, abs=2e-7)
    assert np.abs(np.diff(expected)).max() > 0.05


def test_before_the_first_delay_is_over_it_decays_to_a_known_level():
    """With a constant past, x' = c - 0.1 x has a closed form."""
    level = 0.2 * 1.2 / (1 + 1.2**10) / 0.1
    t = np.arange(DELAY + 1)
    assert mackey_glass(DELAY + 1) == pytest.approx(level + (1.2 - level) * np.exp(-0.1 * t), abs=1e-9)


def test_it_wanders_without_repeating():
    values = settled()
    assert len(values) == 5000
    assert 0.2 < values.min() < 0.5
    assert 1.2 < values.max() < 1.4
    windows = np.lib.stride_tricks.sliding_window_view(values, 50)
    apart = np.abs(windows[1000:] - windows[0]).max(axis=1)
    assert apart.min() > 1e-3


def test_the_cells_have_something_to_gain_over_a_line():
    """A linear forecast leaves a tenth of the spread at 6 time steps, and nearly half at 17."""
    tasks = {h: TASKS["mackey-glass"].load("many-to-one", {"horizon": h}) for h in ("1", "6", "17")}
    errors = {h: task.autoregression_nrmse(task.held_out_N, 50) for h, task in tasks.items()}
    assert errors["1"] < 0.01 < errors["6"] < 0.2 < errors["17"] < 0.6
