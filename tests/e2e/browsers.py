"""Where a browser is, and how to wait for a server: shared by the browser tests and the page's bench."""

from __future__ import annotations

import shutil
import time
import urllib.request

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = (
    "No browser was found. Install Chromium (Debian, Ubuntu: apt-get install chromium) "
    "or Playwright's own (playwright install chromium)."
)


def find_browser() -> str | None:
    """The system's Chromium, or None for Playwright's own."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def flags() -> list[str]:
    return list(FLAGS)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def wait_until_answers(address: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not answers(address):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{address} did not answer within {seconds} s.")
        time.sleep(0.05)
