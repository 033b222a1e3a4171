"""How fast the page is, measured in a real browser: prints one JSON object.

    python tests/e2e/bench_page.py [--seconds 10]

Figures: the first picture after opening, Play to the first live frame, frames per second, the
time from a frame's stamp to its drawing, its size, the share of time that the browser's main
thread is busy, chart nodes replaced by 25 reruns, and updates/s beside the same `advance`
without a page.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ROOT = Path(__file__).parents[2]
PORT = 8642
ADDRESS = f"http://localhost:{PORT}"
QUERY = "task=adding&cell=lstm&hidden_size=64&length=50"
NODES = "[...document.querySelectorAll('[data-testid=live] .js-plotly-plot')]"
LISTEN = """
window.frames_drawn = []
window.note_frame ??= (event) => window.frames_drawn.push(event.detail)
document.querySelector('[data-testid=live]').addEventListener('rnnlab:drawn', window.note_frame)
"""


def start_server() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(PORT), "--browser.serverAddress", "localhost"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def launch(playwright: Any) -> Browser:
    from tests.e2e.browsers import find_browser, flags

    browser: Browser = playwright.chromium.launch(executable_path=find_browser(), args=flags())
    return browser


def open_page(browser: Browser, query: str) -> tuple[Page, float]:
    """A page with its first picture drawn, and the seconds that took."""
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    started = time.perf_counter()
    page.goto(f"{ADDRESS}/?{query}")
    page.wait_for_selector('[data-testid="live"][data-update]', timeout=60_000)
    return page, time.perf_counter() - started


def busy_seconds(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def play_to_first_frame(page: Page) -> float:
    before = int(page.get_by_test_id("live").get_attribute("data-update") or 0)
    started = time.perf_counter()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(
        "before => Number(document.querySelector('[data-testid=live]').dataset.update) > before", arg=before
    )
    return time.perf_counter() - started


def pause(page: Page) -> None:
    page.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_selector('[data-testid="live"][data-status="paused"]')


def leave(page: Page) -> None:
    """Close a page whose run rests: one that trains goes on for some seconds without a viewer."""
    pause(page)
    page.context.close()


def watch(page: Page, seconds: float) -> dict[str, float]:
    """The frames of some seconds of training."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate(LISTEN)
    busy, started = busy_seconds(session), time.perf_counter()
    page.wait_for_timeout(1000 * seconds)
    lasted, worked = time.perf_counter() - started, busy_seconds(session) - busy
    frames = page.evaluate("window.frames_drawn")
    delays = sorted(frame["drawn_ms"] - frame["stamp_ms"] for frame in frames)
    return {
        "frames_per_second": len(frames) / lasted,
        "stamp_to_drawn_ms_p50": statistics.median(delays),
        "stamp_to_drawn_ms_p95": delays[int(0.95 * (len(delays) - 1))],
        "bytes_per_frame_median": statistics.median(frame["bytes"] for frame in frames),
        "bytes_per_frame_max": max(frame["bytes"] for frame in frames),
        "main_thread_busy_share": worked / lasted,
        "updates_per_second": (frames[-1]["update"] - frames[0]["update"])
        / ((frames[-1]["stamp_ms"] - frames[0]["stamp_ms"]) / 1000),
    }


def replaced_nodes(page: Page, reruns: int = 25) -> int:
    """Chart nodes that are not the same ones after full reruns of the script."""
    page.evaluate(f"{NODES}.forEach(node => {{ node.kept = true }})")
    count = page.evaluate(f"{NODES}.length")
    for n in range(reruns):
        page.get_by_text("Clip gradients", exact=True).click()
        page.wait_for_function("off => /clipping=off/.test(location.search) === off", arg=n % 2 == 0)
    return int(count - page.evaluate(f"{NODES}.filter(node => node.kept).length"))


def plain_updates_per_second(seconds: float) -> float:
    """The same `advance`, alone in a process of one thread."""
    code = (
        "import sys, time, torch, rnnlab; torch.set_num_threads(1);"
        f"linked = rnnlab.from_link({QUERY!r}); state = rnnlab.begin(linked.design);"
        "state, _ = rnnlab.advance(state, linked.settings, 20); start = time.perf_counter(); n = 0\n"
        f"while time.perf_counter() - start < {seconds}:\n"
        "    state, _ = rnnlab.advance(state, linked.settings, 20); n += 20\n"
        "print(n / (time.perf_counter() - start))"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(out.stdout)


def measure(seconds: float) -> dict[str, Any]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page, _ = open_page(browser, QUERY)  # warms the pool and the task
        play_to_first_frame(page)
        leave(page)
        opened = []
        for _ in range(5):
            page, lasted = open_page(browser, "")
            opened.append(lasted)
            page.context.close()
        page, _ = open_page(browser, QUERY)
        page.wait_for_timeout(1000)  # a person looks before pressing
        first_frame = play_to_first_frame(page)
        figures: dict[str, Any] = {}
        shares, plain = [], []
        for _ in range(3):
            page.wait_for_timeout(1000)
            figures = watch(page, seconds)
            pause(page)
            plain.append(plain_updates_per_second(seconds / 2))
            shares.append(figures["updates_per_second"] / plain[-1])
            page.get_by_role("button", name="Play", exact=True).click()
        figures["updates_per_second_of_advance"] = statistics.median(plain)
        figures["share_of_advance_median"] = statistics.median(shares)
        figures["first_picture_seconds_median"] = statistics.median(opened)
        figures["play_to_first_frame_seconds"] = first_frame
        figures["chart_nodes_replaced_in_25_reruns"] = replaced_nodes(page)
        browser.close()
    return {name: round(value, 4) for name, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the page in a real browser.")
    parser.add_argument("--seconds", type=float, default=10)
    seconds = parser.parse_args().seconds
    server = start_server()
    try:
        from tests.e2e.browsers import wait_until_answers

        wait_until_answers(f"{ADDRESS}/_stcore/health")
        print(json.dumps({"query": QUERY, "cores": os.cpu_count(), **measure(seconds)}))
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
