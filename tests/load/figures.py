"""From notes to figures: rates, shares, times and memory of one class."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from typing import Any

from tests.load.notes import ClassNotes, Frame, Sample, StudentNotes

MEGABYTE = 1 << 20
FLAT_AFTER_SECONDS = 300.0
WORST = 5
Figures = dict[str, Any]


def figures(notes: ClassNotes) -> Figures:
    """All figures of a class, over the time between its start and its stop."""
    lesson = notes.within(notes.start, notes.stop)
    seconds = lesson.stop - lesson.start
    clicks = [click for student in notes.students for click in student.clicks]
    frames = [frame for student in lesson.students for frame in student.frames]
    updates = [updates_of(student) for student in lesson.students]
    return {
        "students": len(lesson.students),
        "failed": [f"{who.name}: {who.failed}" for who in lesson.students if who.failed],
        "seconds": seconds,
        "first_picture_ms": times([who.first_picture for who in notes.students if who.first_picture]),
        "frames_per_second": spread([frame_rate(student.frames) for student in lesson.students]),
        "pictures_per_second": spread([picture_rate(student.frames) for student in lesson.students]),
        "longest_gap_seconds": max((longest_gap(who.frames) for who in lesson.students), default=None),
        "frame_bytes": spread([frame.bytes for frame in frames]),
        "frame_age_ms": times([frame.age for frame in frames]),
        "updates_per_second": sum(updates) / seconds,
        "share_of_updates": min(updates) / max(updates) if updates and max(updates) else None,
        "click_to_effect_ms": times([click.effect for click in clicks if click.effect is not None]),
        "click_to_answer_ms": times([click.answer for click in clicks if click.answer is not None]),
        "clicks": len(clicks),
        "clicks_lost": sum(click.effect is None for click in clicks),
        "by_click": by_click(notes),
        "worst_clicks": worst_clicks(notes),
        "slowest_student": slowest_student(lesson),
        "sockets_dropped": sum(student.drops for student in notes.students),
        "troubles": [f"{who.name}: {trouble}" for who in notes.students for trouble in who.troubles],
        "log": notes.log[:20],
        "log_lines": len(notes.log),
        "memory_drift": memory_drift(notes.samples),
        **machine(lesson.samples),
    }


def memory_drift(samples: Sequence[Sample]) -> float | None:
    """The largest change of the server's memory after minute five, as a share of what it was then."""
    late = [sample.server_rss for sample in samples if sample.at - samples[0].at >= FLAT_AFTER_SECONDS]
    return max(abs(rss - late[0]) / late[0] for rss in late) if len(late) > 1 else None


def machine(samples: Sequence[Sample]) -> Figures:
    """Processors in per cent of one core, memory in MiB."""
    if len(samples) < 2:
        return {}
    first, last = samples[0], samples[-1]
    seconds = last.at - first.at
    share = {
        name: 100 * (getattr(last, name) - getattr(first, name)) / seconds
        for name in ("server_cpu", "workers_cpu", "generator_cpu", "machine_cpu")
    }
    ours = share["server_cpu"] + share["workers_cpu"] + share["generator_cpu"]
    return {
        **{f"{name}_percent": value for name, value in share.items()},
        "others_cpu_percent": max(0.0, share["machine_cpu"] - ours),  # what disturbs the measurement
        "server_mb": max(sample.server_rss for sample in samples) / MEGABYTE,
        "workers": last.workers,
        "workers_mb": max(sample.workers_rss for sample in samples) / MEGABYTE,
        "generator_lag_ms": times([sample.lag for sample in samples]),
    }


def by_click(notes: ClassNotes) -> dict[str, Figures]:
    """Click to effect, for each sort of click."""
    found: dict[str, list[float | None]] = {}
    for student in notes.students:
        for click in student.clicks:
            found.setdefault(click.what, []).append(click.effect)
    return {
        what: {**times([effect for effect in effects if effect is not None]), "lost": effects.count(None)}
        for what, effects in sorted(found.items())
    }


def worst_clicks(notes: ClassNotes) -> list[str]:
    """The clicks that took longest, the lost ones first: who, what, when, and how long."""
    told = [
        (math.inf if click.effect is None else max(click.effect, click.answer or 0.0), who, click)
        for who in notes.students
        for click in who.clicks
    ]
    worst = sorted(told, key=lambda entry: -entry[0])[:WORST]
    return [
        f"{who.name} ({who.design}): {click.what} at {click.at - notes.start:.1f} s, "
        f"answer {seconds_text(click.answer)}, effect {seconds_text(click.effect)}"
        for _, who, click in worst
    ]


def seconds_text(seconds: float | None) -> str:
    return "none" if seconds is None else f"{seconds:.2f} s"


def slowest_student(notes: ClassNotes) -> str:
    """The one with the fewest frames per second of playing, so that one may look into it."""
    if not notes.students:
        return ""
    who = min(notes.students, key=lambda student: frame_rate(student.frames))
    played = sum(playing_gaps(who.frames))
    return (
        f"{who.name} ({who.design}): {len(who.frames)} frames, {played:.1f} s of playing, {who.drops} drops"
    )


def playing_gaps(frames: Sequence[Frame]) -> list[float]:
    """Seconds from one frame to the next while the run plays."""
    pairs = itertools.pairwise(frames)
    return [after.at - before.at for before, after in pairs if before.playing and after.playing]


def frame_rate(frames: Sequence[Frame]) -> float:
    """Frames per second of playing."""
    gaps = playing_gaps(frames)
    return len(gaps) / sum(gaps) if gaps else 0.0


def picture_rate(frames: Sequence[Frame]) -> float:
    """Frames per second of playing that draw another update than the frame before."""
    fresh = [
        after.at
        for before, after in itertools.pairwise(frames)
        if before.playing and after.playing and before.picture != after.picture
    ]
    gaps = playing_gaps(frames)
    return len(fresh) / sum(gaps) if gaps else 0.0


def longest_gap(frames: Sequence[Frame]) -> float:
    return max(playing_gaps(frames), default=math.nan)


def updates_of(student: StudentNotes) -> int:
    return student.frames[-1].updates - student.frames[0].updates if student.frames else 0


def spread(values: Sequence[float]) -> Figures:
    """Least, median and greatest."""
    if not values:
        return {"min": None, "median": None, "max": None}
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def times(seconds: Sequence[float]) -> Figures:
    """Percentiles in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50": percentile(ordered, 0.5),
        "p95": percentile(ordered, 0.95),
        "max": percentile(ordered, 1.0),
    }


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile of sorted seconds, in milliseconds."""
    if not ordered:
        return None
    return 1000 * ordered[max(0, math.ceil(share * len(ordered)) - 1)]
