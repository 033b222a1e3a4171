"""Jobs: what a run asks its workers for, and what an answer says about their pace."""

from __future__ import annotations

from typing import NamedTuple

from rnnlab.config import Design, Settings
from rnnlab.live.pace import Landing, Plan
from rnnlab.live.slices import SliceRequest, SliceResult
from rnnlab.state import RunState


class Job(NamedTuple):
    """A slice to be computed. `kind` is draw, train or replay."""

    kind: str
    epoch: int
    state: RunState | None
    settings: Settings
    plan: Plan

    def request(self, design: Design, picture: str = "lab") -> SliceRequest:
        return SliceRequest(design, self.settings, self.state, *self.plan[:3], kind=picture)


def landing_of(job: Job, result: SliceResult, submitted_at: float, now: float) -> Landing:
    return Landing(
        submitted_at=submitted_at,
        landed_at=now,
        updates=result.records.rows,
        train_seconds=result.train_seconds,
        picture_seconds=result.picture_seconds if result.picture is not None else None,
        report_seconds=result.report_seconds if result.report is not None else None,
    )
