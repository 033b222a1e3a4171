"""Workers that are killed, hang, run out of memory or of time; clocks that jump; a server that ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from live.fakes import (
    DEADLINE_SECONDS,
    DESIGN,
    HANGS,
    HUNGRY,
    KILLS,
    SETTINGS,
    hang_at_start,
    sleep_and_say,
    start_small,
    straight,
    until,
    until_there,
)

import rnnlab
from rnnlab import Design, Settings
from rnnlab.live.attendant import TookTooLong, WorkerDied
from rnnlab.live.pool import Pool
from rnnlab.live.slices import run_slice
from rnnlab.training import advance, begin

SMALL = Design(task="adding", cell="lstm", hidden_size=4, batch_size=4)
SHORT = Settings(length=10)


@pytest.fixture
def new_pool():
    """Pools that are ended after the test, with processes that load nothing."""
    pools = []

    def make(workers=1, initializer=start_small, **limits):
        pools.append(Pool(workers, initializer, **limits))
        return pools[-1]

    yield make
    for pool in pools:
        pool.shutdown(wait=False)


def kill(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def gone(pid):
    """Whether the process has ended, with all its threads, which share its pipe: it may wait to be buried."""
    try:
        ended = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        return ended and sum(1 for _ in Path(f"/proc/{pid}/task").iterdir()) == 1
    except OSError:
        return True


def same(weights, others):
    return weights.keys() == others.keys() and all(
        np.asarray(weights[name]).tobytes() == np.asarray(others[name]).tobytes() for name in weights
    )


def playing(engine, count, design=DESIGN, settings=SETTINGS):
    """Runs that play: asking how they stand counts as watching."""
    tokens = [engine.create(design, settings).token for _ in range(count)]
    for token in tokens:
        engine.play(token)
    until(lambda: all(engine.snapshot(token).update for token in tokens))
    return tokens


def train_on(engine, tokens, updates=1):
    before = [engine.snapshot(token).update for token in tokens]
    until(lambda: all(engine.snapshot(t).update >= b + updates for t, b in zip(tokens, before, strict=True)))


def test_a_worker_killed_in_mid_slice_takes_no_other_call_with_it(new_pool):
    pool = new_pool(2)
    first, second = (ready.result(DEADLINE_SECONDS) for ready in pool.warm())
    slow = [pool.submit(sleep_and_say, 3.0) for _ in range(2)]  # longer than it takes to kill one
    until(lambda: all(future.running() for future in slow))
    kill([first])
    assert sorted(
        type(future.exception(DEADLINE_SECONDS)) for future in slow if future.exception(DEADLINE_SECONDS)
    ) == [WorkerDied]
    assert [future.result() for future in slow if not future.exception()] == [second]
    until(lambda: len(pool.processes()) == 2)
    assert first not in pool.processes()


def test_all_workers_killed_ten_times_and_every_run_is_as_if_nothing_had_happened(new_engine, new_pool):
    pool = new_pool(2)
    engine = new_engine(pool)
    tokens = playing(engine, 4)
    for _ in range(10):
        until(lambda: len(pool.processes()) == 2)
        kill(pool.processes())
        train_on(engine, tokens)
    for token in tokens:
        status = engine.pause(token)
        assert status.message is None
        expected = straight(status.update)
        assert same(engine.state(token).weights, expected.state.weights)
        known = engine.records(token)  # a fast machine makes more updates than are kept one by one
        assert known.update[-1] == status.update
        assert np.array_equal(known.loss, expected.records.loss[-known.rows :])


def test_real_training_goes_on_bit_for_bit_when_its_worker_is_killed(new_engine):
    pool = Pool(1)
    try:
        engine = new_engine(pool, run_slice)
        (token,) = playing(engine, 1, SMALL, SHORT)
        for _ in range(2):
            train_on(engine, [token], 5)
            until(lambda: pool.processes())
            kill(pool.processes())
        train_on(engine, [token], 5)
        end = engine.pause(token)
        state, records = advance(begin(SMALL), SHORT, end.update)
        assert same(engine.state(token).weights, state.weights)
        assert same(engine.state(token).optimizer, state.optimizer)
        assert np.array_equal(engine.records(token).loss, records.loss)
    finally:
        pool.shutdown(wait=False)


def stopped_alone(engine, length):
    """One of two runs changes its length and is stopped; the other goes on. The message."""
    good, bad = playing(engine, 2)
    engine.change(bad, replace(SETTINGS, length=length))
    until(lambda: engine.snapshot(bad).status == "stopped")
    train_on(engine, [good])
    status = engine.pause(good)
    assert same(engine.state(good).weights, straight(status.update).state.weights)
    assert same(engine.state(bad).weights, straight(engine.snapshot(bad).update).state.weights)
    return engine.snapshot(bad).message


def test_a_slice_that_always_kills_its_worker_is_given_up_after_three(new_engine, new_pool):
    message = stopped_alone(new_engine(new_pool()), KILLS)
    assert message.startswith("Training stopped: The worker process died 3 times")
    assert "hidden size" in message


def test_a_slice_without_memory_says_what_to_make_smaller(new_engine, new_pool):
    pool = new_pool()
    message = stopped_alone(new_engine(pool), HUNGRY)
    assert message.startswith("Training stopped: there is not enough memory for it. Make the hidden size")
    assert pool.submit(os.getpid).result(DEADLINE_SECONDS) == pool.warm()[0].result()  # the worker lives on


def test_torch_without_memory_is_understood():
    import torch

    from rnnlab.live.driver import why_stopped

    with pytest.raises(RuntimeError) as failed:
        torch.empty(1 << 60)
    assert why_stopped(failed.value).startswith("Training stopped: there is not enough memory")


def test_a_slice_that_never_ends_is_ended_with_its_worker(new_engine, new_pool):
    pool = new_pool(limit_seconds=1.0)
    first = pool.warm()[0].result(DEADLINE_SECONDS)
    message = stopped_alone(new_engine(pool), HANGS)
    assert message.startswith("Training stopped: It took longer than the 1 s that this server allows.")
    assert gone(first)


def test_the_limit_holds_for_a_worker_that_does_not_even_read(new_pool):
    pool = new_pool(limit_seconds=1.0)
    pid = pool.warm()[0].result(DEADLINE_SECONDS)
    os.kill(pid, signal.SIGSTOP)
    future = pool.submit(len, bytes(1 << 24))  # more than a pipe holds
    with pytest.raises(TookTooLong):
        future.result(DEADLINE_SECONDS)
    assert pool.submit(len, b"12").result(DEADLINE_SECONDS) == 2


def test_a_worker_that_hangs_at_its_start_is_replaced(new_pool, tmp_path, monkeypatch):
    monkeypatch.setenv("RNNLAB_TEST_HANG_ONCE", str(tmp_path / "hung"))
    pool = new_pool(
        initializer=hang_at_start, start_seconds=8.0
    )  # a busy machine takes some for a good start
    assert pool.submit(abs, -1).result(DEADLINE_SECONDS) == 1
    assert (tmp_path / "hung").exists()


def test_workers_that_cannot_start_are_told_in_a_sentence(new_engine, new_pool):
    engine = new_engine(new_pool(initializer=sys.exit))
    token = engine.create(DESIGN, SETTINGS).token
    until(lambda: engine.snapshot(token).status == "stopped")
    assert "The worker processes do not start" in engine.snapshot(token).message


def test_a_worker_that_dies_between_calls_costs_no_call(new_pool):
    pool = new_pool()
    first = pool.warm()[0].result(DEADLINE_SECONDS)
    kill([first])
    until(lambda: gone(first))
    assert pool.submit(os.getpid).result(DEADLINE_SECONDS) != first


def test_clocks_that_jump_change_nothing(new_engine, new_pool, monkeypatch):
    engine = new_engine(new_pool(limit_seconds=30.0))
    tokens = playing(engine, 2)
    for jump in (1e6, -1e6, 4e9, 0.0):
        monkeypatch.setattr(time, "time", lambda jump=jump: jump)
        train_on(engine, tokens, 5)
    for token in tokens:
        assert engine.snapshot(token).message is None
        assert 0 < engine.snapshot(token).updates_per_second < 1e6


def test_measurements_do_not_hold_up_training(new_engine, new_pool, tmp_path):
    engine = new_engine(new_pool())
    tokens = playing(engine, 1)
    measured = tmp_path / "measured"
    busy = threading.Thread(target=engine.compute, args=(until_there, measured))
    busy.start()
    train_on(engine, tokens, 5)
    assert busy.is_alive()
    measured.touch()
    busy.join(DEADLINE_SECONDS)
    assert not busy.is_alive()


def test_the_process_aside_starts_at_its_first_call_and_ends_when_idle(new_pool):
    pool = new_pool(idle_seconds=0.5)
    assert pool.processes() == []
    call, seen = pool.submit(sleep_and_say, 0.5), []
    until(lambda: seen.extend(pool.processes()) or seen)  # while it works, since it may be gone soon after
    first = call.result(DEADLINE_SECONDS)
    assert seen == [first]
    until(lambda: gone(first))
    assert pool.submit(os.getpid).result(DEADLINE_SECONDS) != first


def test_a_measurement_has_a_limit_too(new_pool):
    pool = new_pool(idle_seconds=60.0, limit_seconds=1.0)
    with pytest.raises(TookTooLong, match=r"longer than the 1 s"):
        pool.submit(time.sleep, 60).result(DEADLINE_SECONDS)
    assert pool.submit(abs, -1).result(DEADLINE_SECONDS) == 1


def test_a_measurement_that_has_no_worker_is_told_in_a_sentence(new_engine, new_pool):
    """A ValueError: pages show those."""
    with pytest.raises(ValueError, match="process for measurements died 3 times"):
        new_engine(new_pool()).compute(os._exit, 1)
    with pytest.raises(ValueError, match="worker processes do not start"):
        new_engine(new_pool(initializer=sys.exit)).compute(abs, 1)


def test_errors_come_back_with_their_traceback_and_those_that_cannot_be_sent_as_words(new_pool):
    pool = new_pool()
    error = pool.submit(divmod, 1, 0).exception(DEADLINE_SECONDS)
    assert isinstance(error, ZeroDivisionError)
    assert "Traceback" in str(error.__cause__)
    with pytest.raises(RuntimeError, match="SystemExit"):
        pool.submit(sys.exit, 3).result(DEADLINE_SECONDS)
    with pytest.raises(Exception, match="pickle"):
        pool.submit(threading.Lock).result(DEADLINE_SECONDS)
    with pytest.raises(Exception, match="pickle"):
        pool.submit(abs, threading.Lock()).result(DEADLINE_SECONDS)


def test_calls_that_wait_are_done_before_a_pool_ends(new_pool):
    pool = new_pool()
    calls = [pool.submit(abs, -number) for number in range(20)]
    pool.shutdown(wait=True)
    assert [call.result(0) for call in calls] == list(range(20))
    with pytest.raises(RuntimeError, match="have been stopped"):
        pool.submit(abs, 1)


SERVER = """
import os, sys, time
from live.fakes import DESIGN, SETTINGS, HANGS, fake_slice, start_small
from rnnlab.live.engine import Engine
from rnnlab.live.pool import Pool

if __name__ == "__main__":
    pool = Pool(2, start_small)
    engine = Engine(pool, fake_slice)
    pids = [ready.result() for ready in pool.warm()]
    pids.append(engine.compute(os.getpid))
    for settings in (SETTINGS, SETTINGS.__class__(length=HANGS), SETTINGS):
        token = engine.create(DESIGN, settings).token
        engine.play(token)
    pool.aside().submit(time.sleep, 600)
    time.sleep(0.5)
    print(*pids, flush=True)
    END
"""


@pytest.mark.parametrize(
    "end",
    ["sys.exit()", "engine.close(); pool.shutdown(wait=False)", "os.kill(os.getpid(), 9)", "time.sleep(600)"],
)
def test_a_server_that_ends_with_slices_in_flight_leaves_no_process(tmp_path, end):
    script = tmp_path / "server.py"
    script.write_text(SERVER.replace("END", end))
    root = Path(rnnlab.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
    server = subprocess.Popen(
        [sys.executable, "-W", "error", str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    pids = [int(word) for word in server.stdout.readline().split()]
    if "600" in end:
        server.terminate()
    _, complaints = server.communicate(timeout=DEADLINE_SECONDS)
    assert len(pids) == 3
    assert complaints == ""
    until(lambda: all(gone(pid) for pid in pids))
