"""Snapshots of a run, thinned until they fit: any other update is replayed from the one before it."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rnnlab.state import RunState

MOST_SNAPSHOTS = 512
STATE_BYTES = 1000
ARRAY_BYTES = 250
"""What Python keeps for a state, and for each array in it, besides the numbers."""


class Snapshots:
    """States by the update that they have come to, spread as evenly as their budget allows."""

    def __init__(self) -> None:
        self._states: list[RunState] = []
        self._updates = array("q")
        self.nbytes = 0

    @property
    def updates(self) -> list[int]:
        return list(self._updates)

    def keep(self, state: RunState) -> None:
        """Remember a state, unless there is one of its update."""
        update = position(state)
        place = bisect_left(self._updates, update)
        if place < len(self._updates) and self._updates[place] == update:
            return
        self._states.insert(place, self._lean(state))
        self._updates.insert(place, update)
        self.nbytes += state_bytes(state)

    def _lean(self, state: RunState) -> RunState:
        """The same with what all states of a run share: each comes from a worker with its own copy."""
        design = self._states[0].design if self._states else state.design
        weights = {sys.intern(name): array for name, array in state.weights.items()}
        optimizer = {sys.intern(name): array for name, array in state.optimizer.items()}
        return replace(state, design=design, weights=weights, optimizer=optimizer)

    def fit(self, most_bytes: int) -> None:
        """Drop the states that leave the smallest gaps; the last stays longest, then the first."""
        while self._states and (self.nbytes > most_bytes or len(self._states) > MOST_SNAPSHOTS):
            self._drop(least_missed(self._updates))

    def _drop(self, place: int) -> None:
        self.nbytes -= state_bytes(self._states.pop(place))
        del self._updates[place]

    def cut_after(self, update: int) -> None:
        while self._updates and self._updates[-1] > update:
            self._drop(-1)

    def nearest(self, update: int) -> RunState | None:
        """The last state at or before `update`; None stands for the beginning."""
        place = bisect_right(self._updates, update)
        return self._states[place - 1] if place else None

    def upto(self, update: int) -> Snapshots:
        """A collection of its own, of the same states, that ends with `update`."""
        found = Snapshots()
        found._states, found._updates, found.nbytes = list(self._states), self._updates[:], self.nbytes
        found.cut_after(update)
        return found


def least_missed(updates: Sequence[int]) -> int:
    """The place of that which leaves the smallest gap; never an end while there is one between."""
    numbers = np.asarray(updates)
    gaps = numbers[2:] - numbers[:-2]
    return 1 + int(np.argmin(gaps)) if len(gaps) else 0


def position(state: RunState) -> int:
    """The update that a run has come to; for one that diverged, the update that broke it."""
    return state.update if state.diverged_at is None else state.diverged_at


def state_bytes(state: RunState) -> int:
    """What a state takes in memory."""
    arrays = [*state.weights.values(), *state.optimizer.values()]
    return STATE_BYTES + sum(ARRAY_BYTES + np.asarray(held).nbytes for held in arrays)
