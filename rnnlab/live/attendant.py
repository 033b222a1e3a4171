"""The thread that attends to one worker process: starts it, hands it calls, replaces it when it dies."""

from __future__ import annotations

import contextlib
import logging
import math
import multiprocessing
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, Protocol

from rnnlab.live.texts import Texts
from rnnlab.live.worker import work

LOOK_SECONDS = 1.0  # so often a thread without calls looks whether its process still lives
STARTS = 3  # so often in a row a process may fail to start before those who wait are told
LONGEST_REST_SECONDS = 30.0
END_SECONDS = 5.0
CONTEXT = multiprocessing.get_context("spawn")  # torch and threads do not survive a fork
STARTING = threading.Lock()
log = logging.getLogger(__name__)


class WorkerDied(BrokenProcessPool):
    """The process ended in the middle of a call."""


class NoWorkers(ValueError):
    """No process can be started."""

    def __init__(self) -> None:
        super().__init__("The worker processes do not start. The server's log says why.")


class TookTooLong(ValueError):
    """A call was ended at its time limit."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"It took longer than the {seconds:g} s that this server allows.")
        self.seconds = seconds

    def __reduce__(self) -> tuple[type[TookTooLong], tuple[float]]:
        return TookTooLong, (self.seconds,)


class InWorker(Exception):
    """The traceback in the worker, as the cause of the error here."""


class Call(NamedTuple):
    """What is to be done, and where the answer goes."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    future: Future[Any]


class House(Protocol):
    """What an attendant needs of its pool."""

    initializer: Callable[[], object]
    calls: queue.SimpleQueue[Call | None]
    ended: threading.Event
    limit_seconds: float
    idle_seconds: float
    start_seconds: float

    def give_up(self) -> None: ...


class Attendant:
    """One process and its pipe. All but `pid`, `end_now` and `end_if_late` happens in its own thread."""

    def __init__(self, house: House) -> None:
        self.ready: Future[int] = Future()
        self._house = house
        self._process: Any = None
        self._pipe: Connection | None = None
        self._texts = Texts()
        self._failures = 0
        self._deadline = math.inf
        self._late = False
        self._lock = threading.Lock()
        self.left = threading.Event()

    @property
    def pid(self) -> int | None:
        """The process id of a process that has become ready."""
        process = self._process
        return process.pid if process is not None and self._pipe is not None and process.is_alive() else None

    def attend(self) -> None:
        """Call after call, until the pool closes."""
        try:
            while (call := self._next()) is not None:
                if call.future.set_running_or_notify_cancel():
                    self._answer(call)
        finally:
            self._end()
            self.left.set()

    def end_now(self) -> None:
        """The pool ends: so does the process, whatever it does. From any thread."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def end_if_late(self, now: float) -> None:
        """End a process whose call, or whose start, is past its time. From any thread."""
        with self._lock:
            if now > self._deadline and self._process is not None:
                self._late, self._deadline = True, math.inf
                self._process.kill()

    # The next call

    def _next(self) -> Call | None:
        idle_since = time.monotonic()
        while True:
            if self._house.idle_seconds == math.inf:
                self._be_ready()
            with contextlib.suppress(queue.Empty):
                return self._house.calls.get(timeout=LOOK_SECONDS)
            if time.monotonic() - idle_since > self._house.idle_seconds:
                self._end()

    def _be_ready(self) -> bool:
        """Whether there is a process; one is started where it is missing, after a rest where that failed."""
        while not self._house.ended.is_set():
            if self._process is not None and self._process.is_alive():
                return True
            self._end()
            if self._start():
                return True
            if self._failures >= STARTS:
                self._house.give_up()
            self._house.ended.wait(min(2.0 ** (self._failures - 2), LONGEST_REST_SECONDS))
            if self._house.idle_seconds != math.inf and self._failures >= STARTS:
                return False
        return False

    def _start(self) -> bool:
        ours, theirs = CONTEXT.Pipe()
        try:
            with STARTING:
                process = CONTEXT.Process(target=work, args=(theirs, self._house.initializer), daemon=True)
                process.start()
            self._process = process
            theirs.close()
            self._until(self._house.start_seconds)
            pid = ours.recv()
        except (EOFError, OSError, RuntimeError) as error:
            return self._failed(error)
        self._until(math.inf)
        self._pipe, self._failures = ours, 0
        with contextlib.suppress(Exception):
            self.ready.set_result(pid)
        return True

    def _failed(self, error: Exception) -> bool:
        self._failures += 1
        if not self._house.ended.is_set():
            why = "took too long" if self._late else error or type(error).__name__
            log.error("A worker process did not start (%s); try %d.", why, self._failures)
        return False

    # Its answer

    def _answer(self, call: Call) -> None:
        try:
            good, found = self._exchange((call.function, call.args, call.kwargs))
        except Exception as error:
            call.future.set_exception(error)
            return
        if good:
            call.future.set_result(found)
        else:
            there, text = found
            there.__cause__ = InWorker(text)
            call.future.set_exception(there)

    def _exchange(self, request: Any) -> Any:
        """Raises WorkerDied, TookTooLong or NoWorkers."""
        pipe = self._handed_over(request)
        texts = self._texts
        try:
            answer = pipe.recv_bytes()
        except (EOFError, OSError) as error:
            raise self._died() from error
        finally:
            self._until(math.inf)
            if self._late:  # ended, and be it at the moment of its answer: the next call needs another
                self._end()
        return texts.unpack(answer)

    def _handed_over(self, request: Any) -> Connection:
        """The pipe of a process that has the request: one that died since its last call is replaced."""
        for _ in range(STARTS):
            if not self._be_ready():
                raise WorkerDied("The workers end.") if self._house.ended.is_set() else NoWorkers
            assert self._pipe is not None
            packed = self._texts.pack(request)
            self._until(self._house.limit_seconds)
            try:
                self._pipe.send_bytes(packed)
                return self._pipe
            except OSError:
                if self._late:
                    break
                self._end()
        raise self._died()

    def _died(self) -> Exception:
        """What to say of a process that gave no answer; it is ended in any case."""
        late = self._late
        self._end()
        if late:
            log.warning("A call took longer than %g s: its worker is replaced.", self._house.limit_seconds)
            return TookTooLong(self._house.limit_seconds)
        if not self._house.ended.is_set():
            log.warning("A worker process died in the middle of a call; another takes its place.")
        return WorkerDied("The worker process died.")

    def _until(self, seconds: float) -> None:
        with self._lock:
            self._deadline = time.monotonic() + seconds

    def _end(self) -> None:
        """End the process, if there is one: it stops when its pipe is closed."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        self._texts = Texts()  # the next process knows none
        self._late = False
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.join(END_SECONDS if pipe is not None else 0)
            process.kill()
            process.join()
