"""The bound of Pascanu et al. and the gains: closed forms, and inequalities that must always hold.

T time steps, S state size, H hidden size.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import SHORT, every_recurrent_architecture
from hypothesis import given
from hypothesis import strategies as st

from rnnlab import Design, Settings, begin, trace
from rnnlab.analysis import envelope, gains, jacobians, loss_contributions, saliency
from rnnlab.analysis.bounds import STEEPEST, what_it_proves
from rnnlab.analysis.gains import EXPONENT, LARGEST, MEASURED, REST
from rnnlab.model.cells import CELLS
from rnnlab.model.cells.plain import PLAIN_ACTIVATIONS
from rnnlab.model.weights import RECURRENT


def vanilla(**fields):
    return Design(**{"task": "adding", "cell": "rnn", "hidden_size": 8, **fields})


def with_weights(state, **weights):
    return replace(state, weights={**state.weights, **weights})


@pytest.mark.parametrize("activation", PLAIN_ACTIVATIONS)
def test_no_slope_is_steeper_than_gamma(activation):
    rule = PLAIN_ACTIVATIONS[activation]
    slopes = rule.slope(rule.apply(np.linspace(-20, 20, 4001)))
    assert slopes.max() == pytest.approx(STEEPEST[activation], rel=1e-12)
    assert set(STEEPEST) == set(PLAIN_ACTIVATIONS)


@given(
    activation=st.sampled_from(sorted(PLAIN_ACTIVATIONS)),
    init=st.sampled_from(sorted(RECURRENT)),
    gain=st.floats(0.05, 3.0),
    seed=st.integers(0, 99),
    layers=st.integers(1, 3),
    both=st.booleans(),
    window=st.sampled_from([0, 4]),
    task=st.sampled_from(["adding", "copy"]),
)
def test_the_gradient_never_exceeds_the_bound(activation, init, gain, seed, layers, both, window, task):
    more = {"activation": activation, "recurrent_init": init, "recurrent_gain": gain, "seed": seed}
    design = vanilla(task=task, layers=layers, bidirectional=both, hidden_size=5, **more)
    traced = trace(begin(design), Settings(length=21, tbptt_window=window), sequences=2)
    for name in traced.layers:
        found = envelope(traced, name, 1)
        assert (found.log10_measured <= found.log10_bound + 1e-9).all()


@pytest.mark.parametrize("activation", PLAIN_ACTIVATIONS)
def test_with_one_loss_at_the_end_the_bound_is_a_power(activation):
    traced = trace(begin(vanilla(activation=activation)), Settings(length=30), sequences=3)
    found = envelope(traced, sequence=2)
    sigma_max = torch.linalg.matrix_norm(torch.tensor(traced.weights["weight_hh_l0"]), 2).item()
    last = np.log10(np.linalg.norm(traced.layers["recurrent/0/forward"].grad_h[-1, 2]))
    expected = last + np.arange(29, -1, -1) * np.log10(STEEPEST[activation] * sigma_max)
    np.testing.assert_allclose(found.log10_bound, expected, atol=1e-10)
    norms = np.linalg.norm(traced.layers["recurrent/0/forward"].grad_h[:, 2], axis=1)
    np.testing.assert_allclose(found.log10_measured, np.log10(norms), atol=1e-10)
    assert found.factor == pytest.approx(STEEPEST[activation] * sigma_max)


def test_a_linear_rotation_reaches_the_bound():
    state = begin(vanilla(activation="identity"))
    q, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((8, 8)))
    found = envelope(trace(with_weights(state, weight_hh_l0=0.9 * q), Settings(length=200), sequences=1))
    np.testing.assert_allclose(found.log10_measured, found.log10_bound, atol=1e-9)
    assert found.spectral_radius == pytest.approx(0.9)


def test_far_below_float64_the_curves_go_on():
    state = begin(vanilla(activation="identity"))
    found = envelope(
        trace(with_weights(state, weight_hh_l0=1e-3 * np.eye(8)), Settings(length=300), sequences=1)
    )
    assert found.log10_measured[0] < -890
    np.testing.assert_allclose(found.log10_measured, found.log10_bound, atol=1e-8)


def test_the_last_loss_alone_where_there_are_many():
    """With a loss at every time step the whole gradient need not fade; that of the last one does."""
    design = vanilla(task="copy", activation="identity", recurrent_init="orthogonal", recurrent_gain=0.5)
    traced = trace(begin(design), Settings(length=40), sequences=1)
    found = envelope(traced)
    np.testing.assert_allclose(np.diff(found.log10_measured), -np.log10(0.5), atol=1e-5)
    assert len(found.log10_measured) == len(traced.mask)


def test_behind_a_cut_there_is_nothing_and_so_is_the_bound():
    """Truncated backpropagation over 4 of 10 time steps: the gradient ends before the ninth."""
    traced = trace(begin(vanilla()), Settings(length=10, tbptt_window=4), sequences=1)
    found = envelope(traced)
    for curve in (found.log10_measured, found.log10_bound):
        np.testing.assert_array_equal(np.isfinite(curve), np.arange(10) >= 8)
    assert np.isfinite(list(gains(traced).rates.values())).all()


def test_a_backward_layer_reads_towards_its_first_output():
    traced = trace(begin(vanilla(task="copy", bidirectional=True)), Settings(length=21), sequences=1)
    found = envelope(traced, "recurrent/0/backward")
    assert found.time_steps.tolist() == list(range(len(traced.mask), 0, -1))
    assert np.isfinite(found.log10_measured).all()


def test_words_say_sufficient_below_one_and_only_necessary_above():
    assert "0.9 < 1, which is sufficient for vanishing" in what_it_proves(0.9)
    assert "1.2 > 1, which is necessary for exploding, not sufficient" in what_it_proves(1.2)
    assert what_it_proves(1.0) == "gamma sigma_max = 1: the gradient cannot explode; it may vanish."
    assert "not all finite" in what_it_proves(float("nan"))


def test_words_never_call_a_number_smaller_or_larger_than_itself():
    """Orthogonal weights are orthogonal to float32's rounding: neither below 1 nor above it."""
    for factor in (1 - 1e-7, 1 + 1e-7):
        assert what_it_proves(factor) == what_it_proves(1.0)
    assert "= 0.9996 < 1" in what_it_proves(0.9996)
    assert "at most 0.9996 of" in what_it_proves(0.9996)
    assert "= 1.0004 > 1" in what_it_proves(1.0004)
    orthogonal = begin(Design(task="adding", cell="rnn", hidden_size=32, recurrent_init="orthogonal"))
    assert "= 1:" in envelope(trace(orthogonal, Settings(length=5), sequences=1)).words


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", ["weight_hh_l0", "readout.weight"])
@pytest.mark.parametrize("task", ["adding", "counting"])
def test_an_infinite_weight_is_no_warning(cell, name, task):
    """Warnings are errors in these tests."""
    state = begin(Design(task=task, cell=cell, activation="relu", hidden_size=4))
    weights = np.array(state.weights[name])
    weights.flat[0] = np.inf
    traced = trace(with_weights(state, **{name: weights}), Settings(length=21), sequences=3)
    assert not np.isfinite(gains(traced).along).all() or not np.isfinite(traced.loss)
    loss_contributions(traced)
    saliency(traced)
    jacobians(traced)


@pytest.mark.parametrize("cell", [name for name, cell in CELLS.items() if cell.gates])
def test_gated_cells_are_sent_to_their_jacobians(cell):
    traced = trace(begin(Design(task="adding", cell=cell)), Settings(length=5), sequences=1)
    with pytest.raises(ValueError, match="W_hh alone bounds nothing") as refused:
        envelope(traced)
    assert CELLS[cell].label in str(refused.value)


def test_nan_weights_are_named():
    state = begin(vanilla())
    broken = with_weights(state, weight_hh_l0=state.weights["weight_hh_l0"] * np.nan)
    traced = trace(broken, Settings(length=5), sequences=1)
    found = envelope(traced)
    assert np.isnan([found.sigma_max, found.spectral_radius]).all()
    assert np.isnan(found.log10_bound[:-1]).all()
    assert np.isnan(gains(traced).largest).all()
    assert np.isnan(gains(traced).rates[EXPONENT])


@every_recurrent_architecture
def test_gains_are_those_of_the_jacobians_and_add_up_to_the_decay(design):
    """ln ||J_t^T g_t|| / ||g_t|| from g_t: by autograd's gradients where h is the whole state."""
    traced = trace(begin(design), Settings(length=SHORT[design.task]), sequences=3)
    for name in traced.layers:
        found = gains(traced, name, 1)
        j = jacobians(traced, name, 1)[: len(found.along)]
        exact = np.log([np.linalg.svd(one, compute_uv=False)[0] for one in j])
        np.testing.assert_allclose(found.largest, exact, rtol=1e-9, atol=1e-9)
        there = np.isfinite(found.along)
        assert there.any()
        assert (found.along[there] <= found.largest[there] + 1e-9).all()


@pytest.mark.parametrize("cell", CELLS)
def test_with_one_loss_the_gains_are_the_decay(cell):
    """g_{t-1} = J_t^T g_t: the last gradient, multiplied out with autograd-tested Jacobians."""
    traced = trace(begin(Design(task="adding", cell=cell, hidden_size=6)), Settings(length=25), sequences=2)
    layer, found, j = traced.layers["recurrent/0/forward"], gains(traced), jacobians(traced)
    g = np.zeros(j.shape[1])
    g[:6] = layer.grad_h[-1, 0]  # the loss sees c only through h
    norms = [np.linalg.norm(g)]
    for one in j[::-1]:
        g = one.T @ g
        norms.append(np.linalg.norm(g))
    np.testing.assert_allclose(found.along[::-1], np.diff(np.log(norms)), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.log10_measured[::-1], np.log10(norms[:-1]), rtol=1e-8)
    measured = (np.log(norms[-2]) - np.log(norms[0])) / 24
    assert found.rates[MEASURED] == pytest.approx(measured, rel=1e-8)
    assert found.rates[LARGEST] >= found.rates[MEASURED]


def test_every_prediction_is_right_for_a_linear_rotation():
    state = begin(vanilla(activation="identity"))
    q, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((8, 8)))
    found = gains(trace(with_weights(state, weight_hh_l0=0.9 * q), Settings(length=50), sequences=1))
    assert list(found.rates.values()) == pytest.approx([np.log(0.9)] * 5)


def test_at_rest_a_network_without_biases_has_its_weights_for_jacobian():
    state = begin(vanilla())
    w = state.weights["weight_hh_l0"].astype(np.float64)
    quiet = with_weights(state, bias_ih_l0=np.zeros(8), bias_hh_l0=np.zeros(8))
    found = gains(trace(quiet, Settings(length=8), sequences=1))
    assert found.rates[REST] == pytest.approx(np.log(np.abs(np.linalg.eigvals(w)).max()))


def test_dead_units_and_a_single_time_step():
    state = begin(vanilla(activation="relu"))
    dead = with_weights(state, bias_hh_l0=np.full(8, -100.0))
    found = gains(trace(dead, Settings(length=6), sequences=1))
    assert (found.largest == -np.inf).all()
    assert found.along[-1] == -np.inf
    assert np.isnan(found.along[:-1]).all()
    bound = envelope(trace(dead, Settings(length=6), sequences=1))
    assert (bound.log10_measured[:-1] == -np.inf).all()
    assert np.isfinite(bound.log10_bound).all()
    one = trace(begin(Design(task="digits", topology="one-to-one", cell="rnn")), Settings(), sequences=1)
    assert np.isnan(list(gains(one).rates.values())).all()
    assert len(envelope(one).log10_bound) == 1
