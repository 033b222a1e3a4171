"""The NumPy forward pass against the traces, and the gradients against finite differences of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from architectures import SHORT, all_designs, every_architecture, name_of

import rnnlab
from rnnlab.analysis.check import check_gradient, check_weight_gradient
from rnnlab.analysis.forward import forward
from rnnlab.config import Design, Settings
from rnnlab.tasks import TASKS
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
