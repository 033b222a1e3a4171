"""The engine with its thread: what a page asks for, with held-back answers, inline and in a real pool."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from live.fakes import DEADLINE_SECONDS, DESIGN, KILLS, RAISES, SETTINGS, Held, straight, until

import rnnlab
from rnnlab import Design, Settings
from rnnlab.limits import Limits
from rnnlab.live import engine as engine_module
from rnnlab.live import operations
from rnnlab.live.handles import TooMany, UnknownRun
from rnnlab.live.slices import run_slice
from rnnlab.live.workers import Inline, Pool
from rnnlab.training import advance, begin

SMALL = Design(task="adding", cell="lstm", hidden_size=4, batch_size=4)
SHORT = Settings(length=10)


@pytest.fixture(scope="module")
def pool():
    executor = Pool(1)
    executor.warm()
    yield executor
    executor.shutdown()


def new_run(engine, design=DESIGN, settings=SETTINGS):
    token = engine.create(design, settings).token
    until(lambda: engine.snapshot(token).status != "starting")
    return token


def same(weights, others):
    return weights.keys() == others.keys() and all(
        np.asarray(weights[name]).tobytes() == np.asarray(others[name]).tobytes() for name in weights
    )


def train_past(engine, token, update):
    with engine.watching(token):
        engine.play(token)
        until(lambda: engine.snapshot(token).update >= update)
        return engine.pause(token)


def test_tokens_cannot_be_guessed_and_names_are_short(new_engine):
    engine = new_engine()
    handles = [engine.create(DESIGN, SETTINGS) for _ in range(3)]
    assert len({handle.token for handle in handles}) == 3
    assert min(len(handle.token) for handle in handles) >= 32
    assert max(len(handle.name) for handle in handles) <= 6
    assert not any(handle.name in handle.token for handle in handles)


def test_an_unknown_token_is_told_what_to_do(new_engine):
    with pytest.raises(KeyError, match="Reload the page"):
        new_engine().snapshot("no such token")


def test_settings_out_of_range_are_refused_where_they_are_given(new_engine):
    engine = new_engine()
    with pytest.raises(ValueError, match="length"):
        engine.create(DESIGN, Settings(length=1))
    token = new_run(engine)
    with pytest.raises(ValueError, match="length"):
        engine.change(token, Settings(length=1))
    assert engine.snapshot(token).settings == SETTINGS


def test_one_slice_in_flight_per_run(new_engine):
    held = Held()
    engine = new_engine(held)
    token = engine.create(DESIGN, SETTINGS).token
    with engine.watching(token):
        engine.play(token)
        for _ in range(20):
            held.release()
    assert held.most == 1
    assert engine.snapshot(token).update > 0


def test_two_runs_take_turns(new_engine):
    held = Held()
    engine = new_engine(held)
    tokens = [engine.create(DESIGN, SETTINGS).token for _ in range(2)]
    for token in tokens:
        engine.play(token)
    for _ in range(21):
        until(lambda: len(held.calls) == 2)
        held.release()
    updates = [engine.snapshot(token).update for token in tokens]
    assert held.most == 2
    assert min(updates) > 0


def test_pause_waits_for_the_slice_in_flight(new_engine):
    held = Held()
    engine = new_engine(held)
    token = engine.create(DESIGN, SETTINGS).token
    held.release()
    engine.play(token)
    until(lambda: held.calls)
    paused = []
    waiting = threading.Thread(target=lambda: paused.append(engine.pause(token)))
    waiting.start()
    until(lambda: engine.snapshot(token).status == "paused")
    assert not paused
    held.release()
    waiting.join(10)
    assert paused[0].update == 1
    assert held.release().updates == 0  # the picture of the last update
    assert engine.snapshot(token).update == 1


def test_late_answers_are_dropped(new_engine):
    held = Held()
    engine = new_engine(held)
    token = engine.create(DESIGN, SETTINGS).token
    held.release()
    engine.play(token)
    until(lambda: held.calls)
    engine.reset(token)
    assert held.release().updates == 1
    assert held.release().state is None
    assert engine.snapshot(token).update == 0
    assert engine.records(token).rows == 0


def test_one_update_at_a_time(new_engine):
    engine = new_engine()
    token = new_run(engine)
    assert [engine.one_update(token).update for _ in range(3)] == [1, 2, 3]
    assert same(engine.state(token).weights, straight(3).state.weights)


def test_rewinding_and_branching(new_engine):
    engine = new_engine()
    token = new_run(engine)
    end = train_past(engine, token, 50)
    status = engine.rewind(token, 7)
    assert (status.update, status.furthest, status.status) == (7, end.update, "paused")
    assert same(engine.state(token).weights, straight(7).state.weights)
    assert engine.rewind(token, end.update).update == end.update
    engine.rewind(token, 7)
    known = engine.one_update(token)
    assert (known.update, known.furthest) == (8, end.update)
    engine.change(token, replace(SETTINGS, learning_rate=0.02))
    assert engine.one_update(token).furthest == 9


def test_nobody_watching_nothing_trained(new_engine):
    engine = new_engine(grace_seconds=0.0)
    token = new_run(engine)
    engine.play(token)
    with engine.watching(token):
        until(lambda: engine.snapshot(token).update > 0)
    driver = engine._within.registry.driver(token)
    until(lambda: driver.run.flying is None)
    before = engine.snapshot(token)
    assert before.status == "playing"
    assert engine.snapshot(token).update == before.update
    assert driver.run.next_job(0.0, watched=False) is None
    with engine.watching(token):
        until(lambda: engine.snapshot(token).update > before.update)


def test_time_of_grace_after_the_last_contact(new_engine):
    engine = new_engine(grace_seconds=0.3)
    token = new_run(engine)
    engine.play(token)
    driver = engine._within.registry.driver(token)
    until(lambda: driver.run.update > 0)
    until(lambda: not driver.watched())
    until(lambda: driver.run.flying is None)


def test_an_abandoned_run_is_forgotten_a_watched_one_is_not(new_engine):
    engine = new_engine(forget_seconds=0.2)
    abandoned, watched = new_run(engine), new_run(engine)
    with engine.watching(watched):
        until(lambda: abandoned not in engine._within.registry)
        assert engine.snapshot(watched).status == "paused"
    until(lambda: watched not in engine._within.registry)
    with pytest.raises(UnknownRun):
        engine.play(watched)


def test_the_oldest_run_makes_room(new_engine):
    engine = new_engine(limits=Limits(runs=3))
    tokens = [new_run(engine) for _ in range(4)]
    assert list(engine._within.registry) == tokens[1:]


def test_memory_is_shared_out(new_engine):
    engine = new_engine(limits=Limits(history_mb=2))
    first, second = new_run(engine), new_run(engine)
    assert engine._within.registry.driver(first).run.history.budget_bytes == 1 << 20
    engine.forget(second)
    assert engine._within.registry.driver(first).run.history.budget_bytes == 2 << 20


def test_a_slice_that_raises_stops_its_run_alone(new_engine, caplog):
    engine = new_engine()
    good, bad = new_run(engine), new_run(engine)
    engine.change(bad, replace(SETTINGS, length=RAISES))
    with engine.watching(bad):
        engine.play(bad)
        until(lambda: engine.snapshot(bad).status == "stopped")
    assert "the program failed, not the experiment" in engine.snapshot(bad).message
    assert "luck" not in engine.snapshot(bad).message
    assert "Traceback" in caplog.text
    assert engine.one_update(good).update == 1
    engine.change(bad, SETTINGS)
    assert engine.one_update(bad).update == 1
    assert engine.snapshot(bad).message is None


def test_too_many_viewers(new_engine, monkeypatch):
    monkeypatch.setattr(operations, "MOST_VIEWERS", 1)
    engine = new_engine()
    token = new_run(engine)
    engine._do(engine._within.open(token, lambda: None))
    with pytest.raises(TooMany, match="open already"):
        engine._do(engine._within.open(token, lambda: None))


def test_the_engine_of_the_process(monkeypatch):
    monkeypatch.setenv("RNNLAB_WORKERS", "inline")
    engine_module.engine.cache_clear()
    try:
        assert engine_module.engine() is engine_module.engine()
        assert isinstance(engine_module.engine().executor, Inline)
    finally:
        engine_module.engine.cache_clear()


def test_a_run_that_kills_its_workers_is_stopped_and_the_others_go_on(new_engine):
    killable = Pool(1, initializer=int)
    engine = new_engine(killable)
    good, bad = new_run(engine), new_run(engine)
    engine.change(bad, replace(SETTINGS, length=KILLS))
    with engine.watching(good), engine.watching(bad):
        engine.play(good)
        engine.play(bad)
        until(lambda: engine.snapshot(bad).status == "stopped")
        assert "worker process died 3 times" in engine.snapshot(bad).message
        assert engine.snapshot(good).status == "playing"
        trained = engine.snapshot(good).update
        until(lambda: engine.snapshot(good).update > trained)
    status = engine.pause(good)
    assert same(engine.state(good).weights, straight(status.update).state.weights)
    killable.shutdown()


@pytest.mark.parametrize("inline", [True, False])
def test_real_training_is_the_same_bits_as_without_an_engine(new_engine, pool, inline):
    engine = new_engine(Inline() if inline else pool, run_slice)
    token = new_run(engine, SMALL, SHORT)
    train_past(engine, token, 30)
    faster = replace(SHORT, learning_rate=0.02)
    changed = engine.snapshot(token).update
    engine.change(token, faster)
    end = train_past(engine, token, changed + 30)
    middle, first = advance(begin(SMALL), SHORT, changed)
    last, second = advance(middle, faster, end.update - changed)
    assert same(engine.state(token).weights, last.weights)
    records = engine.records(token)
    assert np.array_equal(records.loss, np.concatenate([first.loss, second.loss]))
    for update in (changed + 5, 3):
        engine.rewind(token, update)
        expected, _ = advance(begin(SMALL), SHORT, min(update, changed))
        expected, _ = advance(expected, faster, update - expected.update)
        assert same(engine.state(token).weights, expected.weights)
        assert same(engine.state(token).optimizer, expected.optimizer)


def test_a_killed_worker_changes_nothing(new_engine, pool):
    engine = new_engine(pool, run_slice)
    token = new_run(engine, SMALL, SHORT)
    with engine.watching(token):
        engine.play(token)
        until(lambda: engine.snapshot(token).update >= 10)
        os.kill(engine.compute(os.getpid), signal.SIGKILL)
        killed_at = engine.snapshot(token).update
        until(lambda: engine.snapshot(token).update > killed_at + 10)
        end = engine.pause(token)
    state, records = advance(begin(SMALL), SHORT, end.update)
    assert same(engine.state(token).weights, state.weights)
    assert np.array_equal(engine.records(token).loss, records.loss)


def test_computing_in_a_worker(new_engine, pool):
    engine = new_engine(pool)
    assert engine.compute(os.getpid) != os.getpid()
    with pytest.raises(ZeroDivisionError):
        engine.compute(divmod, 1, 0)


@pytest.mark.parametrize("act", ["next_job", "land"])
def test_a_fault_of_the_programs_own_stops_one_run_with_a_message(new_engine, monkeypatch, caplog, act):
    engine = new_engine()
    bad, good = (engine.create(DESIGN, SETTINGS).token for _ in range(2))
    engine.one_update(bad)
    run = engine._within.registry.driver(bad).run

    def fails(*_):
        raise AssertionError("cannot be")

    with monkeypatch.context() as broken:
        broken.setattr(run, act, fails)
        with engine.watching(bad):
            engine.play(bad)
            until(lambda: engine.snapshot(bad).status == "stopped")
    assert "the program failed, not the experiment" in engine.snapshot(bad).message
    assert "cannot be" in caplog.text
    assert engine.one_update(good).update == 1
    engine.reset(bad)
    assert engine.one_update(bad).update == 1


SERVER = """
import sys, time
from rnnlab import Design, Settings
from rnnlab.live.engine import Engine
from rnnlab.live.route import routes
from rnnlab.live.workers import Pool

if __name__ == "__main__":
    engine = Engine(Pool(1))
    token = engine.create(Design(task="adding", hidden_size=4), Settings(length=10)).token
    assert engine.one_update(token).update == 1
    engine.snapshot(token)
    print("torch" in sys.modules, "streamlit" in sys.modules)
"""


def test_the_server_process_never_imports_torch_and_ends_by_itself(tmp_path):
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    environment = {**os.environ, "PYTHONPATH": str(Path(rnnlab.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        env=environment,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("False False\n", "")
