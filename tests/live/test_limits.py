"""The operator's caps: read from the environment, stated in one sentence, kept by the engine."""

import pytest
from live.fakes import DESIGN, SETTINGS, until

from rnnlab import Design, Settings
from rnnlab.limits import Limits, limits_from

LARGE = Design(task="adding", hidden_size=64, layers=2, batch_size=64)


def test_without_an_operator_a_server_allows_what_the_library_does():
    assert limits_from({}) == Limits()
    Limits().check(Design(task="adding", hidden_size=256, layers=4, batch_size=256), Settings(length=400))


def test_caps_from_the_environment():
    found = limits_from({"RNNLAB_MOST_HIDDEN": " 64 ", "RNNLAB_HISTORY_MB": "48", "RNNLAB_MOST_RUNS": ""})
    assert (found.hidden_size, found.history_mb, found.runs) == (64, 48, Limits().runs)


@pytest.mark.parametrize("text", ["0", "257", "64.5", "many", "-1", "1e2", "٣", "9" * 5000, "nan"])
def test_a_cap_that_is_no_such_number_is_refused_in_one_sentence(text):
    with pytest.raises(
        ValueError, match=r"^RNNLAB_MOST_HIDDEN must be a whole number from 1 to 256, not .*\.$"
    ):
        limits_from({"RNNLAB_MOST_HIDDEN": text})


@pytest.mark.parametrize(
    ("caps", "field"),
    [
        ({"hidden_size": 63}, "hidden_size may be at most 63 here, not 64"),
        ({"layers": 1}, "layers may be at most 1 here, not 2"),
        ({"batch_size": 32}, "batch_size may be at most 32 here, not 64"),
        ({"length": 50}, "length may be at most 50 here, not 60"),
    ],
)
def test_what_is_beyond_a_cap_is_refused(new_engine, caps, field):
    engine = new_engine(limits=Limits(**caps))
    with pytest.raises(ValueError, match=f"^{field}: the operator of this server set that limit.$"):
        engine.create(LARGE, Settings(length=60))


def test_settings_are_refused_where_they_change_and_where_a_branch_leaves(new_engine):
    engine = new_engine(limits=Limits(length=30))
    token = engine.create(DESIGN, SETTINGS).token
    with pytest.raises(ValueError, match="length may be at most 30"):
        engine.change(token, Settings(length=31))
    with pytest.raises(ValueError, match="length may be at most 30"):
        engine.branch(token, 0, Settings(length=31))
    assert engine.change(token, Settings(length=30)).settings.length == 30


def test_the_nearest_that_is_allowed():
    caps = Limits(hidden_size=16, layers=1, batch_size=8, length=40)
    design, settings = caps.within(LARGE, Settings(length=60))
    assert (design.hidden_size, design.layers, design.batch_size, settings.length) == (16, 1, 8, 40)
    caps.check(design, settings)


def test_another_run_puts_away_the_owners_oldest_that_nobody_watches(new_engine):
    engine = new_engine(limits=Limits(runs_per_session=2))
    other = engine.create(DESIGN, SETTINGS, owner="other").token
    first, second, third = (engine.create(DESIGN, SETTINGS, owner="one").token for _ in range(3))
    assert list(engine._within.registry) == [other, second, third]
    with engine.watching(second):
        engine.create(DESIGN, SETTINGS, owner="one")
        assert second in engine._within.registry
    assert first not in engine._within.registry


def test_where_all_are_watched_the_new_one_is_refused(new_engine):
    engine = new_engine(limits=Limits(runs_per_session=2, runs=3))
    tokens = [engine.create(DESIGN, SETTINGS, owner="one").token for _ in range(2)]
    with engine.watching(tokens[0]), engine.watching(tokens[1]):
        with pytest.raises(ValueError, match="This browser has 2 runs open"):
            engine.create(DESIGN, SETTINGS, owner="one")
        third = engine.create(DESIGN, SETTINGS, owner="other").token
        with engine.watching(third), pytest.raises(ValueError, match="3 runs are open on this server"):
            engine.create(DESIGN, SETTINGS, owner="third")
    until(lambda: len(list(engine._within.registry)) == 3)


def test_there_are_no_more_runs_than_can_remember_a_past():
    assert Limits(history_mb=3, runs=200).room == 4
    assert Limits(history_mb=1).room == 1
