"""The networks that ship: there, small, what their table says, and clearly better than knowing nothing."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import rnnlab
from rnnlab import pretrained
from rnnlab.cli import main
from rnnlab.metrics import METRICS
from rnnlab.pretrained import MOST_BYTES, PRETRAINED, Pretrained, folder, load, make, reported
from rnnlab.tasks import TASKS

EVERY = pytest.mark.parametrize("name", PRETRAINED)
TINY = Pretrained("Tiny", "adding", 60, {"hidden_size": 4, "batch_size": 8}, {"length": 5})


def error_of(metric, value):
    """How far a metric is from the best there is: 1 - value where 1 is right, else the value."""
    return 1 - value if METRICS[metric].higher_is_better else value


@EVERY
def test_it_is_there_and_small_and_what_the_table_says(name):
    about, stored = PRETRAINED[name], load(name)
    assert about.file.stat().st_size <= MOST_BYTES
    assert (stored.state.design, stored.settings, stored.state.update) == (
        about.design,
        about.settings,
        about.updates,
    )
    assert stored.state.divergence is None
    assert stored.state.optimizer == {}
    assert [report.update for report in stored.reports] == reported(about.updates)
    assert stored.buckets is not None
    assert stored.buckets.last == about.updates


FACTORS = {"forecast": 0.95}
"""How far its error must be below the trivial predictor's, where it cannot be far."""


@EVERY
def test_it_is_clearly_better_than_the_trivial_predictor(name):
    """Measured now, by `evaluate`; and as the file says it was."""
    stored = load(name)
    report = rnnlab.evaluate(stored.state, stored.settings)
    told = stored.reports[-1]
    same_text = 0.05 if PRETRAINED[name].alphabet else 1e-3  # each Python has its own prose
    assert report.metric == pytest.approx(told.metric, rel=same_text, abs=2e-3)
    trivial, found = (
        error_of(report.metric_name, value) for value in (report.baseline_metric, report.metric)
    )
    assert found < FACTORS.get(name, 0.8) * trivial


@EVERY
def test_its_first_loss_is_that_of_its_seed(name):
    """The same first update again; sums may be ordered otherwise on another kind of processor."""
    about, buckets = PRETRAINED[name], load(name).buckets
    assert buckets is not None
    rows = int(buckets.rows[0])
    _, records = rnnlab.advance(rnnlab.begin(about.design), about.settings, min(rows, 4))
    if rows <= 4:
        assert buckets.loss[0] == pytest.approx(float(records.loss.mean()), rel=1e-3)
    assert float(buckets.best[0]) <= records.loss.min() * (1 + 1e-3)


@EVERY
def test_its_symbols_mean_here_what_they_meant_in_training(name):
    about = PRETRAINED[name]
    assert about.fits
    learned_from_python = "pydoc_data" in TASKS[about.task].source
    assert bool(about.alphabet) == learned_from_python
    if learned_from_python:
        assert not replace(about, alphabet=about.alphabet[1:]).fits


def test_every_topology_has_one():
    assert {about.design.topology for about in PRETRAINED.values()} == set(rnnlab.topologies.TOPOLOGIES)
    assert {about.task for about in PRETRAINED.values()} <= set(TASKS)


def test_no_file_is_left_of_a_network_that_ships_no_more():
    assert {path.stem for path in folder().glob("*")} == set(PRETRAINED)


def test_a_name_that_is_none_is_told_in_one_sentence(capsys):
    with pytest.raises(ValueError, match=r"^name must be one of nationality, [^\n]*, not 'nobody'\.$"):
        load("nobody")
    with pytest.raises(SystemExit) as ended:
        main(["pretrain", "nobody"])
    assert ended.value.code == 2
    assert "name must be one of" in capsys.readouterr().err


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setitem(PRETRAINED, "tiny", TINY)


def test_the_command_makes_a_network_again_bit_for_bit(tiny, tmp_path, capsys):
    assert main(["pretrain", "tiny", "--to", str(tmp_path), "--json"]) == 0
    (made,) = json.loads(capsys.readouterr().out.splitlines()[-1])["made"]
    assert made["name"] == "tiny"
    assert made["updates"] == 60
    stored = rnnlab.load_run(tmp_path / "tiny.npz")
    whole, records = rnnlab.advance(rnnlab.begin(TINY.design), TINY.settings, 60)
    for name, array in whole.weights.items():
        assert array.tobytes() == stored.state.weights[name].tobytes()
    assert stored.reports[-1] == rnnlab.evaluate(whole, TINY.settings)
    assert float(stored.buckets.loss @ stored.buckets.rows) == pytest.approx(float(records.loss.sum()))


def test_what_is_too_large_to_ship_is_refused_and_not_left_behind(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "MOST_BYTES", 100)
    with pytest.raises(ValueError, match=r"^tiny would take more than 0 kB: make its hidden size smaller\.$"):
        make("tiny", tmp_path)
    assert not list(tmp_path.iterdir())


def test_training_goes_on_from_one():
    stored = load("adding")
    state, records = rnnlab.advance(stored.state, stored.settings, 3)
    assert state.update == PRETRAINED["adding"].updates + 3
    assert np.isfinite(records.loss).all()


def test_loading_one_needs_no_torch():
    code = "import sys, rnnlab.pretrained as p; p.load('digits'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.slow
def test_the_adding_network_is_made_again_from_its_table():
    """All of it; not bit for bit, for another processor may order sums otherwise."""
    about = PRETRAINED["adding"]
    run = pretrained.trained(about)
    assert run.reports[-1].metric < 2 * load("adding").reports[-1].metric + 1e-3
    assert replace(run.state, weights={}) == replace(load("adding").state, weights={})
