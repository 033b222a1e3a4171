"""Embedded Reber strings, against the grammar written down again as a regular expression."""

import re
from collections import Counter

import numpy as np
import pytest

from rnnlab.tasks import TASKS
from rnnlab.tasks.reber import embedded, inner, legal, strings

INNER = re.compile(r"B(?:TS*(?:XX(?:T*VPX)*T*V(?:V|PS)|XS)|P(?:T*VPX)*T*V(?:V|PS))E")
"""The inner grammar by hand: T S* then X to S, or by X X into the loop; P into the loop at once.

The loop T* V P X comes back to where it started; V V or V P S lead to the end.
"""

TASK = TASKS["reber"].load("many-to-many", {})


def is_embedded(word: str) -> bool:
    return word[:2] in ("BT", "BP") and word[-2:] == word[1] + "E" and bool(INNER.fullmatch(word[2:-2]))


def test_there_are_256_strings_for_training_and_256_others_and_none_in_two_parts():
    parts = [part.words() for part in strings()]
    every = [word for part in parts for word in part]
    assert [len(set(part)) for part in parts] == [len(part) for part in parts] == [256, 128, 128]
    inside = [{word[2:-2] for word in part} for part in parts]
    assert sum(map(len, inside)) == len(set.union(*inside)) == 256
    assert all(is_embedded(word) for word in every)


def test_the_regular_expression_refuses_what_is_not_of_the_grammar():
    assert is_embedded("BTBTXSETE")
    for wrong in ("BTBTXSEPE", "BTBTXXSETE", "BPBPVVVEPE", "BTBTSETE", "BTTXSTE"):
        assert not is_embedded(wrong)


def test_the_shortest_strings_are_as_often_as_forks_say():
    """Outer symbol one half, then three forks of one half each: 1/16 for each of the four of 9 symbols."""
    rng = np.random.default_rng(0)
    words = [embedded(inner(rng))[rng.integers(2)] for _ in range(8000)]
    short = [word for word in words if len(word) == 9]
    assert set(short) == {"BTBTXSETE", "BPBTXSEPE", "BTBPVVETE", "BPBPVVEPE"}
    assert len(short) / 8000 == pytest.approx(1 / 4, abs=0.02)


def test_legal_symbols_are_those_that_lead_to_a_string():
    """Of all single changes of a symbol, exactly the legal ones can be completed: seen in many strings."""
    rng, seen = np.random.default_rng(1), {}
    words = [embedded(inner(rng))[rng.integers(2)] for _ in range(6000)]
    for word in words:
        for t in range(1, min(len(word), 9)):
            seen.setdefault(word[:t], set()).add(word[t])
    for word in ("BTBTXSETE", "BPBPVVEPE", "BTBTSXSETE", "BPBPTVVEPE"):
        for t, symbols in enumerate(legal(word)[: min(len(word) - 1, 8)]):
            assert symbols == seen[word[: t + 1]], (word, t)
    assert [len(symbols) for symbols in legal("BTBTXSETE")] == [2, 1, 2, 2, 2, 1, 1, 1]


@pytest.mark.parametrize("length", [15, 20, 30])
def test_only_strings_that_fit_are_drawn(length):
    batch = TASK.train(np.random.default_rng(0), 2000, length)
    assert batch.lengths_B.max() <= length
    words = {"".join(TASK.input_labels(batch, index)) + "E" for index in range(2000)}
    fitting = {word for word in strings()[0].words() if len(word) - 1 <= length}
    assert words <= fitting
    assert len(words) > 0.5 * len(fitting)


def test_each_symbol_is_asked_for_one_time_step_before_it_is_read():
    batch = TASK.held_out(np.random.default_rng(0), 50, 30)
    for index in range(50):
        read, targets = TASK.input_labels(batch, index), TASK.target_labels(batch, index)
        assert targets[: len(read)] == [*read[1:], "E"]
        assert set(targets[len(read) :]) <= {""}


def test_a_sample_asks_for_the_outer_symbol():
    batch = TASK.held_out(np.random.default_rng(0), 20, 30)
    for index in range(20):
        sample = TASK.sample(batch, index, np.zeros((30, 7)))
        assert sample.input[0] == "B"
        assert sample.input[-1] == "E"
        assert sample.target == sample.input[1]
        assert sample.confidence == pytest.approx(1 / 7)


def test_strings_are_drawn_as_often_as_the_grammar_gives_them():
    """Short strings come often: of those of 9 symbols, each is 1/16 of all that the grammar gives."""
    rng, train = np.random.default_rng(2), strings()[0]
    batch = TASK.train(rng, 8000, 30)
    drawn = Counter("".join(TASK.input_labels(batch, index)) + "E" for index in range(8000))
    known, words = set(train.words()), (embedded(inner(rng))[rng.integers(2)] for _ in range(20_000))
    given = Counter(word for word in words if word in known)
    for word, count in given.most_common(5):
        assert drawn[word] / 8000 == pytest.approx(count / given.total(), rel=0.15), word


def test_the_baseline_is_frequencies_counted_in_the_strings():
    train, held_out = [draw(np.random.default_rng(3), 20_000, 30) for draw in (TASK.train, TASK.held_out)]
    shares = np.bincount(train.targets[train.mask_SB], minlength=7) / train.mask_SB.sum()
    trivial = TASK.baseline(30)
    assert trivial.loss == pytest.approx(-np.log(shares[held_out.targets[held_out.mask_SB]]).mean(), rel=0.02)
    assert trivial.metric == pytest.approx((held_out.targets[0] == TASK.labels.index("T")).mean(), abs=0.02)
