"""What differs between settings, in words."""

from dataclasses import replace

import pytest
from hypothesis import given

from rnnlab import Design, Settings
from rnnlab.differences import ASPECTS, SAME, difference, names, short_names
from rnnlab.fields import declared
from tests.strategies import settings_for

ADDING = Design(task="adding")
PLAIN = Settings(length=50)
OFF = replace(PLAIN, clipping="off")
FAST = replace(PLAIN, learning_rate=0.05)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clipping": "off"}, "clipping off"),
        ({"clip_threshold": 0.5}, "clipping norm 0.5"),
        ({"clipping": "value"}, "clipping value 1"),
        ({"learning_rate": 0.05}, "learning rate 0.05"),
        ({"length": 100}, "length 100"),
        ({"tbptt_window": 10}, "truncated after 10"),
        ({"dropout": 0.2, "weight_decay": 0.01}, "dropout 0.2 · weight decay 0.01"),
        ({"early_stopping": 1500}, "early stopping after 1,500"),
    ],
)
def test_a_difference_names_the_value_that_is_in_force(change, words):
    assert difference(replace(PLAIN, **change), PLAIN) == words


def test_a_threshold_means_nothing_while_clipping_is_off():
    assert difference(OFF, replace(OFF, clip_threshold=0.5)) == SAME


def test_of_many_differences_three_are_told():
    other = replace(FAST, clipping="off", length=20, dropout=0.1, weight_decay=0.1)
    assert difference(other, PLAIN) == "clipping off · learning rate 0.05 · length 20 and 2 more"


def test_every_setting_can_be_named():
    """A setting that is added to Settings is told too."""
    changes = {
        "learning_rate": 0.05,
        "clipping": "off",
        "clip_threshold": 0.5,
        "length": 20,
        "tbptt_window": 5,
        "teacher_forcing": 0.5,
        "weight_decay": 0.1,
        "dropout": 0.1,
        "early_stopping": 500,
    }
    assert set(changes) == set(declared(Settings))
    for name, value in changes.items():
        assert difference(replace(PLAIN, **{name: value}), PLAIN) != SAME, name


def test_runs_are_named_by_what_tells_them_apart():
    assert names([[PLAIN], [OFF]]) == ("clipping norm 1", "clipping off")
    assert names([[PLAIN], [FAST], [replace(FAST, clipping="off")]]) == (
        "clipping norm 1 · learning rate 0.005",
        "clipping norm 1 · learning rate 0.05",
        "clipping off · learning rate 0.05",
    )


def test_a_run_whose_settings_changed_on_the_way_is_named_by_both_ends():
    assert names([[PLAIN, OFF], [PLAIN]]) == ("clipping norm 1, later off", "clipping norm 1")
    assert names([[PLAIN, OFF, FAST], [FAST]])[0].startswith("clipping norm 1, at last norm 1")


@pytest.mark.parametrize(
    ("pasts", "words"),
    [
        ([[PLAIN], [OFF]], ("clipping norm 1", "clipping off")),
        ([[PLAIN], [FAST]], ("rate 0.005", "rate 0.05")),
        (
            [[OFF], [PLAIN, FAST], [replace(PLAIN, learning_rate=0.1)]],
            ("rate 0.005", "rate 0.05", "rate 0.1"),
        ),
        (
            [[OFF], [PLAIN], [FAST]],
            ("clipping off · rate 0.005", "clipping norm 1 · rate 0.005", "clipping norm 1 · rate 0.05"),
        ),
        ([[replace(PLAIN, clipping="off", length=9)], [PLAIN]], ("clipping off", "clipping norm 1")),
        ([[PLAIN, OFF], [OFF]], ("clipping norm 1, later off", "clipping off")),
    ],
)
def test_beside_a_line_stands_what_is_enough_to_tell_it(pasts, words):
    assert short_names(pasts) == words


def test_runs_with_the_same_past_say_so():
    assert names([[PLAIN], [PLAIN]]) == (SAME, SAME)


@given(settings_for(ADDING), settings_for(ADDING))
def test_equal_words_mean_equal_effect(one, other):
    same = all(value(one) == value(other) for value in ASPECTS.values())
    assert (difference(one, other) == SAME) == same
