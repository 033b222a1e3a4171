"""evaluate: held-out data, beside the baseline, free-running where whole sequences count."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import SHORT, all_designs, every_architecture
from oracles import Network, loss_of, run_alone

from rnnlab import Design, Report, Settings, advance, begin, evaluate, trace
from rnnlab.config import default_settings
from rnnlab.evaluation import TRAIN_SAMPLE, held_out_batch, outputs_on, training_sample
from rnnlab.metrics import METRICS, Metric
from rnnlab.model.network import load_task, tensors
from rnnlab.model.topologies import WIRINGS
from rnnlab.model.weights import directions
from rnnlab.tasks import TASKS


def settings_of(design: Design) -> Settings:
    lengths = design.lengths
    return replace(default_settings(design), length=max(SHORT.get(design.task, lengths.default), lengths.low))


@every_architecture
def test_the_loss_is_that_of_each_sequence_run_alone(design):
    state, settings = begin(design), settings_of(design)
    report = evaluate(state, settings, sequences=6)
    batch = tensors(held_out_batch(design, settings, 6), torch.device("cpu"), torch.float64)
    weights = {name: torch.tensor(w, dtype=torch.float64) for name, w in state.weights.items()}
    net = Network(
        design.cell, design.activation, design.layers, directions(design), weights, design.attention
    )
    loss = loss_of(load_task(design).loss, run_alone(design.topology, net, batch), batch)
    assert report.loss == pytest.approx(float(loss), rel=1e-4)
    assert report.loss == pytest.approx(trace(state, settings, sequences=6).loss, rel=1e-4)
    assert report.update == 0


@pytest.mark.parametrize("task", TASKS)
def test_a_report_holds_the_tasks_metric_and_baseline(task):
    for topology in TASKS[task].topologies:
        design = Design(task=task, topology=topology, hidden_size=4)
        settings = settings_of(design)
        report, loaded = evaluate(begin(design), settings, 8), load_task(design)
        trivial = loaded.baseline(settings.length)
        assert (report.baseline_loss, report.baseline_metric) == (trivial.loss, trivial.metric)
        assert (report.baseline_words, report.baseline_exact) == (trivial.words, trivial.exact)
        assert report.metric_name == loaded.metric
        assert report.metric_label == TASKS[task].metric_label
        assert report.metric_text == METRICS[loaded.metric].text(report.metric)
        assert np.isfinite([report.loss, report.metric]).all()


@every_architecture
def test_the_same_measures_on_training_data(design):
    state, settings = begin(design), replace(settings_of(design), dropout=0.5)
    report, seen = evaluate(state, settings, sequences=6), training_sample(design, settings, 6)
    batch = tensors(seen, torch.device("cpu"), torch.float64)
    weights = {name: torch.tensor(w, dtype=torch.float64) for name, w in state.weights.items()}
    net = Network(
        design.cell, design.activation, design.layers, directions(design), weights, design.attention
    )
    loss = loss_of(load_task(design).loss, run_alone(design.topology, net, batch), batch)
    assert report.train_loss == pytest.approx(float(loss), rel=1e-4)
    metric = METRICS[load_task(design).metric]
    outputs_SBO, _ = outputs_on(state, seen, metric.free_running)
    assert report.train_metric == metric.measure(outputs_SBO, seen.targets, seen.mask_SB)


@pytest.mark.parametrize("task", TASKS)
def test_the_sample_of_training_data_is_always_the_same_and_drawn_for_training(task):
    design = Design(task=task, hidden_size=4)
    settings = settings_of(design)
    seen, again = (training_sample(replace(design, seed=seed), settings, 16) for seed in (0, 9))
    assert all(np.array_equal(a, b) for a, b in zip(seen, again, strict=True))
    drawn = load_task(design).train(np.random.default_rng([TRAIN_SAMPLE]), 16, settings.length)
    assert all(np.array_equal(a, b) for a, b in zip(seen, drawn, strict=True)), "as many as were asked for"
    held = held_out_batch(design, settings, 16)
    same = seen.inputs_TBI.shape == held.inputs_TBI.shape and np.array_equal(seen.inputs_TBI, held.inputs_TBI)
    assert not same or np.unique(held.inputs_TBI, axis=1).shape[1] < 16


def after_preset(name: str, updates: int) -> Report:
    preset = TASKS["nationality"].presets[name]
    design = Design(task="nationality", **preset.design)
    settings = replace(default_settings(design), **preset.settings)
    state, _ = advance(begin(design), settings, updates)
    return evaluate(state, settings)


def test_a_preset_learns_by_heart_and_another_one_less():
    """The gap between training and held-out data opens; dropout and weight decay keep it small."""
    by_heart, held_back = (after_preset(name, 450) for name in ("by-heart", "held-back"))
    assert by_heart.train_metric > by_heart.metric + 0.15
    assert by_heart.loss - by_heart.train_loss > 0.6
    assert held_back.loss - held_back.train_loss < 0.5
    assert held_back.loss < by_heart.loss


def test_it_is_always_the_same_data_whatever_the_seed():
    for design in all_designs()[::7]:
        settings = settings_of(design)
        one, two = (held_out_batch(replace(design, seed=seed), settings, 5) for seed in (0, 9))
        assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
        assert evaluate(begin(design), settings, 5) == evaluate(begin(design), settings, 5)


def test_measuring_changes_nothing():
    design = next(d for d in all_designs() if d.topology == "encoder-decoder")
    settings = settings_of(design)
    state, _ = advance(begin(design), settings, 2)
    before = {name: array.copy() for name, array in state.weights.items()}
    for array in state.weights.values():
        array.flags.writeable = False
    evaluate(state, settings, 4)
    trace(state, settings, sequences=4)
    assert all(np.array_equal(before[name], array) for name, array in state.weights.items())
    after, _ = advance(state, settings, 1)
    again, _ = advance(replace(state, weights=before), settings, 1)
    assert all(np.array_equal(after.weights[name], array) for name, array in again.weights.items())


def test_whole_dates_are_measured_free_running():
    """Teacher forcing would show the truth to the network that should write it."""
    design = Design(task="dates", cell="gru", hidden_size=8)
    state, settings = begin(design), settings_of(design)
    assert METRICS[load_task(design).metric].free_running
    batch = held_out_batch(design, settings, 16)
    free_SBO, forced_loss = outputs_on(state, batch, free_running=True)
    forced_SBO, loss = outputs_on(state, batch, free_running=False)
    assert loss == forced_loss
    assert not np.array_equal(free_SBO, forced_SBO)
    blind = batch._replace(targets=np.zeros_like(batch.targets))
    blind_SBO, _ = outputs_on(state, blind, free_running=True)
    assert np.array_equal(free_SBO, blind_SBO), "free-running outputs know nothing of the targets"


@pytest.mark.parametrize("free_running", [False, True])
def test_the_metric_decides_what_the_network_is_fed(monkeypatch, free_running):
    design = Design(task="dates", cell="gru", hidden_size=8)
    state, settings = begin(design), settings_of(design)
    total = Metric("total", lambda outputs, targets, mask: float(outputs.sum()), True, False, free_running)
    monkeypatch.setitem(METRICS, "exact_match", total)
    wanted, _ = outputs_on(state, held_out_batch(design, settings, 8), free_running)
    other, _ = outputs_on(state, held_out_batch(design, settings, 8), not free_running)
    assert evaluate(state, settings, 8).metric == float(wanted.sum()) != float(other.sum())


@pytest.mark.parametrize("topology", WIRINGS)
def test_a_single_sequence_and_many(topology):
    design = next(d for d in all_designs() if d.topology == topology)
    for sequences in (1, 300):
        assert np.isfinite(evaluate(begin(design), settings_of(design), sequences).loss)


def test_a_broken_network_is_reported_as_it_is():
    state = begin(Design(task="adding", hidden_size=4))
    weights = {name: np.full_like(array, np.nan) for name, array in state.weights.items()}
    report = evaluate(replace(state, weights=weights), Settings(length=5), 4)
    assert np.isnan(report.loss)
    assert np.isnan(report.metric)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is an NVIDIA GPU on this machine")
def test_a_missing_device_is_one_sentence():
    missing = Design(device="cuda")
    with pytest.raises(
        ValueError, match=r"device must be one of auto, cpu.* on this machine: no NVIDIA GPU was found"
    ):
        begin(missing)
    with pytest.raises(ValueError, match="no NVIDIA GPU was found"):
        evaluate(replace(begin(Design()), design=missing), Settings(length=5))


def test_the_automatic_device_is_always_there():
    design = Design(task="adding", hidden_size=4, device="auto")
    _, records = advance(begin(design), Settings(length=5), 1)
    assert np.isfinite(records.loss).all()
