"""A student: opens the link, presses Play, and from then on clicks something every few seconds."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import WebSocketException

from tests.load.designs import lengths
from tests.load.live import Arrival, Header, LiveSocket
from tests.load.notes import Click, Frame, StudentNotes
from tests.load.protocol import NoAnswer, Page, opened

LOST_AFTER_SECONDS = 10.0
"""A click that has had no effect by then is lost."""

FIRST_PICTURE_SECONDS = 40.0
CLIP, LENGTH = "Clip gradients", "Sequence length"
AT_REST = ("diverged", "stopped")


@dataclass(frozen=True)
class Habits:
    """How students behave. Seconds between two clicks, and how often which click, as weights."""

    least_pause: float = 5.0
    longest_pause: float = 15.0
    drawing_seconds: float = 0.01
    clip: float = 0.45
    length: float = 0.3
    pause: float = 0.15
    reset: float = 0.1


GENTLE = Habits(length=0, pause=0, reset=0)
"""Nothing that changes how much there is to compute: for a comparison of rates."""

IDLE = Habits(clip=0, length=0, pause=0, reset=0)


class Student:
    """One student of a class. `playing` is set once Play has had its effect."""

    def __init__(self, name: str, query: str, habits: Habits, seed: int) -> None:
        self.notes = StudentNotes(name, query)
        self.playing = asyncio.Event()
        self._query = query
        self._habits = habits
        self._random = random.Random(f"{seed} {name}")
        self._lengths = lengths(query)
        self._updates = 0
        self._last_update = 0
        self._page: Page
        self._live: LiveSocket

    # In class

    async def attend(self, address: str, arrive_after: float, leave: asyncio.Event) -> None:
        """From opening the page to leaving it. What goes wrong is noted, not raised."""
        await asyncio.sleep(arrive_after)
        try:
            async with self.seated(address):
                await self.press_play()
                while not await self._pause(leave):
                    await self.act()
        except (OSError, NoAnswer, WebSocketException) as trouble:
            self.notes.failed = f"{type(trouble).__name__}: {trouble}"
        self.playing.set()

    @contextlib.asynccontextmanager
    async def seated(self, address: str) -> Any:
        """With the page open and the live socket beside it."""
        async with opened(address, self._query) as page:
            live = LiveSocket(address, page.cookies, self._habits.drawing_seconds, self._note)
            self._page, self._live = page, live
            live.watch(page.token())
            try:
                await self._first_picture(live)
                yield self
            finally:
                live.close()
                self.notes.drops += live.drops
                self.notes.page_bytes += page.bytes_read
                self.notes.troubles += [*page.troubles, *live.gone]

    async def _first_picture(self, live: LiveSocket) -> None:
        """Wait for it, as long as a student would. Raises NoAnswer where it does not come."""
        begun_at = time.monotonic()
        shown = live.expect(lambda header: header["status"] != "starting")
        try:
            self.notes.first_picture = await asyncio.wait_for(shown, FIRST_PICTURE_SECONDS) - begun_at
        except TimeoutError:
            raise NoAnswer(f"There was no picture within {FIRST_PICTURE_SECONDS:g} s.") from None

    async def _pause(self, leave: asyncio.Event) -> bool:
        """Wait as long as a student does between two clicks; whether the lesson is over."""
        seconds = self._random.uniform(self._habits.least_pause, self._habits.longest_pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(leave.wait(), seconds)
        return leave.is_set()

    def _note(self, arrival: Arrival) -> None:
        header = arrival.header
        update = int(header["update"])
        self._updates += update - self._last_update if update >= self._last_update else update
        self._last_update = update
        playing = header["status"] == "playing"
        self.notes.frames.append(
            Frame(arrival.at, arrival.age, arrival.bytes, playing, self._updates, header["picture_update"])
        )

    # Clicks

    async def act(self) -> None:
        """One thing that students do, chosen by their habits."""
        habits = self._habits
        acts: dict[Callable[[], Awaitable[None]], float] = {
            self.toggle_clipping: habits.clip,
            self.change_length: habits.length if self._lengths else 0.0,
            self.pause_and_play: habits.pause,
            self.reset_and_play: habits.reset,
        }
        if self._status in AT_REST:
            await self._page.tell({"status": self._status})  # as the component does: the page follows
            await self.reset_and_play()
        elif sum(acts.values()):
            await self._random.choices(list(acts), list(acts.values()))[0]()

    async def press_play(self) -> None:
        await self._click("play", self._page.press("Play"), lambda header: header["status"] == "playing")
        self.playing.set()

    async def trained(self) -> None:
        """Until an update has been done, by workers that may still be starting. Raises NoAnswer."""
        last = self._last_update
        done = self._live.expect(lambda header: header["update"] > last)
        if await self._shown(done, FIRST_PICTURE_SECONDS) is None:
            raise NoAnswer(f"There was no update within {FIRST_PICTURE_SECONDS:g} s.")

    async def press_pause(self) -> None:
        await self._click("pause", self._page.press("Pause"), lambda header: header["status"] == "paused")

    async def pause_and_play(self) -> None:
        await self.press_pause()
        await asyncio.sleep(self._random.uniform(0.5, 2))
        await self.press_play()

    async def reset_and_play(self) -> None:
        def begun_anew(header: Header) -> bool:
            return header["update"] == 0 and header["status"] in ("starting", "paused")

        await self._click("reset", self._page.press("Reset"), begun_anew)
        await self.press_play()

    async def toggle_clipping(self) -> None:
        clip = not self._page.value("checkbox", CLIP)

        def shows(header: Header) -> bool:
            return (header["clip"]["kind"] != "off") == clip

        await self._click("clipping", self._page.set("checkbox", CLIP, clip), shows)

    async def change_length(self) -> None:
        """To another one, and wait for the picture of a sequence that is as long."""
        now = round(self._page.value("slider", LENGTH)[0])
        assert self._lengths
        wanted = self._random.choice([length for length in self._lengths if length != now])

        def shows(header: Header) -> bool:
            return bool((header["network"] or {}).get("all_time_steps") == wanted)

        await self._click("length", self._page.set("slider", LENGTH, [float(wanted)]), shows)

    @property
    def _status(self) -> str:
        return str(self._live.latest.header["status"]) if self._live.latest else "starting"

    async def _click(self, what: str, press: Awaitable[float], shows: Callable[[Header], bool]) -> None:
        """Do it, and note when the page answered and when a frame showed it."""
        at = time.monotonic()
        seen = self._live.expect(shows)
        answer: float | None = None
        try:
            answer = await press
        except NoAnswer as trouble:
            self.notes.troubles.append(str(trouble))
        else:
            self._live.watch(self._page.token())
        effect = await self._shown(seen)
        self.notes.clicks.append(Click(at, what, answer, None if effect is None else effect - at))

    async def _shown(self, seen: asyncio.Future[float], within: float = LOST_AFTER_SECONDS) -> float | None:
        """When a frame showed what was waited for, or None for one that is lost."""
        try:
            return await asyncio.wait_for(seen, within)
        except TimeoutError:
            return None
