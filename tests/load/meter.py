"""What the processes cost: the server's own, its workers', and the generator's."""

from __future__ import annotations

import asyncio
import contextlib
import time

import psutil

from tests.load.notes import Sample


class Meter:
    """Reads the processor time and memory of a server process and of all its children."""

    def __init__(self, pid: int) -> None:
        self._server = psutil.Process(pid)
        self._own = psutil.Process()
        self._workers: dict[int, float] = {}  # processor seconds by process, those that ended included

    def sample(self, lag: float = 0.0) -> Sample:
        rss, alive = self._read_workers()
        return Sample(
            at=time.monotonic(),
            server_cpu=processor_seconds(self._server),
            server_rss=self._server.memory_info().rss,
            workers=alive,
            workers_cpu=sum(self._workers.values()),
            workers_rss=rss,
            generator_cpu=processor_seconds(self._own),
            lag=lag,
            machine_cpu=machine_seconds(),
        )

    def _read_workers(self) -> tuple[int, int]:
        """Memory of all children in bytes, and their number."""
        rss = alive = 0
        for child in self._server.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                self._workers[child.pid] = processor_seconds(child)
                rss += child.memory_info().rss
                alive += 1
        return rss, alive


def processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def machine_seconds() -> float:
    """Processor time of everything that runs here, where the system tells it."""
    times = psutil.cpu_times()
    return float(times.user + times.system + getattr(times, "nice", 0.0))


async def keep_sampling(meter: Meter, samples: list[Sample], every_seconds: float) -> None:
    """A sample every so often, until cancelled."""
    while True:
        asked = time.monotonic() + every_seconds
        await asyncio.sleep(every_seconds)
        with contextlib.suppress(psutil.NoSuchProcess):
            samples.append(meter.sample(lag=time.monotonic() - asked))
