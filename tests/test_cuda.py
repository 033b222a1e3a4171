"""On a GPU: what it computes is what the CPU computes, in slices or whole, with a graph or without.

Skipped where there is none, but for what happens then.
"""

import logging
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
import torch
from architectures import SHORT, every_architecture

from rnnlab import Design, Records, Settings, advance, begin, training
from rnnlab.config import default_settings
from rnnlab.model import layer
from rnnlab.model.cells import CELLS
from rnnlab.model.cells import operations as by_library
from rnnlab.model.cells.cell import ACTIVATIONS
from rnnlab.model.graph import capture, whole
from rnnlab.model.network import tensors
from rnnlab.tracing import trace

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU in this machine")
ADDING = Settings(length=20, learning_rate=1e-2, clipping="norm", clip_threshold=0.1)


def adding(cell: str, device: str) -> Design:
    return Design(task="adding", cell=cell, hidden_size=8, batch_size=6, layers=2, device=device)


def settings_of(design: Design) -> Settings:
    length = design.lengths.low if design.lengths.fixed else SHORT[design.task]
    return replace(default_settings(design), length=length)


def assert_close(found: Records, wanted: Records, rtol: float):
    for name, column in wanted._asdict().items():
        np.testing.assert_allclose(getattr(found, name), column, rtol=rtol, atol=1e-5, err_msg=name)


@CUDA
@every_architecture
def test_losses_and_norms_equal_those_of_the_cpu(design):
    settings = settings_of(design)
    _, there = advance(begin(replace(design, device="cuda")), settings, 3)
    _, here = advance(begin(replace(design, device="cpu")), settings, 3)
    assert_close(there, here, rtol=2e-3)


@CUDA
@every_architecture
def test_gradients_in_float64_equal_those_of_the_cpu(design):
    """Traces go through the cells' own loops, in PyTorch's operations there and in NumPy's here."""
    settings = settings_of(design)
    there, here = (trace(begin(replace(design, device=name)), settings) for name in ("cuda", "cpu"))
    for name, gradient in here.gradients.items():
        np.testing.assert_allclose(there.gradients[name], gradient, rtol=1e-8, atol=1e-12, err_msg=name)


@CUDA
@pytest.mark.parametrize("cell", CELLS)
def test_slices_equal_the_whole_there(cell):
    start = begin(adding(cell, "cuda"))
    whole_run, records = advance(start, ADDING, 6)
    half, first = advance(start, ADDING, 3)
    then, second = advance(half, ADDING, 3)
    assert_close(Records.concat([first, second]), records, rtol=1e-4)
    for name, array in whole_run.weights.items():
        np.testing.assert_allclose(then.weights[name], array, rtol=1e-3, atol=1e-5, err_msg=name)


@CUDA
@pytest.mark.parametrize("cell", CELLS)
def test_a_graph_changes_no_number(cell, monkeypatch):
    start = begin(adding(cell, "cuda"))
    training.graph_of.cache_clear()
    assert training.graph_of(start.design, ADDING) is not None, "there should be a graph of this"
    _, with_graph = advance(start, ADDING, 6)
    monkeypatch.setattr(training, "graph_of", lambda design, settings: None)
    _, without = advance(start, ADDING, 6)
    assert_close(with_graph, without, rtol=1e-4)


@CUDA
def test_two_runs_of_one_experiment_do_not_disturb_each_other():
    """They share a graph, and so its memory."""
    start = begin(adding("gru", "cuda"))
    one, _ = advance(start, ADDING, 2)
    kept = {name: array.copy() for name, array in one.weights.items()}
    advance(start, ADDING, 4)
    for name, array in one.weights.items():
        np.testing.assert_array_equal(array, kept[name])


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA GPU")
def test_without_a_gpu_one_sentence_says_why_there_is_no_graph(caplog):
    design = adding("rnn", "cpu")
    batch = training.training_batch(design, ADDING, 1)
    with caplog.at_level(logging.WARNING):
        assert capture(design, ADDING, begin(design).weights, batch) is None
    assert caplog.messages[0].startswith("Training without a CUDA graph, which is slower: ")
    assert "\n" not in caplog.messages[0]


def test_padding_is_no_matter_for_a_graph(caplog):
    design = adding("rnn", "cpu")
    batch = training.training_batch(design, ADDING, 1)
    assert whole(batch)
    lengths_B = batch.lengths_B.clone()
    lengths_B[0] -= 1
    padded = batch._replace(lengths_B=lengths_B)
    assert not whole(padded)
    assert capture(design, ADDING, begin(design).weights, padded) is None
    assert "padded" in caplog.text


def test_no_graph_is_asked_for_on_a_cpu():
    assert training.graph_of(adding("rnn", "cpu"), ADDING) is None


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("cell", CELLS)
def test_the_loops_in_pytorch_equal_those_in_numpy(cell, activation, monkeypatch):
    """What a GPU would run, here on the CPU: the same cells in PyTorch's operations."""
    design = replace(adding(cell, "cpu"), activation=activation, bidirectional=True)
    settings = replace(ADDING, tbptt_window=7)
    wanted = trace(begin(design), settings, sequences=4)
    for module in (by_library, layer, *(module_of(cell) for cell in CELLS)):
        monkeypatch.setattr(module, "operations", lambda tensor: by_library.in_torch())
    found = trace(begin(design), settings, sequences=4)
    for name, gradient in wanted.gradients.items():
        np.testing.assert_allclose(found.gradients[name], gradient, rtol=1e-9, atol=1e-13, err_msg=name)


def module_of(cell: str):
    return import_module(CELLS[cell].forward.__module__)


def test_masks_and_lengths_stay_on_the_cpu():
    batch = training.load_task(adding("rnn", "cpu")).train(np.random.default_rng(0), 3, 8)
    found = tensors(batch, torch.device("meta"))
    assert found.inputs_TBI.device.type == found.targets.device.type == "meta"
    assert found.mask_SB.device.type == found.lengths_B.device.type == "cpu"
