"""The store: what is saved comes back, and whatever happens to the file, training goes on."""

import logging
import stat
from dataclasses import replace

import numpy as np
import pytest
from live.fakes import DESIGN, SETTINGS, until

from rnnlab import Design, Settings
from rnnlab.live import keeping
from rnnlab.live import store as store_module
from rnnlab.live.handles import UnknownRun
from rnnlab.live.slices import run_slice
from rnnlab.live.store import Left, Store, StoreFails, hashed, store_path
from rnnlab.training import advance, begin

SMALL = Design(task="adding", cell="gru", hidden_size=4, batch_size=4)
SHORT = Settings(length=10)
FASTER = replace(SHORT, learning_rate=0.02)
LEFT = Left("key", "owner", "experiment", "lab", "abc", True)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(keeping, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(keeping, "SAVE_SECONDS", 0.05)
    monkeypatch.setattr(keeping, "AGAIN_SECONDS", 0.1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "runs.sqlite"


@pytest.fixture
def real_engine(new_engine, path):
    return lambda: new_engine(run_slice=run_slice, store=path)


def saved(engine):
    """Whether every run is in the store as it stands."""
    members = engine._within.registry.members
    marks = {token: mark for token, (_, mark) in engine._within._keeper._saved.items()}
    return marks == {token: keeping.stand(member.driver.run) for token, member in members.items()}


def train(engine, token, updates):
    for _ in range(updates):
        engine.one_update(token)


def same(weights, others):
    return all(np.asarray(weights[name]).tobytes() == np.asarray(others[name]).tobytes() for name in others)


def expected_at(update):
    state, _ = advance(begin(SMALL), SHORT, min(update, 5))
    return advance(state, FASTER, update - state.update)[0]


def trained(engine, owner=""):
    """Five updates, then with another learning rate five more."""
    token = engine.create(SMALL, SHORT, owner=owner).token
    train(engine, token, 5)
    engine.change(token, FASTER)
    train(engine, token, 5)
    return token


def test_a_run_comes_back_after_a_stop_and_every_update_of_it_is_exact(real_engine):
    first = real_engine()
    token = trained(first)
    before = first.snapshot(token)
    first.close()
    second = real_engine()
    status = second.snapshot(token)
    assert (status.run, status.update, status.settings) == (before.run, 10, FASTER)
    assert (status.status in ("starting", "paused"), status.loss) == (True, before.loss)
    assert second.records(token).rows == 10
    for update in (10, 7, 3, 5, 0):
        second.rewind(token, update)
        assert same(second.state(token).weights, expected_at(update).weights)
    assert second.rewind(token, 10).furthest == 10
    train(second, token, 2)
    assert same(second.state(token).weights, expected_at(12).weights)


def test_a_run_that_stood_at_an_earlier_update_comes_back_there(real_engine):
    first = real_engine()
    token = trained(first)
    first.rewind(token, 4)
    first.close()
    status = real_engine().snapshot(token)
    assert (status.update, status.furthest) == (4, 10)


def test_it_is_saved_while_it_trains_and_not_when_nothing_changed(new_engine, path):
    engine = new_engine(store=path)
    token = engine.create(DESIGN, SETTINGS).token
    train(engine, token, 3)
    until(lambda: saved(engine))
    at = engine._within._keeper._saved[token][0]
    engine.snapshot(token)
    until(lambda: saved(engine))
    assert engine._within._keeper._saved[token][0] == at
    train(engine, token, 1)
    until(lambda: saved(engine))
    assert engine._within._keeper._saved[token][0] > at


def test_one_that_played_plays_on(real_engine):
    first = real_engine()
    token = first.create(SMALL, SHORT).token
    with first.watching(token):
        first.play(token)
        until(lambda: first.snapshot(token).update > 3)
        first.close()
    second = real_engine()
    at = second.snapshot(token)
    assert at.status == "playing"
    with second.watching(token):
        until(lambda: second.snapshot(token).update > at.update)


def test_a_run_that_was_forgotten_does_not_come_back(real_engine):
    first = real_engine()
    token = trained(first)
    until(lambda: saved(first))
    first.forget(token)
    first.close()
    with pytest.raises(UnknownRun):
        real_engine().snapshot(token)


def test_a_person_finds_their_run_by_the_browser_and_the_experiment(real_engine):
    first = real_engine()
    trained(first, owner="one")
    first.close()
    second = real_engine()
    assert second.adopt("two", SMALL, FASTER) is None
    assert second.adopt("", SMALL, FASTER) is None
    assert second.adopt("one", SMALL, SHORT) is None
    assert second.adopt("one", SMALL, FASTER, kind="gradients") is None
    found = second.adopt("one", SMALL, FASTER)
    assert second.snapshot(found.token).update == 10
    assert second.adopt("one", SMALL, FASTER) is None, "each is given once"


def test_a_page_that_watches_with_its_old_token_does_not_keep_its_session_from_it(real_engine):
    first = real_engine()
    token = trained(first, owner="one")
    first.close()
    second = real_engine()
    with second.watching(token):
        assert second.adopt("one", SMALL, FASTER).token == token
        assert second.adopt("one", SMALL, FASTER) is None


def test_neither_tokens_nor_names_are_in_the_file_and_nobody_else_reads_it(real_engine, path):
    engine = real_engine()
    token = trained(engine, owner="somebody's browser")
    until(lambda: saved(engine))
    engine.close()
    held = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert hashed(token).encode() in held
    assert token.encode() not in held
    assert b"somebody" not in held
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_server_runs_without_a_store_until_the_first_is_gone(real_engine, path, caplog):
    first, second = real_engine(), real_engine()
    one = first.create(SMALL, SHORT).token
    train(first, one, 2)
    until(lambda: saved(first))
    other = second.create(SMALL, SHORT).token
    train(second, other, 2)
    until(lambda: "in use by another server" in caplog.text)
    first.close()
    until(lambda: saved(second))
    assert second.snapshot(one).update == 2
    assert caplog.text.count("in use") == 1


def test_a_damaged_file_is_put_aside(new_engine, path):
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    engine = new_engine(store=path)
    token = engine.create(DESIGN, SETTINGS).token
    train(engine, token, 1)
    until(lambda: saved(engine))
    assert path.with_suffix(".damaged").read_bytes().startswith(b"no database")


def test_a_damaged_row_is_told_in_the_log_and_the_rest_is_there(new_engine, real_engine, path, caplog):
    first = real_engine()
    good, bad = trained(first), trained(first)
    first.close()
    store = Store(path)
    (about,) = (row for row in store.open() if row.key == hashed(bad))
    store.save(about, b"PK\3\4 nothing")
    store.close()
    second = real_engine()
    with pytest.raises(UnknownRun):
        second.snapshot(bad)
    assert "A stored run was damaged" in caplog.text
    assert second.snapshot(good).update == 10


class Full(Store):
    """A disk that is full until somebody tidies up."""

    full = True

    def save(self, about, content):
        if Full.full:
            raise StoreFails("Runs cannot be saved for now (database or disk is full).")
        super().save(about, content)


def test_a_full_disk_does_not_stop_training_and_is_tried_again(new_engine, path, monkeypatch, caplog):
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr(keeping, "Store", Full)
    engine = new_engine(store=path)
    token = engine.create(DESIGN, SETTINGS).token
    until(lambda: "disk is full" in caplog.text)
    with engine.watching(token):
        engine.play(token)
        until(lambda: engine.snapshot(token).update > 100)
        engine.pause(token)
    assert caplog.text.count("disk is full") == 1
    assert not saved(engine)
    Full.full = False
    until(lambda: saved(engine))
    assert "saved again" in caplog.text
    Full.full = True


def test_what_sqlite_says_of_a_full_disk(real_engine, monkeypatch, caplog):
    """It raises the same for a file that may not grow."""
    monkeypatch.setattr(store_module, "PRAGMAS", {**store_module.PRAGMAS, "max_page_count": 4})
    engine = real_engine()
    token = engine.create(SMALL, SHORT).token
    train(engine, token, 60)
    until(lambda: "disk is full" in caplog.text)
    assert engine.one_update(token).update == 61
    keeper = engine._within._keeper
    keeper._thread.submit(keeper._store._database.execute_sql, "PRAGMA max_page_count = 100000").result()
    until(lambda: saved(engine))


def test_a_folder_that_cannot_be_made(new_engine, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    engine = new_engine(store=tmp_path / "file" / "runs.sqlite")
    token = engine.create(DESIGN, SETTINGS).token
    until(lambda: "cannot be saved" in caplog.text)
    assert engine.one_update(token).update == 1
    with pytest.raises(UnknownRun):
        engine.snapshot("another token")


def test_a_run_too_large_for_a_row_is_not_saved(new_engine, path, monkeypatch, caplog):
    monkeypatch.setattr(keeping, "MOST_ROW_BYTES", 100)
    engine = new_engine(store=path)
    engine.create(DESIGN, SETTINGS)
    until(lambda: "too large to be saved" in caplog.text)


def test_what_nobody_comes_back_for_is_deleted_by_the_time_that_servers_ran(path):
    store = Store(path)
    store.open()
    store.save(LEFT, b"1")
    store.save(LEFT._replace(key="other"), b"2")
    assert store.wait(["key"], 30.0, most=50.0) == []
    store.close()
    assert [row.key for row in store.open()] == ["key", "other"]
    assert store.wait(["key"], 30.0, most=50.0) == ["key"]
    assert store.content("key") is None
    assert store.content("other") == b"2"
    store.save(LEFT._replace(key="other", name="x"), b"3")
    assert [row.name for row in store.open()] == ["x"]
    store.close()


def test_the_path_from_the_environment(tmp_path):
    assert store_path({"RNNLAB_STORE": " OFF "}) is None
    assert store_path({"RNNLAB_STORE": str(tmp_path / "a.db")}) == tmp_path / "a.db"
    assert store_path({"XDG_STATE_HOME": "/var/x"}).parts[-2:] == ("rnnlab", "runs.sqlite")
    assert store_path({}).name == "runs.sqlite"
