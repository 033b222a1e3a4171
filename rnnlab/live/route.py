"""The live route: a WebSocket that pushes frames, and the files that the component needs.

A page says first which run it watches, `{"type": "watch", "token": ...}`: a token in the address
would end up in logs. It sends `{"type": "drawn"}` after drawing a frame and gets the next one only
then, and `{"type": "view", "layer": ..., "quantity": ...}` for another heat map. Who never draws is
sent away in the end; a page that is still there comes back by itself.
Who may open a socket at all, and how fast it may talk, is for the doors to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gzip
import json
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from starlette.websockets import WebSocket, WebSocketDisconnect

from rnnlab.live.engine import Engine
from rnnlab.live.handles import TooMany, UnknownRun
from rnnlab.live.sound_route import sound_route
from rnnlab.live.view import View
from rnnlab.live.viewers import Viewer

LONGEST_MESSAGE = 2000
POLICY, TOO_BIG, UNSUPPORTED, GOING_AWAY = 1008, 1009, 1003, 1001
HELLO_SECONDS = 10.0
LOOK_SECONDS = 5.0
YEAR_SECONDS = 365 * 24 * 3600


def routes(engine: Engine, assets_folder: Path) -> list[BaseRoute]:
    """The routes to serve beside the pages."""

    async def live(websocket: WebSocket) -> None:
        await watch(engine, websocket)

    return [
        WebSocketRoute("/live/ws", live),
        Route("/live/plotly.min.js", plotly_js),
        sound_route(),
        Mount("/live/assets", Assets(directory=assets_folder)),
    ]


class Rude(Exception):
    """A message that no page of ours sends: `code` and `reason` close the socket."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def watch(engine: Engine, websocket: WebSocket) -> None:
    """Serve one viewer from its first message to its last."""
    await websocket.accept()
    news = asyncio.Event()
    try:
        token = await asked_run(websocket)
        viewer = await engine.open(token, across(asyncio.get_running_loop(), news))
    except (UnknownRun, TooMany) as refusal:
        return await say_gone(websocket, str(refusal))
    except Rude as rude:
        return await hang_up(websocket, rude)
    except WebSocketDisconnect:
        return None
    try:
        await exchange(websocket, viewer, news)
    finally:
        await asyncio.shield(engine.leave(token, viewer))


async def asked_run(websocket: WebSocket) -> str:
    """The token in a page's first message. Raises Rude where it does not come soon, or is another."""
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            message = parsed(await received(websocket))
    except TimeoutError:
        message = {}
    if message.get("type") != "watch":
        raise Rude(POLICY, "The first message names the run to watch.")
    return str(message.get("token", ""))


def across(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> Callable[[], None]:
    """`news.set` for a caller in another thread; nothing once the server's loop is closed."""

    def notify() -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(news.set)

    return notify


async def say_gone(websocket: WebSocket, message: str) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await websocket.send_text(json.dumps({"type": "gone", "message": message}))
        await websocket.close(POLICY)


async def hang_up(websocket: WebSocket, rude: Rude) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await websocket.close(rude.code, rude.reason)


async def exchange(websocket: WebSocket, viewer: Viewer, news: asyncio.Event) -> None:
    """Read and write until one side ends."""
    news.set()
    doing = read(websocket, viewer, news), write(websocket, viewer, news), lose_patience(viewer)
    tasks = [asyncio.create_task(one) for one in doing]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Rude):
            await hang_up(websocket, end)
        elif isinstance(end, Exception) and not isinstance(end, WebSocketDisconnect):
            raise end


async def write(websocket: WebSocket, viewer: Viewer, news: asyncio.Event) -> None:
    """Send the latest frame whenever there is one and the last was drawn."""
    while viewer.gone is None:
        await news.wait()
        news.clear()
        frame = viewer.next_frame()
        if frame is not None:
            await websocket.send_bytes(frame)
    await say_gone(websocket, viewer.gone)


async def lose_patience(viewer: Viewer) -> NoReturn:
    """Ends with Rude, after a time in which any page that somebody looks at would have drawn its frame."""
    while not viewer.given_up():
        await asyncio.sleep(LOOK_SECONDS)
    raise Rude(GOING_AWAY, "The last frame was not drawn.")


async def read(websocket: WebSocket, viewer: Viewer, news: asyncio.Event) -> NoReturn:
    """Take in what the page says. Ends with WebSocketDisconnect or Rude."""
    while True:
        message = parsed(await received(websocket))
        if message["type"] == "drawn":
            viewer.drawn()
        elif message["type"] == "view":
            viewer.view = View(str(message.get("layer", "")), str(message.get("quantity", "")))
        news.set()


async def received(websocket: WebSocket) -> str:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", GOING_AWAY))
    text = message.get("text")
    if text is None:
        raise Rude(UNSUPPORTED, "Only text is understood here.")
    if len(text) > LONGEST_MESSAGE:
        raise Rude(TOO_BIG, f"Messages have at most {LONGEST_MESSAGE} characters.")
    return str(text)


def parsed(text: str) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Rude(POLICY, "Messages are JSON.") from None
    if not isinstance(message, dict) or message.get("type") not in ("watch", "drawn", "view"):
        raise Rude(POLICY, "Messages have the type watch, drawn or view.")
    return message


class Assets(StaticFiles):
    """Files that a browser asks about again each time, so that an update of them arrives."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


@functools.lru_cache
def plotly_source(compressed: bool) -> bytes:
    """plotly.js as the installed plotly package brings it: 5 MB, 1.5 MB compressed."""
    source = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return gzip.compress(source, compresslevel=6, mtime=0) if compressed else source


@functools.lru_cache
def plotly_url() -> str:
    """The address of plotly.js with its version, which a browser may keep for good."""
    return f"/live/plotly.min.js?v={version('plotly')}"


def plotly_js(request: Request) -> Response:
    """plotly.js. Not a coroutine: compressing takes a moment the first time, and runs in a thread."""
    compressed = "gzip" in request.headers.get("accept-encoding", "").lower()
    tag = f'"plotly-{version("plotly")}{"-gzip" if compressed else ""}"'
    named = request.query_params.get("v") == version("plotly")
    headers = {
        "ETag": tag,
        "Cache-Control": f"public, max-age={YEAR_SECONDS}, immutable" if named else "public, max-age=86400",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if compressed:
        headers["Content-Encoding"] = "gzip"
    return Response(plotly_source(compressed), headers=headers, media_type="text/javascript")
