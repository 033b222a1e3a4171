"""Real browser tabs beside the other students: they do the same through the page, and count what is drawn.

Run as a process of its own, `python -m tests.load.tabs ADDRESS SECONDS LINK...`, at the lowest priority,
so that the browser stands for machines elsewhere. It prints one JSON array, one object for each tab.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright

from tests.e2e.browsers import find_browser, flags
from tests.load.server import ROOT
from tests.load.student import CLIP, LENGTH, LOST_AFTER_SECONDS

LIVE = "[data-testid=live]"
PLAYING = f"{LIVE}[data-status=playing]"
OPEN_MS = 60_000.0
DRAWN = "() => window.frames_drawn"
LISTEN = """
() => {
  window.frames_drawn = []
  const live = document.querySelector('[data-testid=live]')
  live.addEventListener('rnnlab:drawn', ({ detail }) => window.frames_drawn.push(
    { ...detail, playing: live.dataset.status === 'playing' }))
}
"""
CLIPPING_IS = "off => /clipping=off/.test(location.search) === off"
LENGTH_IS = "length => new URLSearchParams(location.search).get('length') === length"


class Tab:
    """One tab: what it saw, and what came of its clicks."""

    def __init__(self, page: Page, seed: str) -> None:
        self.page = page
        self.errors: list[str] = []
        self.clicks: list[dict[str, Any]] = []
        self._random = random.Random(seed)
        self._clipping = True
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    async def attend(self, address: str, query: str, seconds: float) -> dict[str, Any]:
        """The whole lesson; gives its notes as plain values."""
        opened_at = time.monotonic()
        await self.page.goto(f"{address}/?{query}", timeout=OPEN_MS)
        await self.page.wait_for_selector(f"{LIVE}[data-update]", timeout=OPEN_MS)
        open_seconds = time.monotonic() - opened_at
        await self.page.evaluate(LISTEN)
        await self.play()
        leave_at = time.monotonic() + seconds
        while (left := leave_at - time.monotonic()) > 0:
            await asyncio.sleep(min(left, self._random.uniform(5, 15)))
            await self._random.choice([self.toggle_clipping, self.move_length])()
        drawn = await self.page.evaluate(DRAWN)
        return {"open_seconds": open_seconds, "drawn": drawn, "clicks": self.clicks, "errors": self.errors}

    async def play(self) -> None:
        async with self.noted("play"):
            await self.page.get_by_role("button", name="Play", exact=True).click()
            await self.page.wait_for_selector(
                f"{LIVE}[data-status=playing]", timeout=1000 * LOST_AFTER_SECONDS
            )

    async def toggle_clipping(self) -> None:
        self._clipping = not self._clipping
        async with self.noted("clipping"):
            await self.page.get_by_text(CLIP, exact=True).click()
            await self._until(CLIPPING_IS, not self._clipping)

    async def move_length(self) -> None:
        slider = self.page.get_by_role("slider", name=LENGTH)
        if not await slider.count():
            return
        async with self.noted("length"):
            await slider.focus()
            await slider.press("ArrowRight")
            await self._until(LENGTH_IS, await slider.input_value())

    async def _until(self, condition: str, value: Any) -> None:
        await self.page.wait_for_function(condition, arg=value, timeout=1000 * LOST_AFTER_SECONDS)

    @contextlib.asynccontextmanager
    async def noted(self, what: str) -> Any:
        """A click, with the seconds to its effect; None where it had none."""
        at, effect = time.monotonic(), None
        with contextlib.suppress(Error):
            yield
            effect = time.monotonic() - at
        self.clicks.append({"what": what, "effect": effect})


async def attend_all(address: str, seconds: float, links: Sequence[str]) -> list[dict[str, Any]]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=flags())
        try:
            tabs = [await seat(browser, str(number)) for number in range(len(links))]
            jobs = (tab.attend(address, link, seconds) for tab, link in zip(tabs, links, strict=True))
            return list(await asyncio.gather(*jobs))
        finally:
            await browser.close()


async def seat(browser: Browser, seed: str) -> Tab:
    """A tab with cookies of its own, as on another machine."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    return Tab(await context.new_page(), seed)


def begin(address: str, seconds: float, links: Sequence[str]) -> subprocess.Popen[str]:
    """Start the tabs in a process of their own."""
    command = [sys.executable, "-m", "tests.load.tabs", address, str(seconds), *links]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)


def main() -> None:
    os.nice(19)
    address, seconds, *links = sys.argv[1:]
    print(json.dumps(asyncio.run(attend_all(address, float(seconds), links))))


if __name__ == "__main__":
    main()
