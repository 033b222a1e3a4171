"""The registry of live runs, by token: who is there, who makes room, how memory is shared out.

All of it belongs to the engine's own loop.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rnnlab.live.driver import Driver
from rnnlab.live.handles import GONE, RunHandle, UnknownRun
from rnnlab.live.run import Run

HISTORY_BYTES = 32 << 20
ALL_HISTORIES_BYTES = 192 << 20
MOST_RUNS = 256


class Member(NamedTuple):
    """A run in the registry: its driver, and the task that drives it."""

    driver: Driver
    task: asyncio.Task[None]


class Registry:
    """Runs by token, the oldest first. `drives` makes a driver of a run."""

    def __init__(self, drives: Callable[[Run], Driver]) -> None:
        self._drives = drives
        self._members: dict[str, Member] = {}

    def __contains__(self, token: object) -> bool:
        return token in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._members))

    def driver(self, token: str) -> Driver:
        """Raises UnknownRun."""
        if token not in self._members:
            raise UnknownRun(token)
        return self._members[token].driver

    @property
    def viewers(self) -> int:
        """Open pages of all runs together."""
        return sum(len(member.driver.viewers) for member in self._members.values())

    def add(self, begun: Callable[[str], Run]) -> RunHandle:
        """A run under a new token, driven from now on. `begun` makes it, given its name."""
        handle = RunHandle(secrets.token_urlsafe(24), secrets.token_hex(3))
        driver = self._drives(begun(handle.name))
        self._members[handle.token] = Member(driver, asyncio.create_task(driver.drive()))
        self._make_room()
        return handle

    def forget(self, token: str, why: str) -> None:
        """Drop a run and tell its viewers why; an unknown one is none."""
        if token in self._members:
            member = self._members.pop(token)
            member.task.cancel()
            member.driver.close(why)
            self._share_memory()

    def forget_abandoned(self, seconds: float) -> None:
        """Drop the runs that nobody has touched for so long."""
        now = time.monotonic()
        for token in self:
            if now - self.driver(token).last_seen() > seconds:
                self.forget(token, GONE)

    def _make_room(self) -> None:
        """Forget the run that nobody touched for longest where there are too many; share out memory."""
        if len(self._members) > MOST_RUNS:
            self.forget(min(self, key=lambda token: self.driver(token).last_seen()), GONE)
        self._share_memory()

    def _share_memory(self) -> None:
        for member in self._members.values():
            budget = min(HISTORY_BYTES, ALL_HISTORIES_BYTES // len(self._members))
            member.driver.run.history.budget_bytes = budget
