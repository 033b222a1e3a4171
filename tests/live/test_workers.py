"""The seam to other processes: what RNNLAB_WORKERS may say, and a pool that survives its workers."""

import os
import signal

import pytest
from live.fakes import until

from rnnlab.live.workers import Inline, Pool, executor_from_environment, usable_cores


def test_inline(monkeypatch):
    monkeypatch.setenv("RNNLAB_WORKERS", "inline")
    executor = executor_from_environment()
    assert isinstance(executor, Inline)
    assert executor.submit(os.getpid).result() == os.getpid()
    with pytest.raises(ZeroDivisionError):
        executor.submit(divmod, 1, 0).result()


@pytest.mark.parametrize(("asked", "workers"), [("3", 3), (" 1 ", 1), ("", usable_cores())])
def test_a_number_of_workers(monkeypatch, asked, workers):
    monkeypatch.setenv("RNNLAB_WORKERS", asked)
    assert executor_from_environment().workers == workers
    monkeypatch.delenv("RNNLAB_WORKERS")
    assert executor_from_environment().workers == usable_cores()


@pytest.mark.parametrize("asked", ["many", "0", "-1", "1.5", "²", "9" * 5000, "257"])
def test_anything_else_is_refused_in_a_sentence(monkeypatch, asked):
    monkeypatch.setenv("RNNLAB_WORKERS", asked)
    with pytest.raises(ValueError, match="RNNLAB_WORKERS must be `inline` or a number") as refused:
        executor_from_environment()
    assert len(str(refused.value)) < 200


def test_a_pool_replaces_processes_that_died():
    pool = Pool(1, initializer=int)
    first = pool.warm()[0].result()
    assert first != os.getpid()
    os.kill(first, signal.SIGKILL)
    pids = []

    def alive_again():
        future = pool.submit(os.getpid)
        if future.exception() is None:
            pids.append(future.result())
        return bool(pids)

    until(alive_again)
    assert pids[0] != first
    pool.shutdown()


def test_a_worker_keeps_to_one_core():
    pool = Pool(1)
    try:
        assert set(pool.submit(blas_threads).result(60)) == {1}
    finally:
        pool.shutdown()


def blas_threads() -> list[int]:
    import numpy as np
    from threadpoolctl import threadpool_info

    assert (np.eye(3) @ np.eye(3)).sum() == 3
    return [found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"]
