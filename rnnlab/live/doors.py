"""The doors of the server: what every request passes on its way in and every answer on its way out.

A browser gets a name of its own, a cookie that only it and the server know. A request from a page
of another site is refused, sockets at the handshake. Pure ASGI: nothing is buffered.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "rnnlab-browser"
COOKIE_SECONDS = 60 * 24 * 3600
NAME = re.compile(r"[A-Za-z0-9_-]{32,64}")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
FOREIGN = "This came from a page of another address. Open the app on the server's own address."


class Doors:
    """ASGI middleware around the whole app.

    `origins`: addresses such as `https://lab.school.org` whose pages are this server's as well,
    because a proxy shows it under them.
    """

    def __init__(self, app: ASGIApp, origins: Iterable[str] = ()) -> None:
        self.app = app
        self.origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        if not self.own_page(scope, headers):
            return await refuse(scope, receive, send, FOREIGN)
        if scope["type"] == "websocket":
            return await self.app(without_origin(scope), receive, send)
        return await self.app(without_origin(scope), receive, dressed(scope, headers, send))

    def own_page(self, scope: Scope, headers: Headers) -> bool:
        """Whether the page that asks came from this server.

        Browsers send an Origin with every socket and with everything that changes something.
        A client that sends none is no browser, and no page of another site stands behind it.
        """
        origin = headers.get("origin")
        if origin is None or (scope["type"] == "http" and scope["method"] in SAFE_METHODS):
            return True
        return same_host(origin, headers.get("host", "")) or origin.lower() in self.origins


def doors() -> list[Middleware]:
    """The middleware of the app, as the environment asks for it. Raises ValueError."""
    return [Middleware(Doors, origins=origins_from_environment())]


def same_host(origin: str, host: str) -> bool:
    try:
        return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def without_origin(scope: Scope) -> Scope:
    """Streamlit would compare a proxy's Origin with its own list, and ask the internet for more."""
    kept = [(name, value) for name, value in scope["headers"] if name != b"origin"]
    return {**scope, "headers": kept}


async def refuse(scope: Scope, receive: Receive, send: Send, sentence: str, status: int = 403) -> None:
    """Say no: to a socket at its handshake, with a bare 403, so that it never opens."""
    if scope["type"] == "websocket":
        return await send({"type": "websocket.close", "code": 1008, "reason": sentence})
    return await PlainTextResponse(sentence, status, {"Cache-Control": "no-store"})(scope, receive, send)


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


def browser(headers: Headers) -> str:
    """The browser's name from its cookie; empty where it has none, or one that this server never gave."""
    name = cookie_value(headers, COOKIE)
    return name if NAME.fullmatch(name) else ""


def cookie_value(headers: Headers, name: str) -> str:
    try:
        jar = SimpleCookie("; ".join(headers.getlist("cookie")))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def cookie(name: str, value: str, seconds: int, scope: Scope) -> str:
    """A Set-Cookie value that no script can read.

    SameSite is Lax, not Strict: with Strict, a link in the school's own pages would arrive without
    the cookie, and the new one given in answer would replace it. Sockets and posts of other sites
    carry neither.
    """
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    return f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"


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
