"""What every way of asking must hold, over the whole registry, each topology and each option of a task.

Shapes: T input time steps, S output time steps, I input size, O output size; B = 1.
"""

import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest

from rnnlab.asking import ASKING, KINDS, Question, ask
from rnnlab.config import Design
from rnnlab.tasks import TASKS
from rnnlab.tasks.options import ChoiceOption, SeriesOption
from rnnlab.topologies import TOPOLOGIES

JUNK = {
    "empty": "",
    "spaces": " \t\n ",
    "binary": "\x00\x01\x02\xff",
    "surrogate": "\ud800",
    "emoji": "😀👍🏽",
    "huge": "7" * 100_001,
}
OWN_SERIES = "Flow [l/s]\n" + "\n".join(str(100 + 7 * (place % 12) + place % 5) for place in range(300))
OWN_TEXT = "Ein Text, ein zweiter Text über Öl; 12 Wörter in jedem Satz.\n" * 40


class Case(NamedTuple):
    name: str
    topology: str
    options: dict[str, str]

    @property
    def lengths(self):
        return TASKS[self.name].topologies[self.topology]

    def task(self):
        return TASKS[self.name].load(self.topology, self.options)


def variants(name: str) -> list[dict[str, str]]:
    """The task as it is, then each other value of each option."""
    found: list[dict[str, str]] = [{}]
    for option_name, option in TASKS[name].options.items():
        own = [OWN_SERIES] if isinstance(option, SeriesOption) else [OWN_TEXT]
        values = option.choices if isinstance(option, ChoiceOption) else own
        found += [{option_name: value} for value in values if value != option.default]
    return found


CASES = [
    pytest.param(
        Case(name, topology, options), id="-".join([name, topology, *map(ascii, options.values())])[:50]
    )
    for name, spec in TASKS.items()
    for topology in spec.topologies
    for options in variants(name)
]
every_case = pytest.mark.parametrize("case", CASES)
every_task = pytest.mark.parametrize("name", TASKS)


def first_case(name: str) -> Case:
    return Case(name, next(iter(TASKS[name].topologies)), {})


def same(one: Question, other: Question) -> bool:
    batches = all(np.array_equal(a, b) for a, b in zip(one.batch, other.batch, strict=True))
    return batches and one.known == other.known and one.characters == other.characters


def one_sentence(text: str) -> bool:
    return text.endswith(".") and text.isprintable() and len(text) < 500 and text[0] == text[0].upper()


def test_every_task_can_be_asked():
    assert set(ASKING) == set(TASKS)


@every_task
def test_facts_are_complete(name):
    asking = ASKING[name]
    assert asking.kind in KINDS
    assert asking.label
    assert asking.help.endswith(".")
    choices = asking.choices(first_case(name).task())
    assert bool(choices) == (asking.kind in ("choice", "moment"))
    assert len(set(choices)) == len(choices)


@every_case
@pytest.mark.parametrize("end", ["low", "default", "high"])
def test_examples_are_read_in_the_shapes_of_the_task(case, end):
    task, length = case.task(), getattr(case.lengths, end)
    examples = ASKING[case.name].examples(task, length)
    assert len(set(examples)) == len(examples) >= 2
    for text in examples:
        question = ASKING[case.name].read(task, text, length)
        batch = question.batch
        steps, outputs = len(batch.inputs_TBI), len(batch.mask_SB)
        assert batch.inputs_TBI.shape == (steps, 1, task.input_size)
        assert batch.inputs_TBI.dtype == np.float32
        assert batch.inputs_TBI.flags.c_contiguous
        assert np.isfinite(batch.inputs_TBI).all()
        assert batch.lengths_B.tolist() == [steps]
        assert batch.lengths_B.dtype == np.int64
        assert batch.mask_SB.shape == (outputs, 1)
        assert batch.mask_SB.dtype == np.bool_
        assert batch.mask_SB.any()
        assert outputs == 1 or outputs == steps or TOPOLOGIES[case.topology].generates
        if task.loss == "cross_entropy":
            assert batch.targets.shape == (outputs, 1)
            assert batch.targets.dtype == np.int64
            assert ((batch.targets >= 0) & (batch.targets < task.output_size)).all()
        else:
            assert batch.targets.shape == (outputs, 1, task.output_size)
            assert batch.targets.dtype == np.float32
        assert len(question.characters) == steps
        assert all(question.characters)
        assert question.text.strip()
        assert question.note == "" or one_sentence(question.note)


@every_case
def test_batches_have_the_shape_of_held_out_ones(case):
    """As many output time steps for as many input time steps as the task itself has."""
    task, length = case.task(), case.lengths.default
    batch = task.held_out(np.random.default_rng(0), 1, length)
    asked = ASKING[case.name].read(task, ASKING[case.name].examples(task, length)[0], length).batch
    assert asked.targets.dtype == batch.targets.dtype
    assert asked.targets.shape[1:] == batch.targets.shape[1:]
    if len(batch.mask_SB) == len(batch.inputs_TBI):
        assert len(asked.mask_SB) == len(asked.inputs_TBI)
    else:
        assert len(asked.mask_SB) == len(batch.mask_SB)


@every_case
def test_reading_is_a_function_and_its_text_reads_the_same(case):
    task, length = case.task(), case.lengths.default
    for text in ASKING[case.name].examples(task, length):
        question = ASKING[case.name].read(task, text, length)
        assert same(question, ASKING[case.name].read(case.task(), text, length))
        assert same(question, ASKING[case.name].read(task, question.text, length))
        assert (
            same(question, ASKING[case.name].read(task, f"  {text}\n", length))
            or ASKING[case.name].kind == "passage"
        )


@every_task
def test_all_choices_are_read(name):
    case = first_case(name)
    task = case.task()
    choices = ASKING[name].choices(task)
    step = max(len(choices) // 40, 1)
    for place, choice in list(enumerate(choices))[::step]:
        question = ASKING[name].read(task, choice, case.lengths.default)
        assert question.text == choice
        if ASKING[name].kind == "moment":
            assert same(question, ASKING[name].read(task, str(place), case.lengths.default))


@every_task
@pytest.mark.parametrize("junk", JUNK)
def test_junk_gives_one_sentence(name, junk):
    case = first_case(name)
    with pytest.raises(ValueError, match=r"\.$") as caught:
        ASKING[name].read(case.task(), JUNK[junk], case.lengths.default)
    assert one_sentence(str(caught.value))


FITTING = {
    "nationality": "a",
    "temporal-order": "c",
    "copy": "a",
    "reber": "B",
    "counting": "a",
    "dates": "a",
}
FITTING |= {"look-ahead": "a", "parity": "1", "dyck": "(", "echo": "a", "arithmetic": "1+", "reverse": "a"}
FITTING |= {
    "forecast": "1 ",
    "sine-mixture": "1 ",
    "mackey-glass": "1 ",
    "anomaly": "1 ",
    "sentiment": "the ",
}
FITTING |= {"clue": "I ", "question": "where ", "entities": "Anna ", "relative-time": "in "}


@pytest.mark.parametrize("name", FITTING)
def test_too_long_names_the_limit(name):
    case = first_case(name)
    text = FITTING[name] * 502 + ("1" if name == "arithmetic" else "")
    with pytest.raises(ValueError, match=r"at most 500 are read\.$"):
        ASKING[name].read(case.task(), text, case.lengths.default)


@pytest.mark.parametrize("name", ["language-model", "next-character", "word-model", "next-word", "coding"])
def test_long_passages_are_cut_and_say_so(name):
    case = first_case(name)
    text = "the cat. " * 300 + "end" if name != "coding" else "ACGT" * 300
    question = ASKING[name].read(case.task(), text, case.lengths.default)
    assert len(question.characters) == 500
    assert "nly the" in question.note
    assert "".join(question.characters).endswith("end" if name != "coding" else "ACGT")


def test_ask_takes_a_design():
    question = ask(Design(task="arithmetic", task_options={"digits": "3", "order": "start"}), "535+61", 7)
    assert question.characters == tuple("535+61")
    with pytest.raises(ValueError, match=r"^A question must be text, not int\.$"):
        ask(Design(task="parity"), 101, 5)


def test_importing_loads_no_data_and_no_torch():
    heavy = ["torch", "sklearn", "babel", "faker", "pandas", "streamlit", "pydoc_data"]
    code = f"import sys, rnnlab.asking; print([m for m in {heavy} if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
