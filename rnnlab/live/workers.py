"""Workers: the one seam to other processes, an Executor.

`RNNLAB_WORKERS` says how many: a number, or `inline` for none (slices then run at once in the
calling thread). Any other Executor does as well, such as the one of a Dask client.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

MOST_WORKERS = 256
log = logging.getLogger(__name__)


class Inline(Executor):
    """Runs every call at once, in the caller's thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Pool(Executor):
    """Spawned processes that are replaced when one of them dies.

    A process that dies takes the whole of a ProcessPoolExecutor with it: every call under way
    raises BrokenProcessPool. The first call after that gets new processes, and so do all later ones.
    """

    def __init__(self, workers: int, initializer: Callable[[], None] | None = None) -> None:
        self.workers = workers
        self._initializer = initializer or prepare_worker
        self._lock = threading.Lock()
        self._processes = self._start()

    def _start(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # torch and threads do not survive a fork
        return ProcessPoolExecutor(self.workers, mp_context=context, initializer=self._initializer)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        with self._lock:
            try:
                return self._processes.submit(fn, *args, **kwargs)
            except BrokenProcessPool:
                log.warning("A worker process died; starting new ones.")
                self._processes.shutdown(wait=False)
                self._processes = self._start()
                return self._processes.submit(fn, *args, **kwargs)

    def warm(self) -> list[Future[Any]]:
        """Start all processes now, without waiting for them."""
        return [self.submit(os.getpid) for _ in range(self.workers)]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._lock:
            self._processes.shutdown(wait=wait, cancel_futures=cancel_futures)


def prepare_worker() -> None:
    """Make this process a good worker, and its first slice a fast one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    atexit.register(os._exit, 0)  # nothing to tidy up, and taking torch down would hold up the server's end
    if hasattr(os, "nice"):
        os.nice(10)  # a page answers its clicks and pushes its frames before anybody trains
    use_one_thread()
    try:
        _first_slice()
    except Exception:
        log.exception("The warm-up of a worker failed; its first slice will say why.")


def use_one_thread() -> None:
    """One worker is one core: more threads are no faster at these sizes, and in each other's way."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    threadpool_limits(1, user_api="blas")  # NumPy's, for the measurements


def _first_slice() -> None:
    """One small update with picture and report: imports, kernels and allocators are warm after it."""
    from rnnlab.config import Design, default_settings
    from rnnlab.live.slices import SliceRequest, run_slice

    design = Design(hidden_size=4)
    run_slice(SliceRequest(design, default_settings(design), None, 1, want_picture=True, want_report=True))


def _end_with_parent() -> None:
    """A server that was killed cannot stop its workers: they stop by themselves."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(0)


def executor_from_environment() -> Executor:
    """The executor that RNNLAB_WORKERS asks for; without it one process less than there are cores.

    Raises ValueError, in one sentence, for a value that is neither `inline` nor a number.
    """
    asked = os.environ.get("RNNLAB_WORKERS", "").strip()
    if asked == "inline":
        use_one_thread()
        return Inline()
    if not asked:
        return Pool(max(1, usable_cores() - 1))
    if not asked.isascii() or not asked.isdigit() or not 1 <= int(asked[:9]) <= MOST_WORKERS:
        raise ValueError(
            f"RNNLAB_WORKERS must be `inline` or a number of processes from 1 to {MOST_WORKERS}, "
            f"not {asked[:40]!r}."
        )
    return Pool(int(asked))


def usable_cores() -> int:
    """Cores this process may run on, which containers and batch systems limit."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
