"""A real server and a real browser: the system's Chromium, or Playwright's own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tests.e2e.browsers import MISSING, find_browser, flags, wait_until_answers

ROOT = Path(__file__).parents[2]
PATIENCE_MS = 90_000  # a busy machine takes its time; nobody waits longer than it takes
expect.set_options(timeout=PATIENCE_MS)


def no_browser() -> None:
    if os.environ.get("RNNLAB_REQUIRE_BROWSER"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=flags())
        except Error:
            no_browser()
        yield browser
        browser.close()


def window(browser: Browser, **options: Any) -> BrowserContext:
    """Somebody's own window, with `options` as of a browser context, whose pages are waited for."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(script: Path, log: Path) -> Iterator[str]:
    """The address of a script served with the project's own configuration, as the README starts it."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true"]
    command += ["--server.port", str(port), "--browser.serverAddress", "localhost"]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        address = f"http://localhost:{port}"
        try:
            wait_until_answers(f"{address}/_stcore/health", PATIENCE_MS / 1000)
            yield address
        finally:
            process.terminate()
            process.wait(20)
    told = log.read_text()
    assert "Traceback" not in told, told


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app."""
    with serving(ROOT / "app.py", tmp_path_factory.mktemp("server") / "log.txt") as address:
        yield address


@pytest.fixture
def open_page(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Opens the app with a query and gives the page once its first picture is drawn."""
    contexts = []
    errors: list[str] = []
    requests: list[str] = []

    def open_(query: str = "", width: int = 1366, height: int = 768, scheme: str = "light") -> Page:
        context = window(browser, viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{server}/?{query}" if query else server)
        page.wait_for_selector('[data-testid="live"][data-update]')
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors, errors
    outside = [url for url in requests if not url.startswith((server, "data:", "blob:"))]
    assert not outside, outside
