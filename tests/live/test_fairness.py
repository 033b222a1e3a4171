"""Everybody's share of the workers: the queue by itself, with a clock that is given, and a real pool."""

import contextlib
import itertools
from collections import Counter

import pytest
from live.fakes import lasting_slice, until
from live.simulated import Simulated

from rnnlab import Design, Settings
from rnnlab.live.pool import Pool
from rnnlab.live.turns import MOST_AHEAD_SECONDS, Turns

PAUSE_SECONDS = 0.001  # between a slice's return and the request for the next one


class Class(Simulated):
    """Students whose slices cost given seconds."""

    def __init__(self, workers):
        super().__init__(workers)
        self.spent, self.landed = Counter(), []

    def plays(self, name, cost, account=None, since=0.0, until=float("inf"), urgent=False, weight=1.0):
        def ask():
            if self.now < until:
                self.turns.ask(account or name, (name, cost, ask), urgent, self.now, weight)
            else:
                self.turns.rest(account or name)

        self.at(since, ask)

    def starts(self, turn):
        self.at(self.now + turn.item[1], lambda: self.lands(turn))

    def lands(self, turn):
        name, cost, ask = turn.item
        self.busy -= 1
        self.spent[name] += cost
        self.landed.append((self.now, name))
        self.turns.ended(turn, cost, self.now)
        self.at(self.now + PAUSE_SECONDS, ask)

    def times(self, name, since=0.0):
        return [at for at, who in self.landed if who == name and at >= since]


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("students", [2, 5, 30])
def test_equal_students_get_equal_shares(workers, students):
    lesson = Class(workers)
    for student in range(students):
        lesson.plays(student, 0.02)
    lesson.run(20.0)
    assert min(lesson.spent.values()) > 0.97 * max(lesson.spent.values())
    assert sum(lesson.spent.values()) > 0.94 * 20.0 * min(workers, students)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("long", [0.3, 1.0, 5.0])
@pytest.mark.parametrize("others", [1, 3, 29])
def test_long_slices_take_no_larger_share(workers, long, others):
    lesson = Class(workers)
    lesson.plays("long", long)
    for other in range(others):
        lesson.plays(other, 0.02)
    lesson.run(80.0)
    fair = min(80.0 * workers / (others + 1), 80.0)
    assert min(lesson.spent[other] for other in range(others)) > 0.9 * fair - long
    assert lesson.spent["long"] > 0.5 * fair - long


def test_long_slices_leave_a_worker_to_the_short_ones():
    lesson = Class(2)
    for student in range(6):
        lesson.plays(f"long {student}", 2.0)
    for student in range(2):
        lesson.plays(student, 0.02)
    lesson.run(120.0)
    for student in range(2):
        times = lesson.times(student, since=20.0)
        assert max(b - a for a, b in itertools.pairwise(times)) < 0.25
    assert min(lesson.spent[f"long {student}"] for student in range(6)) > 15


def test_long_slices_beside_short_ones_of_the_same_people_leave_a_worker_too():
    lesson = Class(2)
    for student in "ab":
        lesson.plays(f"long {student}", 2.0, account=student)
        lesson.plays(f"short {student}", 0.02, account=student)
    for student in range(6):
        lesson.plays(student, 0.02)
    lesson.run(120.0)
    for student in range(6):
        times = lesson.times(student, since=20.0)
        assert max(b - a for a, b in itertools.pairwise(times)) < 0.25
    assert min(lesson.spent[f"long {student}"] for student in "ab") > 8


def test_three_runs_of_one_person_are_one_share():
    lesson = Class(1)
    for run in range(3):
        lesson.plays(f"own {run}", 0.02, account="greedy")
    lesson.plays("modest", 0.02)
    lesson.run(20.0)
    greedy = sum(lesson.spent[f"own {run}"] for run in range(3))
    assert lesson.spent["modest"] == pytest.approx(greedy, rel=0.05)


@pytest.mark.parametrize("cheap", [1, 3])
@pytest.mark.parametrize("others", [1, 9])
def test_a_dear_run_beside_cheap_ones_of_the_same_person_is_held_against_them(cheap, others):
    lesson = Class(1)
    lesson.plays("dear", 1.0, account="greedy")
    for run in range(cheap):
        lesson.plays(f"own {run}", 0.02, account="greedy")
    for other in range(others):
        lesson.plays(other, 0.02)
    lesson.run(120.0)
    greedy = lesson.spent["dear"] + sum(lesson.spent[f"own {run}"] for run in range(cheap))
    assert greedy < 1.25 * min(lesson.spent[other] for other in range(others)) + 1.0


@pytest.mark.parametrize("weight", [1.0, 1.5, 1.75])
def test_a_weight_is_a_larger_share_and_no_larger_than_that(weight):
    lesson = Class(2)
    for n in range(9):
        lesson.plays(n, 0.01)
    lesson.plays("dear", 0.025, weight=weight)
    spent = lesson.run(60).spent
    others = [spent[n] for n in range(9)]
    assert spent["dear"] / max(others) == pytest.approx(weight, rel=0.05)
    assert min(others) > 0.95 * max(others)


def test_having_slept_gives_no_credit_and_coming_late_no_debt():
    lesson = Class(1)
    lesson.plays("always", 0.02)
    lesson.plays("early", 0.02, until=5.0)
    lesson.plays("early again", 0.02, account="early", since=30.0)
    lesson.plays("late", 0.02, since=30.0)
    lesson.run(45.0)
    shares = [len(lesson.times(name, since=30.0)) for name in ("always", "early again", "late")]
    assert min(shares) > 0.95 * max(shares)


def test_what_was_used_while_nobody_waited_is_not_held_against_anybody():
    lesson = Class(2)
    lesson.plays("one", 0.02, account="two at once")
    lesson.plays("two", 0.02, account="two at once")
    lesson.plays("other", 0.02)
    lesson.run(30.0)
    for student in range(4):
        lesson.plays(student, 0.02, since=30.0)
    lesson.run(40.0)
    assert lesson.times("one", since=30.0)[0] < 30.0 + MOST_AHEAD_SECONDS + 1.0


def test_a_click_is_served_at_once_in_a_full_room():
    lesson = Class(2)
    for student in range(30):
        lesson.plays(student, 0.02)
    lesson.plays("click", 0.02, since=5.0, until=5.001, urgent=True)
    lesson.run(6.0)
    assert lesson.times("click")[0] < 5.0 + 0.07


def test_clicking_all_the_time_is_no_way_to_a_larger_share():
    lesson = Class(1)
    lesson.plays("clicks", 0.02, urgent=True)
    for student in range(4):
        lesson.plays(student, 0.02)
    lesson.run(60.0)
    assert lesson.spent["clicks"] == pytest.approx(60 / 5, rel=0.1)


def test_what_is_withdrawn_is_not_done():
    turns = Turns()
    first, second = (turns.ask("somebody", number, False, 0.0) for number in (1, 2))
    assert turns.take(1, 0.0) is first
    assert turns.withdraw(second)
    assert not turns.withdraw(first)
    assert turns.take(1, 0.0) is None
    assert turns.outstanding == 1


def test_accounts_are_forgotten():
    turns = Turns()
    for number in range(1000):
        turn = turns.ask(number, "call", False, float(number))
        assert turns.take(1, float(number)) is turn
        turns.ended(turn, 0.1, number + 0.1)
    assert len(turns._accounts) < 10


def updates_in(engine, hidden_sizes, worked_seconds):
    """Updates that runs whose updates take 2 ms for every hidden unit do, all of them together so long."""
    designs = [Design(task="adding", hidden_size=hidden) for hidden in hidden_sizes]
    tokens = [engine.create(design, Settings(length=20)).token for design in designs]

    def updates():
        return [engine.snapshot(token).update for token in tokens]

    def seconds(done):
        return sum(0.002 * count * hidden for count, hidden in zip(done, hidden_sizes, strict=True))

    with contextlib.ExitStack() as watched:
        for token in tokens:
            watched.enter_context(engine.watching(token))
            engine.play(token)
        until(lambda: min(updates()) and seconds(updates()) > 1.0)  # who came first had longer slices
        before = updates()
        until(lambda: seconds(updates()) - seconds(before) > worked_seconds)
        return [done - first for done, first in zip(updates(), before, strict=True)]


@pytest.fixture
def pool():
    executor = Pool(2, initializer=int)
    yield executor
    executor.shutdown(wait=False)


def test_thirty_equal_runs_on_two_workers(new_engine, pool):
    updates = updates_in(new_engine(pool, lasting_slice), [1] * 30, worked_seconds=5.0)
    assert min(updates) >= 0.7 * max(updates)


def test_a_long_update_does_not_slow_a_short_one(new_engine):
    executor = Pool(1, initializer=int)
    try:
        short, long = updates_in(new_engine(executor, lasting_slice), [1, 256], worked_seconds=6.0)
        assert short > 0.5 * (short + 256 * long) / 2
    finally:
        executor.shutdown(wait=False)
