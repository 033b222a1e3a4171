"""What a tiny network may be, how it is changed, its trail, its link, and what the page gets."""

from __future__ import annotations

import json
from itertools import pairwise
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.unroll import Tiny, compute, updated
from rnnlab.unroll.cells import TINY_CELLS
from rnnlab.unroll.editing import changed, edited, number_of
from rnnlab.unroll.link import from_link, to_link
from rnnlab.unroll.trail import LONGEST_TRAIL, MOST_UPDATES, begun
from rnnlab.unroll.wire import payload


def same(one: Tiny, other: Tiny) -> None:
    for name in one.numbers:
        np.testing.assert_array_equal(one.numbers[name], other.numbers[name])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"length": 1}, "length must be a whole number from 2 to 6 time steps, not 1."),
        ({"length": 7}, "length must be"),
        ({"hidden_size": 5}, "hidden_size must be a whole number from 1 to 4 units, not 5."),
        ({"input_size": 0}, "input_size must be"),
        ({"cell": "elman"}, "cell must be one of rnn, lstm, gru, not 'elman'."),
        ({"learning_rate": float("nan")}, "learning_rate must be"),
        ({"loss_at": "first"}, "loss_at must be one of last, every"),
        ({"numbers": {"weight": [1]}}, "numbers must be of weight_ih"),
        ({"numbers": {"weight_hh": [[1, 2, 3]]}}, "weight_hh must be 2 x 2 numbers, not 1 x 3."),
        ({"numbers": {"x": "abc"}}, "x must be 3 x 1 numbers, not 'abc'."),
        ({"numbers": {"readout.bias": 1.0}}, "readout.bias must be 1 numbers, not a single number."),
    ],
)
def test_what_is_not_allowed_is_told_in_one_sentence(fields, words):
    with pytest.raises(ValueError, match="^" + words.replace(".", r"\.")) as told:
        Tiny(**fields)
    assert "\n" not in str(told.value)


def test_numbers_cannot_be_changed_in_place():
    tiny = Tiny(numbers={"bias_ih": [1, 2]})
    with pytest.raises(ValueError, match="read-only"):
        tiny.numbers["bias_ih"][0] = 5
    with pytest.raises(ValueError, match="read-only"):
        tiny.numbers["weight_hh"][0] = 5


@pytest.mark.parametrize("cell", TINY_CELLS)
def test_the_example_is_for_the_blackboard_and_learns(cell):
    tiny = Tiny(cell=cell)
    for array in tiny.numbers.values():
        np.testing.assert_array_equal(array * 2, np.round(array * 2))
    losses = begun(tiny, 10).losses
    assert losses[-1] < losses[0] / 2
    assert all(after < before for before, after in pairwise(losses))


def test_random_numbers_have_two_decimals_and_come_from_the_seed():
    one, other = Tiny(seed=7), Tiny(seed=8)
    same(one, Tiny(seed=7))
    assert not np.array_equal(one.numbers["weight_hh"], other.numbers["weight_hh"])
    for array in one.numbers.values():
        np.testing.assert_array_equal(array, np.round(array, 2))


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.5", 0.5), (" -1 ", -1), ("0,25", 0.25), ("−2", -2), ("1e-3", 1e-3), ("∞", np.inf), ("nan", np.nan)],
)
def test_numbers_as_people_type_them(text, value):
    assert number_of(text) == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "--1", "0x10", "½"])
def test_what_is_no_number_is_told(text):
    with pytest.raises(
        ValueError, match=r"^Weights, inputs and targets are numbers such as 0\.5, not '.*'\.$"
    ):
        number_of(text)


def test_one_number_is_edited():
    tiny = Tiny()
    new = edited(tiny, "weight_hh", 1, 0, "9")
    assert new.numbers["weight_hh"].tolist() == [[0.5, -1.0], [9.0, 0.5]]
    assert tiny.numbers["weight_hh"][1, 0] == 1.0
    assert edited(tiny, "target", 2, 0, "9").numbers["target"].tolist() == [0.5, 0.0, 9.0]
    for place in [("weight_hh", 2, 0), ("weight_hh", 0, -1), ("target", 0, 1)]:
        with pytest.raises(ValueError, match="has no row"):
            edited(tiny, *place, "1")
    with pytest.raises(ValueError, match="no numbers called 'colour'"):
        edited(tiny, "colour", 0, 0, "1")


def test_other_fields_keep_the_numbers_that_were_set_and_fit():
    tiny = edited(edited(Tiny(), "weight_hh", 0, 0, "9"), "x", 0, 0, "7")
    longer = changed(tiny, length=4)
    assert longer.numbers["weight_hh"][0, 0] == 9
    assert longer.numbers["x"].shape == (4, 1)
    wider = changed(tiny, hidden_size=3)
    same(changed(wider, hidden_size=3), wider)
    assert wider.numbers["x"][0, 0] == 7
    assert wider.numbers["weight_hh"][0, 0] == 0.5
    same(changed(tiny, seed=4), Tiny(seed=4))
    with pytest.raises(ValueError, match="length"):
        changed(tiny, length=1)


def test_a_trail_updates_undoes_and_goes_back():
    first = Tiny()
    trail = begun(first, 3)
    same(trail.now, updated(updated(updated(first))))
    assert (trail.updates, len(trail.losses)) == (3, 4)
    assert trail.losses[-1] == compute(trail.now).loss
    same(trail.undo().now, updated(updated(first)))
    same(trail.before_updates().now, first)
    by_hand = trail.change(edited(trail.now, "x", 0, 0, "2"))
    assert (by_hand.updates, len(by_hand.losses)) == (0, 1)
    same(by_hand.undo().now, trail.now)
    assert by_hand.undo().updates == 3
    assert begun(first).undo().updates == 0


def test_a_long_trail_keeps_its_start():
    trail = begun(Tiny(hidden_size=1, length=2), MOST_UPDATES)
    assert trail.updates == MOST_UPDATES
    further = trail.update()
    assert further.updates == 0
    same(further.start, further.now)
    assert len(trail.stops) <= LONGEST_TRAIL


@settings(max_examples=40, deadline=None)
@given(
    cell=st.sampled_from(list(TINY_CELLS)),
    hidden_size=st.integers(1, 4),
    length=st.integers(2, 6),
    seed=st.integers(0, 50),
    rate=st.floats(0.001, 10),
    text=st.floats().map(repr),
    updates=st.integers(0, 4),
)
def test_a_link_is_the_network_bit_for_bit(cell, hidden_size, length, seed, rate, text, updates):
    fields = {"cell": cell, "hidden_size": hidden_size, "length": length, "seed": seed}
    tiny = edited(Tiny(**fields, learning_rate=rate), "weight_hh", 0, 0, text)
    query = to_link(tiny, updates)
    linked = from_link(dict(parse_qsl(query)))
    assert linked.messages == ()
    assert linked.updates == updates
    assert linked.tiny.learning_rate == rate
    same(linked.tiny, tiny)
    assert to_link(linked.tiny, linked.updates) == query


def test_the_page_as_it_opens_has_an_empty_link():
    assert to_link(Tiny()) == ""
    same(from_link({}).tiny, Tiny())


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"length": "1"}, "length must be a whole number from 2 to 6 time steps, not 1."),
        ({"cell": "nonsense"}, "cell must be one of"),
        ({"weight_hh": "1,2"}, "weight_hh: weight_hh must be 2 x 2 numbers"),
        ({"weight_hh": "1,2;a,3"}, "weight_hh: Weights, inputs and targets are numbers"),
        ({"weight_hh": "1,2;3"}, "weight_hh: weight_hh must be 2 x 2 numbers"),
        ({"updates": "-1"}, "updates must be a whole number from 0 to 200"),
        ({"updates": "nan"}, "updates must be"),
        ({"task": "adding"}, "'task', which is no field here"),
    ],
)
def test_a_bad_link_is_told_and_leaves_the_rest(query, words):
    linked = from_link({"seed": "3", **query})
    assert words in linked.messages[0]
    assert (linked.tiny.seed, linked.updates) == (3, 0)
    same(linked.tiny, Tiny(seed=3))


@pytest.mark.parametrize("cell", TINY_CELLS)
def test_the_page_gets_every_number_as_it_is(cell):
    computed = compute(Tiny(cell=cell, hidden_size=3, seed=2))
    sent = json.loads(json.dumps(payload(computed, [computed.loss]), allow_nan=False))
    for stage, theirs in zip(computed.stages, sent["stages"], strict=True):
        for line, there in zip(stage.lines, theirs["lines"], strict=True):
            assert sent["arrays"][there["value"]] == line.value.tolist()
            numbers = [sent["arrays"][token] for token in there["numbers"] if isinstance(token, int)]
            assert numbers == [token.tolist() for token in line.numbers if not isinstance(token, str)]


def test_what_is_no_number_travels_as_a_word():
    tiny = edited(edited(Tiny(), "weight_ih", 0, 0, "nan"), "weight_ih", 1, 0, "-inf")
    sent = payload(compute(tiny), [float("inf")])
    json.dumps(sent, allow_nan=False)
    assert sent["arrays"][sent["blocks"][0]["value"]] == [["NaN"], ["−∞"]]
    assert sent["losses"] == ["∞"]
