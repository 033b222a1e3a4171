"""What one class leaves behind: every frame, every click and every sample, for the figures to be made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar


class Frame(NamedTuple):
    """A frame at a student's: when (monotonic seconds), its age in seconds, its size in bytes.

    `updates` counts all updates of the student's runs so far; `picture` is the update that it draws.
    """

    at: float
    age: float
    bytes: int
    playing: bool
    updates: int
    picture: int | None


class Click(NamedTuple):
    """A click and what came of it, in seconds from the click; None where it never came."""

    at: float
    what: str
    answer: float | None
    effect: float | None


class Sample(NamedTuple):
    """The machine at one moment. Processor time in seconds since the start, memory in bytes.

    `lag` is how late the generator itself woke up: what it adds to every time that it measures.
    `machine_cpu` is that of all processes, those of others included.
    """

    at: float
    server_cpu: float
    server_rss: int
    workers: int
    workers_cpu: float
    workers_rss: int
    generator_cpu: float
    lag: float
    machine_cpu: float


Timed = TypeVar("Timed", Frame, Click, Sample)


@dataclass
class StudentNotes:
    """One student's hour. `first_picture` in seconds; `failed` says why it could not even begin."""

    name: str
    design: str
    frames: list[Frame] = field(default_factory=list)
    clicks: list[Click] = field(default_factory=list)
    drops: int = 0
    page_bytes: int = 0
    troubles: list[str] = field(default_factory=list)
    failed: str | None = None
    first_picture: float | None = None


@dataclass
class ClassNotes:
    """A whole class between two moments of the monotonic clock."""

    students: list[StudentNotes] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    start: float = 0.0
    stop: float = 0.0

    def within(self, start: float, stop: float) -> ClassNotes:
        """The same notes, of a part of the time only."""
        students = [
            replace(
                student,
                frames=between(student.frames, start, stop),
                clicks=between(student.clicks, start, stop),
            )
            for student in self.students
        ]
        return ClassNotes(students, between(self.samples, start, stop), self.log, start, stop)


def between(entries: Iterable[Timed], start: float, stop: float) -> list[Timed]:
    return [entry for entry in entries if start <= entry.at <= stop]
