"""What the live page costs beside the training: a slice's overhead, a picture, a report, a frame."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from statistics import median
from time import monotonic, perf_counter
from typing import Any

from rnnlab.config import Design, Settings
from rnnlab.live.frames import pack
from rnnlab.live.history import state_bytes
from rnnlab.live.run import Run
from rnnlab.live.slices import SliceRequest, SliceResult, run_slice
from rnnlab.live.view import View

DESIGN = Design(task="adding", cell="lstm", hidden_size=64, batch_size=32, seed=0)
SETTINGS = Settings(length=50, learning_rate=1e-3)
MORE = 10
"""Updates by which a long slice is longer than a short one."""


def live_figures(quick: bool) -> dict[str, Any]:
    """Milliseconds and bytes at 50 time steps and 64 units of an LSTM."""
    from rnnlab.evaluation import evaluate
    from rnnlab.live.picture import draw

    repeats, updates = (3, 40) if quick else (15, 400)
    result = run_slice(slice_of(None, 1))
    state = result.state
    return {
        "slice": slice_figures(result, repeats),
        "picture_ms": milliseconds(lambda: draw(state, SETTINGS), repeats),
        "evaluate_ms": milliseconds(lambda: evaluate(state, SETTINGS), repeats),
        "frame": frame_figures(updates, repeats),
    }


def milliseconds(call: Callable[[], object], repeats: int) -> float:
    """The median time of a call, after one that does not count."""
    call()
    return median(timed(call) for _ in range(repeats))


def timed(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return 1000 * (perf_counter() - started)


def slice_of(result: SliceResult | None, updates: int) -> SliceRequest:
    state = result.state if result else None
    return SliceRequest(DESIGN, SETTINGS, state, updates, want_picture=False, want_report=False)


def slice_figures(result: SliceResult, repeats: int) -> dict[str, Any]:
    """Overhead: what a slice takes beyond its updates, from slices of 1 and of 1 + MORE updates.

    A difference of two times is lost in the noise of medians, so these are the shortest times.
    """
    short, long = (lambda: run_slice(slice_of(result, 1))), (lambda: run_slice(slice_of(result, 1 + MORE)))
    pairs = [(timed(short), timed(long)) for _ in range(repeats)]
    short_ms, long_ms = (min(times) for times in zip(*pairs, strict=True))
    update_ms = (long_ms - short_ms) / MORE
    return {
        "empty_ms": milliseconds(lambda: run_slice(slice_of(result, 0)), repeats),
        "update_ms": update_ms,
        "overhead_ms": short_ms - update_ms,
        "transport_ms": milliseconds(lambda: through_bytes(result), repeats),
        "state_bytes": state_bytes(result.state),
    }


def through_bytes(result: SliceResult) -> None:
    """What a process pool does to a request and its answer."""
    for value in (slice_of(result, 1), result):
        pickle.loads(pickle.dumps(value))


def frame_figures(updates: int, repeats: int) -> dict[str, Any]:
    """The frame of a run that has its picture and has trained for `updates`, driven as the page drives it."""
    run = Run("bench", DESIGN, SETTINGS, history_bytes=50_000_000)
    run.play()
    while run.update < updates or run.picture is None:
        job = run.next_job(monotonic(), watched=True)
        assert job is not None
        started = monotonic()
        run.land(job, run_slice(job.request(DESIGN)), started, monotonic())
    content = run.content(stamp_ms=0.0)
    return {
        "bytes": len(pack(content, View())),
        "pack_ms": milliseconds(lambda: pack(content, View()), repeats),
        "curve_points": len(content.curves.update),
        "updates": run.update,
    }
