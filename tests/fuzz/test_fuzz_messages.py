"""Messages of any content on the live socket, and forms of any content on the code page."""

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.websockets import WebSocket

from rnnlab.live.access import LONGEST_BODY, LONGEST_CODE, code_in, own_address, typed_code
from rnnlab.live.route import Rude, parsed, read, received
from rnnlab.live.view import View
from rnnlab.live.viewers import Screen, Viewer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
OURS = st.fixed_dictionaries(
    {"type": st.sampled_from(["watch", "drawn", "view"])},
    optional={"token": JSON, "layer": JSON, "quantity": JSON},
)
TEXTS = st.one_of(st.text(max_size=300), JSON.map(json.dumps), OURS.map(json.dumps), st.just("[" * 1999))
EVENTS = st.one_of(
    TEXTS.map(lambda text: {"type": "websocket.receive", "text": text}),
    st.binary(max_size=100).map(lambda raw: {"type": "websocket.receive", "bytes": raw}),
)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_text_is_one_of_our_messages_or_rude(text):
    found = understood(text)
    if isinstance(found, Rude):
        assert 1000 < found.code < 1010
        assert len(found.reason.encode()) < 124  # more does not fit into a close frame
    else:
        assert found["type"] in ("watch", "drawn", "view")


def understood(text):
    try:
        return parsed(text)
    except Rude as rude:
        return rude


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, max_size=6))
def test_a_reader_ends_politely_whatever_it_is_sent(events):
    waiting = [*events, {"type": "websocket.disconnect", "code": 1001}]

    async def receive():
        return waiting.pop(0)

    async def listen():
        websocket = WebSocket({"type": "websocket", "headers": []}, receive, None)
        waiting.insert(0, {"type": "websocket.connect"})
        await websocket.receive()
        viewer = Viewer(Screen(), lambda: None, lambda: None)
        with pytest.raises((Rude, Exception)) as end:
            await read(websocket, viewer, asyncio.Event())
        assert type(end.value).__name__ in ("Rude", "WebSocketDisconnect")
        assert isinstance(viewer.view, View)
        assert all(isinstance(word, str) for word in viewer.view)

    asyncio.run(listen())


@pytest.mark.parametrize("event", [{"text": "x" * 2001}, {"bytes": b""}, {"bytes": b"x", "text": None}])
def test_events_that_no_page_sends(event):
    async def receive():
        return {"type": "websocket.receive", **event}

    async def listen():
        websocket = WebSocket({"type": "websocket", "headers": []}, receive, None)
        websocket.client_state = websocket.client_state.CONNECTED
        with pytest.raises(Rude):
            await received(websocket)

    asyncio.run(listen())


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.binary(max_size=60).map(lambda raw: b"code=" + raw)))
def test_forms(body):
    assert len(code_in(body)) <= LONGEST_CODE


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=3000), max_size=6))
def test_forms_in_pieces(pieces):
    events = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    events.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive():
        return events.pop(0)

    code = asyncio.run(typed_code(receive))
    assert code == (code_in(b"".join(pieces)) if sum(map(len, pieces)) <= LONGEST_BODY else code)
    assert len(code) <= LONGEST_CODE


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.binary(max_size=60))
def test_the_way_on_is_a_path_of_this_server(path, query):
    found = own_address({"path": "/" + path, "query_string": query})
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert found.isascii()
    assert found.isprintable()
    assert " " not in found
