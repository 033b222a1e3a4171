"""The live route: who may watch, one frame at a time, polite about nonsense, and the files beside it."""

import contextlib
import json
import warnings

import pytest
from live.fakes import DESIGN, SETTINGS, until
from starlette.applications import Starlette
from starlette.exceptions import StarletteDeprecationWarning
from starlette.middleware import Middleware
from starlette.websockets import WebSocketDisconnect

from rnnlab.live import operations, route
from rnnlab.live.doors import Doors
from rnnlab.live.frames import unpack
from rnnlab.live.route import plotly_url, routes

with warnings.catch_warnings():  # it would rather have a newer httpx
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

HOST = "testserver"
DRAWN = json.dumps({"type": "drawn", "stamp_ms": 0})


@pytest.fixture
def engine(new_engine):
    return new_engine()


@pytest.fixture
def token(engine):
    token = engine.create(DESIGN, SETTINGS).token
    until(lambda: engine.snapshot(token).status != "starting")
    return token


@pytest.fixture
def client(engine, tmp_path):
    (tmp_path / "live.js").write_text("export default 1;")
    return TestClient(Starlette(routes=routes(engine, tmp_path), middleware=[Middleware(Doors)]))


@contextlib.contextmanager
def watch(client, token, **headers):
    with client.websocket_connect("/live/ws", headers=headers) as socket:
        socket.send_text(json.dumps({"type": "watch", "token": token}))
        yield socket


def next_frame(socket):
    return unpack(socket.receive_bytes())


def assert_gone(socket, words):
    message = json.loads(socket.receive_text())
    assert message["type"] == "gone"
    assert words in message["message"]
    with pytest.raises(WebSocketDisconnect):
        socket.receive_text()


def test_the_first_frame_comes_at_once(client, engine, token):
    with watch(client, token) as socket:
        header, arrays = next_frame(socket)
        assert (header["update"], header["status"]) == (0, "paused")
        assert arrays["heat"].shape == (3, 5)
        assert engine.snapshot(token).viewers == 1
    until(lambda: engine.snapshot(token).viewers == 0)


@pytest.mark.parametrize("origin", [f"http://{HOST}", f"https://{HOST.upper()}"])
def test_pages_of_this_server_may_watch(client, token, origin):
    with watch(client, token, origin=origin) as socket:
        next_frame(socket)


@pytest.mark.parametrize(
    "origin", ["http://elsewhere.org", f"http://{HOST}:8080", f"http://{HOST}.elsewhere.org", "null", ""]
)
def test_pages_of_another_server_may_not(client, engine, token, origin):
    with pytest.raises(WebSocketDisconnect), watch(client, token, origin=origin):
        pass
    assert engine.snapshot(token).viewers == 0


@pytest.mark.parametrize("first", ['{"type": "drawn"}', '{"type": "view"}', "{}", "[]", "", "x" * 3000, b"x"])
def test_the_first_message_names_the_run(client, engine, token, first):
    with client.websocket_connect(f"/live/ws?token={token}") as socket:
        (socket.send_bytes if isinstance(first, bytes) else socket.send_text)(first)
        with pytest.raises(WebSocketDisconnect):
            socket.receive_bytes()
    assert engine.snapshot(token).viewers == 0


def test_a_socket_that_names_no_run_is_closed(client, monkeypatch):
    monkeypatch.setattr(route, "HELLO_SECONDS", 0.05)
    with client.websocket_connect("/live/ws") as socket, pytest.raises(WebSocketDisconnect):
        socket.receive_bytes()


@pytest.mark.parametrize("token", ["", "wrong", "x" * 1500, "\ud800", None, ["a"], {"a": 1}])
def test_an_unknown_token_is_gone(client, token):
    with watch(client, token) as socket:
        assert_gone(socket, "Reload the page")


def test_too_many_viewers(client, token, monkeypatch):
    monkeypatch.setattr(operations, "MOST_VIEWERS", 1)
    with watch(client, token) as first, watch(client, token) as second:
        next_frame(first)
        assert_gone(second, "open already")


def test_the_next_frame_only_after_the_last_was_drawn(client, engine, token):
    with watch(client, token) as socket:
        assert next_frame(socket)[0]["update"] == 0
        for _ in range(3):
            engine.one_update(token)
        socket.send_text(DRAWN)
        assert next_frame(socket)[0]["update"] == 3


def test_frames_while_it_trains(client, engine, token):
    with watch(client, token) as socket:
        engine.play(token)
        updates = []
        while len(updates) < 4:
            updates.append(next_frame(socket)[0]["update"])
            socket.send_text(DRAWN)
        assert updates == sorted(updates)
        assert updates[-1] > 0


def test_another_view(client, token):
    with watch(client, token) as socket:
        assert next_frame(socket)[0]["views"]["quantity"] == "h"
        socket.send_text(json.dumps({"type": "view", "layer": "recurrent/0/forward", "quantity": "f"}))
        socket.send_text(DRAWN)
        header, arrays = next_frame(socket)
        assert header["views"]["quantity"] == "f"
        assert (arrays["heat"] == 7).all()


def test_two_viewers_of_one_run(client, engine, token):
    with watch(client, token) as first, watch(client, token) as second:
        assert next_frame(first)[0] == next_frame(second)[0]
        assert engine.snapshot(token).viewers == 2


def test_a_run_that_is_forgotten_says_so(client, engine, token):
    with watch(client, token) as socket:
        next_frame(socket)
        engine.forget(token)
        assert_gone(socket, "no longer here")


@pytest.mark.parametrize(
    ("nonsense", "code"),
    [
        ("not json", 1008),
        ("[]", 1008),
        ('{"type": "delete"}', 1008),
        ("[" * 1900, 1008),
        ('{"type": "view", "layer": "' + "x" * 3000 + '"}', 1009),
        (b"\x00\x01", 1003),
    ],
)
def test_nonsense_closes_the_socket_with_a_reason(client, engine, token, nonsense, code):
    with watch(client, token) as socket:
        next_frame(socket)
        send = socket.send_bytes if isinstance(nonsense, bytes) else socket.send_text
        send(nonsense)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_bytes()
        assert closed.value.code == code
        assert closed.value.reason
    until(lambda: engine.snapshot(token).viewers == 0)


def test_odd_views_are_harmless(client, token):
    with watch(client, token) as socket:
        next_frame(socket)
        socket.send_text(json.dumps({"type": "view", "layer": {"a": []}, "quantity": None}))
        socket.send_text(DRAWN)
        assert next_frame(socket)[0]["views"]["quantity"] == "h"


def test_plotly_comes_from_the_installed_package(client):
    answer = client.get("/live/plotly.min.js", headers={"accept-encoding": "identity"})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
    assert answer.content.startswith(b"/**\n* plotly.js v")
    assert answer.headers["content-type"].startswith("text/javascript")


def test_plotly_is_compressed_and_kept(client):
    answer = client.get(plotly_url(), headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 2_000_000
    assert answer.content.startswith(b"/**\n* plotly.js v")  # the client has unpacked it
    assert "immutable" in answer.headers["cache-control"]
    again = client.get(
        plotly_url(), headers={"accept-encoding": "gzip", "if-none-match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_plotly_without_its_version_is_not_kept_for_good(client):
    assert "immutable" not in client.get("/live/plotly.min.js").headers["cache-control"]


def test_assets_are_asked_about_again(client):
    answer = client.get("/live/assets/live.js")
    assert (answer.status_code, answer.text) == (200, "export default 1;")
    assert answer.headers["cache-control"] == "no-cache"
    again = client.get("/live/assets/live.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/live/assets/../secret").status_code == 404
