"""Workers beyond this machine: a Dask scheduler and two worker processes, here on loopback."""

import contextlib
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from live.fakes import DESIGN, HANGS, SETTINGS, fake_slice, straight, until

import rnnlab
from rnnlab import Design, Settings
from rnnlab.live import cluster as cluster_module
from rnnlab.live.slices import run_slice
from rnnlab.live.workers import executor_from_environment
from rnnlab.training import advance, begin

pytest.importorskip("distributed")
from rnnlab.live.cluster import Cluster
from rnnlab.live.errand import Errand
from rnnlab.live.there import OtherVersion, ready_to_work, versions

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own
SMALL = Design(task="adding", cell="lstm", hidden_size=4, batch_size=4)
SHORT = Settings(length=10)
ROOT = Path(rnnlab.__file__).parents[1]


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def dask(*words):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def end(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Rented:
    """A scheduler and its workers, which a test may end and start."""

    def __init__(self):
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.processes = []
        self.start_scheduler()

    def start_scheduler(self):
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        self.scheduler = dask("dask_scheduler", *where)
        self.processes.append(self.scheduler)

    def start_worker(self):
        self.processes.append(dask("dask_worker", self.address, "--nthreads", "1", "--no-dashboard"))
        return self.processes[-1]

    def close(self):
        for process in self.processes:
            end(process)


@pytest.fixture(scope="module")
def rented():
    machines = Rented()
    for _ in range(2):
        machines.start_worker()
    yield machines
    machines.close()


@pytest.fixture
def cluster(rented):
    executor = Cluster(rented.address)
    until(lambda: executor.workers == 2)
    yield executor
    executor.shutdown()


def same(weights, others):
    return weights.keys() == others.keys() and all(
        np.asarray(weights[name]).tobytes() == np.asarray(others[name]).tobytes() for name in weights
    )


def plays_until(engine, token, updates):
    engine.play(token)
    until(lambda: engine.snapshot(token).update >= updates or engine.snapshot(token).message)
    return engine.pause(token)


def test_a_run_trains_there_to_the_same_bits_and_a_killed_worker_loses_nothing(new_engine, cluster):
    engine = new_engine(cluster, run_slice)
    token = engine.create(SMALL, SHORT).token
    plays_until(engine, token, 20)
    engine.play(token)
    workers = {cluster.submit(os.getpid).result(60) for _ in range(6)}
    os.kill(workers.pop(), signal.SIGKILL)
    reached = engine.snapshot(token).update
    status = plays_until(engine, token, reached + 50)
    assert status.message is None
    state, records = advance(begin(SMALL), SHORT, status.update)
    assert same(engine.state(token).weights, state.weights)
    assert same(engine.state(token).optimizer, state.optimizer)
    assert np.array_equal(engine.records(token).loss, records.loss)


def test_workers_there_keep_to_one_thread(cluster):
    assert cluster.submit(torch_threads).result(60) == 1


def torch_threads():
    import torch

    return torch.get_num_threads()


OWN_TEXT = "".join(chr(97 + n % 26) for n in range(100_000)) + "".join(map(str, range(20_000)))
OWN = Design(task="language-model", hidden_size=4, batch_size=2, task_options={"text": OWN_TEXT})


@pytest.fixture
def texts_sent(monkeypatch):
    """The long texts in each call that goes out."""
    found = []
    sent_by = Errand.sent_by

    def noted(errand, executor, needs):
        found.append(list(errand.parcel.texts.values()) if errand.texts_too else [])
        return sent_by(errand, executor, needs)

    monkeypatch.setattr(Errand, "sent_by", noted)
    return found


def test_a_long_text_goes_to_each_worker_once(cluster, texts_sent):
    text = "ab" * 50_000  # which no other test sends

    def at_once(calls):
        return [answer.result(60) for answer in [cluster.submit(length_and_pid, text) for _ in range(calls)]]

    until(lambda: len({pid for _, pid in at_once(4)}) == 2)
    asked_for = sum(map(len, texts_sent))
    assert {length for length, _ in at_once(20)} == {len(text)}
    assert 2 <= asked_for == sum(map(len, texts_sent))


def length_and_pid(text):
    time.sleep(0.05)  # so that one worker cannot do all
    return len(text), os.getpid()


def test_an_own_text_trains_there_to_the_same_bits_though_its_worker_is_killed(
    new_engine, cluster, texts_sent
):
    engine = new_engine(cluster, run_slice)
    token = engine.create(OWN, SHORT).token
    plays_until(engine, token, 20)
    assert sum(map(len, texts_sent)) <= 2
    engine.play(token)
    for worker in {cluster.submit(os.getpid).result(60) for _ in range(6)}:
        os.kill(worker, signal.SIGKILL)  # whoever comes in their place has seen nothing
    reached = engine.snapshot(token).update
    status = plays_until(engine, token, reached + 20)
    assert status.message is None
    assert 2 <= sum(map(len, texts_sent)) <= 8
    state, _ = advance(begin(OWN), SHORT, status.update)
    assert same(engine.state(token).weights, state.weights)
    assert engine.state(token).design.options["text"] is OWN_TEXT


def test_what_cannot_travel_is_said_to_who_asked(cluster):
    with pytest.raises((pickle.PicklingError, AttributeError)):
        cluster.submit(len, lambda: None).result(60)
    assert cluster.submit(abs, -1).result(60) == 1


def test_a_measurement_goes_there_too(new_engine, cluster):
    engine = new_engine(cluster)
    assert engine.compute(os.getpid) != os.getpid()
    with pytest.raises(ZeroDivisionError):
        engine.compute(divmod, 1, 0)


def test_a_slice_that_never_ends_is_given_up(new_engine, rented):
    cluster = Cluster(rented.address, limit_seconds=2.0)
    try:
        engine = new_engine(cluster)
        token = engine.create(DESIGN, SETTINGS).token
        plays_until(engine, token, 1)
        engine.change(token, SETTINGS.__class__(length=HANGS))
        engine.play(token)
        until(lambda: engine.snapshot(token).status == "stopped")
        assert "longer than the 2 s" in engine.snapshot(token).message
    finally:
        cluster.shutdown()


def test_a_scheduler_that_is_not_there_yet_or_goes_away(new_engine, monkeypatch, caplog):
    monkeypatch.setattr(cluster_module, "PATIENCE_SECONDS", 1.0)
    machines = Rented()
    end(machines.scheduler)
    executor = Cluster(machines.address)
    try:
        engine = new_engine(executor, fake_slice)
        token = engine.create(DESIGN, SETTINGS).token
        until(lambda: engine.snapshot(token).status == "stopped")
        assert "do not answer. Nothing is lost" in engine.snapshot(token).message
        assert machines.address not in engine.snapshot(token).message
        monkeypatch.setattr(cluster_module, "PATIENCE_SECONDS", 90.0)
        for _ in range(2):  # it comes, goes in mid-training, and comes again
            machines.start_scheduler()
            worker = machines.start_worker()
            reached = engine.snapshot(token).update
            engine.play(token)
            until(lambda reached=reached: engine.snapshot(token).update > reached + 5)
            end(machines.scheduler)
            end(worker)
        status = engine.pause(token)
        assert same(engine.state(token).weights, straight(status.update).state.weights)
        told = [record for record in caplog.records if record.name == cluster_module.__name__]
        assert sum(record.levelno == logging.ERROR for record in told) <= 6
        shown = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert not any(record.exc_info for record in shown)
    finally:
        executor.shutdown()
        machines.close()


def test_versions_must_agree():
    wanted = versions()
    ready_to_work(tuple(wanted.items()))
    with pytest.raises(OtherVersion, match=r"torch .*, not 1\.0"):
        ready_to_work(tuple({**wanted, "torch": "1.0"}.items()))


def test_a_worker_of_another_version_is_told_on_the_page(new_engine, cluster, caplog):
    cluster._needs = tuple({**versions(), "torch": "1.0"}.items())
    engine = new_engine(cluster)
    token = engine.create(DESIGN, SETTINGS).token
    until(lambda: engine.snapshot(token).status == "stopped")
    assert "not set up for this app" in engine.snapshot(token).message
    assert "1.0" not in engine.snapshot(token).message
    assert "not 1.0" in caplog.text


def test_the_environment_names_a_cluster(monkeypatch, rented):
    monkeypatch.setenv("RNNLAB_WORKERS", rented.address)
    executor = executor_from_environment()
    assert isinstance(executor, Cluster)
    assert executor.submit(abs, -1).result(60) == 1
    executor.shutdown()
    with pytest.raises(RuntimeError, match="left"):
        executor.submit(abs, -1)


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setenv("RNNLAB_WORKERS", "tcp://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match=r"pip install 'rnnlab\[cluster\]'"):
        executor_from_environment()
