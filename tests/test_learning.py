"""Learning is real: on held-out data, far below the trivial baseline.

The slow tests print their figures: `pytest -m slow -s tests/test_learning.py`.
"""

from time import perf_counter

import pytest

from rnnlab import Design, Settings, advance, begin, default_settings, evaluate
from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS

CASES = [(task, topology) for task, spec in TASKS.items() for topology in spec.topologies]


def trained(design: Design, settings: Settings, updates: int, sequences: int = 1000):
    """The report after so many updates, and a line that tells its figures."""
    started = perf_counter()
    state, _ = advance(begin(design), settings, updates)
    seconds = perf_counter() - started
    report = evaluate(state, settings, sequences)
    trivial = METRICS[report.metric_name].text(report.baseline_metric)
    print(
        f"\n{design.task} {design.topology} {design.cell}-{design.hidden_size} T={settings.length}:"
        f" {updates} updates, {seconds:.0f} s;"
        f" held-out loss {report.loss:.4g} (baseline {report.baseline_loss:.4g}),"
        f" {report.metric_label} {report.metric_text} (baseline {trivial})"
    )
    assert state.divergence is None
    return report


def assert_clearly_better(report, factor: float):
    metric = METRICS[report.metric_name]
    assert report.loss < factor * report.baseline_loss
    if metric.higher_is_better:
        assert report.metric > report.baseline_metric
    else:
        assert report.metric < factor * report.baseline_metric


FACTORS = {"tomorrow": 1.5, "anomaly": 0.96}
"""Where the trivial predictor is hard to beat: today's oil price is the best guess for tomorrow's, and
most changes of a flow of water are noise.
"""


@pytest.mark.slow
@pytest.mark.parametrize(("task", "topology"), CASES)
def test_defaults_beat_the_baseline_within_2000_updates(task, topology):
    design = Design(task=task, topology=topology)
    report = trained(design, default_settings(design), 2000)
    assert_clearly_better(report, FACTORS.get(task, 0.85))


ADDING = Settings(length=100, learning_rate=2e-3, clipping="norm", clip_threshold=1.0)


@pytest.mark.slow
def test_a_gru_adds_over_100_time_steps():
    design = Design(task="adding", cell="gru", hidden_size=64, batch_size=32, optimizer="adam")
    assert trained(design, ADDING, 3000).metric < 0.01


@pytest.mark.slow
def test_a_tanh_rnn_does_not_add_over_100_time_steps():
    design = Design(
        task="adding", cell="rnn", activation="tanh", hidden_size=64, batch_size=32, optimizer="adam"
    )
    assert trained(design, ADDING, 3000).metric > 0.9 / 6


SHORT = {
    ("digits", "one-to-one"): ({}, {}, 150, 0.3),
    ("caption", "one-to-many"): ({}, {}, 200, 0.5),
    ("nationality", "many-to-one"): ({}, {}, 150, 0.8),
    ("counting", "many-to-many"): ({}, {}, 300, 0.4),
    ("relative-time", "encoder-decoder"): ({"hidden_size": 32}, {"length": 10}, 150, 0.6),
}
"""One for each topology, smaller or shorter than its default: seconds instead of minutes."""


@pytest.mark.parametrize(("task", "topology"), SHORT)
def test_a_short_run_learns_what_holds_on_other_data(task, topology):
    design_fields, settings_fields, updates, factor = SHORT[task, topology]
    design = Design(task=task, topology=topology, **design_fields)
    settings = Settings(**{**vars(default_settings(design)), **settings_fields})
    report = trained(design, settings, updates, 300)
    assert report.loss < factor * report.baseline_loss


def test_length_decides_whether_a_tanh_rnn_adds():
    """The same network, 200 updates: it learns at 6 time steps and stays at the baseline at 60."""
    design = Design(task="adding", cell="rnn", activation="tanh", hidden_size=24)
    settings = {length: Settings(length=length, learning_rate=1e-2) for length in (6, 60)}
    reports = {length: trained(design, given, 200, 300) for length, given in settings.items()}
    assert reports[6].metric < 0.6 * reports[6].baseline_metric
    assert reports[60].metric > 0.85 * reports[60].baseline_metric
