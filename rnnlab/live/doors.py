"""The doors of the server: what every request passes on its way in and every answer on its way out.

A browser gets a name of its own, a cookie that only it and the server know. A request from a page
of another site is refused, sockets at the handshake; so is everything but one small page while an
access code is asked for and was not given. Pure ASGI: nothing is buffered.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnlab.live.access import AccessCode, code_from_environment, kept_key
from rnnlab.live.client import COOKIE, address_of, browser, cookie
from rnnlab.live.sockets import Sockets
from rnnlab.live.store import store_path

COOKIE_SECONDS = 60 * 24 * 3600
POLICY = 1008
CLOSED = ("/_stcore/metrics", "/_stcore/agent")
"""What Streamlit serves beside the pages and no page asks for: its counters, and a remote control."""

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
FOREIGN = "This came from a page of another address. Open the app on the server's own address."


class Doors:
    """ASGI middleware around the whole app.

    `origins`: addresses such as `https://lab.school.org` whose pages are this server's as well,
    because a proxy shows it under them.
    """

    def __init__(
        self,
        app: ASGIApp,
        origins: Iterable[str] = (),
        code: AccessCode | None = None,
        sockets: Sockets | None = None,
    ) -> None:
        self.app = app
        self.origins = frozenset(origins)
        self.code = code
        self.sockets = Sockets() if sockets is None else sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            await self.http(scope, headers, receive, dressed(scope, headers, send))
        elif scope["type"] == "websocket":
            await self.socket(scope, Headers(scope=scope), receive, send)
        else:
            await self.app(scope, receive, send)

    async def http(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        if not self.own_page(scope, headers):
            await PlainTextResponse(FOREIGN, 403, {"Cache-Control": "no-store"})(scope, receive, send)
        elif self.code is not None and not self.code.admits(headers):
            await (await self.code.answer(scope, receive))(scope, receive, send)
        elif any(closed in scope["path"] for closed in CLOSED):
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
        else:
            await self.app(without_origin(scope), receive, send)

    async def socket(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """Let a socket in, or refuse it at its handshake with a bare 403, so that it never opens."""
        client = address_of(scope), browser(headers)
        admitted = self.code is None or self.code.admits(headers)
        if not admitted or not self.own_page(scope, headers) or self.sockets.full(*client):
            return await send({"type": "websocket.close", "code": POLICY})
        return await self.sockets.serve(self.app, without_origin(scope), receive, send, *client)

    def own_page(self, scope: Scope, headers: Headers) -> bool:
        """Whether the page that asks came from this server.

        Browsers send an Origin with every socket and with everything that changes something.
        A client that sends none is no browser, and no page of another site stands behind it.
        """
        origin = headers.get("origin")
        if origin is None or (scope["type"] == "http" and scope["method"] in SAFE_METHODS):
            return True
        return same_host(origin, headers.get("host", "")) or origin.lower() in self.origins


def doors(code_page: Path) -> list[Middleware]:
    """The middleware of the app, as the environment asks for it. Raises ValueError."""
    asked = code_from_environment()
    code = AccessCode(asked, code_page, kept_key(store_path(os.environ))) if asked else None
    return [Middleware(Doors, origins=origins_from_environment(), code=code)]


def same_host(origin: str, host: str) -> bool:
    try:
        return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def without_origin(scope: Scope) -> Scope:
    """Streamlit would compare a proxy's Origin with its own list, and ask the internet for more."""
    kept = [(name, value) for name, value in scope["headers"] if name != b"origin"]
    return {**scope, "headers": kept}


def dressed(scope: Scope, asked: Headers, send: Send) -> Send:
    """`send`, with a cookie for a browser that has none, and with headers that keep pages to themselves."""
    named = browser(asked) != ""
    wants_page = scope["method"] == "GET" and "text/html" in asked.get("accept", "")

    async def dress(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"
            page = headers.get("content-type", "").startswith("text/html")
            if not named and (page or (wants_page and message["status"] == 304)):
                headers.append("Set-Cookie", cookie(COOKIE, secrets.token_urlsafe(24), COOKIE_SECONDS, scope))
                headers["Cache-Control"] = "private, no-cache"
        await send(message)

    return dress


def origins_from_environment() -> list[str]:
    """RNNLAB_ORIGINS: addresses that proxies show the app under, comma separated. Raises ValueError."""
    asked = os.environ.get("RNNLAB_ORIGINS", "")
    return [checked_origin(part.strip()) for part in asked.split(",") if part.strip()]


def checked_origin(text: str) -> str:
    """`text` as browsers send it: scheme, host and a port that is not the scheme's own."""
    try:
        parts = urlsplit(text.lower())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(
            "RNNLAB_ORIGINS takes addresses such as https://lab.school.org, comma separated, "
            f"not {text[:80]!r}."
        )
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")
