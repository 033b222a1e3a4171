"""The route of sounds: what a page asks for when somebody presses a play button, within bounds.

A person presses a few times a minute. A program that asks without end is told to wait, and costs nobody else
anything.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from rnnlab.asking.sound import spoken_vowel
from rnnlab.live.client import address_of, browser
from rnnlab.live.rates import Bucket, Buckets
from rnnlab.live.sounds import PROBES, held_out_sounds, wav
from rnnlab.tasks.spec import Floats

DAY_SECONDS = 24 * 3600
LONGEST = 200
"""Characters of a question."""

TOO_OFTEN = "Too many sounds were asked for at once. Wait a few seconds, then press play again."

SPOKEN: dict[str, Callable[[str, int], NDArray[np.float64]]] = {"vowels": spoken_vowel}
"""By task: from a question that was asked, and the length, to what is heard (N,)."""


def asked_sound(name: str, text: str, length: int) -> tuple[int, Floats]:
    """Samples a second, and the sound (N,) of a question to a task. Raises ValueError."""
    rate, _ = held_out_sounds(name, length)
    return rate, np.asarray(SPOKEN[name](text, length), np.float32)


def sound(request: Request) -> Response:
    """A sound as a file.

    `task` and `length`, and `index`, its place among the held-out sequences, or `asked`, a question's text.
    """
    try:
        rate, samples_N = wanted(dict(request.query_params))
    except ValueError as wrong:
        return PlainTextResponse(str(wrong), 404)
    kept = {"Cache-Control": f"private, max-age={DAY_SECONDS}"}
    return Response(wav(samples_N, rate), media_type="audio/wav", headers=kept)


def wanted(given: Mapping[str, str]) -> tuple[int, Floats]:
    """Samples a second, and the samples. Raises ValueError for what cannot be heard."""
    name, length = given.get("task", ""), whole("length", given)
    if name not in SPOKEN:  # before its data is loaded, which nobody may ask of the server
        raise ValueError(f"task must be one that can be heard ({', '.join(SPOKEN)}).")
    if "asked" in given:
        return asked_sound(name, given["asked"][:LONGEST], length)
    index = whole("index", given)
    if not 0 <= index < PROBES:
        raise ValueError(f"index must be from 0 to {PROBES - 1}.")
    rate, sounds_BN = held_out_sounds(name, length)
    return rate, sounds_BN[index]


def whole(name: str, given: Mapping[str, str]) -> int:
    """A whole number that was given. Raises ValueError, in one sentence."""
    text = given.get(name, "")
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(f"{name} must be a whole number.")
    return int(text)


class Sounds:
    """Sounds for each browser and each address, as often as people press; a class may share an address."""

    def __init__(self) -> None:
        self._browsers = Buckets(burst=40, per_second=2)
        self._addresses = Buckets(burst=300, per_second=20)

    async def answer(self, request: Request) -> Response:
        """The sound, worked out in a thread; or 429, with the seconds to wait."""
        buckets = self._buckets(request)
        now = time.monotonic()
        if wait := max(bucket.wait(now) for bucket in buckets):
            headers = {"Retry-After": str(math.ceil(wait)), "Cache-Control": "no-store"}
            return PlainTextResponse(TOO_OFTEN, 429, headers)
        for bucket in buckets:
            bucket.take(now)
        return await run_in_threadpool(sound, request)

    def _buckets(self, request: Request) -> list[Bucket]:
        name = browser(request.headers)
        of_browser = [self._browsers.of(name)] if name else []
        return [*of_browser, self._addresses.of(address_of(request.scope))]


def sound_route() -> Route:
    """The route, with bounds of its own."""
    return Route("/live/sound", Sounds().answer)
