"""What a class may go through: each scenario is a function from a running server to figures and verdicts."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from typing import NamedTuple

from tests.load import designs
from tests.load.browsers import beside, tab_verdicts
from tests.load.classroom import Lesson, Watch, hold
from tests.load.figures import Figures, figures
from tests.load.heavy import heavy_class
from tests.load.server import Server
from tests.load.soak import soaked, table
from tests.load.student import GENTLE, Habits
from tests.load.verdicts import Verdict, crowded_class, equal_class, fair_share, mixed_class, washed_out
from tests.load.wave import waves

PLANNED_FOR = 30
EXTRA_SECONDS = 10.0
"""Tabs come while the others arrive, so they stay a little longer."""


class Outcome(NamedTuple):
    """What a scenario found."""

    scenario: str
    students: int
    figures: Figures
    verdicts: list[Verdict]


def attended(
    server: Server, lesson: Lesson, asked: argparse.Namespace, watch: Watch | None = None
) -> Figures:
    """The figures of a lesson; where tabs were asked for, theirs under `tabs`."""
    links = designs.mixed(asked.tabs)
    with beside(server.address, lesson.seconds + EXTRA_SECONDS, links) as tabs:
        found = figures(asyncio.run(hold(lesson, server, watch)))
        return {**found, "tabs": tabs.figures()}


def mixed(server: Server, students: int, asked: argparse.Namespace) -> Outcome:
    """Many kinds of runs; everybody clicks at random."""
    lesson = Lesson(designs.mixed(students), asked.seconds, Habits(), seed=asked.seed)
    found = attended(server, lesson, asked)
    judge = mixed_class if students <= PLANNED_FOR else crowded_class
    return Outcome("mixed", students, found, [*judge(found), *tab_verdicts(found["tabs"])])


def equal(server: Server, students: int, asked: argparse.Namespace) -> Outcome:
    """The same design for everyone, and only clicks that change no cost: equal shares are owed."""
    lesson = Lesson(designs.equal(students), asked.seconds, GENTLE, seed=asked.seed)
    found = attended(server, lesson, asked)
    judge = equal_class if students <= PLANNED_FOR else crowded_class
    return Outcome("equal", students, found, [*judge(found), *tab_verdicts(found["tabs"])])


def heavy(server: Server, students: int, asked: argparse.Namespace) -> Outcome:
    """One student with the largest network among small ones."""
    found = asyncio.run(heavy_class(server, students, asked.seconds, asked.seed))
    return Outcome("heavy", students, found, fair_share(found))


def soak(server: Server, students: int, asked: argparse.Namespace) -> Outcome:
    """A long lesson; memory must stay as it is after the first minutes."""
    lesson = Lesson(designs.mixed(students), asked.seconds, Habits(), seed=asked.seed)
    found = attended(server, lesson, asked, table(asked.csv, asked.sample, server))
    return Outcome("soak", students, found, [*soaked(found), *mixed_class(found)])


def wave(server: Server, students: int, asked: argparse.Namespace) -> Outcome:
    """A class that presses Play at once, and leaves at once, twice."""
    found = asyncio.run(waves(server, students, asked.seconds, asked.settle, asked.seed))
    return Outcome("wave", students, found, washed_out(found))


SCENARIOS: dict[str, Callable[[Server, int, argparse.Namespace], Outcome]] = {
    "mixed": mixed,
    "equal": equal,
    "heavy": heavy,
    "soak": soak,
    "wave": wave,
}
