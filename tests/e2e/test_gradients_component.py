"""The Gradients page's live component by itself, on frames whose numbers are known beforehand."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from rnnlab.live.route import Assets, plotly_js
from tests.e2e.conftest import free_port, window
from tests.e2e.frames import frame

pytestmark = pytest.mark.browser
ASSETS = Path(__file__).parents[2] / "assets" / "live"
TIME_STEPS = 20
Open = Callable[..., Page]
PAGE = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<div id="host"></div><script type="module">
import mount from "/live/assets/gradients/gradients.js"
window.said = []
const parentElement = document.getElementById("host")
const tell = (kind) => (name, value) => window.said.push([kind, name, value])
const component = { parentElement, setStateValue: tell("state"), setTriggerValue: tell("trigger") }
window.show = (runs, mode = "cells") => {
  const data = { base: "", version: "1", plotly: "/live/plotly.min.js", mode, branch_at: null }
  data.runs = runs.map((token) => ({ token, label: token.toUpperCase(), note: "" }))
  window.stop = mount({ ...component, data })
}
window.show(RUNS, MODE)
</script>"""


def decay(per_step: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """log10 of a norm that is 1 at the last time step and changes by the same factor at each step back."""
    return (per_step * np.arange(TIME_STEPS)[::-1]).astype(np.float32)


def with_gaps() -> np.ndarray[Any, np.dtype[np.float32]]:
    """Exactly 0 at the first time step, no number at the second."""
    norms = decay(-1)
    norms[0], norms[1] = -np.inf, np.nan
    return norms


FRAMES = {
    "rnn": frame("rnn", h=decay(-0.5)),
    "lstm": frame("lstm", h=decay(-0.4), c=decay(-0.1)),
    "gaps": frame("gaps", h=with_gaps()),
    "broken": frame("broken", h=np.full(TIME_STEPS, np.nan, np.float32), divergence="It broke in update 7."),
    "one": frame("one", h=decay(-1)[-1:]),
    "value": frame("value", h=decay(0), clipping="value"),
}


async def watch(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_bytes(FRAMES[(await socket.receive_json())["token"]])
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        return


def page(request: Request) -> HTMLResponse:
    runs = request.query_params["runs"].split(",")
    mode = request.query_params.get("mode", "cells")
    return HTMLResponse(PAGE.replace("RUNS", json.dumps(runs)).replace("MODE", json.dumps(mode)))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    routes = [
        Route("/", page),
        WebSocketRoute("/live/ws", watch),
        Route("/live/plotly.min.js", plotly_js),
        Mount("/live/assets", Assets(directory=ASSETS)),
    ]
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=port, log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    yield f"http://localhost:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def open_component(browser: Browser, address: str) -> Iterator[Open]:
    contexts, errors = [], []

    def open_(runs: str, mode: str = "cells") -> Page:
        context = window(browser, viewport={"width": 1060, "height": 660})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console", lambda said: errors.append(said.text) if "could not be drawn" in said.text else None
        )
        page.goto(f"{address}/?runs={runs}&mode={mode}")
        page.wait_for_selector(".rl-card-rg-flow .js-plotly-plot .scatterlayer")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors, errors


def flow(page: Page) -> Locator:
    return page.get_by_role("region", name="Gradient at each time step")


def said(page: Page, name: str) -> list[Any]:
    return [value for _, told, value in page.evaluate("window.said") if told == name]


def press_check(card: Locator) -> None:
    card.get_by_role("button", name="Check this number").click()


def test_one_row_and_one_waterfall_for_each_run(open_component: Open) -> None:
    page = open_component("rnn,lstm")
    expect(page.locator("[data-run]")).to_have_count(2)
    expect(page.locator("canvas.rg-heat")).to_have_count(2)
    expect(page.get_by_test_id("gradients")).to_have_attribute("data-updates", "[30,30]")
    expect(page.get_by_test_id("gradients")).to_have_attribute("data-status", "playing playing")


def test_the_chosen_number_is_that_of_the_frame(open_component: Open) -> None:
    page = open_component("rnn,lstm")
    card = flow(page)
    expect(card.locator(".rg-picked")).to_have_text("t = 1: 3.16 × 10⁻¹⁰")  # 19 half decades
    card.get_by_label("Curve to check").select_option(label="LSTM ‖dL/dcₜ‖")
    expect(card.locator(".rg-picked")).to_have_text("t = 1: 1.26 × 10⁻²")
    card.focus()
    page.keyboard.press("ArrowRight")
    expect(card.locator(".rg-picked")).to_have_text("t = 2: 1.58 × 10⁻²")


def test_the_buttons_name_run_state_and_time_step(open_component: Open) -> None:
    page = open_component("rnn,lstm")
    flow(page).focus()
    page.keyboard.press("ArrowRight")
    press_check(flow(page))
    press_check(page.locator(".rl-card-rg-fall").nth(1))
    press_check(page.locator(".rl-card-rg-norm"))
    assert said(page, "check") == [
        {"run": 0, "state": "h", "time_step": 2},
        {"run": 1, "state": "c", "time_step": 2},
        {"run": 0, "state": "weights", "time_step": None},
    ]


def test_a_click_chooses_time_step_and_nearest_curve(open_component: Open) -> None:
    page = open_component("rnn,lstm")
    box = flow(page).locator(".nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    expect(flow(page).locator(".rg-picked")).to_contain_text("t = 20: 1.00")


def test_zeros_and_non_numbers_are_named(open_component: Open) -> None:
    page = open_component("gaps")
    expect(flow(page).locator(".ytick text").filter(has_text="exactly 0")).to_have_count(1)
    expect(flow(page).locator(".rg-picked")).to_contain_text("exactly 0")
    flow(page).focus()
    page.keyboard.press("ArrowRight")
    expect(flow(page).locator(".rg-picked")).to_contain_text("no number")
    expect(page.locator(".rg-chip-zero")).to_be_visible()
    expect(page.locator(".rg-chip-none")).to_be_visible()


def test_a_run_that_diverged_says_so_and_tells_python_once(open_component: Open) -> None:
    page = open_component("rnn,broken")
    expect(page.locator("[data-run='1']")).to_contain_text("It broke in update 7.")
    page.wait_for_function("window.said.some(([, told]) => told === 'status')")
    page.wait_for_timeout(300)  # and not once more
    assert said(page, "status") == ["– diverged"]


def test_one_time_step_is_a_point(open_component: Open) -> None:
    page = open_component("one")
    expect(flow(page).locator(".scatterlayer .points path").first).to_be_visible()


def test_clipping_by_value_shows_the_angle(open_component: Open) -> None:
    page = open_component("rnn,value", "clipping")
    expect(page.locator(".rg-angle .scatterlayer")).to_be_visible()


def test_other_runs_keep_the_charts(open_component: Open) -> None:
    page = open_component("rnn,lstm")
    page.evaluate("document.querySelector('.rl-card-rg-flow .js-plotly-plot').kept = true")
    page.evaluate("void window.show(['lstm'])")
    expect(page.locator("[data-run]")).to_have_count(1)
    expect(page.locator("canvas.rg-heat")).to_have_count(1)
    assert page.evaluate("document.querySelector('.rl-card-rg-flow .js-plotly-plot').kept")


def test_every_card_has_its_formula_on_demand(open_component: Open) -> None:
    page = open_component("rnn")
    cards = page.locator(".rg-root .rl-card")
    expect(cards).to_have_count(4)
    for card in cards.all():
        card.locator("summary[title='What is this?']").click()
        card.get_by_text("Formula", exact=True).click()
        expect(card.locator("math").first).to_be_visible()
        expect(card.locator(".rl-letters")).to_be_in_viewport(ratio=1)
        page.keyboard.press("Escape")


def test_it_goes_without_a_trace(open_component: Open) -> None:
    page = open_component("rnn")
    page.evaluate("window.stop()")
    assert page.evaluate("document.getElementById('host').childElementCount") == 0


def test_a_subtitle_is_readable_or_not_there(open_component: Open) -> None:
    page = open_component("rnn,lstm")
    shown = """() => [...document.querySelectorAll(".rl-subtitle")]
      .filter((node) => getComputedStyle(node).visibility === "visible")
      .filter((node) => node.scrollWidth > node.clientWidth)
      .map((node) => node.clientWidth)"""
    for width in (1060, 1366, 1600):
        page.set_viewport_size({"width": width, "height": 660})
        page.wait_for_function(f"() => ({shown})().every((width) => width >= 60)")
    assert page.evaluate("document.querySelectorAll('.rl-subtitle').length") > 2
