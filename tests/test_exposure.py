"""Exposure bias: what a generating network names and what it writes, counted anew, and the words for it."""

import numpy as np
import pytest

from rnnlab import Design, advance, begin, evaluate
from rnnlab.config import default_settings
from rnnlab.evaluation import held_out_batch, outputs_on
from rnnlab.exposure import END, exposure, measures
from rnnlab.metrics import METRICS
from rnnlab.model.network import load_task
from rnnlab.state import Measure
from rnnlab.tasks import TASKS
from rnnlab.topologies import TOPOLOGIES

WRITING = [(name, topology) for name, spec in TASKS.items() for topology in spec.topologies]
WRITING = [(name, topology) for name, topology in WRITING if TOPOLOGIES[topology].generates]
ONE_ANSWER = [
    (name, topology)
    for name, topology in WRITING
    if METRICS[load_task(Design(task=name, topology=topology)).metric].free_running
]


def one_hot(named_SB, size=3):
    return 9.0 * np.eye(size)[np.array(named_SB)]


def test_by_hand():
    """Two texts of "ab$" and "b$": fed the truth one symbol of five is wrong, fed its own three are."""
    targets = np.array([[0, 1], [1, 2], [2, 0]])
    mask = np.array([[True, True], [True, True], [True, False]])
    forced = one_hot([[0, 1], [1, 2], [1, 0]])
    free = one_hot([[0, 2], [0, 2], [0, 0]])
    found = {one.name: one for one in measures(forced, 0.25, free, 1.5, targets, mask, end=2)}
    assert found["forced_accuracy"].value == pytest.approx(4 / 5)
    assert found["free_accuracy"].value == pytest.approx(1 / 5)
    assert found["free_exact"].value == 0.0
    assert (found["forced_loss"].value, found["free_loss"].value) == (0.25, 1.5)
    assert (found["forced_accuracy"].text, found["free_loss"].text) == ("80.0 %", "1.5")


@pytest.mark.parametrize(
    ("forced", "free", "words"),
    [
        (0.97, 0.81, "Fed the truth it names 97 % of the symbols, fed its own 81 %: exposure bias."),
        (
            0.97,
            0.955,
            "Fed the truth it names 97 % of the symbols, fed its own 96 %: hardly any exposure bias.",
        ),
    ],
)
def test_the_gap_in_words(forced, free, words):
    pair = (("forced_accuracy", forced), ("free_accuracy", free))
    assert exposure(tuple(Measure(name, "", value, "") for name, value in pair)) == words


def test_nothing_to_say_where_nothing_is_fed_back():
    assert exposure(()) == ""


def symbols_right(named_SB, batch, end):
    """Counted one by one: a symbol after the network's own END was not written."""
    right = 0
    for b in range(named_SB.shape[1]):
        for s in range(int(batch.mask_SB[:, b].sum())):
            right += named_SB[s, b] == batch.targets[s, b]
            if named_SB[s, b] == end:
                break
    return right / batch.mask_SB.sum()


@pytest.mark.parametrize(("task", "topology"), ONE_ANSWER)
def test_a_report_of_a_network_that_generates(task, topology):
    design = Design(task=task, topology=topology, cell="gru", hidden_size=12)
    settings = default_settings(design)
    state, _ = advance(begin(design), settings, 25)
    found = {one.name: one.value for one in evaluate(state, settings, 24).measures}
    loaded, batch = load_task(design), held_out_batch(design, settings, 24)
    end = loaded.labels.index(END) if END in loaded.labels else -1
    forced_SB, free_SB = (outputs_on(state, batch, free)[0].argmax(2) for free in (False, True))
    named_right = (forced_SB == batch.targets)[batch.mask_SB].mean()
    assert found["forced_accuracy"] == pytest.approx(named_right)
    assert found["free_accuracy"] == pytest.approx(symbols_right(free_SB, batch, end))
    assert found["free_exact"] == evaluate(state, settings, 24).metric
    assert found["forced_loss"] == evaluate(state, settings, 24).loss


@pytest.mark.parametrize(("task", "topology"), WRITING)
def test_texts_of_different_length_have_an_end(task, topology):
    """Else a text that goes on where its target ends would count as right."""
    design = Design(task=task, topology=topology, hidden_size=4)
    loaded, batch = load_task(design), held_out_batch(design, default_settings(design), 64)
    lengths = batch.mask_SB.sum(axis=0)
    if len(set(lengths.tolist())) > 1:
        end = loaded.labels.index(END)
        last = batch.targets[lengths - 1, np.arange(len(lengths))]
        assert (last == end).all()
        assert ((batch.targets == end) & batch.mask_SB).sum() == len(lengths)


@pytest.mark.parametrize("task", ["adding", "surname"])
def test_others_have_no_such_measures(task):
    """Nothing is fed back; or many texts are right."""
    design = Design(task=task, hidden_size=4)
    report = evaluate(begin(design), default_settings(design), 4)
    assert (report.measures, report.exposure) == ((), "")
