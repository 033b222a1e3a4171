"""Every task, asked about one of its own held-out sequences: whatever it is, there is an answer."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

from rnnlab import probing
from rnnlab.asking import ASKING, Question, ask
from rnnlab.config import Design, Settings
from rnnlab.model.network import load_task
from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import Batch
from rnnlab.training import begin

EVERY = [(task, topology) for task in TASKS for topology in TASKS[task].topologies]


def held_out(design: Design) -> Question:
    """One held-out sequence without padding."""
    task = load_task(design)
    batch = task.held_out(np.random.default_rng(1), 1, min(design.lengths.default, 40))
    read, asked = int(batch.lengths_B[0]), int(np.flatnonzero(batch.mask_SB[:, 0])[-1]) + 1
    asked = read if len(batch.targets) == len(batch.inputs_TBI) else asked
    batch = Batch(batch.inputs_TBI[:read], batch.targets[:asked], batch.mask_SB[:asked], batch.lengths_B)
    return Question(batch, True, "", tuple(task.input_labels(batch, 0)))


@pytest.mark.parametrize(("task", "topology"), EVERY)
def test_there_is_an_answer_and_what_mattered(task, topology):
    design = Design(task=task, topology=topology, hidden_size=5)
    state, question = begin(design), held_out(design)
    found = probing.answer(state, Settings(), question)
    steps, read = len(found.outputs), len(question.batch.inputs_TBI)
    assert found.words == found.words.strip("\x00")
    assert found.correct in (True, False)
    norms_ST = probing.saliency_map(found)
    assert norms_ST.shape == (steps, read)
    assert probing.saliency_of(found).shape == (read,)
    assert norms_ST[found.trace.mask[:, 0]].any()
    if found.ended_here is not None:
        assert len(found.ended_here.said) == read
        assert found.ended_here.said[-1] == found.outputs[0]
    rows = probing.table(found)
    assert rows
    assert all(set(row) == set(rows[0]) for row in rows)
    assert probing.as_csv(rows).count("\r\n") == len(rows) + 1
    layer = probing.layers_of(state)[-1]
    other = probing.answer(state, Settings(), question, changes=[probing.Change("zero", layer, 0)])
    assert probing.difference(found, other).states[layer].any()
    assert pickle.loads(pickle.dumps(found)).words == found.words


@pytest.mark.parametrize("task", TASKS)
def test_its_units_are_compared_with_what_is_known(task):
    design = Design(task=task, hidden_size=5)
    found = probing.tracked(begin(design), Settings(), sequences=4, permutations=4)
    for one in found:
        assert -1 <= one.correlation <= 1
        assert 0 <= one.level <= 1
        assert one.layer in probing.layers_of(begin(design))


@pytest.mark.parametrize("task", TASKS)
def test_it_writes_or_says_that_it_cannot(task):
    design = Design(task=task, hidden_size=5)
    state, question = begin(design), held_out(design)
    if not probing.can_write(state, load_task(design)):
        with pytest.raises(ValueError, match="does not read what it writes"):
            probing.write(state, Settings(), question, 5, 1.0)
        return
    told = probing.write(state, Settings(), question, 5, 1.0)
    assert 1 <= len(told.symbols) <= 5
    assert isinstance(told.text, str)
    assert len(probing.table_of_written(told)) == len(told.symbols)


@pytest.mark.parametrize("task", ASKING)
def test_a_question_that_somebody_typed_is_answered(task):
    """The examples of every task, as they are offered."""
    for topology in TASKS[task].topologies:
        design = Design(task=task, topology=topology, hidden_size=5)
        length = design.lengths.default
        for text in ASKING[task].examples(load_task(design), length)[:2]:
            question = ask(design, text, length)
            found = probing.answer(begin(design), Settings(), question)
            assert found.outputs
            assert (found.correct is None) == (not question.known)
            first = next(iter(found.read))
            assert found.read[first][: len(question.characters)] == question.characters


def test_importing_it_loads_no_torch_and_no_plotly():
    show = (
        "import sys, rnnlab.probing; print(*{'torch', 'plotly', 'streamlit', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
