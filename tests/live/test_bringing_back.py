"""Runs of an earlier server: where there is no room for one, where it is forgotten, or cannot be saved."""

import asyncio
import logging
import shutil
import threading
from dataclasses import replace

import pytest
from live.fakes import DESIGN, SETTINGS, until

from rnnlab import Design, Settings
from rnnlab.limits import Limits
from rnnlab.live import keeping
from rnnlab.live.handles import UnknownRun
from rnnlab.live.slices import run_slice
from rnnlab.live.store import Store

SMALL = Design(task="adding", cell="gru", hidden_size=4, batch_size=4)
SHORT = Settings(length=10)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(keeping, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(keeping, "SAVE_SECONDS", 0.05)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.sqlite"


@pytest.fixture
def server(new_engine, path):
    return lambda **options: new_engine(run_slice=run_slice, store=path, **options)


def left_run(server, owner="one"):
    """A run of three updates that a server which ended has left."""
    first = server()
    token = first.create(SMALL, SHORT, owner=owner).token
    for _ in range(3):
        first.one_update(token)
    first.close()
    return token


def rows(path):
    store = Store(path)
    found = store.open()
    store.close()
    return found


def test_a_run_without_room_for_it_waits_until_there_is_some(server):
    token = left_run(server)
    second = server(limits=Limits(runs=1))
    other = second.create(SMALL, SHORT).token
    with second.watching(other):
        with pytest.raises(UnknownRun):
            second.snapshot(token)
        assert second.adopt("one", SMALL, SHORT) is None, (
            "no room, which the page says when it begins a new one"
        )
    assert second.snapshot(token).update == 3


def test_a_run_beyond_what_the_operator_allows_by_now_stays_away(server):
    token = left_run(server)
    second = server(limits=Limits(hidden_size=2))
    with pytest.raises(UnknownRun):
        second.snapshot(token)
    assert second.adopt("one", SMALL, SHORT) is None


def test_a_run_that_was_adopted_is_in_the_store_once(server, path):
    left_run(server)
    second = server()
    token = second.adopt("one", SMALL, SHORT).token
    second.one_update(token)
    second.close()
    assert len(rows(path)) == 1
    assert server().snapshot(token).update == 4


def test_an_adopted_run_is_there_after_a_kill_right_away(server, new_engine, tmp_path, path, monkeypatch):
    left_run(server)
    monkeypatch.setattr(keeping, "SAVE_SECONDS", 1000)
    second = server()
    token = second.adopt("one", SMALL, SHORT).token
    killed = tmp_path / "killed"
    shutil.copytree(path.parent, killed, ignore=shutil.ignore_patterns("killed"))
    assert new_engine(store=killed / path.name).snapshot(token).update == 3


def test_a_run_that_came_back_and_was_forgotten_at_once_does_not_come_back_again(server, path, monkeypatch):
    token = left_run(server)
    monkeypatch.setattr(keeping, "SAVE_SECONDS", 1000)
    second = server()
    second.snapshot(token)
    second.forget(token)
    second.close()
    assert rows(path) == []


def test_a_run_forgotten_while_others_are_saved_is_not_saved(server, path, monkeypatch):
    monkeypatch.setattr(keeping, "SAVE_SECONDS", 1000)
    engine = server()
    tokens = [engine.create(SMALL, replace(SHORT, learning_rate=rate)).token for rate in (0.01, 0.02)]
    for token in tokens:
        engine.one_update(token)
    save = keeping.save

    def slowly(store, about, stored):
        engine.forget(tokens[1])
        return save(store, about, stored)

    monkeypatch.setattr(keeping, "save", slowly)
    monkeypatch.setattr(keeping, "SAVE_SECONDS", 0.0)
    until(lambda: tokens[0] in engine._within._keeper._saved)
    engine.close()
    assert len(rows(path)) == 1


def test_one_run_that_cannot_be_saved_does_not_keep_the_others_from_it(new_engine, path, monkeypatch, caplog):
    engine = new_engine(store=path)
    bad, good = (engine.create(DESIGN, SETTINGS).token for _ in range(2))
    name = engine.one_update(bad).run
    save = keeping.save

    def fails(store, about, stored):
        if about.name == name:
            raise MemoryError
        return save(store, about, stored)

    monkeypatch.setattr(keeping, "save", fails)
    with caplog.at_level(logging.ERROR):
        until(lambda: "cannot be saved" in caplog.text)
        engine.one_update(good)
        until(lambda: engine._within._keeper._saved.get(good, (0, (0, 0)))[1][1] == 1)
    assert f"Run {name} cannot be saved" in caplog.text


def test_a_token_that_is_no_text_is_unknown_and_nothing_else(server):
    with pytest.raises(UnknownRun):
        server().snapshot("\ud800")


def test_nothing_opens_the_store_again_once_it_is_closed(path, monkeypatch):
    """Runs are still being saved and forgotten while a server ends; the next may want the file at once."""
    close, closing = Store.close, threading.Event()

    def closes(store):
        closing.set()
        close(store)

    async def end():
        keeper = keeping.Keeper(path)
        assert await keeper.ready()
        monkeypatch.setattr(Store, "close", closes)
        ending = asyncio.create_task(keeper.end({}))
        while not closing.is_set():
            await asyncio.sleep(0)
        await keeper._delete({"token"})
        await ending

    asyncio.run(end())
    assert rows(path) == []
