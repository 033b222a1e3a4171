"""Early stopping by hand: when there was enough patience, and how often the held-out loss is looked at."""

import math

import pytest
from live.fakes import fake_report, straight

from rnnlab.live.pace import Plan
from rnnlab.patience import LEAST_UPDATES, look_every, lowest, stop, updates_to_look


def reports(losses):
    start = fake_report(straight(0).state)
    return tuple(start._replace(update=update, loss=loss) for update, loss in losses.items())


FALLS_THEN_RISES = reports({0: 2.0, 100: 1.0, 200: 0.5, 300: 0.6, 400: 0.5, 500: 0.7})


@pytest.mark.parametrize(
    ("update", "since", "patience", "best"),
    [
        (500, 0, 300, 200),
        (500, 0, 301, None),  # not yet
        (400, 0, 200, 200),  # as low as before is no better
        (500, 300, 200, 200),  # played on from 300: patience counts from there
        (500, 301, 200, None),
        (500, 0, 0, None),  # off
        (200, 0, 100, None),  # the newest is the best
        (100, 0, 50, None),  # what comes later is not known yet
    ],
)
def test_by_hand(update, since, patience, best):
    found = stop(FALLS_THEN_RISES, update, since, patience)
    assert (found and found.best) == best
    if found:
        assert (found.update, found.loss, found.patience) == (update, 0.5, patience)


def test_what_is_no_number_is_no_best():
    assert lowest(reports({0: math.nan, 1: math.inf})) is None
    assert lowest(reports({0: math.nan, 1: 3.0, 2: -math.inf})).update == 1
    assert stop(reports({0: math.nan}), 1000, 0, 10) is None


def test_the_words_name_the_best_update():
    said = stop(reports({1200: 0.25, 3000: 0.5}), 3000, 0, 1500).words
    assert said == (
        "Early stopping: no better held-out loss for 1,500 updates. The lowest, 0.25, was at update 1,200."
    )


@pytest.mark.parametrize(("patience", "every"), [(1, 50), (500, 50), (501, 51), (5000, 500)])
def test_ten_looks_in_the_patience_but_not_too_often(patience, every):
    assert look_every(patience) == every >= LEAST_UPDATES
    for update in (0, 1, every - 1, every, 3 * every + 7):
        assert 1 <= updates_to_look(update, patience) <= every
        assert (update + updates_to_look(update, patience)) % every == 0


def test_a_slice_goes_no_further_than_to_the_next_look():
    plan = Plan(80, True, False)
    assert plan.looking(70, 0) == plan
    assert plan.looking(70, 250) == Plan(30, True, True)
    assert Plan(20, False, False).looking(70, 250) == Plan(20, False, False)
    assert Plan(30, False, False).looking(70, 250) == Plan(30, False, True)
    assert Plan(20, False, True).looking(70, 250) == Plan(20, False, False)
