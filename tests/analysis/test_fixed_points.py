"""Fixed points against closed forms, the one-unit bifurcation, and what a simulation does."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import rnnlab
from rnnlab import Design, Settings
from rnnlab.analysis import bifurcation, fixed_points
from rnnlab.model.cells import CELLS


def traced(new_weights=None, length=12, **fields):
    """A trace, with some of the recurrent layer's weights (float64) put in place of the fresh ones."""
    design = Design(**{"task": "adding", "cell": "rnn", "hidden_size": 4, **fields})
    state = rnnlab.begin(design)
    weights = {name: np.asarray(w, np.float64) for name, w in state.weights.items()}
    state = replace(state, weights={**weights, **(new_weights or {})})
    return rnnlab.trace(state, Settings(length=length), sequences=16)


def recurrent(w_hh, bias):
    w_hh, bias = np.atleast_2d(np.asarray(w_hh, np.float64)), np.atleast_1d(np.asarray(bias, np.float64))
    return {"weight_hh_l0": w_hh, "bias_ih_l0": bias, "bias_hh_l0": np.zeros_like(bias)}


@pytest.mark.parametrize("b", [-4.0, -2.62, -2.5, -2.36, -1.0])
def test_the_unit_of_the_cliff_has_the_fixed_points_of_its_bifurcation(b):
    """h = sigmoid(w h + b) is figure 6's unit with x = w h + b."""
    net = traced(recurrent(5.0, b), hidden_size=1, activation="sigmoid")
    found = fixed_points(net, noise=5.0)
    theirs = bifurcation([b], 5.0)
    expected = np.sort(theirs.x[np.isfinite(theirs.x)])
    here = 5 * found.h[found.fixed, 0] + b
    np.testing.assert_allclose(np.sort(here), expected, atol=1e-5)
    by_place = np.argsort(here)
    assert found.stable[found.fixed][by_place].tolist() == (np.abs(slopes(expected)) < 1).tolist()
    np.testing.assert_allclose(found.eigenvalues[found.fixed][by_place, 0].real, slopes(expected), atol=1e-5)


def slopes(x):
    s = 1 / (1 + np.exp(-x))
    return 5 * s * (1 - s)


@pytest.mark.parametrize(("w", "count"), [(0.5, 1), (2.0, 3)])
def test_a_tanh_unit_has_a_pitchfork_at_one(w, count):
    """h = tanh(w h): 0 alone for w <= 1, and a stable pair beside it beyond."""
    found = fixed_points(traced(recurrent(w, 0.0), hidden_size=1), noise=3.0)
    assert found.fixed.sum() == count
    np.testing.assert_allclose(np.tanh(w * found.h[found.fixed]), found.h[found.fixed], atol=2e-6)
    at_zero = np.abs(found.h[:, 0]) < 1e-5
    assert at_zero.sum() == 1
    assert found.stable[at_zero].item() == (w < 1)
    assert found.stable[~at_zero].all()


def test_a_linear_network_has_the_one_point_that_algebra_gives():
    rng = np.random.default_rng(0)
    w, b = rng.normal(size=(4, 4)), rng.normal(size=4)
    net = traced(recurrent(w, b), activation="identity")
    for x in (np.zeros(2), np.array([0.3, -1.0])):
        found = fixed_points(net, input=x)
        offset = b + np.asarray(net.weights["weight_ih_l0"]) @ x
        np.testing.assert_allclose(found.states, np.linalg.solve(np.eye(4) - w, offset)[None], rtol=1e-4)
        moduli = np.sort(np.abs(np.linalg.eigvals(w)))[::-1]
        np.testing.assert_allclose(np.abs(found.eigenvalues[0]), moduli, rtol=1e-10)
        assert found.unstable_directions[0] == (moduli > 1).sum()
        assert found.stable[0] == (moduli < 1).all()
        assert found.kept == found.starts == 128


def test_a_gru_without_weights_forgets_by_half():
    """n = 0 and z = 1/2: h' = h / 2, so 0 is the point and 1/2 every eigenvalue."""
    silent = {name: np.zeros_like(w) for name, w in rnnlab.begin(design_of("gru")).weights.items()}
    found = fixed_points(traced(silent, cell="gru"))
    assert len(found.states) == 1
    np.testing.assert_allclose(found.states, 0, atol=2e-6)
    np.testing.assert_allclose(found.eigenvalues, 0.5)
    np.testing.assert_allclose(found.time_constants, 1 / np.log(2))


def test_an_lstm_without_weights_has_both_its_states_at_rest():
    """i = f = o = 1/2, g = 0: c' = c/2, h' = tanh(c/2)/2; at 0 the eigenvalues are 1/2 (c) and 0 (h)."""
    silent = {name: np.zeros_like(w) for name, w in rnnlab.begin(design_of("lstm")).weights.items()}
    found = fixed_points(traced(silent, cell="lstm"))
    assert found.states.shape == (1, 8)
    assert found.h.shape == (1, 4)
    np.testing.assert_allclose(found.states, 0, atol=3e-6)
    np.testing.assert_allclose(found.eigenvalues[0], [0.5] * 4 + [0.0] * 4, atol=1e-9)
    assert found.stable.all()


def design_of(cell: str) -> Design:
    return Design(task="adding", cell=cell, hidden_size=4)


TORCH = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}


@pytest.mark.parametrize("cell", CELLS)
def test_points_and_stability_are_those_of_torch_s_cell(cell):
    """Larger recurrent weights, so that some points are left: torch's own cell decides what happens there."""
    design = design_of(cell)
    start = rnnlab.begin(design).weights["weight_hh_l0"]
    net = traced({"weight_hh_l0": 4.0 * np.asarray(start, np.float64)}, cell=cell)
    found = fixed_points(net)
    assert found.fixed.any()
    theirs = TORCH[cell](2, 4).double().requires_grad_(False)
    for name, weight in theirs.named_parameters():
        weight.data = torch.tensor(net.weights[f"{name}_l0"])

    def step(s):
        state = tuple(s[None].split(4, dim=1))
        after = theirs(torch.zeros(1, 2, dtype=torch.float64), state[0] if len(state) == 1 else state)
        return torch.cat(after if isinstance(after, tuple) else (after,), dim=1)[0]

    for n in np.flatnonzero(found.fixed):
        s = torch.tensor(found.states[n])
        assert 0.5 * float(((step(s) - s) ** 2).sum()) == pytest.approx(found.q[n], abs=1e-15)
        slope = torch.autograd.functional.jacobian(step, s).numpy()
        moduli = np.sort(np.abs(np.linalg.eigvals(slope)))[::-1]
        np.testing.assert_allclose(np.abs(found.eigenvalues[n]), moduli, atol=1e-8)
        values, vectors = np.linalg.eig(slope)
        push = vectors[:, np.abs(values).argmax()].real
        walk = s + 1e-3 * torch.tensor(push / np.linalg.norm(push))
        for _ in range(2000):
            walk = step(walk)
        assert (float((walk - s).norm()) < 1e-4) == found.stable[n]


def test_points_are_sorted_distinct_and_split_by_q():
    found = fixed_points(traced(recurrent(2.0, 0.0), hidden_size=1), noise=3.0)
    assert (np.diff(found.q) >= 0).all()
    assert (found.fixed == (found.q < 1e-12)).all()
    assert (found.q < 1e-4).all()
    assert [found.kind(n) for n in range(3)].count("unstable") == 1
    again = fixed_points(traced(recurrent(2.0, 0.0), hidden_size=1), noise=3.0)
    np.testing.assert_array_equal(found.states, again.states)


def test_a_ghost_of_a_fold_is_a_slow_point():
    """Just beyond the fold nothing is fixed there any more, but q has a small minimum: the slow point."""
    fold = bifurcation([0.0], 5.0).folds[0]
    found = fixed_points(traced(recurrent(5.0, fold - 0.002), hidden_size=1, activation="sigmoid"), noise=5.0)
    assert [found.kind(n) for n in range(len(found.q))] == ["stable", "slow"]
    assert 5 * found.h[1, 0] + fold == pytest.approx(2 * np.arccosh(np.sqrt(5) / 2), abs=0.05)


def test_a_network_that_only_moves_on_has_no_point():
    """h' = h + 1."""
    found = fixed_points(traced(recurrent(1.0, 1.0), hidden_size=1, activation="identity"))
    assert found.states.shape == (0, 1)
    assert found.eigenvalues.shape == (0, 1)
    assert (found.kept, found.starts) == (0, 128)


def test_where_nothing_moves_every_start_is_a_point():
    """h' = h: neither stable nor unstable, the eigenvalues are 1."""
    found = fixed_points(traced(recurrent(np.eye(4), np.zeros(4)), activation="identity"), starts=20)
    assert found.fixed.all()
    assert not found.q.any()
    np.testing.assert_array_equal(found.eigenvalues, 1.0)
    assert not found.stable.any()
    assert not found.unstable_directions.any()


def test_one_time_step_is_enough_to_start_from():
    design = Design(task="digits", topology="one-to-one", cell="rnn", hidden_size=3)
    found = fixed_points(rnnlab.trace(rnnlab.begin(design), Settings(), sequences=1))
    assert found.fixed.any()
    assert found.h.shape[1] == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"input": [1.0]}, "The constant input must be 2 finite numbers"),
        ({"input": [1.0, np.nan]}, "The constant input must be 2 finite numbers"),
        ({"starts": 0}, "The search needs 1 start or more, not 0"),
        ({"layer": "top"}, "layer must be one of recurrent/0/forward, not 'top'"),
    ],
)
def test_bad_input_gets_one_sentence(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        fixed_points(traced(), **change)


def test_a_network_with_nan_weights_is_refused():
    net = traced(recurrent(np.full((4, 4), np.nan), np.zeros(4)))
    with pytest.raises(ValueError, match="hold a NaN or an infinity: there is no fixed point"):
        fixed_points(net)
