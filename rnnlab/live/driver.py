"""Drives one run: asks it for the next slice, has it computed, gives it the answer, tells its viewers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Hashable, Sequence

from rnnlab.live.attendant import TookTooLong
from rnnlab.live.pace import FRAME_SECONDS
from rnnlab.live.run import Job, Run
from rnnlab.live.slices import SliceRequest, SliceResult
from rnnlab.live.viewers import Published, Screen, Viewer
from rnnlab.live.workers import Closed, Workers

UNEXPECTED = "the program failed, not the experiment. Press Reset to begin again; the server's log says more."
SMALLER = "Make the hidden size, the length, the batch size or the number of layers smaller."
NO_MEMORY = ("allocate memory", "out of memory")
log = logging.getLogger(__name__)


class Driver:
    """A run in the engine's loop, with its viewers. It trains while somebody watches."""

    def __init__(
        self,
        run: Run,
        workers: Workers,
        run_slice: Callable[[SliceRequest], SliceResult],
        grace_seconds: float,
    ) -> None:
        self.run = run
        self.screen = Screen()
        self.viewers: set[Viewer] = set()
        self.companions: list[Driver] = []
        self.watchers = 0  # those without a page: benchmarks, notebooks
        self.contact_at = time.monotonic()
        self.account: Hashable = self  # whose share of the workers it uses
        self._workers = workers
        self._run_slice = run_slice
        self._grace_seconds = grace_seconds
        self._wake = asyncio.Event()
        self._landed = asyncio.Condition()
        self._published_at = 0.0
        self._published_word = ""
        self._asked = False  # somebody did something and waits to see it

    async def drive(self) -> None:
        """Slice after slice, until cancelled or the workers are gone."""
        with contextlib.suppress(Closed):
            while True:
                self._wake.clear()
                job = self._next_job()
                if job is None:
                    self._workers.rest(self.account)
                    await self._wake.wait()
                    continue
                await self._fly(job)
                async with self._landed:
                    self._landed.notify_all()
                for companion in self.companions:
                    companion._wake.set()
                await asyncio.sleep(0)  # an inline executor never waits: let others have their turn

    def _next_job(self) -> Job | None:
        try:
            return self.run.next_job(time.monotonic(), self._may_train(), self._workers.crowd)
        except Exception as error:
            self._stop(error)
            return None

    async def _fly(self, job: Job) -> None:
        submitted_at = time.monotonic()
        request = job.request(self.run.design, self.run.kind)
        urgent = self._asked or job.kind != "train" or self.run.word != "playing"
        self._asked = False
        try:
            result = await self._workers.call(
                self._run_slice, request, account=self.account, urgent=urgent, weight=job.plan.weight
            )
        except Closed:
            raise
        except Exception as error:
            expected = isinstance(error, ValueError)  # a user's choice, told on the screen
            log.error("Run %s stopped: %s", self.run.name, error, exc_info=None if expected else error)
            self.run.fail(job, why_stopped(error))
            self.publish()
            return
        try:
            self.run.land(job, result, submitted_at, time.monotonic())
            self._publish_if_due(drawn=result.picture is not None)
        except Exception as error:
            self._stop(error)

    def _stop(self, error: Exception) -> None:
        """A fault of the program's: the run stops with a message, where it would else stand still without."""
        log.error("Run %s stopped: %s", self.run.name, error, exc_info=error)
        self.run.stop(f"Training stopped: {UNEXPECTED}")
        with contextlib.suppress(Exception):  # the fault may be in what there is to show
            self.publish()

    def _may_train(self) -> bool:
        return self.watched() and not self._ahead()

    def _ahead(self) -> bool:
        """Whether a companion that plays is behind: then it goes first."""
        playing = [other for other in self.companions if other.run.word == "playing" and other.watched()]
        return any(self.run.update > other.run.update for other in playing)

    def watched(self) -> bool:
        if self.watchers or any(viewer.watching() for viewer in self.viewers):
            return True
        return not self.viewers and time.monotonic() - self.contact_at < self._grace_seconds

    def last_seen(self) -> float:
        """When somebody was last here; now, where somebody is."""
        return time.monotonic() if self.viewers or self.watchers else self.contact_at

    def touch(self) -> None:
        """Somebody was here: it counts as watching for the time of grace."""
        self.contact_at = time.monotonic()

    def poke(self) -> None:
        """Something was changed: look for the next slice, and show how it stands."""
        self._asked = True
        self._workers.hurry(self.account)
        self._wake.set()
        self.publish()

    async def settled(self, seconds: float) -> None:
        """Until no answer is due that changes the update; at most `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._landed:
                await self._landed.wait_for(lambda: not self.run.busy)

    def join(self, viewer: Viewer) -> None:
        self.viewers.add(viewer)
        self._wake.set()
        if self.screen.published is None:
            self.publish()

    def leave(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)
        if not self.viewers:
            self.screen.published = None  # nobody keeps it up to date from now on
        self.touch()

    def close(self, why: str) -> None:
        """Tell the viewers that no frame will come any more, and the companions not to wait."""
        self.keep_in_step([])
        self.screen.gone = why
        self._notify()

    def keep_in_step(self, companions: Sequence[Driver]) -> None:
        """With these from now on, and no longer with others, who do not wait for it either."""
        for other in self.companions:
            other.companions = [one for one in other.companions if one is not self]
            other._wake.set()
        self.companions = list(companions)
        for other in companions:
            other.companions = [*(one for one in other.companions if one is not self), self]

    def _publish_if_due(self, drawn: bool) -> None:
        old = time.monotonic() - self._published_at > FRAME_SECONDS
        if drawn or old or self.run.word != self._published_word:
            self.publish()

    def publish(self) -> None:
        """Leave the latest content where viewers fetch it; nothing before there is a picture."""
        if not self.viewers or (self.run.picture is None and self.run.message is None):
            return
        self._published_at, self._published_word = time.monotonic(), self.run.word
        self.screen.published = Published(self.run.content(stamp_ms=1000 * time.time()), self.screen.packer)
        self._notify()

    def _notify(self) -> None:
        for viewer in list(self.viewers):
            viewer.notify()


def why_stopped(error: Exception) -> str:
    """One line for the screen; the traceback is in the server's log."""
    text = " ".join(str(error).split())[:300]
    if isinstance(error, MemoryError) or any(words in text for words in NO_MEMORY):
        return f"Training stopped: there is not enough memory for it. {SMALLER}"
    if isinstance(error, TookTooLong):
        return f"Training stopped: {text} {SMALLER}"
    if isinstance(error, ValueError) and text:
        return f"Training stopped: {text}"
    return f"Training stopped: {UNEXPECTED}"
