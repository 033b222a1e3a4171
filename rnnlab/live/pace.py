"""Pace: how many updates the next slice gets, and whether it draws and evaluates as well.

Times are seconds of a monotonic clock, given by the caller. `crowd` is how many runs train for each
worker. Where there are more runs than workers, slices shrink, so that everybody's turn comes
often enough for their numbers to move; and pictures and reports, of which a run alone has as many
as the eye can use, take a bounded share of the worker's time instead. A slice is one update at
least: a run of which that is already more than its share lasts is given a larger one, up to a bound.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from rnnlab.patience import updates_to_look

SLICE_SECONDS = 0.1
SLICE_SHORTEST_SECONDS = 0.05
SLICE_LONGEST_SECONDS = 0.15
PICTURE_SECONDS = 0.2  # five pictures a second at most
PICTURE_SHARE = 20  # and at least twenty times what one costs between two of them
PICTURE_LATE_SECONDS = 0.25  # below this the beat stays at five a second; above, frames go out in between
FRAME_SECONDS = 0.115  # with no new picture, the numbers and curves still go out
REPORT_SECONDS = 1.0
REPORT_SHARE = 40
RATE_SECONDS = 2.0
ROTATION_SECONDS = 0.185  # in a crowd: until everybody has had a turn, as far as can be foreseen
TURN_SECONDS = 0.247  # and as it turns out, in the mean: slices get shorter while turns come less often
LATEST = 4.0  # turns that one long wait counts for
BREADTHS = 0.25, 2.0
STEADINESS = 0.3
RARER_BELOW = 0.5  # slices that have become that short do not suffice: pictures get rarer as well
SLICE_LEAST_SECONDS = 0.006  # below this, rebuilding the model is what a slice consists of
CROWDED_PICTURE_SHARE = 6  # in a crowd pictures may take a sixth of the worker's time
CROWDED_REPORT_SHARE = 15
SECOND_REPORT_SECONDS = 10.0
SPARE = 1.1  # what a turn takes beside what is measured of it
MOST_WEIGHT = 2.0
BEYOND_HELP = 3.0  # times its share; no weight that others would bear makes so dear a run move
LATE_SECONDS = 0.05  # a picture this late does not shift the beat of the next ones


class Plan(NamedTuple):
    """The next slice: updates, and what comes with them. `weight`: how many shares of the workers."""

    updates: int
    want_picture: bool
    want_report: bool
    weight: float = 1.0

    def looking(self, update: int, patience: int) -> Plan:
        """No further from `update` than to the next look that early stopping wants, and no other look."""
        if not patience:
            return self
        most = updates_to_look(update, patience)
        return self._replace(updates=min(self.updates, most), want_report=self.updates >= most)


class Landing(NamedTuple):
    """A slice of training that came back. Wall-clock is from submission to return."""

    submitted_at: float
    landed_at: float
    updates: int
    train_seconds: float
    picture_seconds: float | None
    report_seconds: float | None


@dataclass
class Pace:
    """What the last slices cost."""

    update_seconds: float | None = None
    picture_seconds: float = 0.0
    report_costs: tuple[float, ...] = ()
    picture_at: float = -math.inf
    report_at: float = -math.inf
    breadth: float = 1.0  # of slices in a crowd, against what was foreseen
    _turn_at: float | None = None
    _recent: deque[Landing] = field(default_factory=deque)

    def again(self) -> Pace:
        """What is known of costs, for a run that begins anew."""
        return Pace(update_seconds=self.update_seconds, breadth=self.breadth)

    def plan(self, now: float, crowd: float = 1.0) -> Plan:
        """One update until its cost is known; then as many as fill the time until the next picture."""
        until_picture = self.picture_at + self._picture_interval(crowd) - now
        want_report = self.report_at + self._report_interval(crowd) <= now
        longest = self._longest(crowd)
        want_picture = until_picture <= max(SLICE_LONGEST_SECONDS, longest * crowd)
        if self.update_seconds is None:
            return Plan(1, want_picture, want_report)
        if longest < SLICE_LONGEST_SECONDS:
            updates = int(self._crowded_budget(longest, want_picture) / max(self.update_seconds, 1e-6))
        else:
            updates = round(self._budget(until_picture, want_picture) / max(self.update_seconds, 1e-6))
        return Plan(max(1, updates), want_picture, want_report, self._weight(crowd))

    def _weight(self, crowd: float) -> float:
        """Shares that turns of one update take, often enough for the eye; one, where fewer would do."""
        training = (self.update_seconds or 0.0) / TURN_SECONDS
        drawing = self.picture_seconds / self._picture_interval(crowd)
        reporting = min(self.report_costs, default=0.0) / self._report_interval(crowd)
        shares = SPARE * crowd * (training + drawing + reporting)
        return min(max(shares, 1.0), MOST_WEIGHT) if shares <= BEYOND_HELP else 1.0

    def _longest(self, crowd: float) -> float:
        """Seconds that a slice may take; in a crowd so few that turns come often enough for the eye."""
        foreseen = ROTATION_SECONDS / crowd
        if foreseen >= SLICE_LONGEST_SECONDS:
            self._turn_at, self.breadth = None, 1.0
            return SLICE_LONGEST_SECONDS
        return min(SLICE_LONGEST_SECONDS, max(foreseen * self.breadth, SLICE_LEAST_SECONDS))

    def _budget(self, until_picture: float, want_picture: bool) -> float:
        """Seconds of training that end, with the picture's own, when the picture is due."""
        budget = until_picture - self.picture_seconds
        if not want_picture:
            budget = until_picture / round(until_picture / SLICE_SECONDS)
        return min(max(budget, SLICE_SHORTEST_SECONDS), SLICE_LONGEST_SECONDS)

    def _crowded_budget(self, longest: float, want_picture: bool) -> float:
        """Seconds of training in a slice that takes `longest` with its picture, but not much fewer."""
        return max(longest - self.picture_seconds * want_picture, longest / 2, SLICE_LEAST_SECONDS)

    def _picture_interval(self, crowd: float) -> float:
        alone = PICTURE_SHARE * self.picture_seconds
        rarer = max(1.0, RARER_BELOW / self.breadth)
        crowded = CROWDED_PICTURE_SHARE * self.picture_seconds * crowd * rarer
        return max(alone if alone >= PICTURE_LATE_SECONDS else PICTURE_SECONDS, crowded)

    def _report_interval(self, crowd: float) -> float:
        """By the cheaper of the last two: the first one of all also loads the held-out data."""
        if len(self.report_costs) < 2:
            return max(REPORT_SECONDS, min(4 * sum(self.report_costs), SECOND_REPORT_SECONDS))
        known = min(self.report_costs)
        return max(REPORT_SECONDS, REPORT_SHARE * known, CROWDED_REPORT_SHARE * known * crowd)

    def landed(self, landing: Landing) -> None:
        """Learn from a slice. Single measurements jump; the mean of the old and the new does less."""
        if landing.updates:
            measured = landing.train_seconds / landing.updates
            known = self.update_seconds
            # A first slice pays for the start, and a longer sequence costs more at once: trust the extremes.
            close = known is not None and known / 2 < measured < known * 2
            self.update_seconds = (known + measured) / 2 if known is not None and close else measured
            self._count(landing)
            self._keep_time(landing.landed_at)
        if landing.picture_seconds is not None:
            self._drew(landing.landed_at, landing.picture_seconds)
        if landing.report_seconds is not None:
            self.report_costs = (*self.report_costs[-1:], landing.report_seconds)
            self.report_at = landing.landed_at

    def _keep_time(self, now: float) -> None:
        """Dear pictures, and what else the machine does, make turns come less often than foreseen.

        A run's share of the workers is the same whatever its slices take: with shorter ones it has more.
        Only turns that show a frame are counted. Slices answer to how much too late each comes, not to the
        ratio: so the arithmetic mean of the waits is held, which is what frames per second are.
        """
        if self._turn_at is not None:
            waited = now - self._turn_at
            if waited < FRAME_SECONDS:
                return
            late = min(waited / TURN_SECONDS, LATEST) - 1
            self.breadth = min(max(self.breadth * math.exp(-STEADINESS * late), BREADTHS[0]), BREADTHS[1])
        self._turn_at = now

    def _drew(self, now: float, seconds: float) -> None:
        due = self.picture_at + self._picture_interval(1.0)
        self.picture_at = due if abs(now - due) < LATE_SECONDS else now
        self.picture_seconds = seconds

    def _count(self, landing: Landing) -> None:
        self._recent.append(landing)
        while landing.landed_at - self._recent[0].submitted_at > RATE_SECONDS and len(self._recent) > 1:
            self._recent.popleft()

    def rest(self) -> None:
        """Training stands still: the next rate is measured afresh."""
        self._recent.clear()
        self._turn_at = None

    def show_soon(self) -> None:
        """Somebody changed something: the next slice brings a picture of what it did."""
        self.picture_at = -math.inf

    def stretch(self, factor: float) -> None:
        """Updates are about to cost `factor` times as much (a longer sequence)."""
        if self.update_seconds is not None:
            self.update_seconds *= factor

    @property
    def updates_per_second(self) -> float | None:
        """Updates by the clock on the wall over the last two seconds of training, or None."""
        if not self._recent:
            return None
        seconds = self._recent[-1].landed_at - self._recent[0].submitted_at
        return sum(landing.updates for landing in self._recent) / max(seconds, 1e-6)
