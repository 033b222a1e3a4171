"""What every task must hold, over the whole registry, each of its topologies and each option.

Shapes: T input time steps, S output time steps, B sequences, I input size, O output size.
"""

import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest

from rnnlab import advance, begin
from rnnlab.config import Design, Settings
from rnnlab.metrics import METRICS
from rnnlab.tasks import TASKS
from rnnlab.tasks.menu import menu
from rnnlab.tasks.options import ChoiceOption, SeriesOption, TextOption
from rnnlab.tasks.spec import GROUPS, PARTS, Task
from rnnlab.topologies import TOPOLOGIES

OWN_SERIES = "Höhe [m]\n" + "\n".join(str(100 * np.sin(n) ** 3 + n / 7) for n in range(300))
OWN_TEXT = "Ein Text, ein العربية text. é e\u0301 👍🏽\n" * 40
ONE_DISTRIBUTION = {"language-model", "word-model", "surname", "reber", "relative-time", "entities"}
"""Tasks whose baseline is the same at every output time step."""

BATCH_SIZE = 7
MAY_MEET = {
    "language-model": "a phrase may stand in a text twice: test_text.py compares the parts themselves",
    "next-character": "as above",
    "word-model": "as above: test_words.py",
    "next-word": "as above: test_words.py",
    "tomorrow": "one price may be that of two days: test_series.py compares the days themselves",
    "copy": "of few symbols there are few sequences, and all of them come in training; of ten none twice",
}
"""Tasks whose examples may be alike in two parts, and why."""


class Case(NamedTuple):
    name: str
    topology: str
    options: dict[str, str]

    @property
    def lengths(self):
        return TASKS[self.name].topologies[self.topology]

    def task(self) -> Task:
        return TASKS[self.name].load(self.topology, self.options)


def variants(name: str) -> list[dict[str, str]]:
    """The task as it is, then each other value of each option."""
    found: list[dict[str, str]] = [{}]
    for option_name, option in TASKS[name].options.items():
        given = OWN_TEXT if isinstance(option, TextOption) else OWN_SERIES
        values = option.choices if isinstance(option, ChoiceOption) else [given]
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


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def perfect_outputs(task: Task, batch, index: int):
    """Outputs (S, O) that answer a sequence rightly: large where the target is, or the target itself."""
    target = batch.targets[:, index]
    if task.loss == "cross_entropy":
        return 30.0 * np.eye(task.output_size)[target]
    return target if task.loss == "squared_error" else 40.0 * target - 20.0


@every_task
def test_facts_are_complete(name):
    spec = TASKS[name]
    assert spec.label
    assert spec.group in GROUPS
    assert spec.metric_label
    assert spec.sentence.endswith((".", "?"))
    assert "enerated" in spec.source or "licence" in spec.source or "CC BY" in spec.source
    assert set(spec.topologies) <= set(TOPOLOGIES)
    for lengths in spec.topologies.values():
        assert 1 <= lengths.low <= lengths.default <= lengths.high
        assert lengths.meaning


@every_task
def test_defaults_and_presets_are_valid(name):
    spec = TASKS[name]
    Design(task=name)
    Settings(**spec.settings)
    for preset in spec.presets.values():
        Design(task=name, **preset.design)
        Settings(**{**spec.settings, **preset.settings})


@every_case
@pytest.mark.parametrize("side", PARTS)
@pytest.mark.parametrize("end", ["low", "default", "high"])
def test_shapes_and_types(case, side, end):
    task, length = case.task(), getattr(case.lengths, end)
    batch = getattr(task, side)(rng(), BATCH_SIZE, length)
    generates = TOPOLOGIES[case.topology].generates
    steps = 1 if case.topology == "one-to-many" else length
    assert batch.inputs_TBI.shape == (steps, BATCH_SIZE, task.input_size)
    assert batch.inputs_TBI.dtype == np.float32
    assert batch.inputs_TBI.flags.c_contiguous
    assert np.isfinite(batch.inputs_TBI).all()
    assert batch.mask_SB.dtype == np.bool_
    assert batch.mask_SB.any(axis=0).all()
    assert batch.lengths_B.dtype == np.int64
    assert batch.lengths_B.shape == (BATCH_SIZE,)
    assert ((batch.lengths_B >= 1) & (batch.lengths_B <= steps)).all()
    outputs = len(batch.mask_SB)
    assert outputs == 1 or generates or outputs == steps
    if task.loss == "cross_entropy":
        assert batch.targets.shape == batch.mask_SB.shape == (outputs, BATCH_SIZE)
        assert batch.targets.dtype == np.int64
        assert ((batch.targets >= 0) & (batch.targets < task.output_size)).all()
        assert len(task.labels) == task.output_size == len(set(task.labels))
    else:
        assert batch.targets.shape == (outputs, BATCH_SIZE, task.output_size)
        assert batch.targets.dtype == np.float32
        assert task.labels == ()


@every_case
def test_padding_is_zeros_at_the_end(case):
    task = case.task()
    for length in {case.lengths.low, case.lengths.default, case.lengths.high}:
        batch = task.train(rng(), BATCH_SIZE, length)
        beyond_TB = np.arange(len(batch.inputs_TBI))[:, None] >= batch.lengths_B
        assert (batch.inputs_TBI[beyond_TB] == 0).all()
        assert (batch.inputs_TBI[~beyond_TB] != 0).any(axis=1).mean() > 0.5
        assert (batch.targets[~batch.mask_SB] == 0).all()
        assert (batch.mask_SB[1:] <= batch.mask_SB[:-1]).all()


@every_case
def test_the_generator_decides_the_batch(case):
    task, length = case.task(), case.lengths.default
    for draw in (task.train, task.held_out, task.test):
        first, again, other = draw(rng(1), 32, length), draw(rng(1), 32, length), draw(rng(2), 32, length)
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
        assert not np.array_equal(first.inputs_TBI, other.inputs_TBI)


@every_case
def test_labels_stand_at_their_time_steps(case):
    task = case.task()
    batch = task.held_out(rng(), BATCH_SIZE, case.lengths.default)
    outputs_SBO = rng(3).normal(size=(*batch.mask_SB.shape, task.output_size))
    for index in range(BATCH_SIZE):
        inputs = task.input_labels(batch, index)
        targets = task.target_labels(batch, index)
        answers = task.output_labels(batch, index, outputs_SBO[:, index])
        assert len(inputs) == batch.lengths_B[index]
        assert len(targets) == len(answers) == len(batch.mask_SB)
        assert [bool(label) for label in targets] == batch.mask_SB[:, index].tolist()
        assert [bool(label) for label in answers] == batch.mask_SB[:, index].tolist()
        assert all(label.strip() == label != "" for label in inputs)
        assert all(line.isprintable() for label in inputs for line in label.split("\n"))


@every_case
def test_a_right_answer_reads_like_the_target(case):
    task = case.task()
    batch = task.held_out(rng(), BATCH_SIZE, case.lengths.default)
    for index in range(BATCH_SIZE):
        outputs_SO = perfect_outputs(task, batch, index)
        sample = task.sample(batch, index, outputs_SO)
        assert sample.correct
        assert sample.input
        assert sample.target == sample.prediction != ""
        assert sample.confidence is None or sample.confidence > 0.99
        assert task.output_labels(batch, index, outputs_SO) == task.target_labels(batch, index)
        if task.labels:
            named = [task.labels.index(label) if label else 0 for label in task.target_labels(batch, index)]
            assert named == batch.targets[:, index].tolist()


@every_case
def test_a_wrong_answer_is_called_wrong(case):
    task = case.task()
    batch = task.held_out(rng(), BATCH_SIZE, case.lengths.default)
    for index in range(BATCH_SIZE):
        right = perfect_outputs(task, batch, index)
        sample = task.sample(batch, index, right + 1000 if task.loss == "squared_error" else 0.7 - right)
        assert not sample.correct
        assert sample.target != sample.prediction


@every_case
def test_metric_of_right_answers_is_the_best(case):
    task = case.task()
    batch, metric = task.held_out(rng(), BATCH_SIZE, case.lengths.default), METRICS[task.metric]
    outputs = [perfect_outputs(task, batch, index) for index in range(BATCH_SIZE)]
    best = metric.measure(np.stack(outputs, axis=1), batch.targets, batch.mask_SB)
    assert best == pytest.approx(1 if metric.higher_is_better else 0, abs=1e-6)


@every_case
@pytest.mark.parametrize("test", [False, True])
def test_baseline_is_what_constant_answers_cost(case, test):
    """Loss of one distribution per output time step, counted in other training batches."""
    task, length = case.task(), case.lengths.default
    if task.loss != "cross_entropy":
        return  # numbers: their closed forms are in the tasks' own tests
    unseen, number = task.test if test else task.held_out, 1000 if case.name == "vowels" else 8000
    train, held_out = task.train(rng(5), number, length), unseen(rng(6), number, length)
    if case.name in ONE_DISTRIBUTION:
        counts_SO = np.bincount(train.targets[train.mask_SB], minlength=task.output_size)[None] + 0.5
        counts_SO = np.repeat(counts_SO, len(train.targets), axis=0)
    else:
        rows = [row[mask] for row, mask in zip(train.targets, train.mask_SB, strict=True)]
        counts_SO = np.stack([np.bincount(row, minlength=task.output_size) + 0.5 for row in rows])
    costs_SO = -np.log(counts_SO / counts_SO.sum(axis=1, keepdims=True))
    costs_SB = np.take_along_axis(costs_SO, held_out.targets, axis=1)
    tolerance = 0.2 if case.options.get("text") else 0.03  # held out here: 50 characters
    assert task.baseline(length, test).loss == pytest.approx(costs_SB[held_out.mask_SB].mean(), rel=tolerance)


@every_case
def test_baseline_has_words_and_a_metric_in_range(case):
    task = case.task()
    baseline = task.baseline(case.lengths.default)
    assert task.baseline(case.lengths.default, test=True).exact == baseline.exact
    assert baseline.words
    assert np.isfinite(baseline.loss)
    if METRICS[task.metric].percent:
        assert 0 <= baseline.metric < 0.6
    if task.metric == "bits_per_symbol":
        assert baseline.metric == pytest.approx(baseline.loss / np.log(2))


@every_case
@pytest.mark.parametrize("end", ["default", "high"])
def test_no_example_is_in_two_parts(case, end):
    """By inputs, or by targets where one input has many right answers; whole ones, and as they are cut."""
    if case.name in MAY_MEET and case.options.get("symbols") != "10":
        return
    task, source = case.task(), "targets" if case.name in {"surname", "melody"} else "inputs_TBI"
    parts, more = [], 8 if case.name in {"surname", "nationality"} else 1  # few of many names are cut alike
    for stream, (part, number) in enumerate({"train": 1000, "held_out": 300, "test": 300}.items()):
        length = getattr(case.lengths, "default" if case.name == "vowels" else end)  # sounds take long
        drawn = getattr(getattr(task, part)(rng(stream), more * number, length), source)
        parts.append({np.ascontiguousarray(drawn[:, index]).tobytes() for index in range(more * number)})
    assert min(map(len, parts)) >= 3
    assert len(set.union(*parts)) == sum(map(len, parts))


@every_task
def test_bad_options_are_named_in_one_sentence(name):
    for option_name, option in TASKS[name].options.items():
        bad = ["no such thing", 3, None, ["digit"]]
        if isinstance(option, TextOption):
            bad = ["too short", "x" * 500, "ab\x00" * 100, "ab" * option.longest, 3, None]
            assert option.check(option_name, "") == ""
            assert option.check(option_name, OWN_TEXT) == OWN_TEXT
        if isinstance(option, SeriesOption):
            bad = ["1\n" * 500, "no such thing", "1 2 3", OWN_SERIES + "\nx", OWN_SERIES + "\nnan", 3, None]
            assert option.check(option_name, "") == ""
            assert option.check(option_name, OWN_SERIES) == OWN_SERIES
        for value in bad:
            with pytest.raises(ValueError, match=rf"^{option_name} must [^\n]*\.$"):
                option.check(option_name, value)


@pytest.mark.parametrize(
    ("name", "topology"), [(name, topology) for name, spec in TASKS.items() for topology in spec.topologies]
)
def test_a_short_run_lowers_the_loss(name, topology):
    """A small network on short sequences: the mean loss of its last updates beside that of the first."""
    design = Design(task=name, topology=topology, hidden_size=16)
    settings = Settings(length=design.lengths.nearest(SHORT.get(name, 8)), learning_rate=1e-2)
    _, records = advance(begin(design), settings, UPDATES.get(name, 60))
    assert np.mean(records.loss[-15:]) < 0.97 * np.mean(records.loss[:5])


SHORT = {"parity": 4, "coding": 60, "pixels": 24}
UPDATES = {"parity": 200, "coding": 200, "sentiment": 200, "video": 120, "pixels": 100}
"""For tasks that say nothing for a while."""


def test_the_menu_has_every_task_once_in_the_order_of_groups():
    groups = [line.split(" · ")[0] for line in menu().values()]
    assert sorted(menu()) == sorted(TASKS)
    assert groups == sorted(groups, key=GROUPS.index)
    assert set(groups) == set(GROUPS)
    assert len(set(menu().values())) == len(TASKS)
    assert list(menu(["digits", "adding", "surname"])) == ["surname", "digits", "adding"]


def test_importing_the_registry_loads_no_data():
    heavy = ["torch", "sklearn", "babel", "faker", "pandas", "streamlit", "pydoc_data", "river"]
    heavy += ["vaderSentiment", "vega_datasets"]
    code = f"import sys, rnnlab.tasks; print([m for m in {heavy} if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
