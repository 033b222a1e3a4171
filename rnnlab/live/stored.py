"""A live run as a value that a file or a store can hold: as it stands, with its past."""

from __future__ import annotations

from rnnlab.files import StoredRun
from rnnlab.live.history import position
from rnnlab.live.run import Run
from rnnlab.state import Records

NOT_YET = "The run has no weights yet; try again in a moment."
KEPT_ROWS = 2000
"""Records that a store keeps one by one; all of them are in buckets, and come back by replay."""


def stored(run: Run) -> StoredRun:
    """The run at its update, with the records and reports up to there.

    The picture is the newest that was drawn. Raises ValueError before the first weights are there.
    """
    if run.state is None:
        raise ValueError(NOT_YET)
    reached = position(run.state)
    table = run.history.table.upto(reached)
    written = dict(run.seen.written) if run.seen.written else None
    return StoredRun(
        run.state,
        run.settings,
        table.records(),
        tuple(report for report in run.history.reports if report.update <= reached),
        run.picture,
        written,
        tuple(stretch for stretch in run.history.stretches if stretch.start < reached),
        table.buckets,
        run.title,
    )


def kept(run: Run) -> StoredRun | None:
    """The run for a store: with all that can be gone back to, but small; None before its first weights."""
    if run.state is None:
        return None
    table = run.history.table
    return StoredRun(
        run.state,
        run.settings,
        Records._make(column.copy() for column in table.newest(KEPT_ROWS)),
        run.history.reports,
        stretches=run.history.stretches,
        buckets=table.buckets,
        title=run.title,
    )
