"""The last word: measured on test data alone, by the task's own test part and its own baseline."""

import dataclasses
import math

import pytest

from rnnlab import Design, Settings, advance, begin, evaluate, final_report
from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import PARTS

CASES = {
    "nationality": (Design(task="nationality", hidden_size=8), Settings(length=10)),
    "caption": (Design(task="caption", hidden_size=8), Settings(length=9)),
    "passengers": (Design(task="forecast", hidden_size=8), Settings(length=5)),
}


@pytest.mark.parametrize("name", CASES)
def test_an_untrained_networks_loss_is_that_of_the_test_part(name, monkeypatch):
    """With all weights zero the answer is known: alike for every class, or nothing changes."""
    design, settings = CASES[name]
    state = begin(design)
    silent = dataclasses.replace(state, weights={key: 0 * value for key, value in state.weights.items()})
    asked = []
    task = type(TASKS[design.task].load(design.topology, design.options))
    for part in PARTS:
        monkeypatch.setattr(task, part, watched(getattr(task, part), part, asked))
    last = final_report(silent, settings)
    assert [part for part, _ in asked] == ["test"]
    ((_, batch),) = asked
    nothing_changes = float((batch.targets.astype(float) ** 2).mean())
    expected = nothing_changes if name == "passengers" else math.log(len(state.weights["readout.bias"]))
    assert last.loss == pytest.approx(expected, rel=1e-5)


def watched(draw, part, asked):
    def drawn(self, *args):
        asked.append((part, draw(self, *args)))
        return asked[-1][1]

    return drawn


@pytest.mark.parametrize("name", CASES)
def test_it_stands_beside_the_baseline_of_the_test_part(name):
    design, settings = CASES[name]
    task = TASKS[design.task].load(design.topology, design.options)
    last, trivial = final_report(begin(design), settings), task.baseline(settings.length, test=True)
    assert (last.baseline_loss, last.baseline_metric, last.baseline_words) == trivial[:3]
    assert last.metric_text == METRICS[task.metric].text(last.metric)


def test_it_is_not_the_held_out_report_and_always_the_same():
    design, settings = CASES["nationality"]
    state, _ = advance(begin(design), settings, 30)
    assert final_report(state, settings) == final_report(state, settings)
    assert final_report(state, settings).loss != evaluate(state, settings).loss
