"""A run's title: through everything that becomes of the run, and never in the way of its training."""

import pytest
from live.fakes import DESIGN, SETTINGS, Held, until

from rnnlab import Design, Settings
from rnnlab.files import run_from_bytes, run_to_bytes
from rnnlab.live import keeping
from rnnlab.live.slices import run_slice

SMALL = Design(task="adding", cell="gru", hidden_size=4, batch_size=4)
SHORT = Settings(length=10)
TITLE = 'Group 3: "clipping" at 1 – <b>é</b>'


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(keeping, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(keeping, "SAVE_SECONDS", 0.05)


@pytest.fixture
def server(new_engine, tmp_path):
    return lambda: new_engine(run_slice=run_slice, store=tmp_path / "runs.sqlite")


def test_a_new_run_has_none_and_a_title_is_read_as_everywhere(new_engine):
    engine = new_engine()
    token = engine.create(DESIGN, SETTINGS).token
    assert engine.snapshot(token).title == ""
    assert engine.entitle(token, "  Group   3 ").title == "Group 3"
    with pytest.raises(ValueError, match="at most 60 characters"):
        engine.entitle(token, "W" * 61)
    assert engine.snapshot(token).title == "Group 3"
    assert engine.entitle(token, "").title == ""


def test_it_stays_through_reset_rewind_other_settings_and_branches(new_engine):
    engine = new_engine()
    token = engine.create(DESIGN, SETTINGS).token
    engine.entitle(token, TITLE)
    for _ in range(3):
        engine.one_update(token)
    assert engine.rewind(token, 1).title == TITLE
    assert engine.change(token, Settings(length=30)).title == TITLE
    branch = engine.branch(token, 1, SETTINGS).token
    assert engine.snapshot(branch).title == TITLE
    assert engine.reset(token).title == TITLE


def test_a_title_given_while_a_slice_is_under_way_changes_nothing_else(new_engine):
    held = Held()
    engine = new_engine(held)
    token = engine.create(DESIGN, SETTINGS).token
    with engine.watching(token):
        held.release()
        engine.play(token)
        until(lambda: held.calls)
        before = engine.snapshot(token)
        after = engine.entitle(token, TITLE)
        assert (after.status, after.update) == (before.status, before.update) == ("playing", 0)
        assert len(held.calls) == 1
        asked = held.release()
        until(lambda: engine.snapshot(token).update == asked.updates)


def test_it_is_in_the_file_and_comes_back_when_that_is_opened(server):
    engine = server()
    token = engine.create(SMALL, SHORT).token
    engine.one_update(token)
    engine.entitle(token, TITLE)
    stored = run_from_bytes(run_to_bytes(engine.stored(token)))
    assert stored.title == TITLE
    again = engine.create(SMALL, SHORT, stored).token
    assert engine.snapshot(again).title == TITLE


def test_it_comes_back_when_the_server_does(server):
    first = server()
    token = first.create(SMALL, SHORT, owner="one").token
    first.one_update(token)
    first.entitle(token, TITLE)
    first.close()
    second = server()
    assert second.snapshot(token).title == TITLE
    second.close()
    third = server()
    found = third.adopt("one", SMALL, SHORT)  # by its experiment, of which the title is no part
    assert third.snapshot(found.token).title == TITLE


def test_a_new_title_alone_is_something_to_save(server):
    engine = server()
    token = engine.create(SMALL, SHORT).token
    engine.one_update(token)

    def saved():
        keeper, members = engine._within._keeper, engine._within.registry.members
        return keeper._saved.get(token, (0, None))[1] == keeping.stand(members[token].driver.run)

    until(saved)
    engine.entitle(token, TITLE)
    assert not saved()
    until(saved)
