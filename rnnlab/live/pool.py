"""A pool of processes of which each can die, or be ended, alone.

Every process has a pipe and, in the server, a thread that hands it one call after another. A
process that dies takes only the call with it that it was working on; a call that takes too long
is ended with its process; and a new process starts in its place.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import math
import queue
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from rnnlab.live.attendant import Attendant, Call, NoWorkers
from rnnlab.live.worker import prepare_aside, prepare_worker

START_SECONDS = 120.0
WATCH_SECONDS = 1.0
ASIDE_LIMIT_SECONDS = 90.0
ASIDE_IDLE_SECONDS = 120.0
log = logging.getLogger(__name__)


class Pool(Executor):
    """Spawned processes that are replaced one by one when they die.

    A call that outlasts `limit_seconds` raises TookTooLong, one whose process died WorkerDied.
    With `idle_seconds` a process starts with the first call and ends when there was none for so long.
    """

    def __init__(
        self,
        workers: int,
        initializer: Callable[[], object] | None = None,
        *,
        limit_seconds: float = math.inf,
        idle_seconds: float = math.inf,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self.workers = workers
        self.limit_seconds, self.idle_seconds, self.start_seconds = limit_seconds, idle_seconds, start_seconds
        self.initializer = initializer or prepare_worker
        self.calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self.ended = threading.Event()  # from now on no process is started
        self._open = True
        self._aside: Pool | None = None
        self._lock = threading.Lock()
        self._attendants = [Attendant(self) for _ in range(workers)]
        self._begun = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        with self._lock:
            if not self._open:
                raise RuntimeError("The workers have been stopped.")
            self._begin()
            self.calls.put(Call(fn, args, kwargs, future))
        return future

    def _begin(self) -> None:
        """A pool that is never asked starts no process."""
        if self._begun:
            return
        self._begun = True
        for attendant in self._attendants:
            threading.Thread(target=attendant.attend, name="worker", daemon=True).start()
        threading.Thread(target=self._watch, name="time limits", daemon=True).start()
        _OPEN.add(self)

    def warm(self) -> list[Future[int]]:
        """One future for each process, done with its process id when it is ready for its first call."""
        with self._lock:
            self._begin()
        return [attendant.ready for attendant in self._attendants]

    def aside(self) -> Pool:
        """One process more, for calls that must not hold up the others."""
        with self._lock:
            if self._aside is None:
                prepare = prepare_aside if self.initializer is prepare_worker else self.initializer
                self._aside = Pool(
                    1, prepare, limit_seconds=ASIDE_LIMIT_SECONDS, idle_seconds=ASIDE_IDLE_SECONDS
                )
            return self._aside

    def processes(self) -> list[int]:
        """The process ids of the workers that are ready or at work."""
        return [pid for attendant in self._attendants if (pid := attendant.pid) is not None]

    def give_up(self) -> None:
        """Tell those who wait for a process that none can be started."""
        if self.processes():
            return
        for call in self._drain():
            if call.future.set_running_or_notify_cancel():
                call.future.set_exception(NoWorkers())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes when they have done their calls; without `wait`, at once.

        `cancel_futures`: only the calls under way are still done.
        """
        with self._lock:
            self._open = False
        if cancel_futures or not wait:
            for call in self._drain():
                call.future.cancel()
        for _ in self._attendants:
            self.calls.put(None)
        if not wait or not self._begun:
            self.ended.set()
        for attendant in self._attendants if self._begun else ():
            (attendant.left.wait if wait else attendant.end_now)()
        self.ended.set()
        if self._aside is not None:
            self._aside.shutdown(wait=False)

    def _drain(self) -> list[Call]:
        calls: list[Call | None] = []
        with contextlib.suppress(queue.Empty):
            while True:
                calls.append(self.calls.get_nowait())
        return [call for call in calls if call is not None]

    def _watch(self) -> None:
        """End what takes too long. One thread for all calls costs a call nothing."""
        every = min(WATCH_SECONDS, self.limit_seconds / 4, self.start_seconds / 4)
        while not self.ended.wait(every):
            for attendant in self._attendants:
                attendant.end_if_late(time.monotonic())


_OPEN: weakref.WeakSet[Pool] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """At the program's end nobody waits for a slice, and no thread may start another process."""
    for pool in list(_OPEN):
        pool.shutdown(wait=False)
