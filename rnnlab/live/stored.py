"""A live run as a value that a file or a store can hold: as it stands, with its past."""

from __future__ import annotations

from rnnlab.files import StoredRun
from rnnlab.live.history import History, position
from rnnlab.live.run import Run
from rnnlab.state import Records, Report

NOT_YET = "The run has no weights yet; try again in a moment."


def stored(run: Run) -> StoredRun:
    """The run at its update, with the records and reports up to there.

    The picture is the newest that was drawn. Raises ValueError before the first weights are there.
    """
    if run.state is None:
        raise ValueError(NOT_YET)
    reached = position(run.state)
    records, rows = run.records(), run.history.table.row_after(reached)
    past = Records._make(column[:rows] for column in records)
    written = dict(run.written) if run.written else None
    return StoredRun(run.state, run.settings, past, reports(run.history, reached), run.picture, written)


def reports(history: History, update: int) -> tuple[Report, ...]:
    """The held-out reports up to `update`, oldest first."""
    found: list[Report] = []
    while (report := history.report_at(update)) is not None:
        found.append(report)
        update = report.update - 1
    return tuple(reversed(found))
