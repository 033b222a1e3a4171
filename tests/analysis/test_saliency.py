"""Saliency against autograd by the inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import SHORT, every_architecture

from rnnlab.analysis import saliency
from rnnlab.config import Design, Settings
from rnnlab.model.network import forward, new_pass, tensors
from rnnlab.state import Trace
from rnnlab.tracing import trace
from rnnlab.training import begin


def by_autograd(found: Trace) -> np.ndarray:
    """dL/dx (T, B, I) for what the task gives to the network."""
    weights = {name: torch.tensor(w) for name, w in found.weights.items()}
    batch = tensors(found.batch, torch.device("cpu"), torch.float64)
    batch.inputs_TBI.requires_grad_()
    _, loss = forward(found.design, new_pass(found.design, weights), batch)
    loss.backward()
    return batch.inputs_TBI.grad.numpy()


@every_architecture
def test_it_is_the_gradient_by_the_inputs(design):
    found = trace(begin(design), Settings(length=SHORT[design.task]), sequences=4)
    expected, sequence = by_autograd(found)[:, 2], 2
    told = saliency(found, sequence)
    steps = min(len(expected), len(told.gradient))  # one-to-many feeds its own symbols after the first
    inputs = expected.shape[1]
    np.testing.assert_allclose(told.gradient[:steps, :inputs], expected[:steps], rtol=1e-9, atol=1e-15)
    assert not expected[steps:].any(), "padding has no gradient"
    np.testing.assert_allclose(told.norm, np.linalg.norm(told.gradient, axis=1), rtol=1e-9, atol=1e-300)
    np.testing.assert_array_equal(told.inputs[:steps, :inputs], found.inputs[:steps, sequence])
    np.testing.assert_array_equal(told.input_times_gradient, told.inputs * told.gradient)


def test_a_decoder_has_inputs_of_its_own():
    found = trace(begin(Design(task="dates", cell="gru", hidden_size=4)), Settings(length=13), sequences=3)
    told = saliency(found, 1, part="decoder")
    assert told.gradient.shape == (10, found.outputs.shape[2])
    assert not told.inputs[0].any()
    np.testing.assert_array_equal(told.inputs[1:].argmax(axis=1), found.targets[:-1, 1])


def test_what_floats_cannot_hold_is_in_the_logarithm():
    state = begin(Design(task="adding", cell="rnn", activation="identity", hidden_size=4))
    small = {n: 0.001 * w if n == "weight_hh_l0" else w for n, w in state.weights.items()}
    told = saliency(trace(replace(state, weights=small), Settings(length=200), sequences=2))
    assert told.norm[0] == 0
    steps = np.diff(told.log10_norm)
    assert (steps > 2).all()
    assert told.log10_norm[0] < -500


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"sequence": 2}, "sequence must be a whole number from 0 to 1."),
        ({"part": "decoder"}, "part must be one of recurrent, not 'decoder'."),
    ],
)
def test_what_the_trace_does_not_have_is_refused(asked, words):
    found = trace(begin(Design(task="adding", hidden_size=3)), Settings(length=5), sequences=2)
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        saliency(found, **asked)
    assert str(refused.value) == words
