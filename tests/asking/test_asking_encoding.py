"""An example of the task, written as its labels say and typed in, is encoded as the task does it."""

import numpy as np
import pytest

from rnnlab.asking import ASKING
from rnnlab.tasks import TASKS
from rnnlab.tasks.pixels import order
from rnnlab.tasks.series import series
from rnnlab.tasks.words import joined

TOGETHER = {
    *("nationality", "copy", "temporal-order", "reber", "counting", "look-ahead", "dates", "parity", "dyck"),
    *("echo", "arithmetic", "reverse", "coding", "relative-time", "language-model", "next-character"),
}
"""Tasks whose labels are signs, typed one after the other."""

IN_WORDS = {"word-model", "next-word", "sentiment", "clue", "question", "entities"}
RIGHT = (TOGETHER | IN_WORDS) - {"language-model", "next-character", "word-model", "next-word"}
"""Tasks whose right answers follow from what is typed, or are in the data."""

VISIBLE = str.maketrans({"␣": " ", "⏎": "\n"})


def options_of(name: str) -> list[dict[str, str]]:
    spec = TASKS[name]
    found = [{}]
    for option, about in spec.options.items():
        found += [{option: value} for value in getattr(about, "choices", {})]
    return found


CASES = [(name, options) for name in sorted(TOGETHER | IN_WORDS) for options in options_of(name)]


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
@pytest.mark.parametrize("length", ["default", "high"])
def test_a_held_out_example_typed_in_is_the_same_input(name, options, length):
    spec = TASKS[name]
    topology = next(iter(spec.topologies))
    task, steps = spec.load(topology, options), getattr(spec.topologies[topology], length)
    number = 25
    batch = task.held_out(np.random.default_rng(3), number, steps)
    for index in range(number):
        labels, width = task.input_labels(batch, index), batch.lengths_B[index]
        if name == "arithmetic" and task.backwards:
            labels = labels[::-1]
        text = "".join(labels).translate(VISIBLE) if name in TOGETHER else " ".join(labels)
        question = ASKING[name].read(task, text, steps)
        assert np.array_equal(question.batch.inputs_TBI[:, 0], batch.inputs_TBI[:width, index])
        assert list(question.characters) == task.input_labels(batch, index)
        cut = name == "nationality" and width == steps  # names longer than the length are cut in training
        if name in RIGHT and not cut:
            assert question.known
            valid = batch.mask_SB[:, index]
            asked = question.batch.mask_SB[:, 0]
            assert np.array_equal(question.batch.targets[asked, 0], batch.targets[valid, index])
        if name in IN_WORDS:
            again = ASKING[name].read(task, joined(labels), steps)
            assert np.array_equal(again.batch.inputs_TBI, question.batch.inputs_TBI)


@pytest.mark.parametrize("name", ["digits", "caption", "pixels"])
def test_images_typed_as_numbers_are_the_same_input(name):
    from sklearn.datasets import load_digits

    loaded = load_digits()
    spec = TASKS[name]
    for topology in spec.topologies:
        for options in options_of(name):
            task, steps = spec.load(topology, options), spec.topologies[topology].default
            for row in (3, 1500, 1790):
                text = " ".join(str(int(value)) for value in loaded.data[row])
                question = ASKING[name].read(task, text, steps)
                assert question.known
                numbers = question.batch.inputs_TBI.ravel()
                if name == "pixels":
                    assert sorted((numbers + 1) * 8) == sorted(loaded.data[row])
                else:
                    assert np.array_equal(numbers * 16, loaded.data[row])
                target = task.target_labels(question.batch, 0)
                if name != "caption":
                    digit = loaded.target[row]
                    assert target == [str(digit) if task.labels else ["even", "odd"][digit % 2]]


IMAGES = [("digits", {}), *(("pixels", {"order": way}) for way in ("rows", "columns", "shuffled"))]


@pytest.mark.parametrize(("name", "options"), IMAGES, ids=str)
def test_held_out_images_are_the_same_batch(name, options):
    task = TASKS[name].load("many-to-one", options)
    batch = task.held_out(np.random.default_rng(0), 10, 64)
    for index in range(10):
        values = batch.inputs_TBI[:, index].ravel()
        if name == "pixels":
            values = (values[np.argsort(order(options["order"]))] + 1) / 2
        question = ASKING[name].read(task, " ".join(f"{value * 16:.0f}" for value in values), 64)
        assert np.array_equal(question.batch.inputs_TBI[:, 0], batch.inputs_TBI[:, index])
        assert np.array_equal(question.batch.targets[:, 0], batch.targets[:, index])


@pytest.mark.parametrize("name", ["forecast", "tomorrow", "sine-mixture", "mackey-glass", "anomaly"])
def test_each_held_out_window_is_a_moment(name):
    spec = TASKS[name]
    for topology, lengths in spec.topologies.items():
        for options in options_of(name):
            task, steps = spec.load(topology, options), lengths.default
            batch = task.held_out(np.random.default_rng(1), 4, steps)
            moments = ASKING[name].choices(task)
            asked = [ASKING[name].read(task, str(place), steps).batch for place in range(len(moments))]
            found = {(np.ascontiguousarray(one.inputs_TBI).tobytes(), one.targets.tobytes()) for one in asked}
            for index in range(4):
                inputs_TI = np.ascontiguousarray(batch.inputs_TBI[:, index])
                targets = np.ascontiguousarray(batch.targets[:, index])
                assert (inputs_TI.tobytes(), targets.tobytes()) in found


def test_the_last_moment_asks_for_the_last_held_out_value():
    """No value of the test part is met by whoever moves through the moments."""
    for name, options in (("forecast", {}), ("sine-mixture", {"horizon": "20"}), ("tomorrow", {})):
        topology = next(iter(TASKS[name].topologies))
        task = TASKS[name].load(topology, options)
        last = str(len(ASKING[name].choices(task)) - 1)
        question = ASKING[name].read(task, last, 5)
        about = task if name == "sine-mixture" else getattr(task, "series", series("brent"))
        label = task.target_labels(question.batch, 0)[-1].split()[0]
        assert float(label) == pytest.approx(about.held_out_N[-1], abs=1e-2)
        with pytest.raises(ValueError, match="There is no moment"):
            ASKING[name].read(task, str(int(last) + 1), 5)


@pytest.mark.parametrize(("name", "text"), [("surname", "Dutch"), ("melody", "Am")])
def test_choices_are_the_same_input(name, text):
    spec = TASKS[name]
    task, steps = spec.load("one-to-many", {}), spec.topologies["one-to-many"].default
    batch = task.held_out(np.random.default_rng(0), 60, steps)
    question = ASKING[name].read(task, text, steps)
    inputs = {task.input_labels(batch, i)[0]: batch.inputs_TBI[:, i] for i in range(60)}
    assert np.array_equal(question.batch.inputs_TBI[:, 0], inputs[text])
    assert question.batch.targets.shape == (steps, 1)


def test_numbers_with_marks_are_what_was_typed():
    task = TASKS["adding"].load("many-to-one", {})
    batch = task.held_out(np.random.default_rng(0), 5, 30)
    for index in range(5):
        text = " ".join(f"{value!s}{'*' if mark else ''}" for value, mark in batch.inputs_TBI[:, index])
        question = ASKING["adding"].read(task, text, 30)
        assert np.array_equal(question.batch.inputs_TBI[:, 0], batch.inputs_TBI[:, index])
        assert np.array_equal(question.batch.targets[:, 0], batch.targets[:, index])
        assert question.known


def test_typed_values_are_read_as_the_window_is():
    task = TASKS["forecast"].load("many-to-one", {"series": "passengers"})
    by_moment = ASKING["forecast"].read(task, "20", 12)
    values = task.series.values_N[task.series.border + 20 - 12 : task.series.border + 21]
    by_value = ASKING["forecast"].read(task, " ".join(str(value) for value in values), 12)
    assert np.array_equal(by_moment.batch.inputs_TBI, by_value.batch.inputs_TBI)
    assert by_moment.known
    assert not by_value.known
