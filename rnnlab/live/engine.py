"""The engine: the registry of live runs. Its methods may be called from any thread.

The engine has a thread of its own with an event loop in it; it needs no server, so it works in
a notebook and in tests as well. Every run is one task in that loop.

    handle = engine().create(Design(task="adding"), Settings())
    engine().play(handle.token)
    engine().snapshot(handle.token).loss
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import threading
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, TypeVar

from rnnlab.config import Design, Settings, fit
from rnnlab.files import StoredRun
from rnnlab.limits import Limits, limits
from rnnlab.live.driver import Driver
from rnnlab.live.handles import RunHandle, UnknownRun
from rnnlab.live.operations import Operations
from rnnlab.live.pool import Pool
from rnnlab.live.registry import HISTORY_BYTES
from rnnlab.live.run import Run
from rnnlab.live.slices import SliceRequest, SliceResult, run_slice
from rnnlab.live.status import Status
from rnnlab.live.store import store_path
from rnnlab.live.stored import stored
from rnnlab.live.viewers import Viewer
from rnnlab.live.workers import Workers, executor_from_environment
from rnnlab.state import Records, RunState
from rnnlab.title import read_title

GRACE_SECONDS = 15.0
FORGET_SECONDS = 120.0
ANSWER_SECONDS = 30.0
Result = TypeVar("Result")


class Engine:
    """Runs by token. `run_slice` is what a worker does with a slice, `store` the file that keeps runs."""

    def __init__(
        self,
        executor: Executor,
        run_slice: Callable[[SliceRequest], SliceResult] = run_slice,
        *,
        grace_seconds: float = GRACE_SECONDS,
        forget_seconds: float = FORGET_SECONDS,
        limits: Limits | None = None,
        store: Path | None = None,
    ) -> None:
        self.executor = executor
        self._run_slice = run_slice
        self._grace_seconds = grace_seconds
        self._forget_seconds = forget_seconds
        self.limits = limits or Limits()
        self._within = Operations(self._drive, self.limits, store)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()

    # For the page

    def warm(self) -> None:
        """Start the workers, without waiting for them."""
        if isinstance(self.executor, Pool):
            self.executor.warm()

    def create(
        self,
        design: Design,
        settings: Settings,
        start: StoredRun | None = None,
        kind: str = "lab",
        owner: str = "",
    ) -> RunHandle:
        """A new run, paused, from its first weights or from `start`. Raises ValueError as `fit` does.

        `kind` names the picture that its frames show, a key of KINDS; `owner` whose run it is, so
        that `adopt` finds it again. Also raises ValueError beyond the operator's limits.
        """
        self.limits.check(design, settings)

        def begun(name: str) -> Run:
            run = Run(name, design, settings, HISTORY_BYTES, kind)
            if start is not None:
                run.restore(start)
            return run

        return self._do(self._within.create(begun, owner))

    def adopt(
        self, owner: str, design: Design, settings: Settings, kind: str = "lab", but: Collection[str] = ()
    ) -> RunHandle | None:
        """A run of this owner that no page shows now, as it stands; None where there is none.

        The newest with this design and these settings, `but` for some tokens: what a person finds
        who closed the page or loaded it again.
        """
        return self._do(self._within.adopt(owner, (design, fit(design, settings), kind), but))

    def branch(self, token: str, update: int, settings: Settings) -> RunHandle:
        """A new run, paused, that shares the past of another up to `update` and goes on with `settings`.

        Raises UnknownRun, and ValueError for an update that is not in the other's past.
        """
        return self._do(self._within.branch(token, update, settings))

    def keep_in_step(self, tokens: Sequence[str]) -> None:
        """Runs of a comparison: none trains on while another that plays is behind it."""
        self._do(self._within.keep_in_step(tokens))

    def play(self, token: str) -> Status:
        return self._command(token, Run.play)

    def pause(self, token: str) -> Status:
        """Returns when the slice in flight has come back: the update does not move after it."""
        return self._command(token, Run.pause, settle=True)

    def one_update(self, token: str) -> Status:
        """Pause, do one update, and return when it is done."""
        return self._command(token, Run.one_update, settle=True)

    def reset(self, token: str) -> Status:
        """Back to the first weights; what was trained is forgotten."""
        return self._command(token, Run.reset)

    def rewind(self, token: str, update: int) -> Status:
        """Go to any update from 0 to the furthest, exactly; returns when it is reached."""
        return self._command(token, lambda run: run.rewind(update), settle=True)

    def change(self, token: str, settings: Settings) -> Status:
        """Other settings from the next slice on. Raises ValueError as `create` does."""

        def act(run: Run) -> None:
            self.limits.check(run.design, settings)
            run.change(settings)

        return self._command(token, act)

    def entitle(self, token: str, title: str) -> Status:
        """Another title, in the run's file and in the store too. Raises ValueError as `read_title` does."""
        called = read_title(title)

        def act(run: Run) -> None:
            run.title = called

        return self._command(token, act, poke=False)

    def snapshot(self, token: str) -> Status:
        """How the run stands."""
        return self._command(token, lambda run: None, poke=False)

    def state(self, token: str) -> RunState | None:
        """The state at the run's update; None until the first weights are there."""
        return self._do(self._within.read(token, lambda run: run.state))

    def records(self, token: str) -> Records:
        """All records of the run."""
        return self._do(self._within.read(token, Run.records))

    def stored(self, token: str) -> StoredRun:
        """The run as it stands, with its past, for a file. Raises ValueError before its first weights."""
        return self._do(self._within.read(token, stored))

    def forget(self, token: str) -> None:
        """Drop a run that is no longer needed; an unknown one is none."""
        self._do(self._within.forget(token))

    def compute(self, function: Callable[..., Result], *args: Any) -> Result:
        """`function(*args)` in a process beside the workers, where torch is. Raises what it raises."""
        result: Result = self._do(self._compute(function, *args), seconds=None)
        return result

    @contextlib.contextmanager
    def watching(self, token: str) -> Iterator[None]:
        """Counts as a viewer, so that the run trains without a page."""
        self._do(self._within.watch(token, 1))
        try:
            yield
        finally:
            with contextlib.suppress(UnknownRun):
                self._do(self._within.watch(token, -1))

    def close(self) -> None:
        """End all runs and the engine's thread; the executor belongs to the caller."""
        with self._starting:
            loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._within.end(), loop).result(ANSWER_SECONDS)
            loop.call_soon_threadsafe(loop.stop)

    # For the live route, in the server's loop

    async def open(self, token: str, notify: Callable[[], None]) -> Viewer:
        """A viewer of the run. Raises UnknownRun or TooMany."""
        return await asyncio.wrap_future(self._send(self._within.open(token, notify)))

    async def leave(self, token: str, viewer: Viewer) -> None:
        await asyncio.wrap_future(self._send(self._within.leave(token, viewer)))

    # In the engine's own loop

    def _send(self, coroutine: Coroutine[Any, Any, Result]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._running())

    def _do(self, coroutine: Coroutine[Any, Any, Result], seconds: float | None = ANSWER_SECONDS) -> Result:
        result: Result = self._send(coroutine).result(seconds)
        return result

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._serve, args=(self._loop,), name="live", daemon=True).start()
            return self._loop

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        self._workers = Workers(self.executor)
        serving = loop.create_task(self._within.serve(self._forget_seconds))
        loop.run_forever()
        serving.cancel()
        loop.run_until_complete(asyncio.gather(serving, return_exceptions=True))
        loop.close()

    def _drive(self, run: Run) -> Driver:
        return Driver(run, self._workers, self._run_slice, self._grace_seconds)

    def _command(
        self, token: str, act: Callable[[Run], None], settle: bool = False, poke: bool = True
    ) -> Status:
        return self._do(self._within.obey(token, act, settle, poke))

    async def _compute(self, function: Callable[..., Any], *args: Any) -> Any:
        return await self._workers.aside(function, *args)


@functools.lru_cache
def engine() -> Engine:
    """The engine of this process, with the workers that RNNLAB_WORKERS asks for."""
    return Engine(executor_from_environment(), limits=limits(), store=store_path(os.environ))
