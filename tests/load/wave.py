"""Everybody at once: a class opens the page within two seconds, plays, and leaves as one; then once more.

The second time tells whether memory returns: what the first wave left behind is there to be used again.
"""

from __future__ import annotations

import asyncio

from tests.load import designs
from tests.load.classroom import Lesson, hold
from tests.load.figures import MEGABYTE, Figures, figures
from tests.load.meter import Meter
from tests.load.notes import ClassNotes
from tests.load.server import Server
from tests.load.student import GENTLE

ARRIVE_SECONDS = 2.0
GRACE_SECONDS = 20.0
"""After so long an unwatched run has stopped."""

QUIET_SECONDS = 5.0


async def waves(server: Server, students: int, seconds: float, settle_seconds: float, seed: int) -> Figures:
    """Two waves with a quiet time after each."""
    meter = Meter(server.pid)
    before = meter.sample().server_rss / MEGABYTE
    lesson = Lesson(designs.mixed(students), seconds, GENTLE, ARRIVE_SECONDS, seed)
    first = await hold(lesson, server)
    workers_percent = await idle_percent(meter)
    await asyncio.sleep(max(0.0, settle_seconds - GRACE_SECONDS - QUIET_SECONDS))
    ebb = meter.sample().server_rss / MEGABYTE
    second = await hold(lesson, server)
    await asyncio.sleep(settle_seconds)
    after = meter.sample().server_rss / MEGABYTE
    return {
        "opening_ms": opening(first),
        "workers_percent_after_leaving": workers_percent,
        "server_mb_before": before,
        "server_mb_after_first": ebb,
        "server_mb_after_second": after,
        "growth": after / ebb - 1,
        **figures(second),
    }


def opening(notes: ClassNotes) -> Figures:
    """Play to playing when all press it at once."""
    found: Figures = figures(notes)["by_click"].get("play", {})
    return found


async def idle_percent(meter: Meter) -> float:
    """Processor share of the workers once the time of grace is over, in per cent of a core."""
    await asyncio.sleep(GRACE_SECONDS)
    start = meter.sample()
    await asyncio.sleep(QUIET_SECONDS)
    stop = meter.sample()
    return 100 * (stop.workers_cpu - start.workers_cpu) / (stop.at - start.at)
