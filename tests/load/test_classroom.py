"""The load generator, briefly: three students for six seconds, whatever the speed of the machine."""

from __future__ import annotations

import asyncio

import pytest

from tests.load.classroom import Lesson, hold, ready_seconds
from tests.load.designs import mixed
from tests.load.figures import figures
from tests.load.notes import ClassNotes
from tests.load.server import serving
from tests.load.student import Habits
from tests.load.verdicts import correctness

pytestmark = pytest.mark.browser
HASTY = Habits(least_pause=0.3, longest_pause=1.2)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> ClassNotes:
    """The notes of a small class, on a server of its own."""

    async def held() -> ClassNotes:
        await ready_seconds(server)
        return await hold(Lesson(mixed(3), 6.0, HASTY, arrive_seconds=1.0), server)

    with serving(tmp_path_factory.mktemp("classroom") / "log.txt", workers="1") as server:
        return asyncio.run(held())


def test_every_click_has_its_effect_and_nothing_goes_wrong(lesson: ClassNotes) -> None:
    found = figures(lesson)
    assert not [verdict.line() for verdict in correctness(found) if not verdict.met], found


def test_every_student_clicks_and_sees_its_run_train(lesson: ClassNotes) -> None:
    for student in lesson.students:
        assert len(student.clicks) > 1
        assert len(student.frames) > 3
        assert student.frames[-1].updates > 0


def test_the_processes_are_measured(lesson: ClassNotes) -> None:
    found = figures(lesson)
    assert found["workers"] >= 1
    assert found["server_mb"] > 50
    assert found["workers_cpu_percent"] > 0
