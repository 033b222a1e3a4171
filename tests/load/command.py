"""A classroom on one machine: starts the app, seats students in it, and says whether it held.

    python -m tests.load --students 1,10,30,60 --seconds 60 --tabs 3 --json
    python -m tests.load --scenario heavy --students 8
    python -m tests.load --scenario soak --students 10 --seconds 3600 --sample 30 --csv soak.csv
    python -m tests.load --scenario wave --students 30

Students are clients that speak Streamlit's protocol and the live route; --tabs adds real browsers.
Everything stays on this machine, and everything that was started is stopped at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.load.classroom import ready_seconds
from tests.load.scenarios import SCENARIOS, Outcome
from tests.load.server import Server, serving

MOST_STUDENTS = 200
LONGEST_SECONDS = 4 * 3600.0


def main(arguments: list[str] | None = None) -> int:
    """Run it; 0 where every target was met."""
    asked = parsed(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the server is stopped then, too
    outcomes: list[Outcome] = []
    for students in asked.students:
        for name in asked.scenario:
            print(f"{name}, {students} students, {asked.seconds:g} s …", file=sys.stderr, flush=True)
            with server(asked) as running:
                ready = asyncio.run(ready_seconds(running))
                outcome = SCENARIOS[name](running, students, asked)
                outcome.figures["ready_seconds"] = ready
            outcomes.append(outcome)
            print(report(outcome), file=sys.stderr if asked.json else sys.stdout, flush=True)
    if asked.json:
        print(json.dumps([outcome._asdict() for outcome in outcomes], default=str))
    return 0 if all(verdict.met is not False for outcome in outcomes for verdict in outcome.verdicts) else 1


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=counts, default=[10], help="one number or several: 1,10,30,60")
    parser.add_argument("--seconds", type=float, default=60.0, help="measured once all play (default 60)")
    parser.add_argument(
        "--scenario",
        type=lambda text: [named(name) for name in text.split(",")],
        default=["mixed", "equal"],
        help=f"one or several of {', '.join(SCENARIOS)} (default mixed,equal)",
    )
    parser.add_argument("--tabs", type=int, default=0, choices=range(7), help="real browser tabs beside them")
    parser.add_argument("--workers", help="RNNLAB_WORKERS of the server; default: as in this environment")
    parser.add_argument("--port", type=int, help="the server's port; default: a free one")
    parser.add_argument("--url", help="a server that runs already, http://localhost:PORT; needs --pid")
    parser.add_argument("--pid", type=int, help="its process")
    parser.add_argument("--seed", type=int, default=0, help="of everything that is random")
    parser.add_argument("--sample", type=float, default=30.0, help="seconds between rows of the soak's table")
    parser.add_argument("--csv", type=Path, help="where the soak writes its table")
    parser.add_argument("--settle", type=float, default=130.0, help="seconds of quiet after a wave")
    parser.add_argument("--keep-log", type=Path, help="where the server's log is to stay")
    parser.add_argument("--json", action="store_true", help="one JSON value on the last line of stdout")
    asked = parser.parse_args(arguments)
    if (asked.url is None) != (asked.pid is None):
        parser.error("--url and --pid go together.")
    if not 0 < asked.seconds <= LONGEST_SECONDS:
        parser.error(f"--seconds must be above 0 and at most {LONGEST_SECONDS:g}.")
    return asked


def counts(text: str) -> list[int]:
    numbers = [int(part) for part in text.split(",")]
    if not all(1 <= number <= MOST_STUDENTS for number in numbers):
        raise argparse.ArgumentTypeError(f"1 to {MOST_STUDENTS} students")
    return numbers


def named(name: str) -> str:
    if name not in SCENARIOS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(SCENARIOS)}")
    return name


@contextmanager
def server(asked: argparse.Namespace) -> Iterator[Server]:
    """The server that was named, or a fresh one."""
    if asked.url:
        yield Server(asked.url.rstrip("/"), asked.pid, None, None)
        return
    with tempfile.TemporaryDirectory() as folder:
        log = asked.keep_log or Path(folder) / "server.log"
        with serving(log, asked.workers, asked.port) as running:
            yield running


def report(outcome: Outcome) -> str:
    """Figures and verdicts, for a person."""
    lines = [f"== {outcome.scenario}, {outcome.students} students"]
    lines += [f"{name:24s} {shown(value)}" for name, value in outcome.figures.items()]
    return "\n".join([*lines, *(verdict.line() for verdict in outcome.verdicts), ""])


def shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return "  ".join(f"{name} {shown(entry)}" for name, entry in value.items())
    return str(value)
