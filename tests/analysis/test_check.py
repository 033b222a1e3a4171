"""The NumPy forward pass against the traces, and the gradients against finite differences of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from architectures import SHORT, all_designs, every_architecture, name_of

import rnnlab
from rnnlab.analysis.check import check_gradient, check_weight_gradient
from rnnlab.analysis.forward import forward
from rnnlab.analysis.slopes import shrinking, slope
from rnnlab.config import Design, Settings
from rnnlab.model.cells import CELLS
from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import Batch
from rnnlab.tracing import trace
from rnnlab.training import begin


@every_architecture
def test_the_numpy_network_gives_the_traces_outputs_and_loss(design):
    traced = trace(begin(design), Settings(length=SHORT[design.task]), sequences=4)
    again = forward(traced, range(4))
    np.testing.assert_allclose(again.outputs_SBO, traced.outputs, rtol=1e-10, atol=1e-13)
    assert again.loss_B.sum() == pytest.approx(traced.loss, rel=1e-11)
    alone = forward(traced, [2, 2])
    np.testing.assert_allclose(alone.outputs_SBO[:, 1], traced.outputs[:, 2], rtol=1e-10, atol=1e-13)
    assert alone.loss_B == pytest.approx([again.loss_B[2]] * 2, rel=1e-11)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_its_loss_in_numpy_too(task):
    for topology in TASKS[task].topologies:
        design = Design(task=task, topology=topology, hidden_size=5)
        traced = trace(begin(design), rnnlab.default_settings(design), sequences=5)
        assert forward(traced, range(5)).loss_B.sum() == pytest.approx(traced.loss, rel=1e-11)


def trained_looking(design, length=None, window=0, sequences=3, gain=2.0):
    """Random weights, twice their usual size, so that gates are neither open nor shut."""
    state = begin(design)
    larger = {name: gain * w for name, w in state.weights.items()}
    settings = Settings(length=length or SHORT[design.task], tbptt_window=window)
    return trace(replace(state, weights=larger), settings, sequences=sequences)


@pytest.mark.parametrize("window", [0, 3])
@every_architecture
def test_every_layer_and_state_is_confirmed(design, window):
    traced = trained_looking(design, window=window)
    for name, layer in traced.layers.items():
        for state in ("h", "c")[: 1 + (layer.c is not None)]:
            for time_step in {1, int(layer.valid[:, 1].sum())}:
                check = check_gradient(traced, name, time_step, state, sequence=1)
                assert check.resolved, check.words
                assert check.relative_error < 1e-6, check.words
                assert (check.every_path is None) == (window == 0)


@pytest.mark.parametrize("window", [0, 3])
@pytest.mark.parametrize("design", all_designs()[::5], ids=name_of)
def test_the_weights_gradients_are_confirmed(design, window):
    traced = trained_looking(design, window=window)
    for name in [None, *list(traced.gradients)[::5]]:
        check = check_weight_gradient(traced, name)
        assert check.relative_error < 1e-6, (name, check.words)


def scaled(traced, name, factor):
    layer = traced.layers[name]
    wrong = replace(layer, grad_h=factor * layer.grad_h)
    return replace(traced, layers={**traced.layers, name: wrong})


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_wrong_gradient_is_caught(cell):
    traced = trained_looking(Design(task="copy", cell=cell, hidden_size=5), length=30)
    name = "recurrent/0/forward"
    check = check_gradient(scaled(traced, name, 1.01), name, 7)
    assert check.resolved
    assert check.relative_error == pytest.approx(0.01 / 1.01, rel=1e-4)
    assert "one of them is wrong" in check.words
    turned = replace(traced.layers[name], grad_h=traced.layers[name].grad_h[..., ::-1])
    check = check_gradient(replace(traced, layers={name: turned}), name, 7)
    assert check.relative_error > 0.01
    gradients = {**traced.gradients, "bias_ih_l0": 1.01 * traced.gradients["bias_ih_l0"]}
    check = check_weight_gradient(replace(traced, gradients=gradients), "bias_ih_l0")
    assert check.relative_error == pytest.approx(0.01 / 1.01, rel=1e-4)


def test_what_is_said_of_a_gradient_that_agrees():
    traced = trained_looking(Design(task="adding", cell="gru", hidden_size=5))
    check = check_gradient(traced, time_step=10, sequence=2)
    assert (check.layer, check.time_step, check.state, check.sequence) == ("recurrent/0/forward", 10, "h", 2)
    assert check.loss == traced.loss
    assert check.words.startswith(f"‖dL/dh_10‖ is {check.analytic:.6g}; nudging gives {check.numeric:.6g}.")
    assert "They agree to" in check.words
    fixed = check_gradient(traced, time_step=10, sequence=2, step=1e-3)
    assert fixed.step_size == pytest.approx(1e-3 / 3)
    assert fixed.relative_error < 1e-6


def linear_chain(gain, length, window=0, **weights):
    design = Design(task="adding", cell="rnn", activation="identity", hidden_size=4)
    state = begin(design)
    q, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))
    new = {**state.weights, "weight_hh_l0": gain * q, **weights}
    return trace(replace(state, weights=new), Settings(length=length, tbptt_window=window), sequences=2)


@pytest.mark.parametrize(("gain", "length"), [(0.1, 40), (0.01, 400)])
def test_a_gradient_below_the_losss_rounding_is_seen_with_more_digits_or_not_at_all(
    gain, length, monkeypatch
):
    check = check_gradient(linear_chain(gain, length))
    assert check.resolved
    assert check.relative_error < 1e-9
    monkeypatch.setattr("rnnlab.analysis.check.affordable", lambda trace: False)
    check = check_gradient(linear_chain(gain, length))
    assert not check.resolved
    assert np.isnan(check.relative_error)
    assert "neither confirms nor refutes" in check.words
    assert check.log10_analytic == pytest.approx((length - 1) * np.log10(gain), abs=3)
    if length == 400:
        assert check.analytic == 0
        assert "10^-79" in check.words


def test_a_gradient_behind_a_cut_is_0_and_the_loss_feels_every_path():
    traced = linear_chain(0.9, 20, window=8)
    check = check_gradient(traced, time_step=5)
    assert (check.analytic, check.numeric, check.relative_error) == (0, 0, 0)
    whole = check_gradient(linear_chain(0.9, 20), time_step=5)
    assert check.every_path == pytest.approx(whole.analytic, rel=1e-6)
    assert "cut every 8 time steps" in check.words
    weights = check_weight_gradient(traced)
    assert weights.relative_error < 1e-6
    assert weights.every_path != pytest.approx(weights.numeric, rel=1e-3)


def test_a_gradient_of_exactly_0():
    mute = np.zeros((1, 4))
    traced = linear_chain(0.9, 6, **{"readout.weight": mute})
    for check in (check_gradient(traced), check_weight_gradient(traced, "weight_hh_l0")):
        assert check.resolved
        assert (check.analytic, check.numeric, check.relative_error) == (0, 0, 0)
        assert "nudging does not change the loss at all" in check.words
    said_0 = replace(traced, weights=linear_chain(0.9, 6).weights, grad_outputs=0 * traced.grad_outputs)
    assert check_gradient(said_0, time_step=6).relative_error == pytest.approx(1)


def test_an_exploding_gradient_is_confirmed_too():
    check = check_gradient(linear_chain(2.0, 40))
    assert check.analytic > 1e10
    assert check.relative_error < 1e-6


def test_numbers_that_are_not_finite_have_nothing_to_compare():
    traced = linear_chain(np.nan, 6)
    for check in (check_gradient(traced), check_weight_gradient(traced)):
        assert not check.resolved
        assert np.isnan(check.relative_error)
        assert "not a finite number: there is nothing to compare." in check.words


def test_a_thousand_time_steps_and_one():
    for length in (1, 1000):
        inputs = np.random.default_rng(1).standard_normal((length, 2, 2)).astype(np.float32)
        batch = Batch(inputs, np.ones((1, 2, 1), np.float32), np.ones((1, 2), bool), np.full(2, length))
        design = Design(task="adding", cell="rnn", hidden_size=1, recurrent_init="identity")
        traced = trace(begin(design), Settings(length=100), batch)
        assert check_gradient(traced, time_step=length).relative_error < 1e-6


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"time_step": 0}, "time_step must be a whole number from 1 to 6, not 0."),
        ({"time_step": 7}, "time_step must be a whole number from 1 to 6, not 7."),
        ({"state": "c"}, "state must be one that recurrent/0/forward has, not 'c'."),
        ({"layer": "top"}, "layer must be one of recurrent/0/forward, not 'top'."),
        ({"sequence": 2}, "sequence must be a whole number from 0 to 1."),
        ({"step": 0.0}, "step must be a finite number above 0, not 0.0."),
    ],
)
def test_what_cannot_be_checked_is_refused(asked, words):
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        check_gradient(linear_chain(0.9, 6), **asked)
    assert str(refused.value) == words


def test_a_weight_that_is_not_there():
    traced = linear_chain(0.9, 6)
    with pytest.raises(ValueError, match=r"name must be one of weight_ih_l0, .*; not 'w'\."):
        check_weight_gradient(traced, "w")
    with pytest.raises(ValueError, match="made without weight gradients"):
        check_weight_gradient(replace(traced, gradients={}))


def test_a_slope_is_extrapolated_to_step_0():
    found = slope(np.exp, shrinking(0.3, 10), rounding=1e-15)
    assert found.value == pytest.approx(1, abs=1e-12)
    assert found.uncertainty < 1e-11
    assert found.step > 1e-3, "a small step would lose digits"


@pytest.mark.parametrize("cell", CELLS)
def test_a_gradient_that_float64_cannot_see_is_checked_with_more_digits(cell):
    """Smaller than any difference of two losses of about 1, and still confirmed, or refuted."""
    design = Design(task="adding", cell=cell, hidden_size=6, recurrent_gain=0.2, forget_bias=-3)
    traced = trace(begin(design), Settings(length=60), sequences=2)
    check = check_gradient(traced, time_step=1, sequence=1)
    assert check.analytic < 1e-17
    assert check.resolved
    assert check.digits > 60
    assert check.relative_error < 1e-11
    layer = traced.layers[check.layer]
    wrong = replace(layer, grad_h=layer.grad_h * 1.01)
    refuted = check_gradient(replace(traced, layers={check.layer: wrong}), time_step=1, sequence=1)
    assert refuted.relative_error == pytest.approx(0.01, rel=0.02)
    assert "one of them is wrong" in refuted.words


def test_a_gradient_below_the_smallest_float_is_checked_by_its_logarithm():
    design = Design(task="adding", cell="rnn", hidden_size=3, recurrent_gain=0.01)
    traced = trace(begin(design), Settings(length=200), sequences=1)
    check = check_gradient(traced, time_step=1)
    assert check.analytic == check.numeric == 0
    assert check.log10_analytic < -350
    assert check.log10_numeric == pytest.approx(check.log10_analytic, rel=1e-13)
    assert check.resolved


def test_a_network_too_large_for_long_numbers_says_so():
    design = Design(task="adding", cell="lstm", hidden_size=128, forget_bias=-3, recurrent_gain=0.2)
    traced = trace(begin(design), Settings(length=100), sequences=1, weight_gradients=False)
    check = check_gradient(traced, time_step=1)
    assert not check.resolved
    assert "neither confirms nor refutes" in check.words


def exploding(gain, length):
    design = Design(
        task="temporal-order", hidden_size=16, cell="rnn", recurrent_init="orthogonal", recurrent_gain=gain
    )
    return trace(begin(design), Settings(length=length), sequences=4, weight_gradients=False)


@pytest.mark.parametrize("sequence", range(4))
def test_an_exploding_gradient_is_confirmed_with_small_enough_nudges(sequence):
    check = check_gradient(exploding(gain=3.0, length=80), sequence=sequence)
    assert check.analytic > 10
    assert check.resolved
    assert check.relative_error < 1e-4, check.words


@pytest.mark.parametrize("sequence", range(4))
@pytest.mark.parametrize("length", [100, 400])
def test_a_gradient_too_steep_for_any_difference_is_not_called_wrong(sequence, length):
    check = check_gradient(exploding(gain=5.0, length=length), sequence=sequence)
    assert check.relative_error < 1e-4 if check.resolved else "confirms or refutes" in check.words
