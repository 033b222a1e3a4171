"""Names: the lists, the split, and the two tasks on names."""

import math

import numpy as np
import pytest

from rnnlab.tasks import TASKS, names


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def spelled(side: names.Names) -> list[str]:
    letters = names.split().letters
    return [letters.decode(row) for row in side.letters_NW]


@pytest.mark.parametrize("nationality", names.NATIONALITIES)
def test_each_list_holds_hundreds_of_words(nationality):
    listed = names.listed(names.LOCALES[nationality])
    assert len(listed) >= 300
    assert all(name == name.lower().strip() and len(name) >= 2 for name in listed)


def test_no_name_is_in_two_parts_or_in_two_nationalities():
    split = names.split()
    parts = [spelled(part) for part in (split.train, split.held_out, split.test)]
    every = [name for part in parts for name in part]
    assert len(set(every)) == len(every)
    assert [len(part) / len(every) for part in parts] == pytest.approx([0.8, 0.1, 0.1], abs=0.01)
    assert min(min(part.counts) for part in (split.held_out, split.test)) >= 25


@pytest.mark.parametrize("name", ["nationality", "surname"])
def test_no_name_that_is_cut_reads_like_one_of_another_part(name):
    """At the usual length: every name of every part, as a network meets it."""
    (topology,) = TASKS[name].topologies
    length = TASKS[name].topologies[topology].default
    read = length if name == "nationality" else length - 1
    assert read >= names.READ
    split = names.split()
    parts = [{spelt[:read] for spelt in spelled(part)} for part in (split.train, split.held_out, split.test)]
    assert len(set.union(*parts)) == sum(map(len, parts))


def test_what_is_cut_alike_may_stand_in_training_and_is_left_out_elsewhere():
    train = [["van den bergh"], ["rossi", "roth"]]
    held_out, test = [["van den berg", "jansen"], ["ro"]], [["jansen-van-dijk", "van den berglund"], ["roh"]]
    assert list(names.apart([train, held_out, test])) == [
        train,
        [["jansen"], ["ro"]],
        [["jansen-van-dijk"], ["roh"]],
    ]


def test_names_stand_under_their_own_nationality():
    for side in (names.split().train, names.split().held_out, names.split().test):
        for nationality, name in list(zip(side.nationality_N, spelled(side), strict=True))[::7]:
            assert name in names.listed(names.LOCALES[names.NATIONALITIES[nationality]])


@pytest.mark.parametrize("length", [3, 12, 24])
def test_nationality_reads_a_name_of_that_nationality(length):
    task = TASKS["nationality"].load("many-to-one", {})
    batch = task.train(rng(), 30, length)
    for index in range(30):
        nationality = task.target_labels(batch, index)[0]
        name = task.sample(batch, index, np.zeros((1, task.output_size))).input
        starts = {known[:length] for known in names.listed(names.LOCALES[nationality])}
        assert name in starts


def test_nationalities_are_alike_probable_so_a_guess_costs_ln_of_their_number():
    task = TASKS["nationality"].load("many-to-one", {})
    shares = np.bincount(task.held_out(rng(), 20_000, 3).targets[0]) / 20_000
    assert shares == pytest.approx(1 / len(names.NATIONALITIES), abs=0.01)
    assert task.baseline(12).loss == math.log(len(names.NATIONALITIES))
    assert task.baseline(12).exact


@pytest.mark.parametrize("length", [3, 12, 24])
def test_surname_spells_a_name_and_ends(length):
    task = TASKS["surname"].load("one-to-many", {})
    batch = task.train(rng(), 30, length)
    for index in range(30):
        nationality = task.input_labels(batch, index)[0]
        *letters, end = [label for label in task.target_labels(batch, index) if label]
        assert end == task.labels[-1]
        assert end not in letters
        starts = {known[: length - 1] for known in names.listed(names.LOCALES[nationality])}
        assert "".join(letters).replace("␣", " ") in starts


def test_a_name_that_never_ends_is_read_to_the_last_letter():
    task = TASKS["surname"].load("one-to-many", {})
    batch = task.train(rng(), 1, 5)
    outputs_SO = np.eye(task.output_size)[[task.labels.index("a")] * 5]
    assert task.sample(batch, 0, outputs_SO).prediction == "aaaaa"
