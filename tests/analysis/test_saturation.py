"""Saturation against counts made by hand and networks whose gates are known."""

from dataclasses import replace

import numpy as np
import pytest

import rnnlab
from rnnlab import Design, Settings
from rnnlab.analysis import saturation
from rnnlab.model.cells import CELLS


def traced(length=10, weights=None, **fields):
    design = Design(**{"task": "adding", "cell": "rnn", "hidden_size": 5, **fields})
    state = rnnlab.begin(design)
    if weights:
        state = replace(state, weights={name: weights(name, w) for name, w in state.weights.items()})
    return rnnlab.trace(state, Settings(length=length), sequences=6)


def with_h(trace, h):
    (name,) = trace.layers
    return replace(trace, layers={name: replace(trace.layers[name], h=h)})


def forget_bias(value: float, hidden: int = 5):
    """All weights 0 but the forget gate's bias: f = sigmoid(value) for ever, i = o = 1/2, g = 0."""

    def weights(name, w):
        w = np.zeros_like(w)
        if name == "bias_ih_l0":
            w[hidden : 2 * hidden] = value
        return w

    return weights


@pytest.mark.parametrize(("bias", "left", "right"), [(5.0, 0, 1), (-5.0, 1, 0), (0.0, 0, 0), (2.19, 0, 0)])
def test_a_gate_held_at_a_known_value(bias, left, right):
    """sigmoid(2.19) = 0.8993 is just inside."""
    found = saturation(traced(cell="lstm", weights=forget_bias(bias)))
    assert (found.shares["f"].left == left).all()
    assert (found.shares["f"].right == right).all()
    assert not found.shares["i"].left.any()
    assert not found.shares["c"].left.any()


def test_shares_count_valid_positions_one_by_one():
    trace = traced(7, task="nationality", cell="gru")
    (layer,) = trace.layers.values()
    assert not layer.valid.all()
    gates = {
        name: np.sin(7.0 * np.arange(gate.size)).reshape(gate.shape) for name, gate in layer.gates.items()
    }
    trace = replace(trace, layers={layer.name: replace(layer, gates=gates)})
    found = saturation(trace)
    positions = list(zip(*np.nonzero(layer.valid), strict=True))
    assert found.positions == len(positions)
    for name in CELLS["gru"].gates:
        low = -0.9 if name == "n" else 0.1
        for unit in range(5):
            values = [gates[name][t, b, unit] for t, b in positions]
            assert found.shares[name].left[unit] == sum(v < low for v in values) / len(values)
            assert found.shares[name].right[unit] == sum(v > 0.9 for v in values) / len(values)


@pytest.mark.parametrize(
    ("activation", "left", "right"),
    [("tanh", [1, 0, 0, 0, 0], [0, 0, 0, 0, 1]), ("sigmoid", [1, 1, 1, 0, 0], [0, 0, 0, 0, 1])],
)
def test_a_vanilla_unit_saturates_where_its_activation_does(activation, left, right):
    h = np.broadcast_to([-0.95, -0.5, 0.0, 0.5, 0.95], (10, 6, 5))
    found = saturation(with_h(traced(activation=activation), h)).shares["h"]
    assert found.left.tolist() == left
    assert found.right.tolist() == right
    assert found.nonlinearity == activation


def test_dead_and_always_on_units_of_a_rectifier():
    h = np.ones((10, 6, 5))
    h[:, :, 0] = 0
    h[0, 0, 1] = 0
    found = saturation(with_h(traced(activation="relu"), h))
    assert found.dead.tolist() == [True, False, False, False, False]
    assert found.always_on.tolist() == [False, False, True, True, True]
    np.testing.assert_allclose(found.shares["h"].left, [1, 1 / 60, 0, 0, 0])
    assert not found.shares["h"].right.any()


def test_relu_units_with_a_low_bias_are_dead():
    def weights(name, w):
        return np.full_like(w, -10) if name == "bias_ih_l0" else w

    assert saturation(traced(activation="relu", weights=weights)).dead.all()


def test_only_a_rectifier_has_dead_units():
    h = np.zeros((10, 6, 5))
    for activation in ("tanh", "sigmoid", "identity"):
        found = saturation(with_h(traced(activation=activation), h))
        assert not found.dead.any()
        assert not found.always_on.any()


def test_the_identity_never_saturates():
    found = saturation(with_h(traced(activation="identity"), np.full((10, 6, 5), 1e9)))
    assert not found.shares["h"].left.any()
    assert not found.shares["h"].right.any()


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_names_all_its_signals(cell):
    found = saturation(traced(cell=cell))
    assert list(found.shares) == [*CELLS[cell].gates, *CELLS[cell].states]
    assert all(part.left.shape == part.right.shape == (5,) for part in found.shares.values())
    assert found.shares["h"].label == "hidden state h"


def test_a_nan_is_no_share():
    h = np.zeros((10, 6, 5))
    h[3, 2, 1] = np.nan
    found = saturation(with_h(traced(activation="relu"), h))
    assert np.isnan(found.shares["h"].left).tolist() == [False, True, False, False, False]
    assert not found.dead[1]


def test_the_layer_can_be_chosen():
    trace = traced(layers=2, bidirectional=True)
    assert saturation(trace).layer == "recurrent/1/forward"
    assert saturation(trace, "recurrent/0/backward").layer == "recurrent/0/backward"
    with pytest.raises(ValueError, match="layer must be one of"):
        saturation(trace, "top")


def test_one_time_step_and_one_unit():
    trace = rnnlab.trace(
        rnnlab.begin(Design(task="digits", topology="one-to-one", hidden_size=1)), Settings(), sequences=1
    )
    found = saturation(trace)
    assert found.positions == 1
    assert found.shares["h"].left.shape == (1,)
