"""A class: its students arrive, train and leave, while the server is measured."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.load.meter import Meter, keep_sampling
from tests.load.notes import ClassNotes
from tests.load.server import Server
from tests.load.student import IDLE, Habits, Student

SAMPLE_SECONDS = 0.5
ARRIVING_SECONDS = 60.0
LEAVING_SECONDS = 30.0
Watch = Callable[[ClassNotes], Awaitable[None]]
"""Something that looks on while the class goes on, such as a writer of a table."""


@dataclass(frozen=True)
class Lesson:
    """One class: a link for each student, how they behave, and for how long they are measured."""

    links: Sequence[str]
    seconds: float
    habits: Habits
    arrive_seconds: float = 5.0
    seed: int = 0

    def students(self) -> list[Student]:
        return [
            Student(f"student {number + 1}", link, self.habits, self.seed)
            for number, link in enumerate(self.links)
        ]


async def hold(lesson: Lesson, server: Server, watch: Watch | None = None) -> ClassNotes:
    """The whole class. The notes say from when to when everybody was there."""
    students, leave = lesson.students(), asyncio.Event()
    notes = ClassNotes([student.notes for student in students])
    async with measured(server, notes):
        tasks = [
            asyncio.create_task(student.attend(server.address, after, leave))
            for student, after in zip(students, arrivals(lesson), strict=True)
        ]
        looking = asyncio.create_task(watch(notes)) if watch else None
        try:
            await everybody_plays(students)
            notes.start = time.monotonic()
            await asyncio.sleep(lesson.seconds)
        finally:
            notes.stop = time.monotonic()
            leave.set()
            if looking:
                looking.cancel()
            await part(tasks)
    notes.log = server.complaints()
    return notes


async def ready_seconds(server: Server) -> float | None:
    """From the start of the server's process to a first update: the page is served, the workers are warm."""
    first = Student("first", "", IDLE, seed=0)
    async with first.seated(server.address):
        await first.press_play()  # the page opens with a picture that was drawn beforehand
        await first.trained()
        await first.press_pause()
    return None if server.started_at is None else time.monotonic() - server.started_at


def arrivals(lesson: Lesson) -> list[float]:
    """Seconds after which each student opens the page: one after the other."""
    return [lesson.arrive_seconds * number / len(lesson.links) for number in range(len(lesson.links))]


async def everybody_plays(students: Sequence[Student]) -> None:
    """Until all have seen their run play, or have failed; those that never do count as they are."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ARRIVING_SECONDS):
            await asyncio.gather(*(student.playing.wait() for student in students))


async def part(tasks: Sequence[asyncio.Task[None]]) -> None:
    """All go home, the slow ones too."""
    _, late = await asyncio.wait(tasks, timeout=LEAVING_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def measured(server: Server, notes: ClassNotes) -> AsyncIterator[Meter]:
    """Samples of the server's processes, as long as the block runs."""
    meter = Meter(server.pid)
    notes.samples.append(meter.sample())
    sampling = asyncio.create_task(keep_sampling(meter, notes.samples, SAMPLE_SECONDS))
    try:
        yield meter
    finally:
        sampling.cancel()
        notes.samples.append(meter.sample())
