"""The analysis' own backward pass against the traces, which are tested against autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from architectures import SHORT, every_architecture

from rnnlab.analysis.reverse import reverse
from rnnlab.config import Design, Settings
from rnnlab.model.cells import CELLS
from rnnlab.model.cells.plain import PLAIN_ACTIVATIONS, Moment
from rnnlab.tracing import trace
from rnnlab.training import begin


@every_architecture
@pytest.mark.parametrize("window", [0, 3])
def test_the_whole_way_back_equals_the_trace(design, window):
    settings = Settings(length=SHORT[design.task], tbptt_window=window)
    traced = trace(begin(design), settings, sequences=4)
    found = reverse(traced, traced.grad_outputs)
    assert list(found) == list(traced.layers)
    for name, layer in traced.layers.items():
        np.testing.assert_allclose(found[name].states[0], layer.grad_h, rtol=1e-9, atol=1e-15)
        if layer.grad_c is not None:
            np.testing.assert_allclose(found[name].states[1], layer.grad_c, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("activation", PLAIN_ACTIVATIONS)
def test_one_sequence_with_many_rows(activation):
    design = Design(task="copy", cell="rnn", activation=activation, hidden_size=4, layers=2)
    traced = trace(begin(design), Settings(length=21), sequences=3)
    rows = np.stack([traced.grad_outputs[:, 1], 2 * traced.grad_outputs[:, 1]], axis=1)
    for name, gone in reverse(traced, rows, [1]).items():
        expected = traced.layers[name].grad_h[:, 1]
        np.testing.assert_allclose(gone.states[0][:, 0], expected, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(gone.states[0][:, 1], 2 * expected, rtol=1e-9, atol=1e-15)


MODULES = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}


@pytest.mark.parametrize("cell", CELLS)
def test_one_step_equals_torch_and_its_derivative_autograd(cell):
    rng = np.random.default_rng(3)
    module = MODULES[cell](3, 4, dtype=torch.float64)
    w = {name: p.detach().numpy() for name, p in module.named_parameters()}
    x, states = rng.standard_normal((5, 3)), tuple(rng.standard_normal((5, 4)) for _ in CELLS[cell].states)
    a = x @ w["weight_ih"].T + w["bias_ih"]
    f = PLAIN_ACTIVATIONS["tanh"]
    after, gates = CELLS[cell].step(a, states, w["weight_hh"], w["bias_hh"], f)
    before = tuple(torch.tensor(s, requires_grad=True) for s in states)
    x_t = torch.tensor(x, requires_grad=True)
    expected = module(x_t, before if len(before) > 1 else before[0])
    expected = expected if isinstance(expected, tuple) else (expected,)
    for ours, theirs in zip(after, expected, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-12)
    g = tuple(rng.standard_normal((5, 4)) for _ in states)
    found = CELLS[cell].pull_back(Moment(states, after, gates), g, w["weight_hh"], w["bias_hh"], f)
    torch.autograd.backward(expected, tuple(torch.tensor(part) for part in g))
    for ours, theirs in zip(found.states, before, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(found.input_part @ w["weight_ih"], x_t.grad.numpy(), rtol=1e-10, atol=1e-14)
