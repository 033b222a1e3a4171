"""The doors: a name for every browser, no request from a page of another site."""

import re
import warnings

import pytest
from starlette.applications import Starlette
from starlette.exceptions import StarletteDeprecationWarning
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from rnnlab.live.client import COOKIE
from rnnlab.live.doors import Doors, checked_origin, origins_from_environment

with warnings.catch_warnings():  # it would rather have a newer httpx
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

SCHOOL = "https://lab.school.org"


def page(request):
    return HTMLResponse("<p>Lab</p>", headers={"Cache-Control": "no-cache"})


def data(request):
    return PlainTextResponse("data")


async def echo(websocket):
    await websocket.accept()
    await websocket.send_text(websocket.cookies.get(COOKIE, ""))
    await websocket.close()


@pytest.fixture
def client():
    routes = [
        Route("/", page),
        Route("/data", data, methods=["GET", "POST"]),
        Route("/{path:path}", page),
        WebSocketRoute("/ws", echo),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Doors, origins=[SCHOOL])]))


def test_a_browser_gets_a_name_with_its_first_page_and_keeps_it(client):
    given = client.get("/").headers["set-cookie"]
    name, *attributes = given.split("; ")
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{32}}", name)
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert "Secure" not in attributes
    assert "set-cookie" not in client.get("/").headers
    with client.websocket_connect("/ws") as socket:
        assert socket.receive_text() == name.partition("=")[2]


def test_every_browser_gets_another_name(client):
    names = set()
    for _ in range(20):
        client.cookies.clear()
        names.add(client.get("/").headers["set-cookie"].split(";")[0])
    assert len(names) == 20


def test_over_https_the_cookie_stays_there(client):
    secure = TestClient(client.app, base_url="https://testserver")
    assert "; Secure" in secure.get("/").headers["set-cookie"]


@pytest.mark.parametrize("name", ["", "short", "x" * 65, '"; evil="', "x" * 31 + ";"])
def test_a_name_that_this_server_never_gave_is_replaced(client, name):
    assert COOKIE in client.get("/", headers={"cookie": f"{COOKIE}={name}"}).headers["set-cookie"]


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/mcp", "/base/_stcore/agent/openapi.json"]
)
def test_what_no_page_asks_for_is_closed(client, path):
    assert client.get(path).status_code == 404


def test_what_is_no_page_sets_nothing(client):
    assert "set-cookie" not in client.get("/data").headers


def test_pages_with_a_name_are_not_stored_on_the_way(client):
    assert client.get("/").headers["cache-control"] == "private, no-cache"
    assert client.get("/").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/data"])
def test_headers(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("origin", ["http://testserver", "http://TESTSERVER", SCHOOL, SCHOOL.upper(), None])
def test_own_pages_open_sockets_and_post(client, origin):
    headers = {"origin": origin} if origin else {}
    with client.websocket_connect("/ws", headers=headers) as socket:
        socket.receive_text()
    assert client.post("/data", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.org",
        "http://testserver:8080",
        "http://testserver.evil.org",
        "http://lab.school.org",
        "http://evil.org\\testserver",
        *("null", "", "http://[", "testserver"),
    ],
)
def test_pages_of_other_sites_do_not(client, origin):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws", headers={"origin": origin}):
        pass
    answer = client.post("/data", headers={"origin": origin})
    assert answer.status_code == 403
    assert "own address" in answer.text


def test_origins_from_the_environment(monkeypatch):
    monkeypatch.delenv("RNNLAB_ORIGINS", raising=False)
    assert origins_from_environment() == []
    monkeypatch.setenv("RNNLAB_ORIGINS", " https://Lab.School.org:443/, http://10.0.0.5:8080,")
    assert origins_from_environment() == [SCHOOL, "http://10.0.0.5:8080"]


@pytest.mark.parametrize(
    "text", ["lab.school.org", "*", "ftp://x", "https://", "https://x/path", "http://x:y"]
)
def test_an_origin_that_is_none(text):
    with pytest.raises(ValueError, match="RNNLAB_ORIGINS takes addresses"):
        checked_origin(text)
