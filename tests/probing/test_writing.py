"""Writing with a temperature: greedy, seeded, and as often as the probabilities say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from probes import ByHand, greedy, inputs_of, strong, unit_vector

from rnnlab import probing
from rnnlab.asking import Question, ask
from rnnlab.config import Design, Settings
from rnnlab.model.network import load_task
from rnnlab.probing.writing import at_temperature, spelled

TEXT = "it was the best of times, it was the worst of times. " * 4


def language_model(**more):
    return Design(task="language-model", hidden_size=6, task_options={"text": TEXT}, **more)


def prompt(design, length=9):
    task = load_task(design)
    batch = task.held_out(np.random.default_rng(1), 1, length)
    return Question(batch, False, "", tuple(task.input_labels(batch, 0)))


def by_hand(design, question, steps):
    """Greedy symbols after a prompt, all read again for each."""
    net, inputs, symbols = ByHand(strong(design)), inputs_of(question), []
    size = inputs[0].shape[1]
    for _ in range(steps):
        outputs_TO = net.over("recurrent", inputs)
        symbols.append(int(outputs_TO[-1].argmax()))
        inputs = [*inputs, unit_vector(symbols[-1], size)]
    return symbols


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_at_temperature_zero_the_most_probable_symbol_is_the_next_input(cell):
    design = language_model(cell=cell)
    question = prompt(design)
    told = probing.write(strong(design), Settings(), question, 12, 0.0)
    assert told.indices_S.tolist() == by_hand(design, question, 12)
    labels = load_task(design).labels
    assert told.symbols == tuple(labels[i] for i in told.indices_S)
    assert (told.chance_S == 1).all()
    assert [top[0] for top in told.top] == list(zip(told.symbols, told.probability_S, strict=True))
    assert told.prompt == question.characters
    assert told.text == "".join(told.symbols).replace("␣", " ")


def test_a_window_slides_where_the_network_answers_once():
    design = Design(
        task="next-character", hidden_size=6, activation="tanh", task_options={"text": TEXT}, cell="rnn"
    )
    question = prompt(design, 3)
    told = probing.write(strong(design), Settings(), question, 8, 0.0)
    window, expected = inputs_of(question), []
    for _ in range(8):
        outputs_TO = ByHand(strong(design)).over("recurrent", window)
        expected.append(int(outputs_TO[-1].argmax()))
        window = [*window[1:], unit_vector(expected[-1], window[0].shape[1])]
    assert told.indices_S.tolist() == expected


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_each_choice_comes_with_its_probabilities(temperature):
    """The network's own, and those at the temperature, by hand."""
    design = language_model(cell="gru")
    question, state = prompt(design, 5), strong(design)
    outputs_TO = ByHand(state).over("recurrent", inputs_of(question))
    expected_O = np.exp(outputs_TO[-1].numpy() / temperature)
    expected_O /= expected_O.sum()
    told = probing.write(state, Settings(), question, 3, temperature, seed=3)
    assert told.chance_S[0] == pytest.approx(expected_O[told.indices_S[0]])
    own = np.exp(outputs_TO[-1].numpy())
    assert told.probability_S[0] == pytest.approx(own[told.indices_S[0]] / own.sum())


def test_drawing_is_by_the_tempered_probabilities():
    """A network without memory draws 2,000 symbols from one distribution."""
    design = language_model(cell="gru")
    state = strong(design)
    deaf = {name: np.zeros_like(w) if "readout" not in name else w for name, w in state.weights.items()}
    state = replace(state, weights=deaf)
    for temperature in (0.7, 1.5):
        told = probing.write(state, Settings(), prompt(design), 2000, temperature, seed=1)
        logits = state.weights["readout.bias"].astype(np.float64) / temperature
        expected_O = np.exp(logits) / np.exp(logits).sum() * 2000
        counts_O = np.bincount(told.indices_S, minlength=len(logits))
        chi_square = ((counts_O - expected_O) ** 2 / expected_O).sum()
        freedom = len(logits) - 1
        assert chi_square < freedom + 4 * np.sqrt(2 * freedom)  # mean and deviation of the distribution
        other = np.exp(logits * temperature) / np.exp(logits * temperature).sum() * 2000
        assert ((counts_O - other) ** 2 / other).sum() > chi_square


def test_a_temperature_far_below_one_is_greedy_and_far_above_is_even():
    outputs_O = np.array([1.0, 3.0, 2.0])
    np.testing.assert_array_equal(at_temperature(outputs_O, 0.0), [0, 1, 0])
    np.testing.assert_allclose(at_temperature(outputs_O, 1e-300), [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(at_temperature(outputs_O, 1e9), [1 / 3] * 3, atol=1e-8)
    np.testing.assert_allclose(at_temperature(outputs_O, 1.0), np.exp(outputs_O) / np.exp(outputs_O).sum())
    np.testing.assert_array_equal(at_temperature(np.array([2.0, 2.0]), 0.0), [1, 0])


def test_the_same_seed_writes_the_same():
    design = language_model()
    texts = {
        seed: {
            probing.write(strong(design), Settings(), prompt(design), 40, 1.0, seed).text for _ in range(2)
        }
        for seed in (0, 1, 2)
    }
    assert all(len(found) == 1 for found in texts.values())
    assert len(set.union(*texts.values())) == 3


def test_a_change_is_heard_in_what_is_written():
    design = language_model(cell="lstm")
    layer = "recurrent/0/forward"
    forgetful = [probing.Change("clamp_gate", layer, None, "f", 0.0)]
    told = probing.write(strong(design), Settings(), prompt(design), 20, 0.0, changes=forgetful)
    plain = probing.write(strong(design), Settings(), prompt(design), 20, 0.0)
    assert not np.allclose(told.probability_S, plain.probability_S)


@pytest.mark.parametrize("task", ["surname", "dates"])
def test_networks_that_generate_write_what_they_answer(task):
    design = Design(task=task, hidden_size=5)
    loaded = load_task(design)
    batch = loaded.held_out(np.random.default_rng(0), 1, 12)
    batch = batch._replace(inputs_TBI=batch.inputs_TBI[: int(batch.lengths_B[0])])
    question = Question(batch, False, "", tuple(loaded.input_labels(batch, 0)))
    told = probing.write(strong(design), Settings(), question, 10, 0.0)
    symbols, _ = greedy(ByHand(strong(design)), question, 10)
    assert told.indices_S.tolist() == symbols[: len(told.indices_S)]
    drawn = probing.answer(strong(design), Settings(), question, temperature=1.0, seed=4, steps=10)
    same = probing.write(strong(design), Settings(), question, 10, 1.0, 4)
    assert drawn.symbols_S.tolist() == same.indices_S.tolist()
    rows = np.arange(len(same.indices_S))
    np.testing.assert_allclose(drawn.probabilities_SO[rows, same.indices_S], same.probability_S)


def test_an_answer_without_an_end_sign_ends_where_all_do():
    design = Design(task="dates", hidden_size=5)
    question = ask(design, "3 mai 2011", 20)
    assert len(probing.write(strong(design), Settings(), question, 40, 0.0).symbols) == len("2011-05-03")


@pytest.mark.parametrize("task", ["adding", "parity", "nationality", "digits"])
def test_a_network_that_cannot_read_what_it_says_does_not_write(task):
    design = Design(task=task, hidden_size=4)
    with pytest.raises(ValueError, match="does not read what it writes"):
        probing.write(strong(design), Settings(), prompt_of(design), 5, 0.0)


def prompt_of(design):
    task = load_task(design)
    batch = task.held_out(np.random.default_rng(0), 1, design.lengths.default)
    return Question(batch, False, "", tuple(task.input_labels(batch, 0)))


@pytest.mark.parametrize(
    ("steps", "temperature", "words"),
    [
        (0, 1.0, "steps must be a whole number from 1 to 2,000, not 0."),
        (9999, 1.0, "steps must be"),
        (5, -1.0, "temperature must be 0 or more, not -1.0."),
        (5, float("nan"), "temperature must be 0 or more, not nan."),
    ],
)
def test_what_cannot_be_asked(steps, temperature, words):
    with pytest.raises(ValueError, match=words):
        probing.write(strong(language_model()), Settings(), prompt(language_model()), steps, temperature)


def test_symbols_as_text():
    assert spelled(("a", "b", "␣", "⏎"), ("a", "␣", "b", "⏎")) == "a b\n"
    assert spelled(("the", "cat", ".", "sat"), ("the", "cat", "sat", ".")) == "the cat sat."
