"""Jacobians against torch.func on torch.nn's cells, and their eigenvalues against closed forms.

T time steps, S state size, H hidden size.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import SHORT, every_architecture
from oracles import step

from rnnlab import Design, Settings, begin, trace
from rnnlab.analysis import eigenvalues, jacobians
from rnnlab.analysis.chain import weight_names
from rnnlab.analysis.eigen import spectrum
from rnnlab.model.cells import CELLS
from rnnlab.model.cells.plain import PLAIN_ACTIVATIONS


def inputs_of(traced, name):
    """What a layer reads (T, B, I), made from its neighbours in the trace; None for a decoder's."""
    part, number, _ = name.split("/")
    if number != "0":
        below = [
            layer.h
            for other, layer in traced.layers.items()
            if other.startswith(f"{part}/{int(number) - 1}/")
        ]
        return np.concatenate(below, axis=2)
    reads = part != "decoder" and traced.design.topology != "one-to-many"
    return traced.inputs if reads else None


def by_autograd(traced, name, sequence):
    """ds_t/ds_{t-1} through torch.nn's cell at the states of the trace, in reading order."""
    layer, design = traced.layers[name], traced.design
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    w = {
        kind: torch.tensor(traced.weights[full]) for kind, full in zip(kinds, weight_names(name), strict=True)
    }
    times = np.flatnonzero(layer.valid[:, sequence])[:: -1 if layer.reverse else 1]
    states = [s for s in (layer.h, layer.c) if s is not None]
    before, found = [torch.tensor(s[sequence]) for s in layer.start], []
    for t in times:
        x = torch.tensor(inputs_of(traced, name)[t, sequence])

        def after(s, x=x):
            parts = tuple(part[None] for part in s.split(design.hidden_size))
            return torch.cat(step(design.cell, design.activation, w, x[None], parts), dim=1)[0]

        found.append(torch.func.jacrev(after)(torch.cat(before)).numpy())
        before = [torch.tensor(s[t, sequence]) for s in states]
    return np.stack(found)


@every_architecture
def test_every_layer_equals_autograd_through_torchs_cells(design):
    traced = trace(begin(design), Settings(length=SHORT[design.task]), sequences=3)
    for name in traced.layers:
        if inputs_of(traced, name) is None:
            continue
        expected = by_autograd(traced, name, 1)
        np.testing.assert_allclose(jacobians(traced, name, 1), expected, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("activation", PLAIN_ACTIVATIONS)
def test_every_activation_equals_autograd(activation):
    design = Design(task="adding", cell="rnn", activation=activation, hidden_size=6, layers=2)
    traced = trace(begin(design), Settings(length=12), sequences=2)
    for name in traced.layers:
        np.testing.assert_allclose(
            jacobians(traced, name), by_autograd(traced, name, 0), rtol=1e-9, atol=1e-14
        )


@pytest.mark.parametrize("cell", CELLS)
def test_a_decoder_by_finite_differences_of_the_cells_rule(cell):
    """It reads symbols fed back: moving one entry of the state before moves the next by a column of J."""
    traced = trace(begin(Design(task="dates", cell=cell, hidden_size=4)), Settings(length=13), sequences=2)
    name = "decoder/0/forward"
    layer, (w_ih, w_hh, b_ih, b_hh) = traced.layers[name], (traced.weights[n] for n in weight_names(name))
    inputs = fed_back(traced, w_ih.shape[1])
    found = jacobians(traced, name, 1)
    before = np.concatenate([s[1] for s in layer.start])
    for t in range(len(found)):

        def after(s, t=t):
            states, _ = CELLS[cell].step(
                inputs[t, 1] @ w_ih.T + b_ih,
                tuple(np.split(s, len(layer.start))),
                w_hh,
                b_hh,
                PLAIN_ACTIVATIONS["tanh"],
            )
            return np.concatenate(states)

        nudges = 1e-6 * np.eye(len(before))
        numeric = np.stack([(after(before + n) - after(before - n)) / 2e-6 for n in nudges], axis=1)
        np.testing.assert_allclose(found[t], numeric, atol=1e-8)
        reached = np.concatenate([s[t, 1] for s in (layer.h, layer.c) if s is not None])
        np.testing.assert_allclose(after(before), reached, rtol=1e-10, err_msg="the inputs are not these")
        before = reached


def fed_back(traced, size):
    """A decoder reads nothing first, then the targets before it, one-hot (S, B, O)."""
    x = np.zeros((*traced.targets.shape, size))
    symbols = np.maximum(traced.targets[:-1], 0)
    x[1:] = np.eye(size)[symbols]
    return x


def test_only_the_time_steps_that_a_sequence_has():
    traced = trace(begin(Design(task="nationality", cell="gru", hidden_size=4)), Settings(), sequences=8)
    for sequence in range(8):
        assert len(jacobians(traced, sequence=sequence)) == traced.lengths[sequence]
    assert len(set(traced.lengths)) > 1


def test_by_default_the_uppermost_forward_layer_of_the_first_part():
    traced = trace(begin(Design(task="dates", cell="gru", hidden_size=4, layers=2)), Settings(length=13))
    np.testing.assert_array_equal(jacobians(traced), jacobians(traced, "encoder/1/forward"))
    np.testing.assert_array_equal(jacobians(traced, sequence=3), jacobians(traced, "encoder/1/forward", 3))


def test_asking_for_what_is_not_there():
    traced = trace(begin(Design(task="adding")), Settings(length=5), sequences=2)
    with pytest.raises(ValueError, match="layer must be one of recurrent/0/forward, not 'top'"):
        jacobians(traced, "top")
    with pytest.raises(ValueError, match="sequence must be a whole number from 0 to 1"):
        jacobians(traced, sequence=2)
    with pytest.raises(ValueError, match="A time step must be a whole number from 1 to 5, not 6"):
        eigenvalues(traced, time_steps=(1, 6))


@pytest.mark.parametrize("cell", CELLS)
def test_nan_weights_give_nan_and_no_error(cell):
    state = begin(Design(task="adding", cell=cell, hidden_size=3))
    broken = {**state.weights, "weight_hh_l0": state.weights["weight_hh_l0"] * np.nan}
    traced = trace(replace(state, weights=broken), Settings(length=5), sequences=2)
    assert np.isnan(jacobians(traced)).any(axis=(1, 2)).all()
    for found in eigenvalues(traced, time_steps=(5,)):
        assert np.isnan([found.radius, found.sigma_max, found.numerical_radius]).all()
        assert np.isnan(found.eigenvalues).all()


def test_one_unit_one_time_step():
    traced = trace(
        begin(Design(task="digits", topology="one-to-one", hidden_size=1)), Settings(), sequences=1
    )
    h, w = traced.layers["recurrent/0/forward"].h[0, 0, 0], traced.weights["weight_hh_l0"][0, 0]
    np.testing.assert_allclose(jacobians(traced), [[[(1 - h * h) * w]]])


@pytest.mark.parametrize(
    ("cell", "names"),
    [("rnn", ["W_hh"]), ("lstm", ["W_hi", "W_hf", "W_hg", "W_ho"]), ("gru", ["W_hr", "W_hz", "W_hn"])],
)
def test_each_gates_block_has_its_name_and_its_eigenvalues(cell, names):
    traced = trace(begin(Design(task="adding", cell=cell, hidden_size=7)), Settings(length=5), sequences=2)
    found = eigenvalues(traced, time_steps=(2, 5))
    assert [one.name for one in found] == [*names, "J_2", "J_5"]
    w = torch.tensor(traced.weights["weight_hh_l0"])
    for one, block in zip(found, w.split(7), strict=False):
        expected = torch.linalg.eigvals(block)
        assert one.radius == pytest.approx(expected.abs().max().item())
        assert one.sigma_max == pytest.approx(torch.linalg.matrix_norm(block, 2).item())
        np.testing.assert_allclose(np.poly(one.eigenvalues), np.poly(expected.numpy()), atol=1e-12)
        assert (np.diff(np.abs(one.eigenvalues)) <= 1e-15).all()
    np.testing.assert_array_equal(found[-1].eigenvalues, spectrum(jacobians(traced)[4]).eigenvalues)


def test_a_backward_layers_time_steps_are_those_of_the_clock():
    design = Design(task="copy", cell="rnn", hidden_size=4, bidirectional=True)
    traced = trace(begin(design), Settings(length=21), sequences=2)
    name = "recurrent/0/backward"
    (_, last) = eigenvalues(traced, name, time_steps=(21,))
    np.testing.assert_array_equal(last.eigenvalues, spectrum(jacobians(traced, name)[0]).eigenvalues)


@pytest.mark.parametrize("size", [2, 5, 20])
def test_a_shift_is_as_far_from_normal_as_can_be(size):
    """Eigenvalues 0, largest singular value 1, numerical radius cos(pi / (n + 1)) (Haagerup, de la Harpe)."""
    found = spectrum(np.eye(size, k=1))
    assert found.radius == 0
    assert found.sigma_max == pytest.approx(1)
    assert found.numerical_radius == pytest.approx(np.cos(np.pi / (size + 1)), rel=2e-5)


def test_the_three_sizes_agree_for_a_normal_matrix():
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.standard_normal((9, 9)))
    for matrix in (0.7 * q, q @ np.diag(np.linspace(-1.3, 0.9, 9)) @ q.T):
        found = spectrum(matrix)
        assert found.sigma_max == pytest.approx(found.radius, rel=1e-12)
        assert found.numerical_radius == pytest.approx(found.radius, rel=2e-5)


@pytest.mark.parametrize("angle", np.linspace(0.01, 3.1, 7))
def test_a_rotation_reaches_as_far_at_any_angle(angle):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert spectrum(0.7 * turn).numerical_radius == pytest.approx(0.7, rel=2e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_three_sizes_stand_in_order(seed):
    found = spectrum(np.random.default_rng(seed).standard_normal((6, 6)))
    assert found.radius <= found.numerical_radius * (1 + 2e-5)
    assert found.numerical_radius <= found.sigma_max * (1 + 1e-12)
    assert found.sigma_max <= 2 * found.numerical_radius * (1 + 2e-5)


def test_random_weights_fill_a_disc():
    """Girko's circular law: N(0, g^2/H) gives radius g; PyTorch's uniform weights 1/sqrt(3)."""
    rng = np.random.default_rng(1)
    assert spectrum(0.8 * rng.standard_normal((300, 300)) / np.sqrt(300)).radius == pytest.approx(
        0.8, rel=0.08
    )
    uniform = rng.uniform(-1, 1, (300, 300)) / np.sqrt(300)
    assert spectrum(uniform).radius == pytest.approx(1 / np.sqrt(3), rel=0.08)


def test_a_matrix_that_is_not_square_is_refused():
    with pytest.raises(ValueError, match=r"A matrix with eigenvalues is square, not \(2, 3\)"):
        spectrum(np.zeros((2, 3)))
