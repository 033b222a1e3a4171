"""Keeping runs: saved to the store while they change, brought back after a restart.

The store has a thread of its own. Where it fails, training goes on and the log says so once; the
same is tried again later. All methods belong to the engine's own loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from rnnlab.config import Design, Settings
from rnnlab.files import StoredRun, run_from_bytes, run_to_bytes
from rnnlab.link import to_link
from rnnlab.live.registry import Member
from rnnlab.live.run import Run
from rnnlab.live.store import Left, Store, StoreFails, hashed
from rnnlab.live.stored import kept
from rnnlab.own.given import own_data

TICK_SECONDS = 1.0
SAVE_SECONDS = 20.0
AGAIN_SECONDS = 5.0
LEFT_SECONDS = 12 * 3600.0
WAIT_SECONDS = 60.0
END_SECONDS = 15.0
MOST_ROW_BYTES = 16 << 20
Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Found(NamedTuple):
    """A run that came back from the store."""

    left: Left
    stored: StoredRun


class Keeper:
    """Saves the runs of a server to a store; without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._store = Store(path) if path else None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._open = False
        self._opening = asyncio.Lock()
        self._complained = ""
        self._left: dict[str, Left] = {}
        self._saved: dict[str, tuple[float, Any]] = {}  # by token: when, and how the run stood then
        self._gone: set[str] = set()
        self._at = {"open": 0.0, "wait": time.monotonic()}

    async def keep(self, members: Callable[[], Mapping[str, Member]]) -> None:
        """Save what changed, until cancelled. No more than a few at a time, so that nobody notices."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if await self.ready():
                await self._wait()
                await self._save(due(members(), self._saved, SAVE_SECONDS))

    async def ready(self) -> bool:
        """Whether the store can be used; tries to open it from time to time."""
        async with self._opening:  # two pages may ask at once, right after a start
            if self._store and not self._open and time.monotonic() >= self._at["open"]:
                self._at["open"] = time.monotonic() + AGAIN_SECONDS
                rows = await self._do(self._store.open)
                self._open = rows is not None
                self._left.update({row.key: row for row in rows or ()})
            return self._open

    async def _do(self, work: Callable[..., Result], *args: Any) -> Result | None:
        """`work` in the store's thread; None where the store fails, which is said once."""
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
        except StoreFails as failure:
            if str(failure) != self._complained:
                log.warning("%s", failure)
            self._complained = str(failure)
            return None
        if self._complained:
            log.warning("Runs are saved again.")
        self._complained = ""
        return result

    async def _save(self, due: Mapping[str, Member]) -> None:
        for token, member in due.items():
            try:
                if not await self._save_one(token, member):
                    return
            except Exception:  # a fault in one run must not keep the others from being saved
                log.exception("Run %s cannot be saved.", member.driver.run.name)
                self._saved[token] = (time.monotonic(), stand(member.driver.run))

    async def _save_one(self, token: str, member: Member) -> bool:
        """False where the store fails."""
        mark = stand(member.driver.run)
        if own_data(member.driver.run.design):  # what somebody gave is not written to the disk
            self._saved[token] = (time.monotonic(), mark)
            return True
        about, stored = left_of(token, member), kept(member.driver.run)
        if self._store is None or stored is None or token in self._gone:
            return True
        if await self._do(save, self._store, about, stored) is None:
            return False
        if token not in self._gone:  # it may have been forgotten meanwhile
            self._saved[token] = (time.monotonic(), mark)
        return True

    async def _delete(self, tokens: Collection[str]) -> None:
        if self._store is not None:
            keys = [hashed(token) for token in tokens]
            if await self._do(self._store.delete, keys) is not None:
                self._gone.difference_update(tokens)

    async def _wait(self) -> None:
        """What nobody came back for is deleted in the end, and so are runs that were forgotten."""
        if self._gone:
            await self._delete(set(self._gone))
        elapsed = time.monotonic() - self._at["wait"]
        if self._store is not None and self._left and elapsed >= WAIT_SECONDS:
            self._at["wait"] = time.monotonic()
            for key in await self._do(self._store.wait, list(self._left), elapsed, LEFT_SECONDS) or ():
                self._left.pop(key, None)

    def forget(self, token: str) -> None:
        """The run is no longer needed: its row goes at the next opportunity."""
        if self._open or token in self._saved:  # it may be on its way to the store just now
            self._gone.add(token)
        self._saved.pop(token, None)

    async def find(self, token: str) -> Found | None:
        """A run that was left under this token; it is taken, and kept under the same one."""
        return await self._take(hashed(token)) if await self.ready() else None

    async def find_of(self, owner: str, design: Design, settings: Settings, kind: str) -> Found | None:
        """The newest run that was left by this owner, with this experiment."""
        wanted = (hashed(owner), experiment(design, settings), kind)
        if not owner or not await self.ready():
            return None
        keys = [key for key, row in self._left.items() if (row.owner, row.experiment, row.kind) == wanted]
        return await self._take(keys[-1]) if keys else None

    async def _take(self, key: str) -> Found | None:
        row = self._left.pop(key, None)
        if row is None or self._store is None:
            return None
        found = await self._do(load, self._store, row)
        if isinstance(found, str):
            log.warning("A stored run was damaged and is lost: %s", found)
            return None
        return found

    def give_back(self, found: Found) -> None:
        """There is no room for a run that was found: it waits on."""
        self._left[found.left.key] = found.left

    async def is_back(self, found: Found, token: str) -> None:
        """A run that was found goes on under this token, and so does its row."""
        self._saved[token] = (time.monotonic(), None)
        if self._store is not None and found.left.key != hashed(token):
            await self._do(self._store.rename, found.left.key, hashed(token))

    async def end(self, members: Mapping[str, Member]) -> None:
        """Save all that changed, and close the store."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                if await self.ready():
                    await self._wait()
                    await self._save(due(members, self._saved, 0.0))
        store, self._store, self._open = (
            self._store,
            None,
            False,
        )  # whatever else goes on finds none from now on
        if store is not None:
            await self._do(store.close)
        self._thread.shutdown(wait=False)


def due(
    members: Mapping[str, Member], saved: Mapping[str, tuple[float, Any]], seconds: float
) -> dict[str, Member]:
    """The runs that changed since they were saved, so long ago; an eighth at a time, or all of them."""
    now = time.monotonic()
    late = []
    for token, member in members.items():
        at, mark = saved.get(token, (member.since, None))
        if now - at >= seconds and mark != stand(member.driver.run):
            late.append((at, token))
    most = len(members) if not seconds else 1 + len(members) // 8
    return {token: members[token] for _, token in sorted(late)[:most]}


def stand(run: Run) -> tuple[Any, ...]:
    """How a run stands: another value means that there is something to save."""
    return run.epoch, run.update, run.history.furthest, run.settings, run.playing, run.title


def experiment(design: Design, settings: Settings) -> str:
    """What tells one experiment from another in the store."""
    return to_link(design, settings)


def left_of(token: str, member: Member) -> Left:
    run = member.driver.run
    return Left(
        hashed(token), member.owner, experiment(run.design, run.settings), run.kind, run.name, run.playing
    )


def save(store: Store, about: Left, stored: StoredRun) -> bool:
    """In the store's thread. A run too large for a row is not saved, and counts as saved."""
    content = run_to_bytes(stored, compressed=False)
    if len(content) <= MOST_ROW_BYTES:
        store.save(about, content)
    else:
        log.warning("Run %s is too large to be saved (%d MB).", about.name, len(content) >> 20)
    return True


def load(store: Store, row: Left) -> Found | str | None:
    """In the store's thread. A row that holds no run is deleted: then why, in a sentence."""
    content = store.content(row.key)
    if content is None:
        return None
    try:
        return Found(row, run_from_bytes(content, "The row"))
    except ValueError as wrong:
        store.delete([row.key])
        return str(wrong)
