"""Forecasts some time steps ahead, against closed forms and against doing it by hand."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import rnnlab
from rnnlab.courses import COURSES, Course
from rnnlab.forecasting import (
    Average,
    autoregression,
    average,
    course_of,
    errors_of,
    forecast,
    linear_rule,
    moments,
    path,
)
from rnnlab.own import write_series
from rnnlab.tasks import TASKS

A, B, C = 1.6, -0.8, 3.0
"""x_t = A x_{t-1} + B x_{t-2} + C: a damped swing about 15."""


def swing(number, noise=0.0, seed=0):
    rng, values = np.random.default_rng(seed), [10.0, 12.0]
    for _ in range(number - 2):
        values.append(A * values[-1] + B * values[-2] + C + noise * rng.normal())
    return np.array(values)


def course(values_N, ahead=1, border=150):
    return Course(
        values_N, values_N[:border], border, len(values_N), "g", ahead=ahead, read=None, answer=None
    )


def powers(start, steps):
    """The exact course of the swing: powers of its companion matrix."""
    companion = np.array([[A, B, C], [1, 0, 0], [0, 0, 1]])
    return np.array(
        [(np.linalg.matrix_power(companion, n) @ [start[1], start[0], 1])[0] for n in range(1, steps + 1)]
    )


def test_the_autoregression_finds_the_rule_that_made_the_series():
    np.testing.assert_allclose(autoregression(swing(40), 2), [B, A, C], atol=1e-8)
    found = autoregression(swing(20_000, noise=0.3), 2)
    np.testing.assert_allclose(found, [B, A, C], atol=0.05)
    known = np.column_stack([swing(200, 0.3)[n : n + 195] for n in range(3)] + [np.ones(195)])
    expected = np.linalg.pinv(known) @ swing(200, 0.3)[3:198]
    np.testing.assert_allclose(autoregression(swing(200, 0.3)[:198], 3), expected, rtol=1e-6)


@pytest.mark.parametrize("horizon", [1, 2, 9])
def test_a_rule_goes_on_from_what_it_said(horizon):
    values_N = swing(200, noise=0.5)
    last_B = np.array([150, 171, 190 - horizon])
    rule = linear_rule(np.array([B, A, C]))
    found_HB = path(course(values_N), last_B, horizon, rule, 2)
    for place, path_H in zip(last_B, found_HB.T, strict=True):
        np.testing.assert_allclose(path_H, powers(values_N[place - 1 : place + 1], horizon))


def test_a_rule_for_three_ahead_reads_windows_that_end_three_before():
    values_N, asked = np.arange(200.0), []

    def rule(known_WB, places_B):
        asked.append((known_WB[:, 0].tolist(), places_B.tolist()))
        return known_WB[-1] + 3.25

    found_H = path(course(values_N, ahead=3), np.array([160]), 5, rule, 2)[:, 0]
    assert [known for known, _ in asked] == [
        [157, 158],
        [158, 159],
        [159, 160],
        [160, 161.25],
        [161.25, 162.25],
    ]
    assert [places for _, places in asked] == [[158], [159], [160], [161], [162]]
    assert found_H.tolist() == [161.25, 162.25, 163.25, 164.5, 165.5]


def test_errors_are_in_the_unit_of_the_data():
    assert errors_of(np.array([3.0, -4.0])) == (3.5, np.sqrt(12.5))


OWN = write_series(swing(600, noise=0.2), "Swing", "g")
CASES = {
    "tomorrow": {},
    "forecast": {"series": "weather"},
    "own": {"values": OWN},
    "sine-mixture": {"horizon": "5"},
    "mackey-glass": {},
    "anomaly": {},
}


def run_of(name):
    task = "forecast" if name == "own" else name
    design = rnnlab.Design(task=task, hidden_size=4, task_options=CASES[name])
    return rnnlab.begin(design), rnnlab.default_settings(design)


def test_every_course_has_a_case():
    assert {"forecast" if name == "own" else name for name in CASES} == set(COURSES)


@pytest.mark.parametrize("name", CASES)
def test_one_step_ahead_is_what_the_network_answers_on_the_same_window(name):
    """By hand: the values up to the moment, as the task reads them, through `evaluation`."""
    from rnnlab.evaluation import outputs_on

    state, settings = run_of(name)
    walk = course_of(state.design)
    if walk.ahead > 1:
        return
    found = forecast(state, settings, 40, 3)
    last = walk.first + 40
    assert np.array_equal(found.history[-3:], walk.values_N[last - 2 : last + 1])
    assert np.array_equal(found.truth, walk.values_N[last + 1 : last + 4])
    assert np.array_equal(found.persistence, np.full(3, walk.values_N[last]))
    width = (settings.length or 1) + walk.extra
    path_W = [*walk.values_N[last + 1 - width : last + 1]]
    for step in range(3):
        batch = walk.batch(np.array(path_W[-width:])[:, None], np.array([last + step]))
        outputs, _ = outputs_on(state, batch, free_running=False)
        path_W.append(float(walk.answer(outputs[-1].astype(float), np.array(path_W[-1:]))[0]))
    np.testing.assert_allclose(found.network, path_W[-3:])


@pytest.mark.parametrize("name", CASES)
def test_the_network_reads_as_many_time_steps_as_in_training(name):
    state, settings = run_of(name)
    about = course_of(state.design)
    width = (settings.length or 1) + about.extra
    batch = about.batch(about.values_N[200 : 200 + width, None], np.array([199 + width]))
    task = TASKS[state.design.task].load(state.design.topology, state.design.options)
    drawn = task.held_out(np.random.default_rng(0), 1, settings.length or 1)
    assert batch.inputs_TBI.shape == drawn.inputs_TBI.shape
    assert batch.targets.shape == drawn.targets.shape
    assert batch.targets.dtype == drawn.targets.dtype


@pytest.mark.parametrize("name", CASES)
def test_forecasts_and_averages_of_every_task(name):
    state, settings = run_of(name)
    number = moments(state.design, 5)
    for moment in (1 + 100 * (name == "anomaly"), number - 1):
        found = forecast(state, settings, moment, 5)
        assert len(found.truth) == len(found.network) == len(found.autoregression) == 5
        assert np.isfinite(found.network).all()
        assert found.errors["persistence"] == errors_of(found.persistence - found.truth)
    every = average(state, settings, 5, 20)
    assert isinstance(every, Average)
    assert every.moments == 20
    for name_of, error in every.errors.items():
        assert error.root_mean_squared >= error.mean_absolute > 0
        assert np.sqrt(np.mean(every.by_step[name_of] ** 2)) == pytest.approx(error.root_mean_squared)


def test_the_average_is_that_of_single_forecasts():
    state, settings = run_of("own")
    every = average(state, settings, 4, 7)
    there = moments(state.design, 4)
    chosen = [round(float(place)) for place in np.floor(np.linspace(0, there - 1, 7))]
    singles = [forecast(state, settings, moment, 4) for moment in chosen]
    for name in ("network", "persistence", "autoregression"):
        off = np.array([getattr(one, name) - one.truth for one in singles])
        assert every.errors[name].mean_absolute == pytest.approx(float(np.abs(off).mean()), rel=1e-5)


def test_the_autoregression_is_as_good_as_the_noise_allows():
    """On a swing with noise of 0.2, AR errs by 0.2 one step ahead: what nobody can know."""
    state, settings = run_of("own")
    every = average(state, settings, 1, 64)
    assert every.errors["autoregression"].root_mean_squared == pytest.approx(0.2, rel=0.35)
    assert every.errors["persistence"].root_mean_squared > 0.3
    assert every.unit == "g"


def test_no_forecast_reads_what_comes_after_its_moment():
    """Other values after the moment change no forecast."""
    values_N = swing(600, noise=0.2)
    design = rnnlab.Design(task="forecast", hidden_size=4, task_options={"values": write_series(values_N)})
    state, settings = rnnlab.begin(design), rnnlab.default_settings(design)
    first = forecast(state, settings, 20, 6)
    last = course_of(design).first + 20
    other_N = values_N.copy()
    other_N[last + 1 :] += 5
    other = replace(state, design=replace(design, task_options={"values": write_series(other_N)}))
    second = forecast(other, settings, 20, 6)
    assert not np.allclose(first.truth, second.truth)
    np.testing.assert_array_equal(first.network, second.network)
    np.testing.assert_array_equal(first.autoregression, second.autoregression)


def test_a_trained_network_forecasts_a_sine_mixture_far_better_than_persistence():
    design = rnnlab.Design(task="sine-mixture", hidden_size=16, task_options={"horizon": "1"})
    settings = replace(rnnlab.default_settings(design), length=20)
    state, _ = rnnlab.advance(rnnlab.begin(design), settings, 300)
    errors = average(state, settings, 5, 20).errors
    assert errors["network"].root_mean_squared < errors["persistence"].root_mean_squared / 3
    assert errors["autoregression"].root_mean_squared < 1e-6


@pytest.mark.parametrize(
    ("moment", "horizon", "said"),
    [
        (-1, 3, "moment must be from 0 to"),
        (10**6, 3, "moment must be from 0 to"),
        (0, 0, "horizon must be from 1 to"),
        (0, 10**6, "horizon must be from 1 to"),
    ],
)
def test_what_is_out_of_range_is_named_in_one_sentence(moment, horizon, said):
    state, settings = run_of("forecast")
    with pytest.raises(ValueError, match=rf"^{said} [^\n]+\.$"):
        forecast(state, settings, moment, horizon)


def test_a_task_without_a_series_is_named():
    with pytest.raises(
        ValueError, match=r"^task must be one that forecasts a series \(.*forecast.*\), not 'adding'\.$"
    ):
        moments(rnnlab.Design(task="adding"), 3)


def test_importing_it_loads_no_torch():
    code = "import sys, rnnlab.forecasting; print([m for m in ('torch', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
