"""Units that follow something known: a network that counts, correlations by NumPy, and chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from probes import strong

from rnnlab import probing
from rnnlab.config import Design, Settings
from rnnlab.model.network import load_task
from rnnlab.probing.known import KNOWN, known_values
from rnnlab.probing.tracking import (
    Units,
    chance_level,
    correlations,
    dealt,
    followers,
    symbols_of,
    unit_length,
)
from rnnlab.tracing import trace
from rnnlab.training import begin

TEXT = "it was the best of times; (it was the worst of times). " * 30


def counter(**more):
    """A linear network: unit 0 adds 1 for each bracket that opens and takes 1 for each that closes."""
    design = Design(task="dyck", cell="rnn", activation="identity", hidden_size=3, **more)
    state = begin(design)
    weights = {name: np.zeros_like(array) for name, array in state.weights.items()}
    weights["weight_ih_l0"][0] = [1, -1]
    weights["weight_ih_l0"][1] = [-2, 2]
    weights["weight_hh_l0"][0, 0] = 1
    weights["weight_hh_l0"][1, 1] = 1
    weights["bias_ih_l0"][1] = 0.0
    return replace(state, weights=weights)


def test_a_unit_that_counts_brackets_has_correlation_one():
    found = probing.tracked(counter(), Settings(), ["brackets"], sequences=8)
    assert [(one.name, one.layer, one.unit) for one in found] == [
        ("brackets", "recurrent/0/forward", 0),
        ("brackets", "recurrent/0/forward", 1),
    ]  # unit 2 is always 0 and has no correlation
    assert found[0].correlation == pytest.approx(1, abs=1e-12)
    assert found[1].correlation == pytest.approx(-1, abs=1e-12)
    assert not found[0].by_chance
    assert found[0].level < 0.9
    assert found[0].sequences == 8


def test_the_number_of_time_steps_is_that_of_the_sequences():
    state = counter()
    found = probing.tracked(state, Settings(), ["position"], sequences=5)
    batch = load_task(state.design).held_out(np.random.default_rng([3, 0]), 5, 100)
    assert found[0].time_steps == batch.lengths_B.sum()


def test_it_is_pearsons_correlation_over_all_time_steps():
    design = Design(task="language-model", cell="lstm", layers=2, hidden_size=4, task_options={"text": TEXT})
    state, settings = strong(design), Settings(length=50)
    found = probing.tracked(state, settings, sequences=6, permutations=5, most=99)
    task = load_task(design)
    batch = task.held_out(np.random.default_rng([3, 0]), 6, 100)
    traced = trace(state, settings, batch)
    symbols = [task.input_labels(batch, b) for b in range(6)]
    assert {one.name for one in found} >= {"position", "word", "space", "vowel"}
    assert "line" not in {one.name for one in found}, "the same as the position here"
    for one in found:
        known = np.concatenate([known_values(one.name, line) for line in symbols])
        layer = traced.layers[one.layer]
        values_TBH = layer.h if one.quantity == "h" else layer.c
        unit = np.concatenate([values_TBH[: len(symbols[b]), b, one.unit] for b in range(6)])
        assert one.correlation == pytest.approx(np.corrcoef(known, unit)[0, 1], abs=1e-10)
        assert one.time_steps == len(known)
    names = [one.name for one in found]
    assert names == sorted(names, key=list(KNOWN).index)
    by_name = [abs(one.correlation) for one in found if one.name == "vowel"]
    assert len(by_name) == 16
    assert by_name == sorted(by_name, reverse=True)


def test_chance_is_recognised():
    """Units that follow nothing: coins of their own. Their best correlation is within the level mostly."""
    rng = np.random.default_rng(0)
    within = 0
    for _ in range(40):
        symbols = [list(rng.choice(list("ab("), 30)) for _ in range(10)]
        units = [Units("recurrent/0/forward", "h", rng.standard_normal((300, 20)))]
        best = followers("vowel", symbols, units, 60, 1, rng)[0]
        within += best.by_chance
        assert 0.05 < best.level < 0.35
    assert 33 <= within <= 40


def test_slow_units_correlate_by_chance_and_the_level_knows_it():
    """Random walks follow each other's course for a while: the level is far above that of coins."""
    rng = np.random.default_rng(1)
    within, levels = 0, []
    for _ in range(30):
        symbols = [list(rng.choice(list("()"), 50)) for _ in range(8)]
        walks = [rng.standard_normal((50, 15)).cumsum(axis=0) for _ in range(8)]
        best = followers("brackets", symbols, [Units("a", "h", np.concatenate(walks))], 60, 1, rng)[0]
        within += best.by_chance
        levels.append(best.level)
    assert within >= 24
    assert np.mean(levels) > 0.3


def test_dealing_keeps_each_course_and_its_length():
    known = [np.arange(10.0, 15), np.arange(20.0, 23), np.arange(30.0, 37)]
    for turned in (False, True):
        given = dealt(known, 5, turned, np.random.default_rng(2))[3]
        assert len(given) == 15
        for part in np.split(given, [5, 8]):
            assert len({value // 10 for value in part}) == 1
            assert set(np.diff(part)) <= {1.0, -4.0, -2.0, -6.0}
            assert turned or part[0] in (10, 20, 30)


def test_who_merely_knows_the_time_step_does_not_follow_more():
    """The depth rises with the time step, and a clock correlates with it; so it does by chance."""
    symbols = [list("((((((((") for _ in range(6)] + [list("(((((()(") for _ in range(6)]
    clock = np.concatenate([np.arange(8.0) for _ in range(12)])[:, None]
    units = [Units("a", "h", clock)]
    depth = followers("brackets", symbols, units, 40, 1, np.random.default_rng(0))[0]
    assert depth.correlation > 0.9
    assert depth.by_chance
    position = followers("position", symbols, units, 40, 1, np.random.default_rng(0))[0]
    assert position.correlation == pytest.approx(1)
    assert position.level < 0.9


def test_what_does_not_vary_is_left_out():
    design = Design(task="nationality", hidden_size=4)
    found = probing.tracked(strong(design), Settings(), sequences=6, permutations=3)
    names = {one.name for one in found}
    assert "vowel" in names
    assert not names & {"brackets", "quotation", "digit", "upper"}
    assert "position" in names
    assert "line" not in names, "a name is one line"


@pytest.mark.parametrize("task", ["dates", "surname"])
def test_networks_that_write_are_fed_the_truth(task):
    design = Design(task=task, hidden_size=4, cell="gru")
    found = probing.tracked(
        strong(design), Settings(), ["position", "digit", "vowel"], sequences=6, permutations=3
    )
    parts = {one.layer.split("/")[0] for one in found}
    assert parts == ({"encoder", "decoder"} if task == "dates" else {"recurrent"})


def test_correlations_of_constants_are_not_numbers():
    assert np.isnan(correlations(np.arange(4.0)[None], unit_length(np.ones((4, 1)))))
    with pytest.raises(ValueError, match="What is known must be one of position, word"):
        probing.tracked(counter(), Settings(), ["moon"])


WHAT = {
    "position": ("ab c", [1, 2, 3, 4]),
    "word": ("ab cd", [1, 2, 0, 1, 2]),
    "line": ("a\nbc", [1, 0, 1, 2]),
    "sentence": ("a. b!", [1, 0, 1, 2, 0]),
    "brackets": ("(a[b])c)", [1, 1, 2, 2, 1, 0, 0, 0]),
    "quotation": ('a"bc"d', [0, 1, 1, 1, 0, 0]),
    "space": ("a b", [0, 1, 0]),
    "vowel": ("aéb1", [1, 1, 0, 0]),
    "consonant": ("aéb1", [0, 0, 1, 0]),
    "digit": ("a1", [0, 1]),
    "upper": ("aBÉ1", [0, 1, 1, 0]),
    "punctuation": ("a,b.", [0, 1, 0, 1]),
    "repeat": ("aab", [0, 1, 0]),
    "length": ("ab", [1, 1]),
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_of_every_symbol(name):
    text, expected = WHAT[name]
    np.testing.assert_array_equal(known_values(name, list(text)), expected)
    signs = [{" ": "␣", "\n": "⏎"}.get(character, character) for character in text]
    np.testing.assert_array_equal(known_values(name, signs), expected)
    assert known_values(name, ["", *text]).shape == (len(text) + 1,)
    assert known_values(name, []).shape == (0,)
    assert np.isfinite(known_values(name, ["word", "(", "", "‹?›", "◌́"])).all()


def test_quotations_by_different_signs():
    np.testing.assert_array_equal(known_values("quotation", list("„a“b“c”d")), [1, 1, 0, 0, 1, 1, 0, 0][:8])
    np.testing.assert_array_equal(known_values("length", ["the", "cat"]), [3, 3])
    np.testing.assert_array_equal(known_values("digit", ["12", "a1"]), [1, 0])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_diverged_network_tracks_nothing(bad):
    state = counter()
    broken = {name: np.full_like(w, bad) for name, w in state.weights.items()}
    with pytest.raises(ValueError, match="States of layer 1 are not finite numbers"):
        probing.tracked(replace(state, weights=broken), Settings(), ["brackets"], sequences=2)


def test_the_level_is_what_the_best_unit_reaches_in_nineteen_of_twenty_deals():
    rng = np.random.default_rng(4)
    known = [rng.standard_normal(length) for length in (9, 14, 11)]
    states_NU = rng.standard_normal((34, 6))
    told = chance_level(known, unit_length(states_NU), 40, np.random.default_rng(8))
    again, levels = np.random.default_rng(8), []
    for turned in (False, True):
        deals_PN = dealt(known, 40, turned, again)
        best = [max(abs(np.corrcoef(deal_N, unit_N)[0, 1]) for unit_N in states_NU.T) for deal_N in deals_PN]
        levels.append(np.quantile(best, 0.95))
    assert told == pytest.approx(max(levels))
    assert chance_level(known, unit_length(states_NU), 0, rng) == 0


def test_a_decoder_reads_the_right_symbols_one_time_step_later():
    design = Design(task="dates", hidden_size=3)
    task = load_task(design)
    traced = trace(begin(design), Settings(), sequences=3)
    for b in range(3):
        targets = task.target_labels(traced.batch, b)
        assert symbols_of(traced, task, "decoder")[b] == ["", *targets[:-1]]
        assert symbols_of(traced, task, "encoder")[b] == task.input_labels(traced.batch, b)
