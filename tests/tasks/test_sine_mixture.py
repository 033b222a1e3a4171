"""Sine mixture: the values against complex exponentials, costs against closed forms."""

import numpy as np
import pytest

from rnnlab.tasks import TASKS
from rnnlab.tasks.sine_mixture import FREQUENCIES, mixture

SINES = list(TASKS["sine-mixture"].options["sines"].choices)
HORIZONS = list(TASKS["sine-mixture"].options["horizon"].choices)


@pytest.mark.parametrize("sines", SINES)
def test_values_are_imaginary_parts_of_turning_numbers(sines):
    turns = [np.exp(1j * frequency) ** np.arange(300) for frequency in FREQUENCIES[: int(sines)]]
    assert mixture(int(sines))[:300] == pytest.approx(
        np.mean([turn.imag for turn in turns], axis=0), abs=1e-9
    )


@pytest.mark.parametrize("sines", [1, 2, 3])
def test_a_mixture_follows_an_exact_rule_of_its_last_values(sines):
    """The product of 1 - 2 cos(w) z + z^2 over the frequencies leaves nothing of it."""
    rule = np.array([1.0])
    for frequency in FREQUENCIES[:sines]:
        rule = np.convolve(rule, [1, -2 * np.cos(frequency), 1])
    assert len(rule) == 2 * sines + 1
    assert np.abs(np.convolve(mixture(sines), rule, "valid")).max() < 1e-11


@pytest.mark.parametrize("sines", SINES)
@pytest.mark.parametrize("horizon", HORIZONS)
def test_repeating_the_last_value_costs_the_closed_form(sines, horizon):
    task = TASKS["sine-mixture"].load("many-to-one", {"sines": sines, "horizon": horizon})
    closed = np.mean([2 - 2 * np.cos(frequency * int(horizon)) for frequency in FREQUENCIES[: int(sines)]])
    assert task.baseline(10).loss == pytest.approx(min(closed, 1), rel=0.05)
    said = f"the last value again {np.sqrt(closed):.2g}"
    assert said in task.baseline(10).words or closed > 0.9


@pytest.mark.parametrize(("taps", "exact"), [(6, True), (5, False)])
def test_a_linear_autoregression_needs_two_values_for_each_sine(taps, exact):
    task = TASKS["sine-mixture"].load("many-to-one", {"sines": "3", "horizon": "1"})
    assert (task.autoregression_nrmse(task.held_out_N, taps) < 1e-9) == exact
