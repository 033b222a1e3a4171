"""Saliency against autograd by the inputs, through the network by hand and through PyTorch's modules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import name_of
from probes import ATTENTIVE, KINDS, question_of, settings_of, strong

from rnnlab import probing
from rnnlab.analysis import saliency
from rnnlab.asking import Question
from rnnlab.config import Design, Settings
from rnnlab.model.network import forward, load_task, new_pass, tensors
from rnnlab.probing.salient import by_each_number
from rnnlab.topologies import TOPOLOGIES


def by_autograd(found, of):
    """||d of(outputs) / dx_t|| (T,) with the network fed what it was fed."""
    weights = {name: torch.tensor(w) for name, w in found.trace.weights.items()}
    batch = tensors(found.trace.batch, torch.device("cpu"), torch.float64)
    batch.inputs_TBI.requires_grad_()
    outputs_SBO, _ = forward(found.trace.design, new_pass(found.trace.design, weights), batch)
    of(outputs_SBO[:, 0]).backward()
    return batch.inputs_TBI.grad[:, 0].norm(dim=1).numpy()


def asked(design):
    return probing.answer(strong(design), settings_of(design), question_of(design))


def said(found):
    return torch.tensor(found.symbols_S if found.written else found.outputs_SO.argmax(axis=1))


@pytest.mark.parametrize("design", [*KINDS, *ATTENTIVE], ids=name_of)
def test_it_is_the_derivative_of_the_answers_log_probability(design):
    found = asked(design)
    symbols_S = said(found)
    counted = torch.tensor(found.trace.mask[:, 0])
    rows = torch.arange(len(symbols_S))

    def whole(outputs_SO):
        return torch.log_softmax(outputs_SO, dim=1)[rows, symbols_S][counted].sum()

    np.testing.assert_allclose(probing.saliency_of(found), by_autograd(found, whole), rtol=1e-8, atol=1e-14)
    for s in {0, len(rows) // 2, len(rows) - 1}:
        if not counted[s]:
            assert not probing.saliency_of(found, s).any()
            continue
        expected = by_autograd(found, lambda out, s=s: torch.log_softmax(out, dim=1)[s, symbols_S[s]])
        np.testing.assert_allclose(probing.saliency_of(found, s), expected, rtol=1e-8, atol=1e-14)
        expected = by_autograd(found, lambda out, s=s: torch.log_softmax(out, dim=1)[s, 1])
        told = probing.saliency_of(found, s, label=1)
        np.testing.assert_allclose(told, expected, rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("design", [*KINDS, *ATTENTIVE], ids=name_of)
def test_it_is_what_backpropagation_by_the_cells_own_rules_finds(design):
    """With the one-hot answer less all probabilities as the gradient by the outputs."""
    found = asked(design)
    by_outputs_SO = np.eye(len(found.labels))[said(found)] - found.probabilities_SO
    by_outputs_SO *= found.trace.mask
    expected = saliency(replace(found.trace, grad_outputs=by_outputs_SO[:, None]))
    given = expected.gradient[: len(found.trace.inputs), : found.trace.inputs.shape[2]]
    np.testing.assert_allclose(
        probing.saliency_of(found), np.linalg.norm(given, axis=1), rtol=1e-8, atol=1e-14
    )


@pytest.mark.parametrize("design", [*KINDS, *ATTENTIVE], ids=name_of)
def test_the_map_holds_every_time_step_of_the_output(design):
    found = asked(design)
    told = probing.saliency_map(found)
    assert told.shape == (len(found.outputs), len(found.trace.batch.inputs_TBI))
    for s in range(len(told)):
        np.testing.assert_allclose(told[s], probing.saliency_of(found, s), rtol=1e-8, atol=1e-14)


def test_only_what_the_network_is_asked_for_counts():
    design = next(d for d in KINDS if d.topology == "many-to-many" and not d.bidirectional)
    question = question_of(design)
    mask_SB = np.arange(len(question.batch.mask_SB))[:, None] == 7
    question = question._replace(batch=question.batch._replace(mask_SB=mask_SB))
    found = probing.answer(strong(design), settings_of(design), question)
    assert not probing.saliency_of(found, 3).any()
    np.testing.assert_allclose(probing.saliency_of(found), probing.saliency_of(found, 7))
    assert probing.saliency_of(found)[:8].all()


def test_nothing_matters_that_comes_later_in_a_network_that_reads_forward():
    design = next(d for d in KINDS if d.topology == "many-to-many" and not d.bidirectional)
    told = probing.saliency_map(asked(design))
    assert not np.triu(told, 1).any()
    assert np.diag(told)[-10:].all()


def test_a_decoder_reads_symbols_of_its_own():
    design = next(d for d in KINDS if d.topology == "encoder-decoder")
    found = asked(design)
    told = probing.saliency_of(found, 3, part="decoder")
    assert told.shape == found.symbols_S.shape
    assert told[:4].all()
    assert not told[4:].any()
    with pytest.raises(ValueError, match="part must be one of encoder, decoder, not 'recurrent'"):
        probing.saliency_of(found, part="recurrent")


@pytest.mark.parametrize("task", ["dyck", "adding"])
def test_outputs_that_are_not_classes(task):
    design = Design(task=task, hidden_size=4)
    loaded = load_task(design)
    batch = loaded.held_out(np.random.default_rng(0), 1, 12)
    batch = batch._replace(inputs_TBI=batch.inputs_TBI[: int(batch.lengths_B[0])])
    batch = batch._replace(
        targets=batch.targets[: len(batch.inputs_TBI)], mask_SB=batch.mask_SB[: len(batch.inputs_TBI)]
    )
    question = Question(batch, True, "", tuple(loaded.input_labels(batch, 0)))
    found = probing.answer(strong(design), Settings(), question)
    side = torch.tensor(np.where(found.outputs_SO > 0, 1.0, -1.0))

    def of(outputs_SO):
        if loaded.loss == "squared_error":
            return outputs_SO.sum()
        return torch.nn.functional.logsigmoid(side * outputs_SO).sum()

    np.testing.assert_allclose(probing.saliency_of(found), by_autograd(found, of), rtol=1e-8, atol=1e-14)


def test_the_gradient_is_not_cut_where_training_cuts_it():
    design = next(d for d in KINDS if d.topology == "many-to-one" and d.cell == "gru" and not d.bidirectional)
    assert settings_of(design).tbptt_window == 3
    assert probing.saliency_of(asked(design)).all()


def test_what_the_answer_does_not_have_is_refused():
    found = asked(next(d for d in KINDS if TOPOLOGIES[d.topology].generates))
    with pytest.raises(ValueError, match="output time step must be a whole number from 0 to"):
        probing.saliency_of(found, 99)
    with pytest.raises(ValueError, match="label must be a whole number from 0 to"):
        probing.saliency_of(found, 0, label=99)


@pytest.mark.parametrize("design", KINDS, ids=name_of)
def test_by_each_number_is_of_the_question_alone(design):
    """A network that writes has inputs of its own, which nobody asked."""
    found = asked(design)
    by_number_TI = by_each_number(found)
    assert by_number_TI.shape == (len(found.question.characters), load_task(design).input_size)
    np.testing.assert_allclose(np.linalg.norm(by_number_TI, axis=1), probing.saliency_of(found), rtol=1e-9)
