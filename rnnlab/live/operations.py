"""What the engine does in its own loop: all that a page asks for, one thing at a time."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

from rnnlab.config import Design, Settings
from rnnlab.limits import Limits
from rnnlab.live.driver import Driver
from rnnlab.live.handles import GONE, RunHandle, TooMany, UnknownRun
from rnnlab.live.keeping import Found, Keeper
from rnnlab.live.registry import HISTORY_BYTES, Registry
from rnnlab.live.run import Run
from rnnlab.live.status import Status
from rnnlab.live.store import hashed
from rnnlab.live.viewers import Viewer

SETTLE_SECONDS = 15.0
MOST_VIEWERS = 256
Result = TypeVar("Result")


class Operations:
    """The registry of runs, and the store behind it. All methods belong to one loop."""

    def __init__(self, drives: Callable[[Run], Driver], limits: Limits, store: Path | None) -> None:
        self.registry = Registry(drives, limits, self._forgotten)
        self._limits = limits
        self._keeper = Keeper(store)
        self._bringing = asyncio.Lock()

    def _forgotten(self, token: str) -> None:
        self._keeper.forget(token)

    async def serve(self, forget_seconds: float) -> None:
        """Keep the runs, and forget those that nobody needs, until cancelled."""
        keeping = asyncio.create_task(self._keeper.keep(lambda: self.registry.members))
        try:
            while True:
                await asyncio.sleep(min(5.0, forget_seconds / 4))
                self.registry.forget_abandoned(forget_seconds)
        finally:
            keeping.cancel()

    async def driver(self, token: str) -> Driver:
        """The driver of a run, which may come back from the store. Raises UnknownRun."""
        if token not in self.registry:
            async with self._bringing:
                if token not in self.registry and (found := await self._keeper.find(token)):
                    await self._bring_back(found, token)
        return self.registry.driver(token)

    async def _bring_back(self, found: Found, token: str | None = None) -> RunHandle:
        """A stored run goes on. Raises UnknownRun without room for it: then it stays in the store."""
        try:
            self._limits.check(found.stored.state.design, found.stored.settings)
            run = gone_on(found)
            handle = self.registry.add(lambda _: run, found.left.owner, token)
        except ValueError as refused:
            self._keeper.give_back(found)
            raise UnknownRun(GONE) from refused
        await self._keeper.is_back(found, handle.token)
        return handle

    async def create(self, begun: Callable[[str], Run], owner: str) -> RunHandle:
        return self.registry.add(begun, hashed(owner))

    async def branch(self, token: str, update: int, settings: Settings) -> RunHandle:
        parent = (await self.driver(token)).run
        self._limits.check(parent.design, settings)
        owner = self.registry.member(token).owner
        return self.registry.add(lambda name: parent.branch(name, update, settings), owner)

    async def adopt(
        self, owner: str, wanted: tuple[Design, Settings, str], but: Collection[str]
    ) -> RunHandle | None:
        """A run of the owner that no page shows, from memory or from the store."""
        here = self.registry.adopt(
            hashed(owner), but, lambda run: (run.design, run.settings, run.kind) == wanted
        )
        if here is None and (found := await self._keeper.find_of(owner, *wanted)):
            with contextlib.suppress(UnknownRun):
                return await self._bring_back(found)
        return here

    async def obey(self, token: str, act: Callable[[Run], None], settle: bool, poke: bool) -> Status:
        driver = await self.driver(token)
        driver.touch()
        act(driver.run)
        if poke:
            driver.poke()
        if settle:
            await driver.settled(SETTLE_SECONDS)
        return driver.run.status(len(driver.viewers))

    async def read(self, token: str, read: Callable[[Run], Result]) -> Result:
        driver = await self.driver(token)
        driver.touch()
        return read(driver.run)

    async def keep_in_step(self, tokens: Sequence[str]) -> None:
        drivers = [await self.driver(token) for token in tokens]
        for driver in drivers:
            driver.keep_in_step([])
        for place, driver in enumerate(drivers):
            driver.keep_in_step(drivers[:place])
            driver.poke()

    async def watch(self, token: str, more: int) -> None:
        driver = await self.driver(token)
        driver.watchers += more
        driver.touch()
        driver.poke()

    async def open(self, token: str, notify: Callable[[], None]) -> Viewer:
        driver = await self.driver(token)
        if self.registry.viewers >= MOST_VIEWERS:
            raise TooMany(f"{MOST_VIEWERS} pages are open already, more than this server draws for.")
        loop = asyncio.get_running_loop()
        viewer = Viewer(driver.screen, notify, functools.partial(loop.call_soon_threadsafe, driver.poke))
        driver.join(viewer)
        self.registry.joined(token)
        return viewer

    async def leave(self, token: str, viewer: Viewer) -> None:
        if token in self.registry:
            self.registry.driver(token).leave(viewer)

    async def forget(self, token: str) -> None:
        self.registry.forget(token, GONE)

    async def end(self) -> None:
        """Save what there is, and tell every page that the server closes."""
        await self._keeper.end(self.registry.members)
        self.registry.close("The server is closing.")


def gone_on(found: Found) -> Run:
    """A run as it stood in the store, playing where it was. Raises ValueError as `fit` does."""
    left, stored = found.left, found.stored
    run = Run(left.name, stored.state.design, stored.settings, HISTORY_BYTES, left.kind)
    run.restore(stored)
    if left.playing and not run.busy:
        run.play()
    return run
