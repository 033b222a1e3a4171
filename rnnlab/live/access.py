"""The access code of a class: who has given it once comes in, who has not sees one small page.

A browser that gave the code gets a pass, a cookie signed with a key of the server's. Wrong guesses
are slow: a few from each address at once, then one every two seconds, and not many from all of them
together. A browser with a pass is never slowed, and an address that guessed little never refused.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import logging
import os
import secrets
import time
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from rnnlab.live.client import address_of, cookie, cookie_value
from rnnlab.live.rates import Bucket, Buckets

log = logging.getLogger(__name__)
KEY_BYTES = 32
PASS = "rnnlab-pass"
PASS_SECONDS = 30 * 24 * 3600
SHORTEST_CODE, LONGEST_CODE = 4, 200
LONGEST_BODY = 4096
BODY_SECONDS = 10.0
WRONG_SECONDS = 0.4
UNNOTICED = 5
ASK = ""
WRONG = "That is not the code. Look again at what your teacher wrote, and try once more."
SLOWLY = "Too many wrong codes were tried from this network. Wait ten seconds, then try again."
CLOSED = "Open the app's page and give the access code first."
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'"
)


class AccessCode:
    """The code, the passes that it is worth, and the page that asks for it.

    `key` signs the passes: the same key after a restart keeps a class in.
    """

    def __init__(self, code: str, page: Path, key: bytes = b"") -> None:
        self._code = plain(code)
        self._key = key or secrets.token_bytes(KEY_BYTES)
        self._page = Template(page.read_text(encoding="utf-8"))
        self._from_address = Buckets(burst=30, per_second=0.5)
        self._from_all = Bucket(burst=150, per_second=3)
        self._wrong: Buckets = Buckets(burst=UNNOTICED, per_second=1 / 600)

    def admits(self, headers: Headers) -> bool:
        """Whether the browser has a pass of this server for this code that still holds."""
        expires, _, rest = cookie_value(headers, PASS).partition(".")
        nonce, _, signature = rest.partition(".")
        right = hmac.compare_digest(self._signature(expires, nonce).encode(), signature.encode())
        return right and int(expires) > time.time()

    def new_pass(self) -> str:
        expires, nonce = str(int(time.time()) + PASS_SECONDS), secrets.token_urlsafe(16)
        return f"{expires}.{nonce}.{self._signature(expires, nonce)}"

    def _signature(self, expires: str, nonce: str) -> str:
        message = "\n".join([expires, nonce, self._code])
        return hmac.new(self._key, message.encode(), hashlib.sha256).hexdigest()

    async def answer(self, scope: Scope, receive: Receive) -> Response:
        """What a browser without a pass gets: the page that asks, or, for the right code, its way on."""
        if scope["method"] == "POST":
            return await self._judge(scope, await typed_code(receive))
        if scope["method"] in ("GET", "HEAD") and "text/html" in Headers(scope=scope).get("accept", ""):
            return self._ask(ASK)
        return PlainTextResponse(CLOSED, 401, {"Cache-Control": "no-store"})

    async def _judge(self, scope: Scope, typed: str) -> Response:
        address, now = address_of(scope), time.monotonic()
        if self._slow(address, now):
            return self._ask(SLOWLY, 429)
        if self.is_right(typed):
            answer = RedirectResponse(own_address(scope), 303, {"Cache-Control": "no-store"})
            answer.headers["Set-Cookie"] = cookie(PASS, self.new_pass(), PASS_SECONDS, scope)
            return answer
        for bucket in (self._from_address.of(address), self._from_all, self._wrong.of(address)):
            bucket.take(now)
        await asyncio.sleep(WRONG_SECONDS)
        return self._ask(WRONG)

    def _slow(self, address: str, now: float) -> bool:
        """Whether a guess must wait; those of all together hold up only who has guessed wrong before."""
        noticed = self._wrong.of(address).wait(now) > 0
        return self._from_address.of(address).wait(now) > 0 or (noticed and self._from_all.wait(now) > 0)

    def is_right(self, typed: str) -> bool:
        """Compared in constant time, and as people type: without regard to capitals and spaces."""
        digests = [hashlib.sha256(text.encode()).digest() for text in (plain(typed), self._code)]
        return hmac.compare_digest(*digests)

    def _ask(self, sentence: str, status: int = 401) -> Response:
        page = self._page.substitute(sentence=html.escape(sentence), shown="" if sentence else "hidden")
        return HTMLResponse(page, status, {"Cache-Control": "no-store", "Content-Security-Policy": POLICY})


def plain(code: str) -> str:
    return "".join(code.casefold().split())


def own_address(scope: Scope) -> str:
    """The path and query that were asked for, as an address that cannot lead to another server."""
    query = scope.get("query_string", b"").decode("latin-1")
    path = "/" + quote(scope["path"].lstrip("/\\"))
    return path + ("?" + quote(query, safe="=&%+:;,/?@!$'()*-._~") if query else "")


async def typed_code(receive: Receive) -> str:
    """The code in a form that was sent; empty where it is no such form."""
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while len(body) <= LONGEST_BODY:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    return code_in(body)
    except TimeoutError:
        pass
    return ""


def code_in(body: bytes) -> str:
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:
        return ""
    return fields.get("code", [""])[0][:LONGEST_CODE]


def kept_key(store: Path | None) -> bytes:
    """The key beside the runs that the server keeps, made at its first start; another each time without."""
    if store is None:
        return secrets.token_bytes(KEY_BYTES)
    file = store.with_name("passes.key")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        if file.stat().st_size < KEY_BYTES:  # new, or left behind by a disk that was full
            file.write_bytes(secrets.token_bytes(KEY_BYTES))
        return file.read_bytes()
    except OSError as error:
        log.warning("The key of the access code is not kept, a restart will ask again: %s", error)
        return secrets.token_bytes(KEY_BYTES)


def code_from_environment() -> str:
    """RNNLAB_CODE; empty where the app is open to everybody. Raises ValueError for one that is too short."""
    code = os.environ.get("RNNLAB_CODE", "").strip()
    if code and not SHORTEST_CODE <= len(plain(code)) <= LONGEST_CODE:
        raise ValueError(f"RNNLAB_CODE must have {SHORTEST_CODE} to {LONGEST_CODE} letters or digits.")
    return code
