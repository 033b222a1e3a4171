"""What there is to see of a run: for the page its Status, for a frame its Content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from rnnlab.config import Design, Settings
from rnnlab.live.history import Curves, FallRow
from rnnlab.live.picture import Picture
from rnnlab.live.stretches import Stretch
from rnnlab.patience import Stop
from rnnlab.state import Divergence, Report


@dataclass(frozen=True)
class Status:
    """A run as the page reads it. `run` is the short id; `loss` is None before the first update.

    `status` is starting, playing, paused, waiting (on its way to another update), diverged, stopped
    early (`early_stop` says why) or stopped; `message` says why it stopped. `rewind_to` is the last
    update whose weights still worked, for a run that diverged; `going_to` the update that a rewind is
    on its way to; `busy` whether an answer is due that will change `update`, also after a pause.
    `title` is what a person called the run.
    """

    run: str
    design: Design
    settings: Settings
    status: str
    update: int
    furthest: int
    loss: float | None
    updates_per_second: float | None
    viewers: int
    divergence: Divergence | None
    rewind_to: int | None
    message: str | None
    stretches: tuple[Stretch, ...] = ()
    going_to: int | None = None
    early_stop: Stop | None = None
    busy: bool = False
    title: str = ""


class Content(NamedTuple):
    """All that a frame shows of a run at one moment.

    `picture_update` is the update drawn last; `written` what the network wrote by itself, or None;
    `kind` is the picture's, a key of KINDS; `fall` the rows of the waterfall, oldest first.
    """

    run: Status
    stamp_ms: float
    picture: Picture | None
    picture_update: int | None
    report: Report | None
    written: Mapping[str, Any] | None
    curves: Curves
    kind: str = "lab"
    fall: tuple[FallRow, ...] = ()
