"""Sockets within bounds: how many a client may open, how large and how many its messages may be.

One client that sends garbage, floods or never reads costs itself its socket and nobody else
anything. The bounds leave room for a whole class behind one address.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnlab.live.rates import Bucket, Buckets

log = logging.getLogger(__name__)
UNSUPPORTED, POLICY, TOO_BIG = 1003, 1008, 1009
LIVE_PATH = "/live/ws"
UNREAD_SECONDS = 20.0
WATCH_SECONDS = 5.0
MOST_UNREAD_BYTES = 32 << 20


class Manners(NamedTuple):
    """What a socket's messages may be: of text or bytes, how long, how many at once, how many a second."""

    content: str
    most_bytes: int
    burst: float
    per_second: float


LIVE = Manners("text", most_bytes=8_000, burst=200, per_second=60)  # a page sends about 11 a second
STREAM = Manners("bytes", most_bytes=12_000_000, burst=200, per_second=25)  # texts; a slider that is dragged
FLOOD_SECONDS = 5.0
CALM = 0.5  # a bucket this full again: no flood. After the long naps of a busy server a few come in time
FAREWELL_SECONDS = 2.0


class Caps(NamedTuple):
    """Sockets that are open at the same time. A browser is a cookie; a class may share an address."""

    browser: int = 60
    address: int = 500
    all: int = 800


class Sockets:
    """All sockets that are open, by whom."""

    def __init__(self, caps: Caps | None = None) -> None:
        self.caps = caps or Caps()
        self._browsers: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()
        self._browser_openings = Buckets(burst=120, per_second=4)
        self._address_openings = Buckets(burst=1000, per_second=40)

    def __len__(self) -> int:
        return self._addresses.total()

    def full(self, address: str, browser: str) -> bool:
        """Whether this client must not open another one now."""
        crowded = len(self) >= self.caps.all or self._addresses[address] >= self.caps.address
        if crowded or (browser and self._browsers[browser] >= self.caps.browser):
            return True
        now = time.monotonic()
        openings = [self._address_openings.of(address)]
        openings += [self._browser_openings.of(browser)] if browser else []
        if any(bucket.wait(now) > 0 for bucket in openings):
            return True
        for bucket in openings:
            bucket.take(now)
        return False

    async def serve(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, address: str, browser: str
    ) -> None:
        """Run `app` for one socket that is not too many."""
        line = Line(receive, send, LIVE if scope["path"].endswith(LIVE_PATH) else STREAM)
        self._count(address, browser, 1)
        watch = asyncio.create_task(line.watch())
        try:
            await app(scope, line.receive, line.send)
        finally:
            watch.cancel()
            self._count(address, browser, -1)

    def _count(self, address: str, browser: str, more: int) -> None:
        for counter, client in ((self._addresses, address), (self._browsers, browser)):
            counter[client] += more
            if counter[client] == 0:
                del counter[client]


class Line:
    """One socket, between the server and the app."""

    def __init__(self, receive: Receive, send: Send, manners: Manners) -> None:
        self._receive = receive
        self._send = send
        self._manners = manners
        self._bucket = Bucket(manners.burst, manners.per_second)
        self._late = 0
        self._dropped = False
        self._transport = bounded_transport(send, manners.most_bytes)

    async def receive(self) -> Message:
        """The next message, held back where they come too fast; after too many of those, the end."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        content = message.get(self._manners.content)
        if content is None:
            return await self._drop("sent what no page sends", UNSUPPORTED)
        if len(content) > self._manners.most_bytes:
            return await self._drop("sent too much at once", TOO_BIG)
        wait = self._bucket.take(time.monotonic())
        self._late = 0 if self._bucket.share > CALM else self._late + bool(wait)
        if self._late > FLOOD_SECONDS * self._manners.per_second:
            return await self._drop("sent too many messages", POLICY)
        if wait:
            await asyncio.sleep(wait)
        return message

    async def send(self, message: Message) -> None:
        """Send, unless the other side does not read what it was sent before."""
        if self._dropped:
            raise OSError("This socket was dropped.")
        try:
            async with asyncio.timeout(UNREAD_SECONDS):
                await self._send(message)
        except TimeoutError:
            self._abort("did not read")
            raise OSError("This socket was dropped.") from None

    async def watch(self) -> None:
        """Let nobody fill the server's memory with answers that are never read."""
        while self._transport is not None and not self._dropped:
            await asyncio.sleep(WATCH_SECONDS)
            if self._transport.get_write_buffer_size() > MOST_UNREAD_BYTES:
                self._abort("did not read")

    async def _drop(self, why: str, code: int) -> Message:
        log.warning("A socket was closed that %s.", why)
        self._dropped = True
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._send({"type": "websocket.close", "code": code, "reason": f"This socket {why}."})
        if self._transport is not None:
            asyncio.get_running_loop().call_later(FAREWELL_SECONDS, self._transport.abort)
        return {"type": "websocket.disconnect", "code": code}

    def _abort(self, why: str) -> None:
        """Close without a farewell, which would wait behind all that is unread."""
        log.warning("A socket was closed that %s.", why)
        self._dropped = True
        if self._transport is not None:
            self._transport.abort()


def bounded_transport(send: Send, most_bytes: int) -> Any:
    """The connection under a socket of uvicorn's, told to refuse longer messages before it collects them.

    None for another server, whose own bounds then hold.
    """
    protocol = getattr(send, "__self__", None)
    connection: Any = getattr(protocol, "conn", None)
    if hasattr(connection, "max_message_size"):
        connection.max_message_size = most_bytes
    return getattr(protocol, "transport", None)
