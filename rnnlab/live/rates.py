"""Token buckets: how often something may happen, for each of many clients. Times are monotonic seconds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class Bucket:
    """Room for `burst` at once, refilled with `per_second`."""

    def __init__(self, burst: float, per_second: float) -> None:
        self.burst = burst
        self.per_second = per_second
        self._level = burst
        self._at: float | None = None

    def wait(self, now: float) -> float:
        """Seconds until there is one to take; 0 where there is one now."""
        if self._at is not None:
            self._level = min(self.burst, self._level + (now - self._at) * self.per_second)
        self._at = now
        return max(0.0, (1 - self._level) / self.per_second)

    def take(self, now: float) -> float:
        """Take one, on credit where there is none: the seconds until the bucket is even again."""
        wait = self.wait(now)
        self._level -= 1
        return wait

    @property
    def share(self) -> float:
        """How full it is after the last one taken, 1 at most; below 0 on credit."""
        return self._level / self.burst


class Buckets:
    """A bucket for each of the `most` clients that were here last."""

    def __init__(self, burst: float, per_second: float, most: int = 4096) -> None:
        self.burst = burst
        self.per_second = per_second
        self.most = most
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def of(self, client: Hashable) -> Bucket:
        if client not in self._buckets:
            self._buckets[client] = Bucket(self.burst, self.per_second)
        self._buckets.move_to_end(client)
        while len(self._buckets) > self.most:
            self._buckets.popitem(last=False)
        return self._buckets[client]
