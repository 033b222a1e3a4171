"""Pace and turns together: a class of mixed designs on two workers, in simulated time."""

import itertools
from statistics import fmean

import pytest
from live.simulated import Simulated

from rnnlab.live.pace import FRAME_SECONDS, MOST_WEIGHT, Landing, Pace

CHEAP = {"update": 1.2, "picture": 4.5, "report": 5.0}
MIXED = {
    "adding, GRU of 32 units": {"update": 5.1, "picture": 9.0, "report": 18.7},
    "nationality": {"update": 1.4, "picture": 4.2, "report": 4.1},
    "copy": {"update": 1.8, "picture": 4.8, "report": 6.6},
    "temporal order": {"update": 1.2, "picture": 2.6, "report": 2.4},
    "language model, GRU of 64 units": {"update": 10.2, "picture": 22.0, "report": 119.0},
    "surname": {"update": 2.3, "picture": 4.2, "report": 13.3},
    "adding, two layers": {"update": 4.5, "picture": 14.9, "report": 13.6},
    "digits": {"update": 0.9, "picture": 2.5, "report": 1.4},
    "dates, GRU of 48 units": {"update": 4.6, "picture": 14.2, "report": 29.6},
    "counting": {"update": 2.0, "picture": 8.6, "report": 5.9},
}
"""Milliseconds of a core, as measured of the load generator's designs; the language model's at T = 60."""

BESIDE = 1.35
"""What server, students and the way between processes take of each worker's core, as a factor."""


class Student:
    def __init__(self, design, costs):
        self.design, self.costs, self.pace = design, costs, Pace()
        self.plan, self.asked_at = None, 0.0
        self.frames, self.spent, self.updates = [], 0.0, 0

    def shows(self, now, drawn):
        """A frame goes out as the driver sends it."""
        if drawn or not self.frames or now - self.frames[-1] > FRAME_SECONDS:
            self.frames.append(now)

    def rate(self, since):
        shown = [at for at in self.frames if at >= since]
        return (len(shown) - 1) / (shown[-1] - shown[0])


class Lesson(Simulated):
    """Everybody plays from within the first second on."""

    def __init__(self, designs, workers=2):
        super().__init__(workers)
        self.students = [Student(*design) for design in designs]
        for n, student in enumerate(self.students):
            self.at(n / len(self.students), lambda student=student: self.asks(student))

    def asks(self, student):
        crowd = (self.turns.outstanding + 1) / self.workers
        student.plan, student.asked_at = student.pace.plan(self.now, crowd), self.now
        self.turns.ask(student, student, False, self.now, student.plan.weight)

    def starts(self, turn):
        plan, costs = turn.item.plan, {name: ms / 1000 for name, ms in turn.item.costs.items()}
        train = plan.updates * costs["update"]
        picture = costs["picture"] if plan.want_picture else None
        report = costs["report"] if plan.want_report else None
        seconds = train + (picture or 0) + (report or 0) + 0.0003
        ends = self.now + BESIDE * seconds
        watched = (part and BESIDE * part for part in (train, picture, report))  # by the clock on the wall
        landing = Landing(turn.item.asked_at, ends, plan.updates, *watched)
        self.at(ends, lambda: self.lands(turn, landing, seconds))

    def lands(self, turn, landing, seconds):
        student = turn.item
        self.busy -= 1
        self.turns.ended(turn, seconds, self.now)
        student.pace.landed(landing)
        student.spent += seconds
        student.updates += landing.updates
        student.shows(self.now, landing.picture_seconds is not None)
        self.asks(student)


def mixed(students):
    return list(itertools.islice(itertools.cycle(MIXED.items()), students))


def test_thirty_students_of_mixed_designs_get_four_frames_a_second_each():
    lesson = Lesson(mixed(30)).run(90)
    rates = {student.design: student.rate(since=20) for student in lesson.students}
    assert min(rates.values()) >= 4.0, rates


def test_the_dearest_design_has_no_more_than_its_weight():
    lesson = Lesson(mixed(30)).run(90)
    spent = {student.design: student.spent for student in lesson.students}
    assert max(spent.values()) / fmean(spent.values()) < MOST_WEIGHT


def test_equal_designs_get_equal_shares_and_frames():
    lesson = Lesson([("cheap", CHEAP)] * 30).run(90)
    updates = [student.updates for student in lesson.students]
    assert min(updates) > 0.9 * max(updates)
    assert min(student.rate(since=20) for student in lesson.students) >= 4.0


@pytest.mark.parametrize("update_ms", [400.0, 4000.0])
def test_a_run_beyond_help_leaves_the_others_their_share(update_ms):
    huge = {"update": update_ms, "picture": update_ms, "report": 4 * update_ms}
    lesson = Lesson([("huge", huge), *[("cheap", CHEAP)] * 7]).run(300)
    share = sum(student.spent for student in lesson.students) / len(lesson.students)
    assert min(student.spent for student in lesson.students[1:]) > 0.85 * share
    assert min(student.rate(since=60) for student in lesson.students[1:]) >= 4.0


def test_sixty_students_slow_down_together():
    lesson = Lesson(mixed(60)).run(90)
    rates = sorted(student.rate(since=20) for student in lesson.students)
    assert rates[0] >= 1.0
    assert rates[len(rates) // 4] >= 3.0
