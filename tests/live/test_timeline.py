"""The tree of branches: who left whom, who leaves, and what each is called."""

import pytest
from live.fakes import DESIGN, SETTINGS
from live.test_stretches import FASTER, SLOWER, landed

from rnnlab.live.run import Run
from rnnlab.live.timeline import MOST_BRANCHES, Branch, Timeline, branch_names, onward, what_play_does

TRUNK = Timeline.of("a")


def test_a_branch_leaves_the_current_one_and_becomes_it():
    grown = TRUNK.grown("b", 300)
    assert grown.current == "b"
    assert grown["b"] == Branch("b", "a", 300, 1)
    assert [branch.token for branch in grown.quiet] == ["a"]


def test_a_branch_that_leaves_in_the_shared_past_leaves_the_trunk():
    grown = TRUNK.grown("b", 300).grown("c", 200)
    assert (grown["c"].parent, grown["c"].left_at) == ("a", 200)
    at_the_fork = TRUNK.grown("b", 300).grown("c", 300)
    assert at_the_fork["c"].parent == "a"
    later = TRUNK.grown("b", 300).grown("c", 301)
    assert later["c"].parent == "b"
    assert [later.carrier("c", update) for update in (0, 300, 301, 302)] == ["a", "a", "b", "c"]


def test_when_a_trunk_goes_the_latest_that_left_it_takes_its_place():
    grown = TRUNK.grown("b", 300).showing("a").grown("c", 500).without("a")
    assert grown["c"] == Branch("c", "", 0, 2)
    assert (grown["b"].parent, grown["b"].left_at) == ("c", 300)
    alone = TRUNK.grown("b", 300).without("a")
    assert alone.branches == (Branch("b", "", 0, 1),)


def test_when_a_branch_goes_its_own_branches_stay():
    grown = TRUNK.grown("b", 300).grown("c", 400).without("b")
    assert grown["c"] == Branch("c", "a", 300, 2)


def test_a_new_branch_takes_the_first_free_style():
    grown = TRUNK.grown("b", 300).grown("c", 400).showing("a").without("b").grown("d", 50)
    assert grown["d"].style == 1
    assert len({branch.style for branch in grown.branches}) == 3


def test_the_oldest_quiet_branch_makes_room_but_not_the_one_just_left():
    grown = TRUNK
    for number, token in enumerate("bcd"):
        grown = grown.showing("a").grown(token, 100 + number)
    assert len(grown.branches) == MOST_BRANCHES
    assert grown.too_many() is None
    assert grown.showing("a").grown("e", 100).too_many() == "b"
    assert grown.showing("d").grown("e", 110).too_many() == "a"


@pytest.mark.parametrize("gone", "abc")
def test_every_past_still_has_a_carrier_when_a_branch_goes(gone):
    grown = TRUNK.grown("b", 300).grown("c", 400).showing("b").grown("d", 350).without(gone)
    for branch in grown.branches:
        for update in (0, 299, 301, 351, 401, 900):
            carrier = grown[grown.carrier(branch.token, update)]
            assert update > carrier.left_at or not carrier.parent
        assert not branch.parent or branch.left_at >= grown[branch.parent].left_at
    assert sum(not branch.parent for branch in grown.branches) == 1


def run(updates, settings=SETTINGS):
    found = Run("abc", DESIGN, settings, 1 << 20)
    landed(found, updates)
    return found


def test_branches_are_named_by_what_differs_since_the_fork():
    trunk = run(3)
    trunk.change(FASTER)
    landed(trunk, 6)
    branch = trunk.branch("def", 5, SLOWER)
    grown = TRUNK.grown("b", 5)
    for _ in range(2):  # before its first update, and after
        statuses = {"a": trunk.status(0), "b": branch.status(0)}
        assert branch_names(grown, statuses) == ("learning rate 0.02", "learning rate 0.001")
        landed(branch, 1)
    assert branch_names(TRUNK, statuses) == ("",)


def test_branches_with_the_same_settings_are_told_apart_by_their_forks():
    trunk = run(9)
    branch, other = trunk.branch("x", 4, FASTER), trunk.branch("y", 6, FASTER)
    for one in (branch, other):
        landed(one, 2)
    grown = TRUNK.grown("b", 4).showing("a").grown("c", 6)
    statuses = {"a": trunk.status(0), "b": branch.status(0), "c": other.status(0)}
    assert branch_names(grown, statuses) == (
        "learning rate 0.01",
        "learning rate 0.02",
        "learning rate 0.01, later 0.02",
    )
    grown = TRUNK.grown("b", 4).showing("a").grown("c", 4)
    statuses["c"] = branch.status(0)
    assert branch_names(grown, statuses)[1:] == ("learning rate 0.02 · from update 4",) * 2


def test_what_two_branches_have_in_common():
    grown = TRUNK.grown("b", 300).grown("c", 400).showing("a").grown("d", 200)
    assert grown.shared_until("b", "a") == grown.shared_until("a", "b") == 300
    assert grown.shared_until("c", "a") == 300
    assert grown.shared_until("c", "b") == 400
    assert grown.shared_until("c", "d") == 200
    assert grown.shared_until("c", "c") is None


def test_what_play_would_do_is_said_where_it_leaves_what_is_known():
    trunk = run(6)
    says = lambda: what_play_does(TRUNK, {"a": trunk.status(0)})  # noqa: E731
    assert says() == ""
    trunk.rewind(2)
    landed(trunk)
    assert says() == ""
    trunk.change(FASTER)
    assert says() == "Play starts a branch: learning rate 0.02"
    trunk.play()
    assert says() == ""


def test_settings_that_hold_for_a_while_leave_later():
    trunk = run(3)
    trunk.change(FASTER)
    landed(trunk, 3)
    trunk.rewind(1)
    trunk.change(SETTINGS)
    assert (
        what_play_does(TRUNK, {"a": trunk.status(0)})
        == "Play starts a branch at update 3: learning rate 0.01"
    )


def test_a_known_branch_is_not_trained_again_under_another_name():
    trunk = run(9)
    branch = trunk.branch("b", 5, FASTER)
    landed(branch, 3)
    branch.rewind(2)
    landed(branch)
    branch.change(SETTINGS)
    grown = TRUNK.grown("b", 5)
    statuses = {"a": trunk.status(0), "b": branch.status(0)}
    assert onward(grown, statuses, SETTINGS) == ("a", None)
    assert onward(grown, statuses, FASTER) == ("b", 2)
    assert what_play_does(grown, statuses) == "Play goes along “learning rate 0.01”"
    branch.rewind(7)  # of its own: the trunk has another past there
    assert onward(grown, statuses | {"b": branch.status(0)}, SETTINGS) == ("b", 7)
