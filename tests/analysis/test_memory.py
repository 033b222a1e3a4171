"""Gates that keep: the table of time constants, and the cell path alone where nothing else is.

T time steps, H hidden size.
"""

from dataclasses import replace

import numpy as np
import pytest

from rnnlab import Design, Settings, begin, trace
from rnnlab.analysis import memory
from rnnlab.analysis.memory import time_constant
from rnnlab.model.cells import CELLS


def gated(cell="lstm", **fields):
    return begin(Design(**{"task": "adding", "cell": cell, "hidden_size": 6, **fields}))


def without(state, *kinds):
    weights = {n: np.zeros_like(w) if n.startswith(kinds) else w for n, w in state.weights.items()}
    return replace(state, weights=weights)


@pytest.mark.parametrize(
    ("bias", "gate", "constant", "half_life"),
    [
        (0, 0.5, 1.44, 1.0),
        (1, 0.7311, 3.19, 2.21),
        (2, 0.8808, 7.88, 5.46),
        (3, 0.9526, 20.6, 14.3),
        (5, 0.9933, 149, 103),
    ],
)
def test_the_table_of_forget_biases(bias, gate, constant, half_life):
    silent = without(gated(forget_bias=float(bias)), "weight_")
    found = memory(trace(silent, Settings(length=10), sequences=2))
    np.testing.assert_allclose(found.mean, gate, atol=5e-5)
    np.testing.assert_allclose(found.time_constant, constant, rtol=5e-3)
    np.testing.assert_allclose(found.half_life, half_life, rtol=5e-3)
    assert (found.gate, found.state) == ("f", "c")


def test_without_weights_every_time_step_keeps_sigmoid_of_one():
    found = memory(trace(without(gated(forget_bias=1.0), "weight_"), Settings(length=30), sequences=1))
    steps = np.arange(29, -1, -1)
    for curve in (found.log10_path, found.log10_full, *found.log10_units.T):
        np.testing.assert_allclose(curve, steps * np.log10(0.7310585786300049), atol=1e-10)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_without_recurrent_weights_the_gates_path_is_the_whole_gradient(cell):
    """dL/dc_t = f_{t+1} dL/dc_{t+1} unit by unit, with inputs; the same for a GRU's h and z."""
    traced = trace(without(gated(cell), "weight_hh", "bias_hh"), Settings(length=40), sequences=3)
    found = memory(traced, sequence=2)
    np.testing.assert_allclose(found.log10_path, found.log10_full, atol=1e-9)
    layer = traced.layers["recurrent/0/forward"]
    g, gate = layer.grad_h if layer.grad_c is None else layer.grad_c, layer.gates[found.gate]
    np.testing.assert_allclose(g[:-1], g[1:] * gate[1:], rtol=1e-9)
    assert np.ptp(gate) > 0.01, "the gates do move"
    units = np.log10(g[:, 2] / g[-1, 2])
    np.testing.assert_allclose(found.log10_units, units, atol=1e-9)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_full_gradient_is_the_traces(cell):
    traced = trace(gated(cell), Settings(length=20), sequences=2)
    found, layer = memory(traced), traced.layers["recurrent/0/forward"]
    g = layer.grad_h if layer.grad_c is None else layer.grad_c
    norms = np.linalg.norm(g[:, 0], axis=1)
    np.testing.assert_allclose(found.log10_full, np.log10(norms / norms[-1]), atol=1e-9)
    products = np.array([layer.gates[found.gate][t + 1 :, 0].prod(axis=0) for t in range(20)])
    np.testing.assert_allclose(found.log10_units, np.log10(products), atol=1e-9)
    path = np.linalg.norm(products * g[-1, 0], axis=1)
    np.testing.assert_allclose(found.log10_path, np.log10(path / norms[-1]), atol=1e-9)


def test_means_are_over_the_time_steps_that_there_are():
    traced = trace(gated("gru", task="nationality"), Settings(), sequences=8)
    found, layer = memory(traced, sequence=3), traced.layers["recurrent/0/forward"]
    expected = np.concatenate([layer.gates["z"][:n, b] for b, n in enumerate(traced.lengths)]).mean(axis=0)
    np.testing.assert_allclose(found.mean, expected)
    assert len(found.log10_path) == traced.lengths[3]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("task", ["dates", "copy"])
def test_every_layer_of_stacks_of_both_directions_and_of_an_encoder_and_decoder(cell, task):
    both = {"bidirectional": True} if task == "copy" else {}
    traced = trace(gated(cell, task=task, layers=2, **both), Settings(length=21 if both else 13), sequences=2)
    for name, layer in traced.layers.items():
        found = memory(traced, name, 1)
        assert found.layer == name
        assert found.log10_path[-1] == found.log10_full[-1] == 0
        assert np.isfinite(found.log10_full).all()
        assert set(found.time_steps) <= set(range(1, len(layer.h) + 1))
        assert (np.diff(found.time_steps) == (-1 if layer.reverse else 1)).all()


def test_gates_that_stand_at_their_ends():
    np.testing.assert_array_equal(time_constant(np.array([0.0, 1.0])), [0, np.inf])
    shut = trace(without(gated(forget_bias=-10.0), "weight_"), Settings(length=400), sequences=1)
    found = memory(shut)
    np.testing.assert_allclose(found.log10_path, found.log10_full, atol=1e-7)
    assert found.log10_full[0] == pytest.approx(-399 * np.log10(1 + np.exp(10)))


def test_a_cell_without_such_a_gate_is_told_so():
    traced = trace(gated("rnn"), Settings(length=5), sequences=1)
    with pytest.raises(ValueError, match="The vanilla RNN has no gate that keeps its state"):
        memory(traced)


@pytest.mark.parametrize("cell", CELLS)
def test_the_gate_that_keeps_is_one_of_the_cells(cell):
    assert CELLS[cell].keep in ("", *CELLS[cell].gates)


def test_nan_and_nothing_to_measure():
    state = gated()
    broken = replace(state, weights={**state.weights, "weight_hh_l0": state.weights["weight_hh_l0"] * np.nan})
    assert np.isnan(memory(trace(broken, Settings(length=5), sequences=1)).mean).all()
    mute = memory(trace(without(state, "readout"), Settings(length=5), sequences=1))
    assert np.isnan(mute.log10_full).all()
    assert np.isfinite(mute.time_constant).all()
