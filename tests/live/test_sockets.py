"""Rude clients against a real server: each is dropped, and a viewer beside it never notices."""

import asyncio
import contextlib
import itertools
import json
import os
import socket
import struct
import threading
import time
from types import SimpleNamespace

import pytest
import uvicorn
from live.fakes import DESIGN, SETTINGS, until
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from rnnlab.live import route as route_module
from rnnlab.live import sockets as sockets_module
from rnnlab.live import viewers as viewers_module
from rnnlab.live.client import COOKIE, address_of
from rnnlab.live.doors import Doors
from rnnlab.live.rates import Bucket, Buckets
from rnnlab.live.route import routes
from rnnlab.live.sockets import Caps, Sockets

DRAWN = json.dumps({"type": "drawn"})
CAPS = Caps(browser=5, address=40, all=60)
LARGEST_FRAME = 16_000_000  # as .streamlit/config.toml has it


class Server:
    """A live route behind doors, served as Streamlit serves it, in a thread of its own."""

    def __init__(self, engine, assets):
        self.sockets = Sockets(CAPS)
        app = Starlette(
            routes=[*routes(engine, assets), WebSocketRoute("/_stcore/stream", firehose)],
            middleware=[Middleware(Doors, sockets=self.sockets)],
        )
        config = uvicorn.Config(
            app, port=0, log_level="error", ws="websockets-sansio", ws_max_size=LARGEST_FRAME
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()), daemon=True)
        self._thread.start()
        until(lambda: self._server.started)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def close(self):
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()

    def open(self, path="/live/ws", browser="", **options):
        headers = {"Cookie": f"{COOKIE}={browser}"} if browser else {}
        address = f"ws://127.0.0.1:{self.port}{path}"
        return connect(address, additional_headers=headers, compression=None, proxy=None, **options)

    def raw(self, path="/live/ws"):
        """A socket of our own after the handshake, to say what no library says."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert b" 101 " in line.recv(2000)
        return line


async def firehose(websocket):
    """Stands for Streamlit's own socket: sends far more than anybody reads once it was spoken to."""
    await websocket.accept()
    with contextlib.suppress(Exception):
        await websocket.receive()
        for _ in range(1000):
            await websocket.send_bytes(bytes(1_000_000))


@pytest.fixture
def engine(new_engine):
    return new_engine()


@pytest.fixture
def server(engine, tmp_path):
    server = Server(engine, tmp_path)
    yield server
    server.close()


@pytest.fixture
def token(engine):
    token = engine.create(DESIGN, SETTINGS).token
    engine.play(token)
    return token


@pytest.fixture
def honest(server, token):
    """A viewer that draws every frame at once; after the test none may have come late.

    Late by more than this process, in which all of them live, was itself held up by the machine.
    """
    arrivals, held_up, end = [], [0.0], threading.Event()

    def beat():
        while not end.is_set():
            at = time.monotonic()
            time.sleep(0.02)
            held_up.append(time.monotonic() - at - 0.02)

    def view():
        with server.open(browser="h" * 32) as line:
            line.send(hello(token))
            while not end.is_set():
                line.recv(timeout=60)
                arrivals.append(time.monotonic())
                line.send(DRAWN)

    threads = [threading.Thread(target=act) for act in (view, beat)]
    for thread in threads:
        thread.start()
    until(lambda: len(arrivals) > 2)
    yield arrivals
    before = len(arrivals)
    until(lambda: len(arrivals) > before + 2)
    end.set()
    for thread in threads:
        thread.join(15)
    gaps = [later - earlier for earlier, later in itertools.pairwise(arrivals)]
    assert max(gaps) < 2.0 + 10 * max(held_up)


def hello(token):
    return json.dumps({"type": "watch", "token": token})


def ends(line, seconds=10.0):
    """The code that the server closes with, whatever it says before."""
    try:
        for _ in range(10_000):
            line.recv(timeout=seconds)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
    raise AssertionError("It was not closed.")


def goes_on(act, times):
    """How often `act` could be done, at most `times`, before the server ended it."""
    for done in range(times):
        try:
            act()
        except (ConnectionClosed, InvalidHandshake, OSError):
            return done
    return times


@pytest.mark.parametrize("path", ["/live/ws", "/_stcore/stream"])
def test_garbage_on_the_wire(server, honest, path):
    for seed in range(20):
        with server.raw(path) as line, contextlib.suppress(OSError):
            line.sendall(bytes((seed * 37 + i * i) % 256 for i in range(3000)))
            while line.recv(65536):
                pass


def test_garbage_in_messages(server, honest, token):
    for nonsense in ("{", os.urandom(100), "9" * 1999, json.dumps(["drawn"])):
        with server.open() as line:
            line.send(hello(token))
            line.send(nonsense)
            assert ends(line) in (1003, 1008)


def test_a_message_that_would_be_too_long_is_refused_before_it_is_sent(server, honest):
    for path, claimed in (("/live/ws", 10_000), ("/_stcore/stream", 13_000_000), ("/live/ws", 1 << 62)):
        with server.raw(path) as line:
            line.sendall(b"\x82\xff" + struct.pack("!Q", claimed) + b"mask")
            assert b"\x03\xf1" in line.recv(2000)  # 1009, too big


def test_a_flood_is_slowed_and_then_dropped(server, honest, engine, token, monkeypatch):
    monkeypatch.setattr(sockets_module, "FLOOD_SECONDS", 0.5)
    with server.open() as line:
        line.send(hello(token))
        reader = threading.Thread(target=lambda: ends(line))
        reader.start()
        assert goes_on(lambda: line.send(DRAWN), 2_000_000) < 2_000_000
        reader.join(10)
    until(lambda: engine.snapshot(token).viewers == 1)


@pytest.mark.parametrize("nap", [0.0, 0.1, 0.5])
def test_a_flood_is_dropped_however_late_a_busy_server_wakes(monkeypatch, nap):
    clock = [100.0]

    async def sleep(seconds):
        clock[0] += max(seconds, nap)

    async def receive():
        return {"type": "websocket.receive", "text": DRAWN}

    async def send(message):
        assert message["code"] == 1008

    async def flood():
        line, kind = sockets_module.Line(receive, send, sockets_module.LIVE), ""
        while kind != "websocket.disconnect" and clock[0] < 1000:
            kind = (await line.receive())["type"]

    monkeypatch.setattr(sockets_module, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(flood())
    assert clock[0] < 400


def test_a_slower_talker_is_left_alone(server, honest, token):
    with server.open() as line:
        line.send(hello(token))
        for _ in range(60):
            line.recv(timeout=5)
            line.send(DRAWN)


def test_who_never_acknowledges_gets_one_frame(server, honest, token):
    with server.open() as line:
        line.send(hello(token))
        line.recv(timeout=5)
        with pytest.raises(TimeoutError):
            line.recv(timeout=1.0)


def test_who_never_acknowledges_is_dropped_and_a_hidden_tab_much_later(
    server, honest, engine, token, monkeypatch
):
    monkeypatch.setattr(route_module, "LOOK_SECONDS", 0.1)
    with server.open() as hidden, server.open() as mute:
        for line in (hidden, mute):
            line.send(hello(token))
            line.recv(timeout=5)
        hidden.send(DRAWN)
        hidden.recv(timeout=5)  # the next one: it was heard before its time was over
        monkeypatch.setattr(viewers_module, "NEVER_SECONDS", 0.5)
        assert ends(mute) == 1001
        until(lambda: engine.snapshot(token).viewers == 2)
        monkeypatch.setattr(viewers_module, "HIDDEN_SECONDS", 0.5)
        assert ends(hidden) == 1001
    with server.open() as again:
        again.send(hello(token))
        again.recv(timeout=5)


def test_who_never_reads_is_dropped(server, honest, monkeypatch):
    monkeypatch.setattr(sockets_module, "UNREAD_SECONDS", 0.5)
    with server.raw("/_stcore/stream") as line:
        line.sendall(b"\x82\x81mask" + b"a")
        open_sockets = len(server.sockets)
        until(lambda: len(server.sockets) < open_sockets)


def test_answers_that_nobody_reads_do_not_pile_up(server, honest, monkeypatch):
    monkeypatch.setattr(sockets_module, "WATCH_SECONDS", 0.1)
    monkeypatch.setattr(sockets_module, "MOST_UNREAD_BYTES", 100_000)
    pings = (b"\x89\xfd" + b"mask" + bytes(125)) * 500
    with server.raw() as line:
        assert goes_on(lambda: line.sendall(pings), 1000) < 1000


def test_one_browser_opens_so_many(server, honest, token):
    with contextlib.ExitStack() as stack:
        for _ in range(CAPS.browser):
            stack.enter_context(server.open(browser="b" * 32))
        with pytest.raises(InvalidHandshake), server.open(browser="b" * 32):
            pass
        other = stack.enter_context(server.open(browser="c" * 32))
        other.send(hello(token))
        other.recv(timeout=5)
    until(lambda: len(server.sockets) == 1)
    with server.open(browser="b" * 32):
        pass


def test_one_address_opens_so_many(server, honest):
    with contextlib.ExitStack() as stack:
        names = iter(f"{i:032}" for i in range(100))
        assert goes_on(lambda: stack.enter_context(server.open(browser=next(names))), 100) == CAPS.address - 1
    until(lambda: len(server.sockets) == 1)


def test_who_connects_again_and_again_is_slowed(server, honest):
    def come_and_go():
        with server.open(browser="a" * 32):
            pass

    assert 100 < goes_on(come_and_go, 1000) < 1000  # 120 at once, and 4 more for every second that it takes
    with server.open(browser="b" * 32):
        pass


def test_a_socket_cut_in_mid_frame(server, honest, engine, token):
    for _ in range(10):
        line = server.raw()
        line.sendall(b"\x81\xfe\x01\x00mask" + b"a" * 20)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()
    until(lambda: len(server.sockets) == 1)
    until(lambda: engine.snapshot(token).viewers == 1)


def test_a_bucket():
    bucket = Bucket(burst=2, per_second=4)
    assert [bucket.take(10.0) for _ in range(4)] == [0, 0, 0.25, 0.5]
    assert bucket.wait(10.5) == 0.25
    assert bucket.wait(100.0) == 0
    assert [bucket.take(100.0) for _ in range(3)] == [0, 0, 0.25]


def test_buckets_of_clients_long_gone_are_dropped():
    buckets = Buckets(burst=1, per_second=1, most=3)
    for client in "abcabd":
        buckets.of(client).take(0.0)
    assert buckets.of("c").wait(0.0) == 0
    assert buckets.of("d").wait(0.0) > 0


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_addresses(host, address):
    assert address_of({"client": (host, 5000)}) == address


def test_a_server_without_addresses():
    assert address_of({"client": None}) == ""
