"""A long lesson: a row of figures every so often, written at once so that it may be stopped at any time."""

from __future__ import annotations

import asyncio
import csv
import sys
import time
from pathlib import Path

from tests.load.classroom import Watch
from tests.load.figures import MEGABYTE, Figures, figures
from tests.load.notes import ClassNotes
from tests.load.server import Server
from tests.load.verdicts import MEMORY_DRIFT, Verdict, at_most

COLUMNS = (
    "seconds",
    "server_mb",
    "workers_mb",
    "workers",
    "server_cpu_percent",
    "workers_cpu_percent",
    "generator_cpu_percent",
    "frames_per_second_min",
    "updates_per_second",
    "clicks",
    "clicks_lost",
    "click_p95_ms",
    "sockets_dropped",
    "log_lines",
)


def table(path: Path | None, every_seconds: float, server: Server) -> Watch:
    """A watch that writes one row for each stretch of `every_seconds`, to stderr where there is no path."""

    async def watch(notes: ClassNotes) -> None:
        begun = time.monotonic()
        with path.open("w", newline="") if path else _unclosed() as out:
            rows = csv.DictWriter(out, COLUMNS)
            rows.writeheader()
            while True:
                start = time.monotonic()
                await asyncio.sleep(every_seconds)
                notes.log = server.complaints()
                rows.writerow(row(notes, start, time.monotonic(), begun))
                out.flush()

    return watch


class _unclosed:
    """stderr as a context that leaves it open."""

    def __enter__(self) -> object:
        return sys.stderr

    def __exit__(self, *_: object) -> None:
        return None


def row(notes: ClassNotes, start: float, stop: float, begun: float) -> dict[str, float | None]:
    """Figures of one stretch; memory is what it is at its end."""
    found = figures(notes.within(start, stop))
    last = notes.samples[-1]
    shown: dict[str, float | None] = {name: found.get(name) for name in COLUMNS}
    shown |= {
        "seconds": stop - begun,
        "server_mb": last.server_rss / MEGABYTE,
        "workers_mb": last.workers_rss / MEGABYTE,
        "frames_per_second_min": found["frames_per_second"]["min"],
        "click_p95_ms": found["click_to_effect_ms"]["p95"],
    }
    return {name: None if value is None else round(value, 2) for name, value in shown.items()}


def soaked(found: Figures) -> list[Verdict]:
    return [at_most("change of memory after minute 5, share", MEMORY_DRIFT, found["memory_drift"])]
