"""The server under test: started as the README starts it, in a process of its own, its log kept."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.browsers import answers

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60.0
STOP_SECONDS = 15.0
BAD = re.compile(r"\b(warning|error|critical|exception|traceback)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Server:
    """A server that answers. `log` and `started_at` are None for one that somebody else started."""

    address: str
    pid: int
    log: Path | None
    started_at: float | None

    def complaints(self) -> list[str]:
        """Lines of the log that tell of an error or a warning."""
        text = self.log.read_text(errors="replace") if self.log else ""
        return [line for line in text.splitlines() if BAD.search(line)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(log: Path, workers: str | None = None, port: int | None = None) -> Iterator[Server]:
    """The app on this machine only; gone, with all its workers, when the block ends."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "localhost"]
    environment = {**os.environ, **({"RNNLAB_WORKERS": workers} if workers else {})}
    started_at = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        wait_until_up(process, f"http://localhost:{port}/_stcore/health", log)
        yield Server(f"http://localhost:{port}", process.pid, log, started_at)
    finally:
        stop(process)


def wait_until_up(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Raises RuntimeError, with the end of the log, where the server ends or does not answer in time."""
    give_up_at = time.monotonic() + READY_SECONDS
    while not answers(address):
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError(f"The server did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, then see to it; its workers are in its process group."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(STOP_SECONDS)
