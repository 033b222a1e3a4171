"""A page of the app without a browser: it says what Streamlit's own frontend says, and reads the answers.

As a browser does, it fetches the page first and keeps the cookies, then opens the socket, asks for a
run of the script, keeps the elements that arrive and sends the values of all widgets with every click.
Widgets in a closed popover are not built by a browser, so their values are not sent either.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from http.cookiejar import CookieJar
from typing import Any, NamedTuple

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg, ForwardMsgMetadata
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

FETCHED_FIRST = ("/", "/_stcore/health", "/_stcore/host-config")
XSRF = "_streamlit_xsrf"
ANSWER_SECONDS = 20.0
Path = tuple[int, ...]
Value = tuple[str, Any]
"""The field of a WidgetState message, and what it holds."""


class NoAnswer(Exception):
    """The page did not do what it was asked to; the words say what."""


def browser_cookies(address: str) -> dict[str, str]:
    """The cookies that a browser has after it loaded the page. Blocks."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    for path in FETCHED_FIRST:
        with opener.open(address + path, timeout=ANSWER_SECONDS) as response:
            response.read()
    return {cookie.name: cookie.value or "" for cookie in jar}


def cookie_header(cookies: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}


class Element(NamedTuple):
    """An element of the page: its kind (`button`, `slider`, ...), its message, and the run that sent it."""

    kind: str
    message: Any
    run: str


def chosen(message: Any) -> str | None:
    """The option that a selectbox shows."""
    if message.set_value:
        return str(message.raw_value)
    return str(message.options[message.default]) if message.HasField("default") else None


def slid(message: Any) -> Value:
    """What a slider stands at: numbers, or the words of a select slider."""
    if message.options:
        words = list(message.raw_value) or [message.options[int(index)] for index in message.default]
        return "string_array_value", words
    return "double_array_value", list(message.value if message.set_value else message.default)


def entered(message: Any) -> Any:
    return message.value if message.set_value else message.default


VALUES: dict[str, Callable[[Any], Value]] = {
    "checkbox": lambda message: ("bool_value", bool(entered(message))),
    "slider": slid,
    "selectbox": lambda message: ("string_value", chosen(message)),
    "number_input": lambda message: ("double_value", entered(message)),
    "text_area": lambda message: ("string_value", entered(message)),
    "text_input": lambda message: ("string_value", entered(message)),
}
"""What a browser takes for a widget's value when it first draws it."""


class Page:
    """An open page. `answered` counts runs of the script, `troubles` what the page shows as errors."""

    def __init__(self, socket: ClientConnection, address: str, query: str, cookies: dict[str, str]) -> None:
        self.cookies = cookies
        self.query = query
        self.answered = 0
        self.troubles: list[str] = []
        self.bytes_read = 0
        self._socket = socket
        self._address = address
        self._elements: dict[Path, Element] = {}
        self._popovers: set[Path] = set()
        self._values: dict[str, Value] = {}
        self._kept: dict[str, ForwardMsg] = {}  # long messages, which the server may refer to by their hash
        self._started = 0
        self._run = ""
        self._script = ""
        self._news = asyncio.Condition()

    # What a person does

    async def press(self, label: str) -> float:
        """Press a button; seconds until the page has answered."""
        return await self.rerun({self.find("button", label).message.id: ("trigger_value", True)})

    async def set(self, kind: str, label: str, value: Any) -> float:
        """Give a widget another value; seconds until the page has answered."""
        widget = self.find(kind, label).message.id
        self._values[widget] = (self._values[widget][0], value)
        return await self.rerun()

    def value(self, kind: str, label: str) -> Any:
        """What a widget shows."""
        return self._values[self.find(kind, label).message.id][1]

    def find(self, kind: str, label: str) -> Element:
        """The element of a kind with this label. Raises NoAnswer where the page has none that works."""
        for element in self._elements.values():
            if element.kind == kind and element.message.label == label:
                if element.message.disabled:
                    raise NoAnswer(f"The {kind} {label!r} is disabled.")
                return element
        raise NoAnswer(f"The page has no {kind} {label!r}.")

    def token(self) -> str:
        """What the live component is given to open its run with."""
        for element in self._elements.values():
            if element.kind == "bidi_component":
                data = json.loads(element.message.json or "{}")
                if isinstance(data, dict) and "token" in data:
                    return str(data["token"])
        raise NoAnswer("The page has no live component.")

    async def tell(self, state: dict[str, Any]) -> float:
        """The live component's state values, as its setStateValue sends them."""
        live = next(
            element.message.id
            for element in self._elements.values()
            if element.kind == "bidi_component" and "token" in element.message.json
        )
        self._values[live] = ("json_value", json.dumps(state))
        return await self.rerun()

    async def rerun(self, triggers: dict[str, Value] | None = None) -> float:
        """Ask for a run of the script; seconds until it has run to its end."""
        asked_at, started = time.monotonic(), self._started
        await self._socket.send(self._request({**self._values, **(triggers or {})}))
        answered = self.answered
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._news:
                await self._news.wait_for(lambda: self._started > started and self.answered > answered)
        except TimeoutError:
            raise NoAnswer(f"The page did not answer within {ANSWER_SECONDS:g} s.") from None
        return time.monotonic() - asked_at

    def _request(self, values: dict[str, Value]) -> bytes:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self._script
        state.cached_message_hashes.extend(self._kept)
        state.context_info.timezone, state.context_info.locale = "Europe/Berlin", "en"
        state.context_info.url = f"{self._address}/?{self.query}"
        for widget, (field, value) in values.items():
            if value is not None:
                put(state.widget_states.widgets.add(id=widget), field, value)
        return message.SerializeToString()

    # What the server says

    async def read(self) -> None:
        """Take in messages until the socket closes."""
        with contextlib.suppress(ConnectionClosed):
            async for data in self._socket:
                assert isinstance(data, bytes)
                self.bytes_read += len(data)
                message = ForwardMsg.FromString(data)
                if message.metadata.cacheable:
                    self._kept[message.hash] = message
                await self._hear(self._kept.get(message.ref_hash, message), message.metadata)

    async def _hear(self, message: ForwardMsg, metadata: ForwardMsgMetadata) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._script = message.new_session.page_script_hash
            self._run = metadata.run.script_run_id
            self._started += 1
        elif kind == "delta":
            self._place(tuple(metadata.delta_path), message.delta)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "script_finished":
            await self._finish(message.script_finished)

    def _place(self, path: Path, delta: Delta) -> None:
        if delta.WhichOneof("type") == "add_block":
            add = self._popovers.add if delta.add_block.HasField("popover") else self._popovers.discard
            add(path)
            return
        kind = delta.new_element.WhichOneof("type")
        if kind is None:
            return
        message = getattr(delta.new_element, kind)
        self._elements[path] = Element(kind, message, self._run)
        if kind == "exception" or (kind == "alert" and message.format == message.ERROR):
            self.troubles.append(getattr(message, "message", "") or message.body)
        closed = any(path[:depth] in self._popovers for depth in range(1, len(path)))
        if kind in VALUES and not closed and (message.id not in self._values or message.set_value):
            self._values[message.id] = VALUES[kind](message)

    async def _finish(self, ending: int) -> None:
        if ending == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return
        if ending == ForwardMsg.FINISHED_SUCCESSFULLY:
            self._elements = {path: at for path, at in self._elements.items() if at.run == self._run}
            shown = {getattr(element.message, "id", None) for element in self._elements.values()}
            self._values = {widget: value for widget, value in self._values.items() if widget in shown}
        async with self._news:
            self.answered += 1
            self._news.notify_all()


def put(state: Any, field: str, value: Any) -> None:
    """Fill in one field of a WidgetState message."""
    if isinstance(value, list):
        getattr(state, field).data.extend(value)
    else:
        setattr(state, field, value)


@contextlib.asynccontextmanager
async def opened(address: str, query: str) -> AsyncIterator[Page]:
    """A page that has been drawn once, for `address/?query`. Raises NoAnswer or OSError."""
    cookies = await asyncio.to_thread(browser_cookies, address)
    protocols = ["streamlit", cookies.get(XSRF, "PLACEHOLDER_AUTH_TOKEN")]
    async with connect(
        f"{address.replace('http', 'ws', 1)}/_stcore/stream",
        subprotocols=protocols,  # type: ignore[arg-type]
        origin=address,  # type: ignore[arg-type]
        additional_headers=cookie_header(cookies),
        max_size=None,
        ping_interval=None,
    ) as socket:
        page = Page(socket, address, query, cookies)
        reading = asyncio.create_task(page.read())
        try:
            await page.rerun()
            yield page
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading  # raises what was wrong in here
