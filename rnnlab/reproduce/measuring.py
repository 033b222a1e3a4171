"""Jobs in worker processes, chunk by chunk: as many at a time as there are workers.

A chunk trains through `rnnlab.advance` up to the next measurement. Chunks of one job follow each
other, so that a job ends before the next begins, and Ctrl-C loses only the jobs under way.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import NamedTuple

from rnnlab.live.pool import Pool
from rnnlab.live.workers import executor_from_environment, usable_cores
from rnnlab.reproduce.experiment import Job, Measured
from rnnlab.state import RunState


class Chunk(NamedTuple):
    """A job's state after a chunk, and what was measured of it."""

    state: RunState | None
    measured: Measured


def run_chunk(job: Job, before: Chunk | None = None) -> Chunk:
    """A job's next chunk: its first one without `before`. Runs in a worker."""
    from rnnlab.reproduce import EXPERIMENTS
    from rnnlab.training import advance, begin

    about, started = EXPERIMENTS[job.experiment].variants[job.variant], perf_counter()
    spent = before.measured.seconds if before else 0.0
    if about.training is None:
        numbers = about.measure()
        return Chunk(None, Measured(numbers, 0, perf_counter() - started, finished=True))
    plan = about.training
    state = before.state if before else None
    state = state or begin(replace(plan.design, seed=job.seed))
    state, _ = advance(state, plan.settings, min(plan.every, plan.budget - state.update))
    numbers = about.measure(state)
    ended = state.divergence is not None or state.update >= plan.budget or plan.solved(numbers)
    seconds = spent + perf_counter() - started
    return Chunk(state, Measured(numbers, state.update, seconds, ended, state.diverged_at))


@contextmanager
def workers() -> Iterator[tuple[Executor, int]]:
    """Worker processes and how many: one for each core, or what RNNLAB_WORKERS asks for.

    They are ended at once where an exception or Ctrl-C comes: a chunk under way is of no use any more.
    """
    asked, others = os.environ.get("RNNLAB_WORKERS", "").strip(), multiprocessing.active_children()
    pool = executor_from_environment() if asked else Pool(usable_cores())
    try:
        yield pool, getattr(pool, "workers", 1)
    except BaseException:
        for process in multiprocessing.active_children():
            if process not in others:
                process.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def measure_all(
    jobs: Sequence[Job],
    pool: Executor,
    at_once: int,
    found: dict[Job, Measured],
    progress: Callable[[Job, Measured], None],
) -> None:
    """Fill `found` job by job, `at_once` of them at a time; `progress` is called after every chunk.

    What was found so far is in `found` even where this ends with an exception or Ctrl-C.
    """
    waiting = deque(jobs)
    running: dict[Future[Chunk], Job] = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            running[pool.submit(run_chunk, waiting[0])] = waiting[0]
            waiting.popleft()
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            job, chunk = running.pop(future), future.result()
            found[job] = chunk.measured
            progress(job, chunk.measured)
            if not chunk.measured.finished:
                running[pool.submit(run_chunk, job, chunk)] = job
