"""The live socket of a page, as the component in assets/live keeps it: frames in, one word back for each.

A frame is acknowledged after the time that a browser takes to draw it; the next one comes only then.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import struct
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.load.protocol import cookie_header

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 5.0
Header = dict[str, Any]


class Arrival(NamedTuple):
    """One frame as it arrived: seconds of the monotonic clock, its age in seconds, its size and header."""

    at: float
    age: float
    bytes: int
    header: Header


def header_of(frame: bytes) -> Header:
    (length,) = struct.unpack_from("<I", frame)
    header: Header = json.loads(frame[4 : 4 + length])
    return header


def live_address(address: str) -> str:
    """Where the component opens its socket: `address` of assets/live/socket.js."""
    return f"{address.replace('http', 'ws', 1)}/live/ws"


async def introduce(socket: ClientConnection, token: str) -> None:
    """What the component says first: `onopen` of assets/live/socket.js."""
    await socket.send(json.dumps({"type": "watch", "token": token}))


class LiveSocket:
    """Watches one run after another. `drops` counts sockets that broke, `gone` what the server said."""

    def __init__(
        self,
        address: str,
        cookies: dict[str, str],
        drawing_seconds: float,
        on_frame: Callable[[Arrival], None],
    ) -> None:
        self.drops = 0
        self.gone: list[str] = []
        self.token = ""
        self.latest: Arrival | None = None
        self._address = address
        self._cookies = cookies
        self._drawing_seconds = drawing_seconds
        self._on_frame = on_frame
        self._waiting: list[tuple[Callable[[Header], bool], asyncio.Future[float]]] = []
        self._task: asyncio.Task[None] | None = None

    def watch(self, token: str) -> None:
        """Follow the run of `token` from now on."""
        if token == self.token:
            return
        self.close()
        self.token = token
        self._task = asyncio.create_task(self._keep_open())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def expect(self, shown: Callable[[Header], bool]) -> asyncio.Future[float]:
        """The moment at which a frame arrives whose header is `shown`; cancel it to wait no longer."""
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((shown, future))
        return future

    async def _keep_open(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            with contextlib.suppress(ConnectionClosed, InvalidHandshake, OSError):
                if await self._once():
                    return
                pause = FIRST_PAUSE_SECONDS
            self.drops += 1
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(1.7 * pause, LONGEST_PAUSE_SECONDS)

    async def _once(self) -> bool:
        """Serve one socket to its end; True where the server said that the run is gone."""
        async with connect(
            live_address(self._address),
            origin=self._address,  # type: ignore[arg-type]
            additional_headers=cookie_header(self._cookies),
            max_size=None,
            ping_interval=None,
        ) as socket:
            await introduce(socket, self.token)
            async for data in socket:
                if isinstance(data, str):
                    message = json.loads(data)
                    if message.get("type") == "gone":
                        self.gone.append(str(message.get("message")))
                        return True
                    continue
                await self._draw(socket, data)
        return False

    async def _draw(self, socket: ClientConnection, frame: bytes) -> None:
        at, header = time.monotonic(), header_of(frame)
        self.latest = Arrival(at, time.time() - header["stamp_ms"] / 1000, len(frame), header)
        self._on_frame(self.latest)
        self._tell(at, header)
        await asyncio.sleep(self._drawing_seconds)
        await socket.send(json.dumps({"type": "drawn", "stamp_ms": header["stamp_ms"]}))

    def _tell(self, at: float, header: Header) -> None:
        still: list[tuple[Callable[[Header], bool], asyncio.Future[float]]] = []
        for shown, future in self._waiting:
            if future.done():
                continue
            if shown(header):
                future.set_result(at)
            else:
                still.append((shown, future))
        self._waiting = still
