"""The route of sounds: as often as people press play, and no more."""

from __future__ import annotations

import asyncio
import secrets
from typing import NamedTuple

import pytest
from starlette.requests import Request
from starlette.responses import Response

from rnnlab.live import sound_route
from rnnlab.live.client import COOKIE
from rnnlab.live.sound_route import Sounds

ASKED = "task=vowels&length=24&index=3"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(sound_route, "time", clock)
    return clock


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was worked out, in place of real sounds."""
    done: list[str] = []

    def sound(request: object) -> Response:
        done.append("a sound")
        return Response(b"RIFF", media_type="audio/wav")

    monkeypatch.setattr(sound_route, "sound", sound)
    return done


class Visitor(NamedTuple):
    """A browser: its address, and the name that its cookie says, if it has one."""

    sounds: Sounds
    address: str = "10.0.0.7"
    name: str = ""

    def get(self, query: str = ASKED) -> Response:
        headers = [(b"cookie", f"{COOKIE}={self.name}".encode())] if self.name else []
        scope = {"type": "http", "method": "GET", "path": "/live/sound", "query_string": query.encode()}
        return asyncio.run(
            self.sounds.answer(Request({**scope, "headers": headers, "client": (self.address, 50000)}))
        )

    def times(self, number: int) -> list[int]:
        return [self.get().status_code for _ in range(number)]


def new_name() -> str:
    return secrets.token_urlsafe(24)


@pytest.fixture
def sounds(clock: Clock, made: list[str]) -> Sounds:
    return Sounds()


def test_a_table_of_sounds_can_be_heard_one_after_the_other(sounds: Sounds) -> None:
    assert set(Visitor(sounds, name=new_name()).times(32)) == {200}


def test_a_browser_that_asks_without_end_waits_and_nothing_is_worked_out_for_it(
    sounds: Sounds, clock: Clock, made: list[str]
) -> None:
    greedy = Visitor(sounds, name=new_name())
    found = greedy.times(100)
    assert found == sorted(found)
    assert len(made) == found.count(200) == 40
    refused = greedy.get()
    assert refused.status_code == 429
    assert bytes(refused.body).decode() == sound_route.TOO_OFTEN
    assert refused.headers["cache-control"] == "no-store"
    assert 1 <= int(refused.headers["retry-after"]) <= 5
    clock.now += int(refused.headers["retry-after"])
    assert greedy.get().status_code == 200


def test_another_browser_at_the_same_address_is_not_held_up(sounds: Sounds) -> None:
    Visitor(sounds, name=new_name()).times(100)
    assert Visitor(sounds, name=new_name()).get().status_code == 200


@pytest.mark.parametrize("made_up", [new_name, lambda: "", lambda: "short"])
def test_many_names_or_none_are_bounded_by_their_address(sounds: Sounds, made_up) -> None:
    found = [Visitor(sounds, name=made_up()).get().status_code for _ in range(320)]
    assert found.count(200) == 300
    assert Visitor(sounds, "10.0.0.8").get().status_code == 200


def test_a_class_of_thirty_hears_ten_sounds_each(sounds: Sounds) -> None:
    assert {code for _ in range(30) for code in Visitor(sounds, name=new_name()).times(10)} == {200}


def test_a_real_sound_comes_through_the_route() -> None:
    route = sound_route.sound_route()
    assert route.path == "/live/sound"
    visitor = Visitor(route.endpoint.__self__)
    assert bytes(visitor.get().body).startswith(b"RIFF")
    assert visitor.get("task=dates&length=24&index=3").status_code == 404
