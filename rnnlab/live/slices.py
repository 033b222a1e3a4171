"""The work of a worker: some updates of one run and, when asked, a picture and a report of it."""

from __future__ import annotations

from time import perf_counter
from typing import Any, NamedTuple

from rnnlab.config import Design, Settings
from rnnlab.live.kinds import KINDS
from rnnlab.live.picture import Picture
from rnnlab.state import Records, Report, RunState


class SliceRequest(NamedTuple):
    """`state` is None for a run that has not begun; `updates` may be 0. `kind` is the picture's."""

    design: Design
    settings: Settings
    state: RunState | None
    updates: int
    want_picture: bool
    want_report: bool
    kind: str = "lab"


class SliceResult(NamedTuple):
    """`written` is what the network writes by itself; like `report`, None unless a report was wanted."""

    state: RunState
    records: Records
    picture: Picture | None
    report: Report | None
    written: dict[str, Any] | None
    train_seconds: float
    picture_seconds: float
    report_seconds: float


def run_slice(request: SliceRequest) -> SliceResult:
    """A pure function of the request, but for the seconds. Raises ValueError as `begin` and `advance` do."""
    from rnnlab.evaluation import evaluate
    from rnnlab.live.writing import written
    from rnnlab.training import advance, begin

    started = perf_counter()
    state = begin(request.design) if request.state is None else request.state
    state, records = advance(state, request.settings, request.updates)
    trained = perf_counter()
    kind = KINDS[request.kind]
    picture = kind.draw(state, request.settings) if request.want_picture else None
    drawn = perf_counter()
    report = evaluate(state, request.settings) if request.want_report else None
    wrote = written(state, request.settings) if request.want_report and kind.writes else None
    costs = trained - started, drawn - trained, perf_counter() - drawn
    return SliceResult(state, records, picture, report, wrote, *costs)
