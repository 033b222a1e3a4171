"""The real tabs of a class: begun beside the students, ended with them, and their figures."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from tests.load import tabs
from tests.load.figures import Figures, spread, times
from tests.load.verdicts import Verdict, at_least, at_most

STARTING_SECONDS = 90.0


class Tabs:
    """Tabs that are open. `figures` waits until they are done."""

    def __init__(self, process: subprocess.Popen[str] | None, seconds: float) -> None:
        self._process = process
        self._seconds = seconds

    def figures(self) -> Figures:
        """Of all tabs together; empty where there are none."""
        if self._process is None:
            return {}
        text, _ = self._process.communicate(timeout=self._seconds + STARTING_SECONDS)
        if self._process.returncode:
            return {"failed": f"the tabs ended with status {self._process.returncode}"}
        return tab_figures(json.loads(text.splitlines()[-1]))


@contextlib.contextmanager
def beside(address: str, seconds: float, links: Sequence[str]) -> Iterator[Tabs]:
    """Tabs on these links while the block runs; the browser is gone afterwards."""
    process = tabs.begin(address, seconds, links) if links else None
    try:
        yield Tabs(process, seconds)
    finally:
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def tab_figures(told: Sequence[dict[str, Any]]) -> Figures:
    clicks = [click for tab in told for click in tab["clicks"]]
    drawn = [frame for tab in told for frame in tab["drawn"]]
    return {
        "open_seconds": spread([tab["open_seconds"] for tab in told]),
        "frames_per_second": spread([drawing_rate(tab["drawn"]) for tab in told]),
        "stamp_to_drawn_ms": times([(frame["drawn_ms"] - frame["stamp_ms"]) / 1000 for frame in drawn]),
        "click_to_effect_ms": times([click["effect"] for click in clicks if click["effect"] is not None]),
        "clicks": len(clicks),
        "clicks_lost": sum(click["effect"] is None for click in clicks),
        "errors": [error for tab in told for error in tab["errors"]],
    }


def drawing_rate(drawn: Sequence[dict[str, Any]]) -> float:
    """Frames drawn per second of playing."""
    gaps = [
        (after["drawn_ms"] - before["drawn_ms"]) / 1000
        for before, after in pairwise(drawn)
        if before["playing"] and after["playing"]
    ]
    return len(gaps) / sum(gaps) if gaps else 0.0


def tab_verdicts(found: Figures) -> list[Verdict]:
    """What is wanted of the tabs. On the server's own cores speed is no target: nothing may be lost."""
    if not found:
        return []
    if "failed" in found:
        return [at_most(f"tabs: {found['failed']}", 0, 1)]
    return [
        at_least("tabs: frames/s of the slowest", 0.5, found["frames_per_second"]["min"]),
        at_most("tabs: clicks lost", 0, found["clicks_lost"]),
        at_most("tabs: errors in the browser", 0, len(found["errors"])),
    ]
