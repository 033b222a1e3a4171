"""A page that is loaded again, closed and reopened, or whose server was stopped: the run is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.browsers import wait_until_answers
from tests.e2e.conftest import PATIENCE_MS, ROOT, free_port, window

pytestmark = pytest.mark.browser
NOTE_THE_NEXT = """() => document.addEventListener(
  "rnnlab:drawn", ({ detail }) => { window.back ??= detail.update })"""  # the page still shows the last one
QUERY = "task=adding&hidden_size=8&batch_size=8&length=20"


class Server:
    """The app in a process of its own, with a store; it can be stopped, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.address = f"http://localhost:{(port := free_port())}"
        self._log = folder / "log.txt"
        self._environment = {**os.environ, "RNNLAB_STORE": str(folder / "runs.sqlite"), "RNNLAB_WORKERS": "1"}
        self._command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
        self._command += ["--server.headless", "true", "--server.port", str(port)]
        self._command += ["--browser.serverAddress", "localhost"]
        self.start()

    def start(self) -> None:
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=self._environment
            )
        wait_until_answers(f"{self.address}/_stcore/health")

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(30)

    @property
    def told(self) -> str:
        return self._log.read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("reopen"))
    yield found
    found.end(signal.SIGTERM)
    assert "Traceback" not in found.told, found.told


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """A browser of somebody: its pages share cookies."""
    contexts = []

    def new() -> BrowserContext:
        contexts.append(window(browser, viewport={"width": 1366, "height": 768}))
        return contexts[-1]

    yield new
    for context in contexts:
        context.close()


def opened(context: BrowserContext, server: Server) -> Page:
    page = context.new_page()
    page.goto(f"{server.address}/?{QUERY}")
    return drawn(page)


def drawn(page: Page) -> Page:
    page.wait_for_selector('[data-testid="live"][data-update]')
    return page


def update(page: Page) -> int:
    return int(page.get_attribute('[data-testid="live"]', "data-update") or 0)


def until_past(page: Page, number: int) -> int:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while (reached := update(page)) <= number:
        assert time.monotonic() < deadline, f"update {reached}, not beyond {number}"
        page.wait_for_timeout(50)
    return reached


def rests(page: Page) -> None:
    page.wait_for_selector('[data-testid="live"][data-status="paused"][data-settled="true"]')


def play(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    until_past(page, 50)


def test_a_page_that_is_loaded_again_goes_on(person, server):
    page = opened(person(), server)
    play(page)
    before = update(page)
    page.reload()
    assert update(drawn(page)) >= before
    until_past(page, before + 50)


def test_a_page_that_was_closed_is_reopened(person, server):
    context = person()
    page = opened(context, server)
    play(page)
    before = update(page)
    page.close()
    time.sleep(2)
    again = opened(context, server)
    assert update(again) >= before
    until_past(again, before + 50)


def test_a_paused_page_comes_back_paused(person, server):
    context = person()
    page = opened(context, server)
    play(page)
    page.get_by_role("button", name="Pause", exact=True).click()
    rests(page)
    before = update(page)
    page.reload()
    drawn(page)
    rests(page)
    page.wait_for_timeout(1000)
    assert update(page) == before > 0


def test_a_second_tab_has_a_run_of_its_own(person, server):
    context = person()
    first = opened(context, server)
    play(first)
    second = opened(context, server)
    assert update(second) == 0
    until_past(first, update(first))
    assert update(second) == 0


def test_another_browser_has_a_run_of_its_own(person, server):
    context = person()
    page = opened(context, server)
    play(page)
    page.close()
    assert update(opened(person(), server)) == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_was_stopped_and_started(person, server, how):
    """After a kill, the run stands as it was saved, about half a minute before at most."""
    page = opened(person(), server)
    play(page)
    if how is signal.SIGKILL:
        page.wait_for_timeout(30_000)  # until it was saved, which happens every 20 seconds
    before = update(page)
    server.end(how)
    expect(page.get_by_text("reconnecting…")).to_be_visible()
    page.evaluate(NOTE_THE_NEXT)
    server.start()
    page.wait_for_function("window.back !== undefined")
    back = page.evaluate("window.back")
    assert back >= (before if how is signal.SIGTERM else 50)
    until_past(page, back + 20)
    assert page.get_by_text("no longer here").count() == 0
