"""What a change does downstream, and answers as tables."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from probes import KINDS, question_of, settings_of, strong

from rnnlab import probing
from rnnlab.config import Design, Settings
from rnnlab.probing.rows import as_csv

ONE = next(d for d in KINDS if d.topology == "many-to-one" and d.cell == "lstm" and not d.bidirectional)
MANY = next(d for d in KINDS if d.topology == "many-to-many" and d.cell == "gru" and not d.bidirectional)
WRITES = next(d for d in KINDS if d.topology == "encoder-decoder" and d.cell == "gru")


def asked(design, question=None, **more):
    question = question_of(design) if question is None else question
    return probing.answer(strong(design), settings_of(design), question, **more)


def changed_at(question, t):
    """The question with another symbol at time step t."""
    inputs = question.batch.inputs_TBI.copy()
    inputs[t] = np.roll(inputs[t], 1, axis=-1)
    characters = tuple("?" if k == t else c for k, c in enumerate(question.characters))
    return question._replace(batch=question.batch._replace(inputs_TBI=inputs), characters=characters)


def test_nothing_differs_from_itself():
    told = probing.difference(asked(ONE), asked(ONE))
    assert not any(values.any() for values in (*told.states.values(), *told.cells.values()))
    assert not told.moved_S.any()
    assert told.read == ()


def test_a_changed_character_is_felt_from_its_time_step_on():
    question = question_of(MANY)
    a, b = asked(MANY), asked(MANY, changed_at(question, 6))
    told = probing.difference(a, b)
    for layer, distance_T in told.states.items():
        assert not distance_T[:6].any(), layer
        assert distance_T[6:].all(), layer
        h_a, h_b = (one.trace.layers[layer].h[:, 0] for one in (a, b))
        np.testing.assert_allclose(distance_T, np.sqrt(((h_b - h_a) ** 2).sum(axis=1)))
        np.testing.assert_allclose(told.sizes[layer], np.sqrt((h_a**2).sum(axis=1)))
    assert told.read == ((6, question.characters[6], "?"),)
    assert not told.moved_S[:6].any()
    expected = 0.5 * np.abs(a.probabilities_SO - b.probabilities_SO).sum(axis=1)
    np.testing.assert_allclose(told.moved_S, expected)
    np.testing.assert_allclose(told.probabilities_SO, b.probabilities_SO - a.probabilities_SO)
    assert told.symbols == tuple(zip(a.outputs, b.outputs, strict=True))
    assert told.cells == {}


def test_an_intervention_and_what_would_have_been_said_on_the_way():
    change = probing.Change("zero", "recurrent/0/forward", 0)
    a, b = asked(ONE), asked(ONE, changes=[change])
    told = probing.difference(a, b)
    assert all(values.any() for values in told.cells.values())
    assert told.ended_here_T.shape == (len(a.question.characters),)
    assert told.ended_here_T[-1] == pytest.approx(told.moved_S[0])
    assert told.words == (a.words, b.words)


def test_answers_of_different_lengths_are_compared_as_far_as_both_go():
    told = probing.difference(asked(WRITES), asked(WRITES, steps=4))
    assert len(told.moved_S) == 4
    assert not told.moved_S.any()
    with pytest.raises(ValueError, match="with the same layers and outputs"):
        probing.difference(asked(WRITES), asked(ONE))


def read_back(rows):
    return list(csv.DictReader(io.StringIO(as_csv(rows))))


def test_a_row_for_every_output_with_the_most_probable_labels():
    found = asked(WRITES)
    rows = probing.table(found)
    assert [row["answer"] for row in rows] == list(found.outputs)
    assert [row["read"] for row in rows] == ["", *found.outputs[:-1]]
    assert [row["right"] for row in rows] == list(found.wanted)
    for s, row in enumerate(rows):
        assert row["probability"] == pytest.approx(found.probabilities_SO[s, found.symbols_S[s]])
        assert row["label 1"] == found.outputs[s]
        assert row["probability 1"] >= row["probability 2"] >= row["probability 5"]
    back = read_back(rows)
    assert [float(row["probability"]) for row in back] == [row["probability"] for row in rows]
    assert [row["time step"] for row in back] == [str(s + 1) for s in range(len(rows))]


def test_a_network_that_answers_once_has_a_row_for_each_time_step_it_reads():
    found = asked(ONE)
    rows = probing.table(found)
    assert [row["read"] for row in rows] == list(found.question.characters)
    assert [row["answer had it ended here"] for row in rows] == list(found.ended_here.said)
    assert rows[-1]["probability 1"] == pytest.approx(found.probabilities_SO[0].max())


def test_only_where_the_network_is_asked():
    question = question_of(MANY)
    mask_SB = np.arange(len(question.batch.mask_SB))[:, None] % 3 == 1
    question = question._replace(batch=question.batch._replace(mask_SB=mask_SB))
    rows = probing.table(asked(MANY, question))
    assert [row["time step"] for row in rows] == [2, 5, 8, 11, 14, 17, 20]


def test_numbers_stand_in_columns_of_their_own():
    design = Design(task="adding", hidden_size=3)
    from rnnlab.asking import Question
    from rnnlab.model.network import load_task

    batch = load_task(design).held_out(np.random.default_rng(0), 1, 10)
    question = Question(batch, True, "", tuple(load_task(design).input_labels(batch, 0)))
    found = probing.answer(strong(design), Settings(), question)
    rows = probing.table(found)
    assert rows[-1]["output 1"] == pytest.approx(found.outputs_SO[0, 0])
    assert len(rows) == 10


def test_no_cell_is_a_formula():
    assert as_csv([{"label": "=1+1", "n": -2.5}]) == "label,n\r\n'=1+1,-2.5\r\n"
    assert as_csv([]) == ""
    assert read_back([{"a": 'x,"y\n'}]) == [{"a": 'x,"y\n'}]
