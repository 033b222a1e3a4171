"""The registry of live runs, by token: who is there, who makes room, how memory is shared out.

All of it belongs to the engine's own loop.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from rnnlab.config import Design
from rnnlab.limits import LEAST_SHARE_BYTES, Limits
from rnnlab.live.driver import Driver
from rnnlab.live.handles import GONE, RunHandle, UnknownRun
from rnnlab.live.run import Run
from rnnlab.own.given import own_bytes, own_data

HISTORY_BYTES = 32 << 20
PROMISED_SECONDS = 10.0


class Member(NamedTuple):
    """A run: its driver, the task that drives it, whose it is (empty: nobody's), and since when."""

    driver: Driver
    task: asyncio.Task[None]
    owner: str
    since: float

    @property
    def watched(self) -> bool:
        """Whether a page shows it now."""
        return bool(self.driver.viewers or self.driver.watchers)


class Registry:
    """Runs by token, the oldest first. `drives` makes a driver of a run; `forgotten` hears who goes."""

    def __init__(
        self, drives: Callable[[Run], Driver], limits: Limits, forgotten: Callable[[str], None]
    ) -> None:
        self._drives = drives
        self._limits = limits
        self._forgotten = forgotten
        self._members: dict[str, Member] = {}
        self._promised: dict[str, float] = {}  # until when a run waits for the page it was given to
        self._orphans: set[str] = set()  # brought back for a page whose session ended with the last server

    def __contains__(self, token: object) -> bool:
        return token in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._members))

    def driver(self, token: str) -> Driver:
        """Raises UnknownRun."""
        return self.member(token).driver

    def member(self, token: str) -> Member:
        """Raises UnknownRun."""
        if token not in self._members:
            raise UnknownRun(token)
        return self._members[token]

    @property
    def viewers(self) -> int:
        """Open pages of all runs together."""
        return sum(len(member.driver.viewers) for member in self._members.values())

    @property
    def members(self) -> Mapping[str, Member]:
        """The runs by token, as they are now."""
        return dict(self._members)

    def add(self, begun: Callable[[str], Run], owner: str, token: str | None = None) -> RunHandle:
        """A run under a new token, driven from now on. `begun` makes it, given its name.

        With a token it is one that comes back, for a page that still has it. Raises ValueError
        where there is no room for it.
        """
        handle = RunHandle(token or secrets.token_urlsafe(24), secrets.token_hex(3))
        run = begun(handle.name)
        self._make_room(owner)
        self._make_memory(run.design)
        driver = self._drives(run)
        driver.account = owner or handle.token
        task = asyncio.create_task(driver.drive())
        self._members[handle.token] = Member(driver, task, owner, time.monotonic())
        if token is None:
            self._promise(handle.token)
        else:
            self._orphans.add(token)
        self._share_memory()
        return RunHandle(handle.token, run.name)

    def adopt(self, owner: str, but: Collection[str], fits: Callable[[Run], bool]) -> RunHandle | None:
        """The owner's newest run that `fits`, no page shows and none was just given; or None."""
        now = time.monotonic()
        for token, member in reversed(self._members.items()):
            idle = not member.watched and self._promised.get(token, now) <= now
            free = token not in but and (idle or token in self._orphans)
            if owner and member.owner == owner and free and fits(member.driver.run):
                self._orphans.discard(token)
                self._promise(token)
                member.driver.touch()
                return RunHandle(token, member.driver.run.name)
        return None

    def _promise(self, token: str) -> None:
        """Two pages that open at once must not be given the same run: it waits for the first."""
        self._promised[token] = time.monotonic() + PROMISED_SECONDS

    def joined(self, token: str) -> None:
        """The page that a run was given to is here."""
        self._promised.pop(token, None)

    def forget(self, token: str, why: str) -> None:
        """Drop a run and tell its viewers why; an unknown one is none."""
        if token in self._members:
            self._drop(token, why)
            self._forgotten(token)
            self._share_memory()

    def close(self, why: str) -> None:
        """Drop all runs without forgetting them: the server ends."""
        for token in self:
            self._drop(token, why)

    def _drop(self, token: str, why: str) -> None:
        member = self._members.pop(token)
        self._promised.pop(token, None)
        self._orphans.discard(token)
        member.task.cancel()
        member.driver.close(why)

    def forget_abandoned(self, seconds: float) -> None:
        """Drop the runs that nobody has touched for so long."""
        now = time.monotonic()
        for token in self:
            if now - self.driver(token).last_seen() > seconds:
                self.forget(token, GONE)

    def _make_room(self, owner: str) -> None:
        """Where there are too many, put away the run that nobody has watched for longest.

        Raises ValueError where all of them are watched.
        """
        own = [token for token, member in self._members.items() if owner and member.owner == owner]
        if len(own) >= self._limits.runs_per_session:
            self._put_away(own, f"This browser has {len(own)} runs open, as many as one may have here.")
        if len(self._members) >= self._limits.room:
            self._put_away(
                list(self), f"{len(self._members)} runs are open on this server, as many as it has room for."
            )

    def _make_memory(self, design: Design) -> None:
        """Where people's own data leaves too little for the past, put away runs that learn from such.

        Raises ValueError where all of them are watched.
        """
        while self._share(design) < LEAST_SHARE_BYTES:
            holders = [token for token in self if own_data(self.driver(token).run.design)]
            full = (
                f"The {self._limits.history_mb:,} MB that this server has for the past of all runs and for "
                "people's own data are taken."
            )
            if not holders:
                raise ValueError(f"{full} Use less data of your own.")
            self._put_away(holders, full)

    def _share(self, *more: Design) -> int:
        """Bytes of the past that each run may keep, beside all own data and with these designs too."""
        designs = [*(member.driver.run.design for member in self._members.values()), *more]
        return (self._limits.history_bytes - own_bytes(designs)) // max(1, len(designs))

    def _put_away(self, tokens: list[str], full: str) -> None:
        unwatched = [token for token in tokens if not self.member(token).watched]
        if not unwatched:
            raise ValueError(f"{full} Close one of their pages first.")
        self.forget(min(unwatched, key=lambda token: self.driver(token).last_seen()), GONE)

    def _share_memory(self) -> None:
        """The same share for every run."""
        for member in self._members.values():
            budget = min(HISTORY_BYTES, self._share())
            member.driver.run.history.fit(budget)
