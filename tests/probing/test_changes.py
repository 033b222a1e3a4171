"""Interventions against networks that are unrolled by hand and interfered with at every time step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import name_of
from probes import (
    ATTENTIVE,
    KINDS,
    STATES,
    ByHand,
    Clamp,
    greedy,
    inputs_of,
    question_of,
    settings_of,
    strong,
)

from rnnlab import probing
from rnnlab.config import Design
from rnnlab.probing import Change
from rnnlab.topologies import TOPOLOGIES

ONE_WAY = [d for d in [*KINDS, *ATTENTIVE] if not d.bidirectional]
READ = [d for d in ONE_WAY if not TOPOLOGIES[d.topology].generates]
WRITING = [d for d in ONE_WAY if TOPOLOGIES[d.topology].generates]
GATES = {"lstm": "ifgo", "gru": "rzn", "rnn": ""}


def layers_of(design):
    return probing.layers_of(strong(design))


def asked(design, *changes, **more):
    return probing.answer(strong(design), settings_of(design), question_of(design), changes=changes, **more)


def by_hand(design, layer, held):
    """Outputs of the network with something held, time step by time step."""
    net, question = ByHand(strong(design), layer, held), question_of(design)
    if TOPOLOGIES[design.topology].generates:
        return greedy(net, question, 8)
    outputs_TO = net.over("recurrent", inputs_of(question))
    return [], outputs_TO


def agrees(design, change, held):
    found = asked(design, change, steps=8)
    symbols, outputs_TO = by_hand(design, change.layer, held)
    count = len(found.outputs)
    expected = outputs_TO.numpy()[:count] if found.written else outputs_TO.numpy()[-count:]
    np.testing.assert_allclose(found.outputs_SO, expected, rtol=1e-8, atol=1e-10)
    assert found.symbols_S.tolist() == symbols[: len(found.symbols_S)]
    return found


@pytest.mark.parametrize("design", ONE_WAY, ids=name_of)
def test_a_unit_is_zero_at_all_time_steps(design):
    for layer in layers_of(design):
        for unit in (0, 3):
            found = agrees(design, Change("zero", layer, unit), Clamp(unit))
            assert not probing.unit_values(found, layer, "h", unit).any()
            if STATES[design.cell] == 2:
                assert not probing.unit_values(found, layer, "c", unit).any()


@pytest.mark.parametrize("design", [d for d in ONE_WAY if GATES[d.cell]], ids=name_of)
def test_a_gate_is_held_at_a_value(design):
    for layer in layers_of(design):
        for gate in GATES[design.cell]:
            for unit, value in ((2, 0.3), (None, 1.0), (None, 0.0), (1, 0.5)):
                found = agrees(
                    design, Change("clamp_gate", layer, unit, gate, value), Clamp(unit, gate, value)
                )
                told = probing.quantities(found, layer)[gate]
                held = told if unit is None else told[:, unit]
                np.testing.assert_allclose(held, value, atol=1e-15)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
def test_a_unit_is_zero_under_every_activation(activation):
    design = replace(
        next(d for d in READ if d.cell == "rnn" and d.topology == "many-to-one"), activation=activation
    )
    found = asked(design, Change("zero", "recurrent/0/forward", 1))
    assert not probing.unit_values(found, "recurrent/0/forward", "h", 1).any()
    assert probing.unit_values(found, "recurrent/0/forward", "h", 0).any()


def test_a_backward_layer_too():
    design = next(d for d in KINDS if d.bidirectional and d.cell == "lstm")
    found = asked(design, Change("zero", "recurrent/0/backward", 1))
    assert not probing.unit_values(found, "recurrent/0/backward", "h", 1).any()
    assert probing.unit_values(found, "recurrent/0/forward", "h", 1).any()


def test_several_changes_at_once_and_the_network_stays_as_it_was():
    design = next(d for d in WRITING if d.cell == "lstm" and d.topology == "encoder-decoder")
    state = strong(design)
    before = {name: array.copy() for name, array in state.weights.items()}
    changes = [
        Change("zero", "encoder/0/forward", 0),
        Change("clamp_gate", "decoder/1/forward", None, "f", 1.0),
    ]
    found = probing.answer(state, settings_of(design), question_of(design), changes=changes)
    assert found.changes == tuple(changes)
    assert not probing.unit_values(found, "encoder/0/forward", "h", 0).any()
    assert (probing.quantities(found, "decoder/1/forward")["f"] == 1).all()
    for name, array in state.weights.items():
        np.testing.assert_array_equal(array, before[name])


def test_the_cell_remembers_all_with_forget_gates_open_and_input_gates_shut():
    """Without anything let in, c stays the 0 it began with."""
    design = next(d for d in READ if d.cell == "lstm" and d.topology == "many-to-one")
    layer = "recurrent/0/forward"
    shut = asked(design, Change("clamp_gate", layer, None, "i", 0.0))
    assert not probing.quantities(shut, layer)["c"].any()
    adds = asked(design, Change("clamp_gate", layer, None, "f", 1.0))
    held = probing.quantities(adds, layer)
    np.testing.assert_allclose(held["c"], np.cumsum(held["i"] * held["g"], axis=0), atol=1e-12)


@pytest.mark.parametrize(
    ("cell", "change", "words"),
    [
        (
            "gru",
            Change("shake", "recurrent/0/forward", 0),
            "A change must be one of zero, clamp_gate, not 'shake'.",
        ),
        ("gru", Change("zero", "encoder/0/forward", 0), "layer must be one of recurrent/0/forward, "),
        ("gru", Change("zero", "recurrent/0/forward", 5), "unit must be a whole number from 0 to 4, not 5."),
        ("gru", Change("zero", "recurrent/0/forward"), "names the unit that is to be 0"),
        ("gru", Change("clamp_gate", "recurrent/0/forward", 0, "f"), "gate must be one of r, z, n, not 'f'."),
        (
            "gru",
            Change("clamp_gate", "recurrent/0/forward", 0, "z", -0.1),
            "can be held from 0 to 1, not at -0.1",
        ),
        (
            "lstm",
            Change("clamp_gate", "recurrent/0/forward", 0, "g", 1.5),
            "can be held from -1 to 1, not at 1.5",
        ),
        (
            "lstm",
            Change("clamp_gate", "recurrent/0/forward", 0, "f", float("nan")),
            "can be held from 0 to 1",
        ),
        ("rnn", Change("clamp_gate", "recurrent/0/forward", 0, "f"), "A vanilla RNN has no gates to clamp."),
    ],
)
def test_what_a_network_does_not_have_is_refused(cell, change, words):
    design = next(d for d in READ if d.cell == cell and d.topology == "many-to-one")
    with pytest.raises(ValueError, match=words):
        asked(design, change)


def test_changes_in_words():
    assert probing.change_words(Change("zero", "recurrent/0/forward", 6), "gru") == "unit 7 of layer 1 is 0"
    clamp = Change("clamp_gate", "decoder/1/forward", None, "f", 0.5)
    assert probing.change_words(clamp, "lstm") == "forget gate f of all units of decoder layer 2 is 0.5"


def test_names_of_layers_are_those_of_a_trace():
    for design in KINDS:
        assert layers_of(design) == list(asked(design).trace.layers)


def test_with_attention_a_silent_encoder_unit_is_silent_in_what_is_looked_back_at():
    design = Design(task="dates", cell="gru", hidden_size=5, attention="dot")
    found = asked(design, Change("zero", "encoder/0/forward", 1))
    assert not probing.unit_values(found, "encoder/0/forward", "h", 1).any()
    keys_TH = probing.quantities(found, "encoder/0/forward")["h"]
    queries_SH = probing.quantities(found, "decoder/0/forward")["h"]
    expected = torch.softmax(torch.tensor(queries_SH @ keys_TH.T), dim=1).numpy()
    np.testing.assert_allclose(found.attention_ST, expected, rtol=1e-9)
