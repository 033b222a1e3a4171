"""The way a person went: networks one after another, by updates and by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rnnlab.unroll.computation import compute, updated
from rnnlab.unroll.tiny import Tiny

MOST_UPDATES = 200
"""Updates that a link replays; after so many the numbers themselves become the start."""

LONGEST_TRAIL = 1000


class Stop(NamedTuple):
    """A network, how many updates lie between it and the last change by hand, and its loss."""

    tiny: Tiny
    updates: int
    loss: float


@dataclass(frozen=True)
class Trail:
    """`stops`, the first to the one in force. Every method gives a new trail."""

    stops: tuple[Stop, ...]

    @property
    def now(self) -> Tiny:
        return self.stops[-1].tiny

    @property
    def updates(self) -> int:
        return self.stops[-1].updates

    @property
    def start(self) -> Tiny:
        """The network before its updates."""
        return self.stops[-1 - self.updates].tiny

    @property
    def losses(self) -> list[float]:
        """Before the first update and after each."""
        return [stop.loss for stop in self.stops[-1 - self.updates :]]

    def update(self, times: int = 1) -> Trail:
        trail = self
        for _ in range(times):
            count = (trail.updates + 1) % (MOST_UPDATES + 1)
            trail = trail.then(updated(trail.now), count)
        return trail

    def change(self, tiny: Tiny) -> Trail:
        """Go on with a network that a person made."""
        return self.then(tiny, 0)

    def then(self, tiny: Tiny, updates: int) -> Trail:
        return Trail((*self.stops, Stop(tiny, updates, compute(tiny).loss))[-LONGEST_TRAIL:])

    def undo(self) -> Trail:
        """One update or one change back."""
        return Trail(self.stops[:-1]) if len(self.stops) > 1 else self

    def before_updates(self) -> Trail:
        """Back to the network before its updates."""
        return Trail(self.stops[: len(self.stops) - self.updates])


def begun(tiny: Tiny, updates: int = 0) -> Trail:
    """A trail that starts here, with so many updates made."""
    return Trail((Stop(tiny, 0, compute(tiny).loss),)).update(updates)
