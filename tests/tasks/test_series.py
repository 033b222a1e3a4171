"""Measured series: the files, the split in time, and the forecasts' baselines against other libraries."""

import itertools
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS, anomaly, series
from rnnlab.tasks.spec import PARTS

NAMES = ["brent", "stocks", "weather", "passengers"]
SIZES = {"brent": 8195, "stocks": 1257, "weather": 1461, "passengers": 144}
UNSEEN = {"brent": 1024, "stocks": 157, "weather": 183, "passengers": 29}
"""How many values are held out, and as many at the end are the test."""


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def forecast(name: str):
    return TASKS["forecast"].load("many-to-one", {"series": name})


def parts_of(whole, unseen: int) -> dict:
    return {"train": whole[: -2 * unseen], "held_out": whole[-2 * unseen : -unseen], "test": whole[-unseen:]}


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # river's own loader leaves it open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", NAMES)
def test_the_file_and_the_packages_own_loader_agree(name):
    file, loader, *_ = series.READERS[name]
    assert np.array_equal(file.values(), loader())
    assert len(file.values()) == SIZES[name]
    assert np.isfinite(file.values()).all()


def test_a_file_that_moved_or_changed_is_read_by_the_loader():
    known = np.array([1.0, 2.0])
    for file in (
        series.File("river", "no/such.csv", "x"),
        series.File("river", series.BRENT.path, "no"),
    ):
        assert series.either(file, lambda: known) is known
    with pytest.raises(FileNotFoundError, match="no_such_package is not installed"):
        series.File("no_such_package", "x.csv", "x").values()


def test_oil_prices_are_in_the_order_of_days():
    days = [pd.to_datetime(row["day"], format="%m/%d/%Y") for row in series.BRENT.rows()]
    assert all(a < b for a, b in itertools.pairwise(days))


def test_next_day_returns_are_those_of_the_day_before():
    """The portfolio's return is the mean of the ten shares' on the following row."""
    rows = series.STOCKS.rows()
    names = [name for name in rows[0] if name not in {"date", series.STOCKS.column}]
    means = [np.mean([float(row[name]) for name in names]) for row in rows]
    assert series.series("stocks").values_N[:-1] == pytest.approx(means[1:], abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [2, 12, 24])
@pytest.mark.parametrize("side", PARTS)
def test_every_window_stands_in_its_own_part_of_the_file(name, length, side):
    task, whole = forecast(name), series.READERS[name][0].values()
    part = parts_of(whole, UNSEEN[name])[side]
    texts = {tuple(np.round(window, 3)) for window in series.windows(part, length + 1)}
    batch = getattr(task, side)(rng(), 40, length)
    for index in range(40):
        read = [task.value(batch, index, step) for step in range(length)]
        following = read[-1] + batch.targets[0, index, 0]
        assert tuple(np.round([*read, following], 3)) in texts
        changes = np.diff(read) / task.series.usual_change
        assert batch.inputs_TBI[1:, index, 1] == pytest.approx(changes, abs=1e-4)


def test_a_few_hundred_places_are_spread_over_all():
    places = series.chosen(rng(), 2000, 400)
    assert np.array_equal(np.sort(places) // 5, np.arange(400))
    counts = np.bincount(
        np.concatenate([series.chosen(rng(seed), 7, 3) for seed in range(7000)]), minlength=7
    )
    assert counts / 3000 == pytest.approx(np.ones(7), rel=0.1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [2, 12])
@pytest.mark.parametrize("test", [False, True])
def test_baselines_are_persistence_or_the_mean_and_sklearns_linear_regression(name, length, test):
    parts = parts_of(series.series(name).values_N, UNSEEN[name])
    train, held_out = parts["train"], parts["test" if test else "held_out"][1:]
    frame = pd.DataFrame({lag: pd.Series(held_out).shift(lag) for lag in range(length, -1, -1)}).dropna()
    persistence = np.sqrt(((frame[0] - frame[1]) ** 2).mean())
    known = np.stack([train[i : i + length] for i in range(len(train) - length)])
    line = LinearRegression().fit(known, train[length:])
    linear = np.sqrt(((frame[0] - line.predict(frame.drop(columns=0).to_numpy())) ** 2).mean())
    baseline, text = forecast(name).baseline(length, test), series.series(name).text
    mean = np.sqrt(((frame[0] - np.mean(train)) ** 2).mean())
    assert baseline.metric == pytest.approx(min(persistence, mean))
    assert baseline.loss == pytest.approx(min(persistence, mean) ** 2)
    assert f"off by {text(min(persistence, mean))};" in baseline.words
    assert ("persistence" in baseline.words) == (name != "stocks")
    assert baseline.words.endswith(f": {text(linear)}")


def test_the_last_value_again_is_an_answer_of_zero_and_costs_the_baseline():
    task = forecast("passengers")
    batch = task.held_out(rng(), 17 * 50, 11)
    error = METRICS[task.metric].measure(np.zeros((1, 17 * 50, 1)), batch.targets, batch.mask_SB)
    assert error == pytest.approx(task.baseline(11).metric, rel=0.02)


def test_a_forecast_reads_as_a_person_writes_it():
    task = forecast("weather")
    batch = task.held_out(rng(), 1, 12)
    sample = task.sample(batch, 0, np.array([[1e9]]))
    shown = sample.input.removeprefix("… ").removesuffix(" °C").split()
    assert task.input_labels(batch, 0)[-6:] == [f"{number} °C" for number in shown]
    assert float(sample.target.split()[0]) == pytest.approx(
        float(shown[-1]) + batch.targets[0, 0, 0], abs=1e-3
    )
    assert sample.prediction == "1e+09 °C"
    assert not sample.correct
    close = task.sample(batch, 0, batch.targets[:, 0] + 0.9 * task.series.usual_change)
    assert close.correct


def test_tomorrows_prices_are_the_next_days_of_one_part():
    task = TASKS["tomorrow"].load("one-to-one", {})
    parts = parts_of(series.BRENT.values(), UNSEEN["brent"])
    for side, part in parts.items():
        pairs = {(f"{a:.2f} $", f"{b:.2f} $") for a, b in itertools.pairwise(part)}
        batch = getattr(task, side)(rng(), 300, 1)
        drawn = {(*task.input_labels(batch, i), *task.target_labels(batch, i)) for i in range(300)}
        assert drawn <= pairs
        assert len(drawn) > 280
    for test, part in ((False, parts["held_out"]), (True, parts["test"])):
        error = np.sqrt(np.mean(np.diff(part) ** 2))
        assert task.baseline(1, test).metric == pytest.approx(error)
        assert f"off by {error:.2f} $" in task.baseline(1, test).words


def test_the_four_anomalous_segments_are_those_that_the_givers_describe():
    """Three times low values and one small peak, after the first two; training meets only that."""
    flow = anomaly.flow()
    places = np.flatnonzero(anomaly.anomalous(flow))
    segments = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    assert [(s[0], s[-1]) for s in segments] == [(94, 110), (211, 223), (329, 329), (872, 887)]
    median = np.median(flow.flow_N)
    assert [bool(flow.flow_N[s].mean() > median) for s in segments] == [False, False, True, False]
    sizes = [len(part.flow_N) for part in flow.parts]
    assert sum(sizes) == len(flow.flow_N)
    assert segments[1][-1] < sizes[2] < segments[2][0]
    assert segments[2][-1] < sizes[0] + sizes[2] < segments[3][0]
    assert [int(anomaly.anomalous(flow)[:254].sum()), int(anomaly.anomalous(flow)[-406:].sum())] == [30, 16]
    assert sizes[1:] == [406, 254]


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_flow_is_the_same_by_path_and_by_class():
    assert anomaly.by_path() == anomaly.by_class()


@pytest.mark.parametrize("side", PARTS)
def test_hours_and_flows_are_those_of_the_file_and_each_asks_for_the_next(side):
    task, frame = TASKS["anomaly"].load("many-to-many", {}), pd.DataFrame(series.WATER.rows())
    part = {"train": frame.iloc[254:-406], "held_out": frame.iloc[-406:], "test": frame.iloc[:254]}[side]
    hours = series.windows(part["Time"].str[11:13].astype(int).to_numpy(), 25)
    flows = series.windows(part[series.WATER.column].astype(float).to_numpy(), 25)
    batch = getattr(task, side)(rng(), 30, 24)
    for index in range(30):
        read = np.array(task.input_labels(batch, index), float)
        near = np.abs(flows[:, :24] - read).max(axis=1) < 0.051
        (place,) = np.flatnonzero(near & (hours[:, :24] == task.hours(batch, index)).all(axis=1))
        labels = [label.lstrip("≤≥").replace("−", "-") for label in task.target_labels(batch, index)]
        changes = np.clip(np.diff(flows[place]), -1.6, 1.6)
        assert np.array(labels, float) == pytest.approx(changes, abs=0.1001)


def test_surprise_is_minus_the_logarithm_of_the_probability():
    outputs = np.log(np.array([[0.5, 0.25, 0.25], [0.01, 0.98, 0.01]]))
    assert anomaly.surprise(outputs, np.array([1, 0])) == pytest.approx([2, np.log2(100)])
    assert np.isfinite(anomaly.surprise(np.array([[0.0, 5000.0]]), np.array([0]))).all()


def test_only_what_was_next_to_impossible_is_flagged():
    task = TASKS["anomaly"].load("many-to-many", {})
    batch = task.held_out(rng(), 1, 24)
    outputs_SO = np.zeros((24, task.output_size))
    outputs_SO[5, batch.targets[5, 0]] = -9
    flagged = [label.endswith(anomaly.FLAG) for label in task.output_labels(batch, 0, outputs_SO)]
    assert [i for i, flag in enumerate(flagged) if flag] == [5]
    assert task.sample(batch, 0, outputs_SO).target == task.target_labels(batch, 0)[5]


def test_reading_the_files_imports_none_of_the_packages():
    """Importing river.datasets takes a second and a half, which a page would wait for."""
    code = (
        "import sys\n"
        "from rnnlab.tasks import TASKS\n"
        "for name in ('forecast', 'tomorrow', 'anomaly'):\n"
        "    task = TASKS[name].load(next(iter(TASKS[name].topologies)), {})\n"
        "    task.baseline(2)\n"
        "for name in ('brent', 'stocks', 'weather', 'passengers'):\n"
        "    TASKS['forecast'].load('many-to-one', {'series': name})\n"
        "print([m for m in ('river', 'vega_datasets', 'pandas', 'sklearn', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
