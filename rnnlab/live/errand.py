"""A call on its way to a cluster: what travels with it, where it may go, and where its answer is awaited."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from rnnlab.live.named import Parcel
from rnnlab.live.there import There


@dataclass(eq=False)
class Errand:
    """A call on its way to the cluster and back; `texts_too` once `worker`, an address, has asked."""

    function: Callable[..., Any]
    parcel: Parcel
    limit_seconds: float
    priority: int
    key: str
    answer: Future[Any] = field(default_factory=Future)
    sent_at: float = math.inf
    sent: Future[Any] | None = None
    texts_too: bool = False
    worker: str | None = None

    def sent_by(self, executor: Any, needs: tuple[tuple[str, str], ...]) -> Future[Any]:
        """The call on its way. Raises what a connection that is going raises."""
        texts = self.parcel.texts
        where = {"workers": [self.worker], "allow_other_workers": True} if self.worker else {}
        sent: Future[Any] = executor.submit(
            There(self.function, needs),
            self.parcel.content,
            tuple(texts),
            dict(texts) if self.texts_too else {},
            key=self.key,
            priority=self.priority,
            **where,
        )
        return sent


def failed(error: Exception) -> Future[Any]:
    """The answer of a call that did not go out."""
    answer: Future[Any] = Future()
    answer.set_exception(error)
    return answer
