"""Answers against networks unrolled by hand, and what is said about them."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import name_of
from probes import ATTENTIVE, KINDS, ByHand, greedy, inputs_of, question_of, settings_of, strong

from rnnlab import probing
from rnnlab.asking import Question
from rnnlab.config import Design, Settings
from rnnlab.model.network import load_task
from rnnlab.tasks.answers import probabilities
from rnnlab.topologies import TOPOLOGIES
from rnnlab.tracing import trace

every_kind = pytest.mark.parametrize("design", [*KINDS, *ATTENTIVE], ids=name_of)
READ = [d for d in KINDS if not TOPOLOGIES[d.topology].generates]
ONE_WAY = [d for d in READ if not d.bidirectional]
WRITING = [d for d in [*KINDS, *ATTENTIVE] if TOPOLOGIES[d.topology].generates]


def asked(design, **more):
    return probing.answer(strong(design), settings_of(design), question_of(design), **more)


@every_kind
def test_every_network_answers(design):
    found = asked(design)
    steps = len(found.outputs)
    assert found.probabilities_SO.shape == (steps, len(found.labels))
    np.testing.assert_allclose(found.probabilities_SO.sum(axis=1), 1)
    assert len(found.top) == steps
    assert found.written == TOPOLOGIES[design.topology].generates
    for layer in found.trace.layers:
        part = layer.split("/")[0]
        assert len(found.read[part]) == len(probing.unit_values(found, layer, "h", 0))
    assert 0 < found.confidence <= 1
    assert (found.attention_ST is not None) == (design.attention != "none")
    assert len(pickle.dumps(found)) < 400_000


@pytest.mark.parametrize("design", ONE_WAY, ids=name_of)
def test_the_answer_is_the_softmax_of_the_network_by_hand(design):
    found, question = asked(design), question_of(design)
    outputs_TO = ByHand(strong(design)).over("recurrent", inputs_of(question))
    expected = torch.softmax(outputs_TO, dim=1).numpy()[-len(found.outputs) :]
    np.testing.assert_allclose(found.probabilities_SO, expected, rtol=1e-9)
    labels = np.array(load_task(design).labels)
    asked_S = question.batch.mask_SB[:, 0]
    assert np.array(found.outputs)[asked_S].tolist() == labels[expected.argmax(axis=1)][asked_S].tolist()
    for row, top in zip(expected, found.top, strict=True):
        best = sorted(zip(labels, row, strict=True), key=lambda pair: -pair[1])[:5]
        assert [p for _, p in top] == pytest.approx([p for _, p in best])


@pytest.mark.parametrize("design", WRITING, ids=name_of)
def test_a_network_that_writes_reads_its_own_symbols(design):
    found, question = asked(design, steps=7), question_of(design)
    symbols, outputs_SO = greedy(ByHand(strong(design)), question, 7)
    count = len(found.symbols_S)
    assert found.symbols_S.tolist() == symbols[:count]
    np.testing.assert_allclose(found.outputs_SO, outputs_SO.numpy()[:count], rtol=1e-8, atol=1e-10)
    own = np.take_along_axis(found.probabilities_SO, found.symbols_S[:, None], axis=1)
    assert found.confidence == pytest.approx(float(own.prod()))
    last = found.trace.layers[list(found.trace.layers)[-1]].name.split("/")[0]
    labels = load_task(design).labels
    assert found.read[last][1:] == tuple(labels[s] for s in symbols[: count - 1])


def test_writing_stops_at_the_end_sign():
    design = Design(task="surname", hidden_size=4, cell="gru")
    state = strong(design)
    bias = np.zeros_like(state.weights["readout.bias"])
    bias[load_task(design).labels.index("■")] = 100.0
    ended = replace(state, weights={**state.weights, "readout.bias": bias})
    found = probing.answer(ended, Settings(), question_of(design))
    assert found.outputs == ("■",)
    assert found.words == ""
    assert found.ended
    endless = replace(state, weights={**state.weights, "readout.bias": -bias})
    found = probing.answer(endless, Settings(), question_of(design))
    assert len(found.outputs) == 40
    assert not found.ended


@pytest.mark.parametrize("design", [d for d in READ if d.topology == "many-to-one"], ids=name_of)
def test_had_the_sequence_ended_here(design):
    """Each beginning, asked as a question of its own."""
    found, question = asked(design), question_of(design)
    steps = len(question.characters)
    for t in range(1, steps + 1):
        cut = question.batch._replace(
            inputs_TBI=question.batch.inputs_TBI[:t], lengths_B=np.array([t], np.int64)
        )
        alone = trace(strong(design), settings_of(design), cut).outputs[0, 0]
        np.testing.assert_allclose(found.ended_here.outputs_TO[t - 1], alone, rtol=1e-9, atol=1e-12)
        assert found.ended_here.said[t - 1] == load_task(design).labels[alone.argmax()]
    np.testing.assert_allclose(found.ended_here.probabilities_TO[-1], found.probabilities_SO[0])


@pytest.mark.parametrize("design", [d for d in KINDS if d.topology != "many-to-one"], ids=name_of)
def test_only_a_network_that_answers_once_after_reading_could_have_ended_earlier(design):
    assert asked(design).ended_here is None


def test_right_is_said_where_it_is_known():
    design = next(d for d in READ if d.topology == "many-to-one")
    state, settings, question = strong(design), settings_of(design), question_of(design)
    said = probing.answer(state, settings, question).outputs_SO[0].argmax()
    for target in range(4):
        batch = question.batch._replace(targets=np.array([[target]]))
        told = probing.answer(state, settings, question._replace(batch=batch))
        assert told.correct == (target == said)
        assert told.wanted == (load_task(design).labels[target],)
    assert probing.answer(state, settings, question._replace(known=False)).correct is None
    assert probing.answer(state, settings, question._replace(known=False)).wanted == ()


def test_what_was_written_is_right_where_all_of_it_is():
    design = next(d for d in WRITING if d.topology == "encoder-decoder")
    state, settings, question = strong(design), settings_of(design), question_of(design)
    told = probing.answer(state, settings, question)
    batch = question.batch._replace(targets=told.symbols_S[:, None])
    assert probing.answer(state, settings, question._replace(batch=batch)).correct is True
    wrong = told.symbols_S.copy()
    wrong[-1] = (wrong[-1] + 1) % len(told.labels)
    batch = question.batch._replace(targets=wrong[:, None])
    assert probing.answer(state, settings, question._replace(batch=batch)).correct is False


@pytest.mark.parametrize("task", ["dyck", "counting", "digits", "adding", "sine-mixture"])
def test_outputs_that_are_not_classes(task):
    options = {"question": "even"} if task == "digits" else {}
    design = Design(task=task, task_options=options, hidden_size=4)
    length = design.lengths.nearest(12)
    loaded = load_task(design)
    batch = loaded.held_out(np.random.default_rng(0), 1, length)
    read = int(batch.lengths_B[0])
    if len(batch.targets) == len(batch.inputs_TBI):
        batch = batch._replace(targets=batch.targets[:read], mask_SB=batch.mask_SB[:read])
    batch = batch._replace(inputs_TBI=batch.inputs_TBI[:read])
    question = Question(batch, True, "", tuple(loaded.input_labels(batch, 0)))
    found = probing.answer(strong(design), Settings(), question)
    if loaded.loss == "squared_error":
        assert found.probabilities_SO is None
        assert found.top == ()
        assert found.labels == ()
        return
    expected = 1 / (1 + np.exp(-found.outputs_SO))
    np.testing.assert_allclose(found.probabilities_SO, expected)
    named = {"dyck": ("(", ")"), "digits": ("even",), "counting": ("a", "b", "⊣")}[task]
    assert len(found.labels) == len(named)
    assert found.labels[0] == named[0]


def test_gates_and_states_of_a_unit():
    design = next(d for d in KINDS if d.cell == "lstm" and d.topology == "many-to-one")
    found = asked(design)
    layer = "recurrent/1/forward"
    held = found.trace.layers[layer]
    np.testing.assert_array_equal(probing.unit_values(found, layer, "f", 2), held.gates["f"][:, 0, 2])
    np.testing.assert_array_equal(probing.unit_values(found, layer, "c", 0), held.c[:, 0, 0])
    for wrong, words in {
        ("recurrent/7/forward", "h", 0): "layer must be one of recurrent/0/forward",
        (layer, "z", 0): "quantity must be one of h, c, i, f, g, o, not 'z'.",
        (layer, "h", 5): "unit must be a whole number from 0 to 4, not 5.",
    }.items():
        with pytest.raises(ValueError, match=words):
            probing.unit_values(found, *wrong)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_diverged_network_has_no_answer(bad):
    for design in (READ[0], WRITING[0]):
        state = strong(design)
        broken = replace(state, weights={name: np.full_like(w, bad) for name, w in state.weights.items()})
        with pytest.raises(ValueError, match="is not a finite number, so it has no answer"):
            probing.answer(broken, settings_of(design), question_of(design))


def test_a_question_is_one_sequence():
    design = READ[0]
    question = question_of(design)
    two = question.batch._replace(inputs_TBI=np.repeat(question.batch.inputs_TBI, 2, axis=1))
    with pytest.raises(ValueError, match="A question is one sequence, not 2"):
        probing.answer(strong(design), settings_of(design), question._replace(batch=two))
    padded = question.batch._replace(lengths_B=question.batch.lengths_B - 1)
    with pytest.raises(ValueError, match="A question has no padding"):
        probing.answer(strong(design), settings_of(design), question._replace(batch=padded))


def test_an_answer_is_a_function_of_its_arguments():
    design = WRITING[-1]
    one, two = (asked(design, temperature=1.0, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.outputs_SO, two.outputs_SO)
    np.testing.assert_array_equal(probabilities(one.outputs_SO), one.probabilities_SO)


def test_what_was_drawn_is_the_answer_even_where_something_else_was_likelier():
    design = next(d for d in WRITING if d.topology == "encoder-decoder")
    found = asked(design, temperature=5.0, seed=1)
    assert (found.outputs_SO.argmax(axis=1) != found.symbols_S).any()
    assert found.outputs == tuple(found.labels[s] for s in found.symbols_S)
    assert found.words == "".join(found.outputs)
