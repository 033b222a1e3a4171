"""Workers: the one seam to other processes, an Executor with a fair queue before it.

`RNNLAB_WORKERS` says how many: a number, `inline` for none (slices then run at once in the calling
thread), or the address of a Dask cluster. Any other Executor does as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Hashable
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from time import monotonic, thread_time
from typing import Any, NamedTuple

from rnnlab.limits import limits
from rnnlab.live.pool import Pool
from rnnlab.live.turns import COMING_SECONDS, Turn, Turns
from rnnlab.live.worker import use_one_thread

ATTEMPTS = 3
MOST_WORKERS = 256
CLUSTER_ADDRESSES = ("tcp://", "tls://", "ws://", "wss://")


class Closed(Exception):
    """The workers take no more calls: the program is ending."""


class WorkersDied(ValueError):
    """A call whose worker died, again and again."""


class Inline(Executor):
    """Runs every call at once, in the caller's thread."""

    workers = 1

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass(frozen=True)
class Clocked:
    """A function that returns its seconds as well: a worker's time is what the turns share out.

    Processor time, so that nobody pays for what else the machine does.
    """

    function: Callable[..., Any]

    def __call__(self, *args: Any) -> tuple[Any, float]:
        started = thread_time()
        return self.function(*args), thread_time() - started


class Asked(NamedTuple):
    """A call that waits for its turn, and where its answer goes."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    answer: asyncio.Future[Any]


class Workers:
    """Calls in an executor, in turn, and again where the worker died: slices are pure, so that is safe.

    All methods belong to one event loop.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._turns: Turns[Asked] = Turns()
        self._later: asyncio.TimerHandle | None = None

    @property
    def count(self) -> int:
        """How many calls the executor can do at once; for one that does not say, one for each core."""
        return getattr(self._executor, "workers", 0) or usable_cores()

    @property
    def crowd(self) -> float:
        """Calls that wait or are under way, with one more, for each worker."""
        return (self._turns.outstanding + 1) / self.count

    async def call(
        self,
        function: Callable[..., Any],
        *args: Any,
        account: Hashable = None,
        urgent: bool = False,
        weight: float = 1.0,
    ) -> Any:
        """`function(*args)` in a worker. Raises what it raises, Closed, or WorkersDied.

        `account` is whose share it takes, `urgent` whether somebody waits for it, `weight` how many
        shares it has.
        """
        for _ in range(ATTEMPTS):
            with contextlib.suppress(BrokenExecutor):
                return await self._in_turn(function, args, account, urgent, weight)
        raise WorkersDied(
            f"The worker process died {ATTEMPTS} times at the same updates. Memory may be short: "
            "make the hidden size, the length, the batch size or the number of layers smaller."
        )

    async def aside(self, function: Callable[..., Any], *args: Any) -> Any:
        """`function(*args)` where it holds up no slice. Raises as `call` does."""
        beside = getattr(self._executor, "aside", None)
        executor = self._executor if beside is None else beside()
        for _ in range(ATTEMPTS):
            with contextlib.suppress(BrokenExecutor):
                return await asyncio.wrap_future(submitted(executor, function, *args))
        raise WorkersDied(f"The process for measurements died {ATTEMPTS} times. Memory may be short.")

    def hurry(self, account: Hashable) -> None:
        """Somebody waits for what this account asked for."""
        self._turns.hurry(account)

    def rest(self, account: Hashable) -> None:
        """This account asks for nothing more for now."""
        self._turns.rest(account)
        self._dispatch()

    async def _in_turn(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        account: Hashable,
        urgent: bool,
        weight: float,
    ) -> Any:
        asked = Asked(function, args, asyncio.get_running_loop().create_future())
        turn = self._turns.ask(account, asked, urgent, monotonic(), weight)
        self._dispatch()
        try:
            return await asked.answer
        finally:
            self._turns.withdraw(turn)

    def _dispatch(self) -> None:
        while (turn := self._turns.take(self.count, monotonic())) is not None:
            self._start(turn)
        if self._later is None and self._turns.outstanding > self._turns.flying:
            self._later = asyncio.get_running_loop().call_later(COMING_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self._later = None
        self._dispatch()

    def _start(self, turn: Turn[Asked]) -> None:
        loop, started = asyncio.get_running_loop(), monotonic()

        def landed(future: Future[Any]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(self._ended, turn, future, started)

        try:
            future = submitted(self._executor, Clocked(turn.item.function), *turn.item.args)
        except (Closed, BrokenExecutor) as error:
            future = Future()
            future.set_exception(error)
        future.add_done_callback(landed)

    def _ended(self, turn: Turn[Asked], future: Future[Any], started: float) -> None:
        error = Closed() if future.cancelled() else future.exception()
        found, seconds = (None, monotonic() - started) if error else future.result()
        self._turns.ended(turn, seconds, monotonic())
        answer = turn.item.answer
        if not answer.done():
            answer.set_result(found) if error is None else answer.set_exception(error)
        self._dispatch()


def submitted(executor: Executor, function: Callable[..., Any], *args: Any) -> Future[Any]:
    """The call's future. Raises Closed where the executor takes no more calls."""
    try:
        return executor.submit(function, *args)
    except BrokenExecutor:
        raise
    except RuntimeError as error:
        raise Closed from error


def executor_from_environment() -> Executor:
    """The executor that RNNLAB_WORKERS asks for; without it a process for each core.

    Raises ValueError, in one sentence, for a value that is neither of those above.
    """
    asked = os.environ.get("RNNLAB_WORKERS", "").strip()
    if asked == "inline":
        use_one_thread()
        return Inline()
    if asked.startswith(CLUSTER_ADDRESSES):
        return cluster_at(asked)
    return Pool(number_of_workers(asked), limit_seconds=limits().slice_seconds)


def cluster_at(address: str) -> Executor:
    """The Dask cluster there, whether it answers yet or not. Raises ValueError where there is no Dask."""
    try:
        from rnnlab.live.cluster import Cluster

        return Cluster(address, limits().slice_seconds)
    except ModuleNotFoundError as missing:
        raise ValueError(
            f"RNNLAB_WORKERS names a Dask cluster, which needs {missing.name}: pip install 'rnnlab[cluster]'."
        ) from missing


def number_of_workers(asked: str) -> int:
    """Raises ValueError where it is no number of processes."""
    if not asked:
        return usable_cores()
    if not asked.isascii() or not asked.isdigit() or not 1 <= int(asked[:9]) <= MOST_WORKERS:
        raise ValueError(
            f"RNNLAB_WORKERS must be `inline` or a number of processes from 1 to {MOST_WORKERS}, "
            f"or the address of a Dask scheduler such as tcp://host:8786, not {asked[:40]!r}."
        )
    return int(asked)


def usable_cores() -> int:
    """Cores this process may run on, which containers and batch systems limit."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
