"""The access code: nothing without it, the linked experiment after it, slow for who guesses."""

import time
import warnings
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.exceptions import StarletteDeprecationWarning
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from rnnlab.live import access
from rnnlab.live.access import PASS, AccessCode, code_from_environment, code_in, own_address
from rnnlab.live.doors import Doors

with warnings.catch_warnings():  # it would rather have a newer httpx
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

CODE = "Blue Falcon"
KEY = b"k" * 32
PAGE = Path(__file__).resolve().parents[2] / "assets" / "code.html"
HTML = {"accept": "text/html,*/*"}


def lab(request):
    return HTMLResponse("<p>Lab</p>")


async def echo(websocket):
    await websocket.accept()
    await websocket.close()


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(access, "WRONG_SECONDS", 0.0)


@pytest.fixture
def new_client():
    def client(code=CODE, key=KEY, address="10.0.0.1", app=None):
        routes = [Route("/{path:path}", lab), WebSocketRoute("/ws", echo)]
        middleware = [Middleware(Doors, code=AccessCode(code, PAGE, key))]
        app = app or Starlette(routes=routes, middleware=middleware)
        return TestClient(app, client=(address, 5000), headers=HTML, follow_redirects=False)

    return client


@pytest.fixture
def client(new_client):
    return new_client()


def give(client, code, path="/"):
    return client.post(path, data={"code": code})


def test_without_the_code_there_is_one_page(client):
    answer = client.get("/gradients?task=adding")
    assert answer.status_code == 401
    assert "access code" in answer.text
    assert "<p>Lab</p>" not in answer.text
    assert '<p role="alert" id="wrong" hidden></p>' in answer.text
    assert "<script" not in answer.text
    assert answer.headers["cache-control"].endswith("no-cache")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/static/js/index.js", "/_stcore/health", "/live/plotly.min.js", "/media/x"]
)
def test_everything_else_is_refused(client, path):
    answer = client.get(path, headers={"accept": "*/*"})
    assert answer.status_code == 401
    assert answer.text == access.CLOSED


def test_sockets_are_refused(client):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws"):
        pass


@pytest.mark.parametrize("typed", [CODE, " blue falcon ", "BLUEFALCON"])
def test_the_code_opens_everything(client, typed):
    answer = give(client, typed, "/gradients?task=adding&cell=gru")
    assert (answer.status_code, answer.headers["location"]) == (303, "/gradients?task=adding&cell=gru")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert client.get("/gradients?task=adding").text == "<p>Lab</p>"
    with client.websocket_connect("/ws"):
        pass


def test_a_wrong_code_gets_one_sentence_and_never_comes_back(client):
    answer = give(client, "<img src=x>")
    assert answer.status_code == 401
    assert access.WRONG in answer.text
    assert "<img" not in answer.text
    assert PASS not in client.cookies


@pytest.mark.parametrize(
    "body", [b"", b"code", b"\xff" * 50, b"code=" + b"x" * 9000, b"&".join([b"a=1"] * 50), b"code=%ff%00"]
)
def test_odd_posts_are_wrong_codes(client, body):
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/", content=body, headers=form).status_code == 401


def test_a_pass_holds_after_a_restart_with_the_same_key_and_code_only(new_client):
    first = new_client()
    give(first, CODE)
    held = dict(first.cookies)
    for server, status in (
        (new_client(), 200),
        (new_client(key=b"x" * 32), 401),
        (new_client(code="other"), 401),
    ):
        server.cookies.update(held)
        assert server.get("/").status_code == status


@pytest.mark.parametrize("other", ["a[b]=c", "theme={x y}", "bare", 'q="open', "é=1", "a@b=c"])
def test_a_pass_is_found_among_the_cookies_of_other_apps_on_this_host(client, other):
    """Cookies know no ports: what a notebook or a school's portal sets comes along."""
    give(client, CODE)
    cookies = f"{other}; {PASS}={client.cookies[PASS]}; {other}".encode()
    client.cookies.clear()
    assert client.get("/", headers={"cookie": cookies}).status_code == 200


@pytest.mark.parametrize(
    "forged", ["", "1", "..", "9999999999.x.y", "9999999999.x." + "0" * 64, "é.é.é", "9" * 3000]
)
def test_a_forged_pass_opens_nothing(client, forged):
    assert client.get("/", headers={"cookie": f"{PASS}={forged}".encode()}).status_code == 401


def test_a_changed_or_old_pass_opens_nothing(client, monkeypatch):
    give(client, CODE)
    expires, nonce, signature = client.cookies[PASS].split(".")
    later = f"{int(expires) + 1}.{nonce}.{signature}"
    assert client.get("/", headers={"cookie": f"{PASS}={later}"}).status_code == 401
    monkeypatch.setattr(time, "time", lambda: int(expires) + 1)
    assert client.get("/").status_code == 401


def test_guesses_from_one_address_are_slow_there_and_nowhere_else(new_client):
    guesser = new_client()
    admitted = new_client(app=guesser.app)
    give(admitted, CODE)
    statuses = [give(guesser, f"guess {i}").status_code for i in range(60)]
    assert statuses[:30] == [401] * 30
    assert set(statuses[31:]) == {429}
    assert give(guesser, CODE).status_code == 429
    assert admitted.get("/").status_code == 200
    assert give(new_client(address="10.0.0.2", app=guesser.app), CODE).status_code == 303


def test_guesses_from_everywhere_are_slow_but_the_class_comes_in(new_client):
    app = new_client().app
    tried = 0
    for i in range(40):
        guesser = new_client(address=f"10.1.0.{i}", app=app)
        tried += sum(give(guesser, f"guess {j}").status_code == 401 for j in range(30))
    assert tried < 150 + 40 * (access.UNNOTICED + 1) + 30
    assert give(new_client(address="10.2.0.1", app=app), CODE).status_code == 303


def test_a_class_of_thirty_behind_one_address_may_mistype_once_in_two(new_client):
    app = new_client().app
    for student in range(30):
        mine = new_client(app=app)
        if student % 2:
            assert give(mine, "blue flacon").status_code == 401
        assert give(mine, CODE).status_code == 303


@pytest.mark.parametrize(
    ("path", "query", "address"),
    [
        ("/", b"", "/"),
        ("//evil.org", b"", "/evil.org"),
        ("/\\evil.org", b"a=b", "/evil.org?a=b"),
        ("/\r\nSet-Cookie: x", b"a=\r\n", "/%0D%0ASet-Cookie%3A%20x?a=%0D%0A"),
        ("/unroll", b"text=a%20b%26c&x=1", "/unroll?text=a%20b%26c&x=1"),
    ],
)
def test_the_way_on_leads_to_this_server(path, query, address):
    assert own_address({"path": path, "query_string": query}) == address


def test_the_code_is_taken_from_a_form():
    assert code_in(b"code=a+b%C3%A9&x=1") == "a bé"
    assert code_in(b"x=1") == ""


def test_the_code_from_the_environment(monkeypatch):
    monkeypatch.delenv("RNNLAB_CODE", raising=False)
    assert code_from_environment() == ""
    monkeypatch.setenv("RNNLAB_CODE", f" {CODE} ")
    assert code_from_environment() == CODE
    monkeypatch.setenv("RNNLAB_CODE", "a b")
    with pytest.raises(ValueError, match="RNNLAB_CODE must have 4 to 200"):
        code_from_environment()
