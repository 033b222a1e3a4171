"""Workers on other machines: a Dask cluster, behind the same seam as the pool on this one.

The server keeps the connection by itself: calls wait while the cluster is away, go there again
when it is back (slices are pure), and are refused in one sentence when that takes too long.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import logging
import math
import secrets
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Executor, Future
from importlib import import_module
from importlib.metadata import version
from typing import Any

from rnnlab.live.attendant import TookTooLong, WorkerDied
from rnnlab.live.errand import Errand, failed
from rnnlab.live.named import Unknown, parcel
from rnnlab.live.texts import with_texts
from rnnlab.live.there import OtherVersion, versions

CONNECT_SECONDS = 5.0
LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 15.0
MEASUREMENT_SECONDS = 90.0
log = logging.getLogger(__name__)


class ClusterAway(ValueError):
    """What a student reads; the log says where and why."""

    def __init__(self, why: str = "The machines that do the training do not answer") -> None:
        super().__init__(f"{why}. Nothing is lost: press Play to try again, and tell who runs the app.")


class Cluster(Executor):
    """Calls on the workers of a Dask scheduler at `address`, such as tcp://host:8786."""

    def __init__(self, address: str, limit_seconds: float = math.inf) -> None:
        self._dask: Any = import_module("distributed")  # the extra `cluster`: missing, it is missed at once
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what it has to say is said here
        self.address = address
        self.workers = 1
        self.limit_seconds = limit_seconds
        self._client: Any = None
        self._there: Any = None  # the executor of a client that is connected
        self._waiting: list[Errand] = []
        self._flying: set[Errand] = set()
        self._away_since = time.monotonic()
        self._told = ""
        self._names = (f"rnnlab-{secrets.token_hex(8)}-{number}" for number in itertools.count())
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._needs = tuple(versions().items())
        self._keeper = threading.Thread(target=self._keep, name="cluster", daemon=True)
        self._keeper.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        assert not kwargs
        return self.send(fn, args, self.limit_seconds, priority=0)

    def send(
        self, function: Callable[..., Any], args: tuple[Any, ...], limit_seconds: float, priority: int
    ) -> Future[Any]:
        """As `submit`. Raises RuntimeError after `shutdown`."""
        if self._closed.is_set():
            raise RuntimeError("The cluster was left.")
        try:
            errand = Errand(function, parcel(args), limit_seconds, priority, next(self._names))
        except Exception as error:  # what cannot travel is the answer of this call, as in the pool
            return failed(error)
        errand.answer.set_running_or_notify_cancel()
        with self._lock:
            self._waiting.append(errand)
            if self._there is not None:
                self._send_waiting()
        return errand.answer

    def aside(self) -> Executor:
        """The same cluster for what people ask for once: after all slices."""
        return Behind(self)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; the calls there are given up."""
        self._closed.set()
        self._keeper.join(2 * CONNECT_SECONDS if wait else 0)

    # Calls

    def _send_waiting(self) -> None:
        assert self._there is not None
        while self._waiting:
            errand = self._waiting.pop(0)
            errand.sent_at = time.monotonic()
            self._flying.add(errand)
            try:
                sent = errand.sent_by(self._there, self._needs)
            except Exception:  # the connection is going: the keeper sees to it
                self._flying.discard(errand)
                self._waiting.insert(0, errand)
                return
            errand.sent = sent
            sent.add_done_callback(functools.partial(self._came_back, errand))

    def _came_back(self, errand: Errand, sent: Future[Any]) -> None:
        with self._lock:
            if errand not in self._flying:
                return
            self._flying.discard(errand)
            if sent.cancelled():  # the connection was lost
                errand.key = next(self._names)
                self._waiting.append(errand)
                return
        try:
            found = sent.result()
            if isinstance(found, Unknown):
                self._send_texts_too(errand, found)
            else:
                errand.answer.set_result(with_texts(found, errand.parcel.texts))
        except Exception as error:
            errand.answer.set_exception(self._understood(error))

    def _send_texts_too(self, errand: Errand, asked: Unknown) -> None:
        """The call once more, with its texts, best to the worker that has just asked for them."""
        with self._lock:
            errand.key, errand.texts_too, errand.worker = next(self._names), True, asked.worker
            self._waiting.insert(0, errand)
            if self._there is not None:
                self._send_waiting()

    def _understood(self, error: BaseException) -> BaseException:
        if type(error).__name__ == "KilledWorker":
            return WorkerDied("Workers of the cluster died.")
        if isinstance(error, OtherVersion | ModuleNotFoundError):
            self._tell(f"{self.address} cannot be used: {error}.")
            return ClusterAway("The machines that do the training are not set up for this app")
        return error

    # The connection

    def _keep(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            try:
                self._look()
            except Exception as error:
                self._lose(f"The cluster at {self.address} does not answer: {first_line(error)}")
            self._refuse_late()
        self._told = "the end"
        self._lose("")
        self._refuse(list(self._waiting), ClusterAway)

    def _look(self) -> None:
        if self._client is None:
            self._client = self._connected()
        if self._client.status != "running":
            raise ConnectionError("the connection was lost")
        threads = sum(self._client.nthreads().values())
        with self._lock:
            self.workers = max(1, threads)
            if not threads:
                self._tell(f"The cluster at {self.address} has no workers.")
                return self._hold()
            if self._there is None:
                self._there = self._client.get_executor(pure=False)
                self._tell(f"Training on the cluster at {self.address}: {threads} workers.", logging.INFO)
            self._send_waiting()
        return None

    def _hold(self) -> None:
        """No call goes out for now; what was there waits again."""
        if self._there is not None:
            self._there, self._away_since = None, time.monotonic()
        for errand in self._flying:
            errand.key = next(self._names)
        self._waiting = [*self._flying, *self._waiting]
        self._flying.clear()

    def _connected(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions are compared below, in our own words
            client = self._dask.Client(self.address, timeout=CONNECT_SECONDS, set_as_default=False)
            found = client.get_versions()["scheduler"]["packages"]["distributed"]
        if found != version("distributed"):
            client.close(timeout=1)
            raise OtherVersion(f"its scheduler has distributed {found}, not {version('distributed')}")
        return client

    def _lose(self, why: str) -> None:
        """The cluster is away: what was there waits again, and a new connection is tried."""
        with self._lock:
            self._hold()
            client, self._client = self._client, None
        if client is not None or not self._told:
            self._tell(why)
        if client is not None:
            with contextlib.suppress(Exception):
                client.close(timeout=1)

    def _refuse_late(self) -> None:
        now = time.monotonic()
        with self._lock:
            waited = self._there is None and now - self._away_since > PATIENCE_SECONDS
            given_up, self._waiting = (self._waiting, []) if waited else ([], self._waiting)
            late = [errand for errand in self._flying if now - errand.sent_at > errand.limit_seconds]
        self._refuse(given_up, ClusterAway)
        if late:
            with contextlib.suppress(Exception):  # the connection is going: all of them wait again
                self._end_late(late, now)

    def _refuse(self, errands: list[Errand], why: type[Exception]) -> None:
        for errand in errands:
            errand.answer.set_exception(why())

    def _end_late(self, late: list[Errand], now: float) -> None:
        """End what keeps a worker too long; what only waited behind it gets its time again.

        The worker itself can only be restarted, which Dask does where it has a nanny.
        """
        processing = self._client.processing()
        for errand in sorted(late, key=lambda errand: errand.sent_at):
            at = [place for place, keys in processing.items() if errand.key in keys]
            with self._lock:
                errand.sent_at = now
                if not at or errand not in self._flying:
                    continue
                self._flying.discard(errand)
            del processing[at[0]]
            if errand.sent is not None:
                errand.sent.cancel()  # or it would be sent to the next worker
            restart = functools.partial(self._client.restart_workers, at, raise_for_error=False)
            threading.Thread(target=restart, daemon=True).start()
            errand.answer.set_exception(TookTooLong(errand.limit_seconds))

    def _tell(self, words: str, level: int = logging.ERROR) -> None:
        """Once, until something else is to be told."""
        if words and words != self._told:
            self._told = words
            log.log(level, "%s", words)


class Behind(Executor):
    """A cluster, with everything else before what is asked here."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        assert not kwargs
        return self._cluster.send(fn, args, MEASUREMENT_SECONDS, priority=-10)


def first_line(error: Exception) -> str:
    """The gist of an error, for a log that is read by people."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__
