"""`rnnlab reproduce [NAME]`: small published experiments, run again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rnnlab.commands.refusal import refuse
from rnnlab.commands.train import INTERRUPTED, strict_json
from rnnlab.fields import shown

if TYPE_CHECKING:
    from rnnlab.reproduce.experiment import Job, Measured

MOST_SEEDS = 100


def run_reproduce(asked: argparse.Namespace) -> int:
    from rnnlab.reproduce import EXPERIMENTS
    from rnnlab.reproduce.experiment import RULE, jobs_of
    from rnnlab.reproduce.table import facts, words

    if asked.name is not None and asked.name not in EXPERIMENTS:
        refuse(f"NAME must be one of {', '.join(EXPERIMENTS)}, or left out, not {shown(asked.name)}.")
    names = [asked.name] if asked.name else list(EXPERIMENTS)
    jobs = jobs_of(EXPERIMENTS, names, asked.seeds)
    found: dict[Job, Measured] = {}
    started = perf_counter()
    interrupted, processes = measure(jobs, found)
    told = facts(EXPERIMENTS, jobs, found)
    about = {
        "seeds": asked.seeds,
        "seconds": perf_counter() - started,
        "worker_processes": processes,
        "interrupted": interrupted,
    }
    if asked.json:
        print(strict_json({"experiments": told, "rule": RULE, **about}))
    else:
        print(f"{words(told, details=asked.name is not None)}\n\n{summary(jobs, found, about)}")
    return INTERRUPTED if interrupted else 0


def measure(jobs: Sequence[Job], found: dict[Job, Measured]) -> tuple[bool, int]:
    """Fill `found`, with a bar that moves. Returns whether Ctrl-C ended it, and how many processes worked."""
    from tqdm import tqdm

    from rnnlab.reproduce.measuring import measure_all, workers

    number = 0
    try:
        with workers() as (pool, number), tqdm(total=expected(jobs), unit=" updates", file=sys.stderr) as bar:
            measure_all(jobs, pool, number, found, moves(bar, jobs))
    except KeyboardInterrupt:
        return True, number
    except BrokenProcessPool:
        refuse("a worker process was ended from outside, perhaps for lack of memory; run it again.")
    return False, number


def budget(job: Job) -> int:
    """The most updates that a job may take."""
    from rnnlab.reproduce import EXPERIMENTS

    plan = EXPERIMENTS[job.experiment].variants[job.variant].training
    return plan.budget if plan else 0


def expected(jobs: Sequence[Job]) -> int:
    return sum(map(budget, jobs))


def moves(bar: Any, jobs: Sequence[Job]) -> Callable[[Job, Measured], None]:
    """What moves the bar: a job that ends early takes what it did not need off the total."""
    updates = dict.fromkeys(jobs, 0)
    ended: set[Job] = set()

    def move(job: Job, measured: Measured) -> None:
        done, updates[job] = measured.updates - updates[job], measured.updates
        if measured.finished:
            ended.add(job)
            bar.total -= budget(job) - measured.updates
        bar.set_postfix_str(
            f"{len(ended)} of {len(jobs)} runs, {job.experiment} {job.variant}", refresh=not done
        )
        bar.update(done)

    return move


def summary(jobs: Sequence[Job], found: dict[Job, Measured], about: dict[str, Any]) -> str:
    spent = sum(measured.seconds for measured in found.values())
    ended = sum(measured.finished for measured in found.values())
    processes = about["worker_processes"]
    done = f"{ended} of {len(jobs)} runs{', interrupted' if about['interrupted'] else ''}"
    how = f"{processes} worker process{'es' if processes > 1 else ''}"
    return f"{done}: {spent:.0f} s of work in {about['seconds']:.0f} s, {how}"
