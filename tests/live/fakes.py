"""A slice that costs nothing and obeys the same laws as the real one, and executors to test with.

One weight; an update makes it 0.9 w + learning rate + update / 1000. A learning rate above 5
breaks the run at its third update from there on. Lengths name the mishaps: 61 raises, 62 ends the
worker's process, 63 never ends, 64 asks for more memory than there is.
"""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path

import numpy as np

from rnnlab import Design, Records, Report, RunState, Settings
from rnnlab.live.picture import Picture
from rnnlab.live.slices import SliceRequest, SliceResult
from rnnlab.state import Divergence

DESIGN = Design(task="adding")
SETTINGS = Settings(length=20, learning_rate=0.01)
RAISES, KILLS, HANGS, HUNGRY = 61, 62, 63, 64
DEADLINE_SECONDS = 180.0  # a busy machine takes its time; nobody waits longer than it takes


def fake_slice(request: SliceRequest) -> SliceResult:
    if request.settings.length == RAISES:
        raise ArithmeticError("no such\nluck")
    if request.settings.length == KILLS:
        os._exit(1)
    if request.settings.length == HANGS and request.updates:
        time.sleep(3600)
    if request.settings.length == HUNGRY:
        np.empty(1 << 55)
    state = request.state or RunState(request.design, 0, {"w": np.ones(3, np.float32)})
    rows = []
    for _ in range(request.updates):
        if state.divergence:
            break
        state, row = fake_update(state, request.settings)
        rows.append(row)
    picture = fake_picture(state.update) if request.want_picture else None
    report = fake_report(state) if request.want_report else None
    written = {"generated": [f"after {state.update}"]} if request.want_report else None
    return SliceResult(
        state, Records.from_rows(rows), picture, report, written, 0.001 * len(rows), 0.001, 0.001
    )


def start_small() -> None:
    """For a worker: what these slices need is imported with this, and no torch."""


def hang_at_start() -> None:
    """For a worker: its first start never ends, the next one does."""
    hung = Path(os.environ["RNNLAB_TEST_HANG_ONCE"])
    if not hung.exists():
        hung.touch()
        time.sleep(3600)


def sleep_and_say(seconds: float) -> int:
    """The process that slept."""
    time.sleep(seconds)
    return os.getpid()


def until_there(path: Path) -> None:
    """Ends when there is a file at `path`."""
    while not path.exists():
        time.sleep(0.01)


def lasting_slice(request: SliceRequest) -> SliceResult:
    """As `fake_slice`, but an update works for 2 ms for every hidden unit."""
    started = time.perf_counter()
    result = fake_slice(request)
    until_used = time.thread_time() + 0.002 * request.design.hidden_size * result.records.rows
    while time.thread_time() < until_used:
        pass
    return result._replace(train_seconds=time.perf_counter() - started)


def fake_update(state: RunState, settings: Settings) -> tuple[RunState, tuple[float, ...]]:
    update = state.update + 1
    if settings.learning_rate > 5 and update % 3 == 0:
        broken = Divergence(update, "h", 4, f"Update {update} broke the run.")
        return replace(state, divergence=broken), (update, np.nan, np.inf, np.nan, 0, 1, np.nan)
    weight = np.float32(0.9) * state.weights["w"] + np.float32(settings.learning_rate + update / 1000)
    row = (update, float(weight[0]), 2.0, 1.0, 0.0, 1.0, 0.1)
    return replace(state, update=update, weights={"w": weight}), row


def fake_picture(update: int) -> Picture:
    views = {
        "layers": [["recurrent/0/forward", "layer 1"]],
        "quantities": [["h", "hidden state h"], ["f", "forget gate f"]],
        "layer": "recurrent/0/forward",
        "quantity": "h",
        "scales": {"recurrent/0/forward:h": [-1, 1], "recurrent/0/forward:f": [0, 1]},
    }
    arrays = {
        "heat:recurrent/0/forward:h": np.full((3, 5), update % 255, np.uint8),
        "heat:recurrent/0/forward:f": np.full((3, 5), 7, np.uint8),
        "row:recurrent/0/forward": np.zeros(5, np.uint8),
        "flow:recurrent/0/forward:median": np.array([-np.inf, 0, 1, 2, np.nan], np.float32),
    }
    flows = {"recurrent/0/forward": {"verdict": {"kind": "healthy"}, "layers": [], "layer_label": ""}}
    meta = {"title": "fake", "views": views, "flow": {}, "flows": flows, "predictions": {"rows": []}}
    return Picture(meta, arrays)


def fake_report(state: RunState) -> Report:
    return Report(
        update=state.update,
        loss=0.5,
        metric=0.5,
        metric_name="mean_squared_error",
        metric_label="mean squared error",
        metric_text="0.5",
        baseline_loss=0.17,
        baseline_metric=0.17,
        baseline_words="guessing",
        baseline_exact=True,
    )


def straight(updates: int, settings: Settings = SETTINGS, state: RunState | None = None) -> SliceResult:
    """The same run in one slice."""
    return fake_slice(SliceRequest(DESIGN, settings, state, updates, False, False))


class Held(Executor):
    """Keeps every call until `release`; counts how many were under way at once."""

    def __init__(self) -> None:
        self.calls: list[tuple[Future, object, tuple]] = []
        self.most = 0
        self._lock = threading.Lock()

    def submit(self, fn, /, *args, **kwargs) -> Future:
        future: Future = Future()
        with self._lock:
            self.calls.append((future, fn, args))
            self.most = max(self.most, len(self.calls))
        return future

    def release(self) -> SliceRequest:
        """Answer the oldest call, once there is one."""
        until(lambda: self.calls)
        with self._lock:
            future, fn, args = self.calls.pop(0)
        future.set_result(fn(*args))
        return args[0]


def until(condition, seconds: float = DEADLINE_SECONDS) -> None:
    """Wait for `condition`, and fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)
