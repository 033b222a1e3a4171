"""Symbols, numbers and strings of small languages: what is understood, and which answers are right."""

import numpy as np
import pytest

from rnnlab.asking import ASKING
from rnnlab.asking.grammars import followers, may_follow
from rnnlab.tasks import TASKS, reber


def asked(name: str, text: str, length: int | None = None, **options: str):
    spec = TASKS[name]
    topology = next(iter(spec.topologies))
    steps = length or spec.topologies[topology].default
    task = spec.load(topology, options)
    return task, ASKING[name].read(task, text, steps)


def answer(name: str, text: str, length: int | None = None, **options: str) -> list[str] | None:
    task, question = asked(name, text, length, **options)
    return task.target_labels(question.batch, 0) if question.known else None


@pytest.mark.parametrize("text", ["0110", "1", "111", "0 1 1 0 1", "１０１"])
def test_parity(text):
    ones = sum(sign in "1１" for sign in text)
    assert answer("parity", text)[-1] == ("even", "odd")[ones % 2]


def test_reverse_echo_and_looking_ahead():
    assert "".join(answer("reverse", "a b b c")) == "cbba"
    assert "".join(answer("echo", "abcde", delay="2")) == "··abc"
    assert "".join(answer("echo", "ab", delay="5")) == "··"
    assert answer("look-ahead", "abc") == ["b", "c", ""]
    assert answer("reverse", "ABÇ") == ["c", "b", "a"]
    with pytest.raises(ValueError, match=r"^“x” cannot be read here: type letters from a to h"):
        asked("reverse", "axb")


def test_temporal_order():
    assert answer("temporal-order", "cAdfBe") == ["AB"]
    assert answer("temporal-order", "cadfbe") == ["AB"]
    assert answer("temporal-order", "cdBfBe") == ["BB"]
    assert answer("temporal-order", "cAdfe") is None


def test_copy():
    task, question = asked("copy", "ab", 24)
    assert "".join(question.characters) == "ab" + "·" * 19 + "▸" + "··"
    assert "".join(task.target_labels(question.batch, 0)) == "·" * 22 + "ab"
    assert "".join(answer("copy", "abc...>", 24)) == "·······abc"
    assert "".join(asked("copy", "abc>")[1].characters) == "abc▸···"
    assert asked("copy", "abc")[1].note == "Training is on 2 symbols, not 3."
    with pytest.raises(ValueError, match=r"^This is not letters first"):
        asked("copy", "a.b")


def test_adding():
    _, question = asked("adding", "0.3 0.7* 0,1; 0.9 *")
    assert question.text == "0.3 0.7* 0 1 0.9*"
    _, question = asked("adding", "0,3 0,7* 0,1 0,9*")
    assert question.batch.targets[0, 0, 0] == np.float32(0.7) + np.float32(0.9)
    assert question.batch.inputs_TBI[:, 0, 1].tolist() == [0, 1, 0, 1]
    with pytest.raises(ValueError, match=r"^No number is marked"):
        asked("adding", "0.3 0.7")
    for bad in ("nan*", "1e999*", "x*", "*"):
        with pytest.raises(ValueError, match="type numbers and a star"):
            asked("adding", bad)


def all_strings(size: int) -> set[str]:
    """Embedded Reber strings of at most `size` symbols, by walking the published graph."""
    arcs = {0: "T1P2", 1: "S1X3", 2: "T2V4", 3: "X2S5", 4: "P3V5", 5: "E6"}
    found, open_ends = set(), [("B", 0)]
    while open_ends:
        word, node = open_ends.pop()
        if node == 6:
            found |= {f"B{outer}{word}{outer}E" for outer in "TP"}
        elif len(word) < size - 4:
            pairs = arcs[node]
            open_ends += [(word + pairs[i], int(pairs[i + 1])) for i in range(0, len(pairs), 2)]
    return found


def test_reber_followers_are_those_of_all_strings():
    strings = all_strings(16)
    after: dict[str, set[str]] = {}
    for word in strings:
        for end in range(1, len(word)):
            after.setdefault(word[:end], set()).add(word[end])
    for word in list(strings)[:60]:
        found = followers(word)
        assert found[-1] == set()
        for end in range(1, min(len(word), 8)):
            assert found[end - 1] == after[word[:end]]


def test_reber():
    word = "BTBTXSETE"
    assert "".join(answer("reber", word)) == "TBTXSETE"
    assert "".join(asked("reber", word)[1].characters) == word[:-1]
    assert answer("reber", "BTBTXSE")[-1] == "T"
    assert answer("reber", "BPBTXSE")[-1] == "P"
    assert answer("reber", "BTBT") is None
    assert "“V” may not stand at place 4" in asked("reber", "BTBV")[1].note
    assert asked("reber", "btbtxsete")[1].known
    assert reber.LETTERS.size == 7


def test_counting():
    assert answer("counting", "aabb") == ["a", "a/b", "a/b", "b", "T"]
    assert answer("counting", "SaabbT") == answer("counting", "aabb")
    assert answer("counting", "abb") is None
    assert answer("counting", "ba") is None
    for n in range(1, 5):
        whole = "a" * n + "b" * n
        for end in range(len(whole) + 1):
            grown = {"a" * m + "b" * m + "T" for m in range(1, 10)}
            after = {string[end] for string in grown if string.startswith(whole[:end])}
            assert set(may_follow(whole[:end])) == after


def test_brackets():
    assert answer("dyck", "(())") == ["()", "()", "()", "("]
    assert answer("dyck", "())") is None
    assert asked("dyck", "[{}]")[1].text == "(())"
    assert "round" in asked("dyck", "[{}]")[1].note
