"""Forecasting: windows and answers against plain indexing, baselines against all windows and scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS
from rnnlab.tasks.horizon import LEVELS, Forecast, number
from rnnlab.tasks.spec import PARTS

CASES = [
    pytest.param(name, topology, horizon, id=f"{name}-{topology}-{horizon}")
    for name in ("sine-mixture", "mackey-glass")
    for topology in TASKS[name].topologies
    for horizon in TASKS[name].options["horizon"].choices
]
every_case = pytest.mark.parametrize(("name", "topology", "horizon"), CASES)
WALK_N = np.random.default_rng(5).normal(size=400).cumsum() / 5 + 3


def loaded(name: str, topology: str, horizon: str) -> Forecast:
    return TASKS[name].load(topology, {"horizon": horizon})


@every_case
@pytest.mark.parametrize("side", PARTS)
def test_a_window_is_a_stretch_of_its_part_and_the_answer_comes_after_the_horizon(
    name, topology, horizon, side
):
    task = loaded(name, topology, horizon)
    values, border, middle = task.values_N, *(round(share * len(task.values_N)) for share in (0.7, 0.85))
    own = {"train": values[:border], "held_out": values[border:middle], "test": values[middle:]}[side]
    batch = getattr(task, side)(np.random.default_rng(0), 20, 30)
    for index in range(20):
        read = [float(label) for label in task.input_labels(batch, index)]
        asked = [float(label) for label in task.target_labels(batch, index)]
        misses = np.abs(np.lib.stride_tricks.sliding_window_view(own, 30) - read).max(axis=1)
        starts = np.flatnonzero(misses < 6e-4)
        places = range(30) if topology == "many-to-many" else [29]
        wanted = np.array(
            [[own[s + t + int(horizon)] for t in places] for s in starts if s + 29 + int(horizon) < len(own)]
        )
        assert (np.abs(wanted - asked).max(axis=1) < 6e-4).any()


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("horizon", [1, 7])
@pytest.mark.parametrize(
    "values_N", [WALK_N, np.random.default_rng(6).normal(size=400)], ids=["walk", "noise"]
)
@pytest.mark.parametrize("test", [False, True])
def test_the_baseline_is_the_better_of_two_over_all_unseen_windows(everywhere, horizon, values_N, test):
    task, own = Forecast(values_N, horizon, everywhere), values_N[340:] if test else values_N[280:340]
    errors = {"the last value again": [], "the training mean": []}
    for start in range(len(own) - 10 - horizon + 1):
        for t in range(10) if everywhere else [9]:
            asked = own[start + t + horizon]
            errors["the last value again"].append((asked - own[start + t]) ** 2 / values_N[:280].var())
            errors["the training mean"].append((asked - values_N[:280].mean()) ** 2 / values_N[:280].var())
    means = {name: np.mean(found) for name, found in errors.items()}
    best = min(means, key=means.get)
    assert task.baseline(10, test).loss == pytest.approx(means[best])
    assert task.baseline(10, test).metric == pytest.approx(means[best] ** 0.5)
    assert task.baseline(10, test).words.startswith(best)


@pytest.mark.parametrize("horizon", [1, 7])
def test_the_linear_autoregression_is_scikit_learns(horizon):
    task = Forecast(WALK_N, horizon, False)
    rows = {
        part: np.array([values[start : start + 10 + horizon] for start in range(len(values) - 9 - horizon)])
        for part, values in (("train", WALK_N[:280]), ("unseen", WALK_N[340:]))
    }
    fitted = LinearRegression().fit(rows["train"][:, :10], rows["train"][:, -1])
    asked = rows["unseen"][:, -1]
    nrmse = np.sqrt(np.mean((fitted.predict(rows["unseen"][:, :10]) - asked) ** 2) / WALK_N[:280].var())
    assert task.autoregression_nrmse(WALK_N[340:], 10) == pytest.approx(nrmse, rel=1e-6)


@every_case
def test_answering_the_mean_costs_about_one(name, topology, horizon):
    task = loaded(name, topology, horizon)
    batch = task.held_out(np.random.default_rng(0), 3000, 20)
    zeros = np.zeros(batch.targets.shape)
    cost = METRICS["root_mean_squared_error"].measure(zeros, batch.targets, batch.mask_SB)
    assert cost == pytest.approx(1, abs=0.05)
    assert task.baseline(20).loss < 1.03


def test_heights_follow_the_values():
    task = Forecast(np.arange(100.0), 1, False)
    drawn = task.columns(task.scaled(np.array([0, 39.5, 79, 500, -500])))
    assert drawn == LEVELS[0] + LEVELS[4] + LEVELS[-1] + LEVELS[-1] + LEVELS[0]


def test_numbers_as_people_write_them():
    assert [number(value) for value in (0.12345, -0.0001, -2.5, 1e9)] == ["0.123", "0.000", "-2.500", "1e+09"]
