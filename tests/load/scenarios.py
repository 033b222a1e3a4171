"""What a class may go through. Each scenario is one function from a running server to figures and verdicts."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from typing import NamedTuple

from tests.load import designs
from tests.load.classroom import Lesson, hold
from tests.load.figures import Figures, figures
from tests.load.server import Server
from tests.load.student import GENTLE, Habits
from tests.load.verdicts import Verdict, crowded_class, equal_class, mixed_class

PLANNED_FOR = 30


class Outcome(NamedTuple):
    """What a scenario found."""

    scenario: str
    students: int
    figures: Figures
    verdicts: list[Verdict]


def mixed(server: Server, students: int, asked: argparse.Namespace) -> Outcome:
    """Many kinds of runs; everybody clicks at random."""
    lesson = Lesson(designs.mixed(students), asked.seconds, Habits(), seed=asked.seed)
    found = {**figures(asyncio.run(hold(lesson, server))), "ready_seconds": server.ready_seconds}
    judge = mixed_class if students <= PLANNED_FOR else crowded_class
    return Outcome("mixed", students, found, judge(found))


def equal(server: Server, students: int, asked: argparse.Namespace) -> Outcome:
    """The same design for everyone, and only clicks that change no cost: equal shares are owed."""
    lesson = Lesson(designs.equal(students), asked.seconds, GENTLE, seed=asked.seed)
    found = figures(asyncio.run(hold(lesson, server)))
    judge = equal_class if students <= PLANNED_FOR else crowded_class
    return Outcome("equal", students, found, judge(found))


SCENARIOS: dict[str, Callable[[Server, int, argparse.Namespace], Outcome]] = {
    "mixed": mixed,
    "equal": equal,
}
