"""What a slice costs on its way: in the pool of this machine, and on a Dask cluster beside it.

The calls take turns, so that both sides see the same machine. Dask's scheduler and worker run on
this machine too: a network adds its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from statistics import median
from time import perf_counter
from typing import Any

from rnnlab.config import Design, Settings
from rnnlab.live.pool import Pool
from rnnlab.live.slices import SliceRequest, run_slice

DESIGN = Design(task="adding", cell="lstm", hidden_size=64, batch_size=32, seed=0)
SETTINGS = Settings(length=50, learning_rate=1e-3)
TEXT_CHARACTERS = 1_000_000
OWN_TEXT = Design(task="language-model", cell="lstm", hidden_size=64, batch_size=32, seed=0)
"""The same state's size, learned from a text of somebody's own that long."""

MISSING = "Dask is not installed: pip install 'rnnlab[cluster]'"


def pool_figures(quick: bool) -> dict[str, Any]:
    """Milliseconds of a slice of one update beyond the worker's own: `local_ms`, and `dask_ms` or None.

    `local_text_ms` and `dask_text_ms` are those of a run on a long text of somebody's own.
    """
    repeats = 10 if quick else 60
    text = "the quick brown fox " * (TEXT_CHARACTERS // 20)
    designs = {"": DESIGN, "_text": replace(OWN_TEXT, task_options={"text": text})}
    pool = Pool(1)
    try:
        with rented() as cluster:
            there: dict[str, Executor] = {"local": pool}
            there |= {} if cluster is None else {"dask": cluster}
            costs = {about: journeys(there, design, repeats) for about, design in designs.items()}
    finally:
        pool.shutdown(wait=False)
    return {
        f"{name}{about}_ms": median(found[name]) if name in found else None
        for about, found in costs.items()
        for name in ("local", "dask")
    }


def journeys(executors: dict[str, Executor], design: Design, repeats: int) -> dict[str, list[float]]:
    """For each executor, milliseconds of its calls that the worker did not spend on the slice."""
    state = run_slice(SliceRequest(design, SETTINGS, None, 1, False, False)).state
    request = SliceRequest(design, SETTINGS, state, 1, False, False)
    costs: dict[str, list[float]] = {name: [] for name in executors}
    for round_number in range(repeats + 1):
        for name, executor in executors.items():
            started = perf_counter()
            result = executor.submit(run_slice, request).result()
            cost = perf_counter() - started - result.train_seconds
            if round_number:  # the first one starts what is not running yet
                costs[name].append(1000 * cost)
    return costs


@contextmanager
def rented() -> Iterator[Executor | None]:
    """A cluster of one worker on this machine; None where Dask is not installed."""
    if find_spec("distributed") is None:
        yield None
        return
    from distributed import LocalCluster

    from rnnlab.live.cluster import Cluster

    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with closing(LocalCluster(**options)) as machines:  # type: ignore[no-untyped-call]
        cluster = Cluster(machines.scheduler_address)
        try:
            yield cluster
        finally:
            cluster.shutdown()


def pool_lines(figures: dict[str, Any]) -> list[str]:
    """The figures as a person reads them."""
    return [
        f"a slice's way there and back: {ways(figures, '')}",
        f"with a text of one's own of {TEXT_CHARACTERS:,} characters: {ways(figures, '_text')}",
    ]


def ways(figures: dict[str, Any], about: str) -> str:
    local, dask = figures[f"local{about}_ms"], figures[f"dask{about}_ms"]
    there = MISSING if dask is None else f"{dask:.2f} ms on a Dask cluster on this machine"
    return f"{local:.2f} ms in the local pool; {there}"
