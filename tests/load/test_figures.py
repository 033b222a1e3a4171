"""Figures from notes that are made by hand."""

from __future__ import annotations

import pytest

from tests.load.figures import figures, frame_rate, longest_gap, memory_drift, percentile, picture_rate
from tests.load.notes import ClassNotes, Click, Frame, Sample, StudentNotes
from tests.load.verdicts import correctness, equal_class


def frame(at: float, updates: int = 0, playing: bool = True, picture: int = 0) -> Frame:
    return Frame(at, age=0.01, bytes=1000, playing=playing, updates=updates, picture=picture)


def sample(at: float, cpu: float = 0.0, rss: int = 100 << 20) -> Sample:
    return Sample(
        at,
        cpu,
        rss,
        workers=1,
        workers_cpu=2 * cpu,
        workers_rss=rss,
        generator_cpu=0.0,
        lag=0.001,
        machine_cpu=3 * cpu,
    )


def notes(*students: StudentNotes) -> ClassNotes:
    return ClassNotes(list(students), [sample(0.0), sample(10.0, cpu=2.5)], start=0.0, stop=10.0)


def student(rate: float, **more: object) -> StudentNotes:
    """A student whose run does `rate` updates/s, seen five times a second for ten seconds."""
    frames = [frame(n / 5, updates=round(rate * n / 5)) for n in range(51)]
    return StudentNotes("a", "task=adding", frames, **more)  # type: ignore[arg-type]


def test_only_the_time_of_playing_counts() -> None:
    frames = [frame(0), frame(0.5), frame(1, playing=False), frame(9, playing=False), frame(10), frame(10.5)]
    assert frame_rate(frames) == pytest.approx(2.0)
    assert longest_gap(frames) == 0.5


def test_pictures_are_counted_when_they_change() -> None:
    frames = [frame(0, picture=1), frame(1, picture=1), frame(2, picture=5), frame(3, picture=5)]
    assert picture_rate(frames) == pytest.approx(1 / 3)


def test_a_student_who_was_never_served_is_seen() -> None:
    found = figures(notes(student(10.0), StudentNotes("b", "")))
    assert found["frames_per_second"]["min"] == 0
    assert found["share_of_updates"] == 0


def test_shares_and_rates() -> None:
    found = figures(notes(student(10.0), student(40.0)))
    assert found["share_of_updates"] == pytest.approx(0.25)
    assert found["updates_per_second"] == pytest.approx(50.0)
    assert found["frames_per_second"]["median"] == pytest.approx(5.0)
    assert found["server_cpu_percent"] == pytest.approx(25.0)
    assert found["workers_cpu_percent"] == pytest.approx(50.0)
    verdicts = {verdict.target: verdict.met for verdict in equal_class(found)}
    assert verdicts["updates, slowest of fastest"] is False
    assert verdicts["server process, % of a core"] is True


def test_a_click_without_effect_is_lost() -> None:
    clicks = [Click(1.0, "play", 0.02, 0.03), Click(2.0, "length", 0.02, None)]
    found = figures(notes(student(10.0, clicks=clicks)))
    assert (found["clicks"], found["clicks_lost"]) == (2, 1)
    assert found["click_to_effect_ms"]["p95"] == pytest.approx(30.0)
    assert [verdict.met for verdict in correctness(found)].count(False) == 1


def test_the_percentile_is_one_of_the_values() -> None:
    seconds = [n / 1000 for n in range(1, 21)]
    assert [percentile(seconds, share) for share in (0.5, 0.95, 1.0)] == [10.0, 19.0, 20.0]
    assert percentile([], 0.5) is None


def test_memory_drifts_only_after_minute_five() -> None:
    grown = [sample(0.0, rss=100), sample(300.0, rss=200), sample(600.0, rss=190), sample(900.0, rss=230)]
    assert memory_drift(grown) == pytest.approx(0.15)
    assert memory_drift(grown[:2]) is None
