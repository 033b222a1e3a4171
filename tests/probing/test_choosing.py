"""The same answer under every choice, beside a network written out with torch.nn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rnnlab.asking import ASKING, Question, ask
from rnnlab.live.asked import Request, run
from rnnlab.pretrained import load
from rnnlab.probing import answer, by_choice
from rnnlab.state import RunState
from rnnlab.tasks import TASKS

NAMES = ["surname", "melody"]
CHOSEN = {"surname": "French", "melody": "Am"}


def questions(name: str) -> list[Question]:
    run = load(name)
    task = TASKS[run.state.design.task].load(run.state.design.topology, run.state.design.options)
    choices = ASKING[run.state.design.task].choices(task)
    return [ask(run.state.design, choice, run.settings.length or 1) for choice in choices]


def by_torch(state: RunState, choice: int, choices: int, symbols_S: np.ndarray) -> list[float]:
    """Probabilities of the symbols: [choice ; nothing], then [nothing ; the symbol before]."""
    design = state.design
    outputs = len(state.weights["readout.bias"])
    cells = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
    cell = cells[design.cell](choices + outputs, design.hidden_size, design.layers).double()
    own = {name: torch.tensor(array, dtype=torch.float64) for name, array in state.weights.items()}
    cell.load_state_dict({name: own[name] for name, _ in cell.named_parameters()})
    inputs = torch.zeros(len(symbols_S), 1, choices + outputs, dtype=torch.float64)
    inputs[0, 0, choice] = 1
    for s, symbol in enumerate(symbols_S[:-1]):
        inputs[s + 1, 0, choices + int(symbol)] = 1
    with torch.no_grad():
        chances = (cell(inputs)[0][:, 0] @ own["readout.weight"].T + own["readout.bias"]).softmax(1)
    return [float(chances[s, int(symbol)]) for s, symbol in enumerate(symbols_S)]


@pytest.mark.parametrize("name", NAMES)
def test_every_choice_beside_torch(name: str) -> None:
    run, asked = load(name), questions(name)
    question = ask(run.state.design, CHOSEN[name], run.settings.length or 1)
    found = answer(run.state, run.settings, question)
    chosen = by_choice(found, [one.batch for one in asked])
    assert chosen.chances_SC.shape == (len(found.outputs), len(asked))
    for c in range(len(asked)):
        expected = by_torch(run.state, c, len(asked), found.symbols_S)
        assert chosen.chances_SC[:, c] == pytest.approx(expected, rel=1e-6)
        assert chosen.logarithms_C[c] == pytest.approx(sum(math.log(chance) for chance in expected), rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_choice_that_was_asked_is_as_sure_as_the_answer(name: str) -> None:
    run_, asked = load(name), questions(name)
    told = run(Request("mattered", run_.state.design, run_.settings, run_.state, CHOSEN[name]))
    found = answer(run_.state, run_.settings, ask(run_.state.design, CHOSEN[name], run_.settings.length or 1))
    assert told["choices"][told["chosen"]] == CHOSEN[name]
    assert len(told["choices"]) == len(asked)
    assert math.exp(told["logarithms"][told["chosen"]]) == pytest.approx(found.confidence)


def test_what_was_not_written_from_one_choice_has_none() -> None:
    run_ = load("nationality")
    found = answer(run_.state, run_.settings, ask(run_.state.design, "Rossi", run_.settings.length or 1))
    with pytest.raises(ValueError, match="single choice"):
        by_choice(found, [found.question.batch])


@pytest.mark.parametrize(("name", "text"), [("vowels", ""), ("caption", "")])
def test_other_questions_have_their_map(name: str, text: str) -> None:
    """A spoken word is read over many time steps; a drawing is none of a few choices."""
    run_ = load(name)
    offer = run(Request("offer", run_.state.design, run_.settings, run_.state))
    told = run(Request("mattered", run_.state.design, run_.settings, run_.state, offer["examples"][0]))
    assert "choices" not in told
    assert told["rows"]
