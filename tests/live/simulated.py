"""Workers that calls are shared out to, in simulated time: a clock that is given, and no process."""

import heapq
import itertools

from rnnlab.live.turns import COMING_SECONDS, Turns


class Simulated:
    """A queue and its workers. A test says in `starts(turn)` what a call takes, and frees the worker."""

    def __init__(self, workers):
        self.turns, self.workers, self.now = Turns(), workers, 0.0
        self.events, self.order = [], itertools.count()
        self.door, self.busy = [], 0

    def at(self, seconds, act):
        heapq.heappush(self.events, (seconds, next(self.order), act))

    def dispatch(self):
        while (turn := self.turns.take(self.workers, self.now)) is not None:
            self.door.append(turn)
        while self.door and self.busy < self.workers:
            self.busy += 1
            self.starts(self.door.pop(0))

    def run(self, seconds):
        next_look = 0.0
        while self.events and self.events[0][0] <= seconds:
            self.now, _, act = heapq.heappop(self.events)
            act()
            self.dispatch()
            if self.now >= next_look:  # as a timer does
                next_look = self.now + COMING_SECONDS
                self.at(next_look, lambda: None)
        return self
