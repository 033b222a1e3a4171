"""What is wanted of a class on two cores, and whether it was met."""

from __future__ import annotations

from typing import NamedTuple

from tests.load.figures import Figures

FRAMES_PER_SECOND = 4.0
SHARE_OF_UPDATES = 0.7
SERVER_PERCENT = 35.0
SERVER_MB = 350.0
CLICK_MS = 500.0
FAIR_SHARE = 0.5
MEMORY_DRIFT = 0.1


class Verdict(NamedTuple):
    """One target: what was wanted, what was measured. `met` is None where nothing was measured."""

    target: str
    wanted: str
    value: float | None
    met: bool | None

    def line(self) -> str:
        word = {True: "met", False: "NOT MET", None: "not measured"}[self.met]
        value = "–" if self.value is None else f"{self.value:.4g}"
        return f"{word:12s}  {self.target}: {value} (wanted {self.wanted})"


def at_least(target: str, wanted: float, value: float | None) -> Verdict:
    return Verdict(target, f"at least {wanted:g}", value, None if value is None else value >= wanted)


def at_most(target: str, wanted: float, value: float | None) -> Verdict:
    return Verdict(target, f"at most {wanted:g}", value, None if value is None else value <= wanted)


def correctness(found: Figures) -> list[Verdict]:
    """What must hold however many they are."""
    return [
        at_most("students that could not take part", 0, len(found["failed"])),
        at_most("clicks lost", 0, found["clicks_lost"]),
        at_most("sockets dropped", 0, found["sockets_dropped"]),
        at_most("errors on students' pages", 0, len(found["troubles"])),
        at_most("errors and warnings in the log", 0, found["log_lines"]),
    ]


def mixed_class(found: Figures) -> list[Verdict]:
    return [
        at_least("frames/s of the slowest student", FRAMES_PER_SECOND, found["frames_per_second"]["min"]),
        at_most("server process, % of a core", SERVER_PERCENT, found.get("server_cpu_percent")),
        at_most("server memory, MB", SERVER_MB, found.get("server_mb")),
        at_most("click to effect p95, ms", CLICK_MS, found["click_to_effect_ms"]["p95"]),
        *correctness(found),
    ]


def equal_class(found: Figures) -> list[Verdict]:
    share = at_least("updates, slowest of fastest", SHARE_OF_UPDATES, found["share_of_updates"])
    return [share, *mixed_class(found)]


def crowded_class(found: Figures) -> list[Verdict]:
    """Twice as many as planned for: frames may slow down, nothing else."""
    frames = at_least(
        "frames/s of the slowest student (slower, not dead)", 0.5, found["frames_per_second"]["min"]
    )
    return [
        frames,
        at_most("server memory, MB", SERVER_MB, found.get("server_mb")),
        *correctness(found),
    ]


def fair_share(found: Figures) -> list[Verdict]:
    """Beside the largest network, of the rate among equals."""
    return [
        at_least("small runs' updates beside the large one, share", FAIR_SHARE, found["fair_share_min"]),
        *correctness(found),
    ]


def washed_out(found: Figures) -> list[Verdict]:
    """After everybody has left."""
    return [
        at_most("workers busy after all left, % of a core", 5.0, found["workers_percent_after_leaving"]),
        at_most("memory left by a second wave, share", MEMORY_DRIFT, found["growth"]),
        at_most("server memory, MB", SERVER_MB, found.get("server_mb")),
        *correctness(found),
    ]
