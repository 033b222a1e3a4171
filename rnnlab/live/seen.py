"""What has been seen of a run: its newest picture, and for which update and settings it was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from rnnlab.config import Settings
from rnnlab.files import StoredRun
from rnnlab.live.jobs import Job
from rnnlab.live.picture import Picture
from rnnlab.live.slices import SliceResult

Place = tuple[int, Settings]
"""An update, and the settings in force there."""


class Seen(NamedTuple):
    """The newest picture and text of a run. `drawn` and `evaluated` say where the last were asked for."""

    picture: Picture | None = None
    written: Mapping[str, Any] | None = None
    drawn: Place | None = None
    evaluated: Place | None = None

    @classmethod
    def of(cls, stored: StoredRun, here: Place) -> Seen:
        """What a stored run brings, which stands `here`."""
        drawn = here if stored.picture else None
        return cls(stored.picture, stored.written, drawn, here if stored.reports else None)

    def stale(self) -> Seen:
        """The same to look at until there is something newer, of no place."""
        return Seen(self.picture, self.written)

    def after(self, job: Job, result: SliceResult, update: int) -> Seen:
        """With what came back from `job`, which led to `update`."""
        here = (update, job.settings)
        return Seen(
            self.picture if result.picture is None else result.picture,
            self.written if result.report is None else result.written,
            here if job.plan.want_picture else self.drawn,
            here if job.plan.want_report else self.evaluated,
        )
