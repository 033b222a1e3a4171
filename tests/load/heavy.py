"""One large network among small ones: what it takes from them, against the rate they have without it.

Everybody stays in the room. For a third of the time all small ones play; then the large one plays in
place of one of them; then again as before, so that a machine that gets slower meanwhile is noticed.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time

from tests.load import designs
from tests.load.classroom import measured
from tests.load.figures import Figures, figures, updates_of
from tests.load.notes import ClassNotes
from tests.load.server import Server
from tests.load.student import IDLE, Student

SETTLING_SECONDS = 3.0


async def heavy_class(server: Server, students: int, seconds: float, seed: int) -> Figures:
    """Updates/s of the small runs without the large one, with it, and their ratio."""
    small = [Student(f"small {n + 1}", link, IDLE, seed) for n, link in enumerate(designs.equal(students))]
    large = Student("large", designs.large(), IDLE, seed)
    notes = ClassNotes([student.notes for student in (*small, large)])
    async with contextlib.AsyncExitStack() as room, measured(server, notes):
        for student in (*small, large):
            await room.enter_async_context(student.seated(server.address))
        await asyncio.gather(*(student.press_play() for student in small))
        before = await phase(notes, seconds / 3)
        await small[0].press_pause()
        await large.press_play()
        among = await phase(notes, seconds / 3)
        await large.press_pause()
        await small[0].press_play()
        after = await phase(notes, seconds / 3)
    notes.start, notes.stop, notes.log = before.start, after.stop, server.complaints()
    return {**compared(before, among, after), **figures(notes)}


async def phase(notes: ClassNotes, seconds: float) -> ClassNotes:
    """What the next seconds bring, once things have settled."""
    await asyncio.sleep(SETTLING_SECONDS)
    start = time.monotonic()
    await asyncio.sleep(seconds)
    return notes.within(start, time.monotonic())


def compared(before: ClassNotes, among: ClassNotes, after: ClassNotes) -> Figures:
    """The rates of the small runs that play all the time; the first of them pauses for the large one."""
    alone = [(x + y) / 2 for x, y in zip(rates(before), rates(after), strict=True)]
    beside = rates(among)
    shares = [have / owed for have, owed in zip(beside[1:], alone[1:], strict=True) if owed]
    return {
        "large_updates_per_second": beside[-1] if len(beside) > len(shares) else None,
        "small_updates_per_second_alone": statistics.median(alone[1:]),
        "small_updates_per_second_beside": statistics.median(beside[1:]),
        "fair_share_min": min(shares, default=None),
        "fair_share_median": statistics.median(shares) if shares else None,
        "drift": statistics.median(rates(after)[1:]) / statistics.median(rates(before)[1:]) - 1,
    }


def rates(notes: ClassNotes) -> list[float]:
    """Updates/s of each student, the large one last."""
    return [updates_of(student) / (notes.stop - notes.start) for student in notes.students]
