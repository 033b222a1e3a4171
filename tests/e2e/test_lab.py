"""The Lab in a real browser: what a person does, and what they then see."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from rnnlab.config import Design
from rnnlab.tasks import TASKS

from .conftest import PATIENCE_MS

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

BY_TOPOLOGY = {
    "one-to-one": "digits",
    "one-to-many": "surname",
    "many-to-one": "nationality",
    "many-to-many": "copy",
    "encoder-decoder": "dates",
}
CHARTS = ".js-plotly-plot"
WATCH_UPDATES = """() => {
  window.drawn_updates = []
  document.addEventListener("rnnlab:drawn", ({ detail }) => window.drawn_updates.push(detail.update))
}"""
THUMB_IS_WHERE_IT_RESTS = """() => {
  const { update, settled } = document.querySelector("[data-testid=live]").dataset
  return settled === "true" && document.querySelector(".rl-time-thumb").ariaValueNow === update
}"""


def live(page: Page) -> Locator:
    return page.get_by_test_id("live")


def update(page: Page) -> int:
    return int(live(page).get_attribute("data-update") or -1)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def wait_for_update(page: Page, at_least: int) -> int:
    page.wait_for_function(
        "least => Number(document.querySelector('[data-testid=live]').dataset.update) >= least",
        arg=at_least,
    )
    return update(page)


def status(page: Page, wanted: str, within_ms: int = PATIENCE_MS) -> None:
    expect(live(page)).to_have_attribute("data-status", wanted, timeout=within_ms)


def standing_still(page: Page) -> int:
    """The update of a run that rests, once what was under way has landed, however long that takes."""
    expect(live(page)).to_have_attribute("data-settled", "true")
    return update(page)


def one_update(page: Page, then: int) -> str:
    """Press the button and give the loss that is shown for that update."""
    press(page, "One update")
    expect(live(page)).to_have_attribute("data-update", str(then))
    return live(page).get_attribute("data-loss") or ""


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("topology", BY_TOPOLOGY)
def test_every_topology_trains_with_every_cell(open_page: Open, topology: str, cell: str) -> None:
    task = BY_TOPOLOGY[topology]
    assert topology in TASKS[task].topologies
    page = open_page(f"task={task}&topology={topology}&cell={cell}&hidden_size=12")
    start = update(page)
    loss = one_update(page, start + 1)
    assert float(loss) > 0
    page.wait_for_function(f"document.querySelectorAll('[data-testid=live] {CHARTS}').length >= 4")
    assert Design(task=task, topology=topology).topology == topology


def test_play_pause_step_rewind_reset(open_page: Open) -> None:
    page = open_page("task=adding&hidden_size=8")
    press(page, "Play")
    status(page, "playing")
    wait_for_update(page, 20)
    press(page, "Pause")
    status(page, "paused")
    slider = page.get_by_role("slider", name="Timeline")
    reached = standing_still(page)
    expect(slider).to_have_attribute("aria-valuenow", str(reached))
    one_update(page, reached + 1)
    slider.focus()
    slider.press("ArrowLeft")
    expect(live(page)).to_have_attribute("data-update", str(reached))
    press(page, "Reset")
    expect(live(page)).to_have_attribute("data-update", "0")


def test_clipping_and_length_change_while_it_trains(open_page: Open) -> None:
    page = open_page("task=adding&hidden_size=8&length=20")
    press(page, "Play")
    before = wait_for_update(page, 10)
    page.get_by_text("Clip gradients", exact=True).click()
    length = page.get_by_role("slider", name="Sequence length")
    length.focus()
    length.press("ArrowRight")
    page.wait_for_function("() => /length=21/.test(location.search)")
    assert "clipping=off" in page.evaluate("location.search")
    assert wait_for_update(page, before + 20) > before
    status(page, "playing")


def test_the_same_link_gives_the_same_losses(open_page: Open) -> None:
    query = "task=nationality&cell=gru&hidden_size=16&seed=11&dropout=0.2"
    losses = []
    for _ in range(2):
        page = open_page(query)
        assert update(page) == 0
        losses.append([one_update(page, n) for n in (1, 2, 3)])
    assert losses[0] == losses[1]
    assert len(set(losses[0])) == 3


def test_play_goes_on_from_the_first_run(open_page: Open) -> None:
    page = open_page()
    start = update(page)
    assert start > 100
    press(page, "Play")
    assert wait_for_update(page, start + 1) > start


def test_the_address_holds_the_experiment(open_page: Open) -> None:
    page = open_page()
    assert page.evaluate("location.search") == ""
    page.get_by_role("spinbutton", name="Seed").fill("5")
    page.get_by_role("spinbutton", name="Seed").press("Enter")
    page.wait_for_function("() => /seed=5/.test(location.search)")
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()


def test_no_chart_is_replaced_by_reruns(open_page: Open) -> None:
    page = open_page("task=adding&hidden_size=8")
    page.wait_for_function(f"document.querySelectorAll('[data-testid=live] {CHARTS}').length >= 4")
    page.evaluate(
        f"document.querySelectorAll('[data-testid=live] {CHARTS}').forEach(c => {{ c.kept = true }})"
    )
    press(page, "Play")
    for n in range(25):
        page.get_by_text("Clip gradients", exact=True).click()
        wanted = n % 2 == 0
        page.wait_for_function("off => /clipping=off/.test(location.search) === off", arg=wanted)
    kept = page.evaluate(
        f"[...document.querySelectorAll('[data-testid=live] {CHARTS}')].map(c => c.kept === true)"
    )
    assert len(kept) >= 4
    assert all(kept)


def test_a_run_that_breaks_says_where_and_rewinds(open_page: Open) -> None:
    page = open_page(
        "task=adding&cell=rnn&activation=relu&recurrent_gain=2&optimizer=sgd&clipping=off&learning_rate=5&hidden_size=16"
    )
    press(page, "Play")
    status(page, "diverged")
    expect(live(page)).to_contain_text(re.compile(r"In update [\d,]+ the .+ became", re.S))
    expect(live(page)).not_to_contain_text("Traceback")
    live(page).get_by_role("button", name=re.compile("Rewind")).click()
    status(page, "paused")


def test_typed_text_is_shown_as_text(open_page: Open) -> None:
    page = open_page("task=language-model&hidden_size=8&length=20")
    page.evaluate("window.hacked = false")
    page.get_by_role("button", name=TASKS["language-model"].options["text"].label).click()
    area = page.get_by_role("textbox", name="Paste a text")
    area.fill("<img src=x onerror='window.hacked = true'> " * 12)
    area.press("Control+Enter")
    page.get_by_role("button", name="Use it").click()
    page.keyboard.press("Escape")
    expect(live(page)).to_have_attribute("data-update", "0")
    one_update(page, 1)
    page.wait_for_timeout(500)
    assert page.evaluate("window.hacked") is False
    assert page.evaluate("document.querySelectorAll('[data-testid=live] img').length") == 0


def test_a_person_can_choose_the_gate_that_is_drawn(open_page: Open) -> None:
    page = open_page()
    choice = live(page).locator("select").filter(has_text="forget gate")
    choice.select_option(label="forget gate f")
    expect(live(page)).to_contain_text(re.compile("forget gate f", re.I))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_nothing_scrolls_on_the_first_screen(open_page: Open, scheme: str, width: int, height: int) -> None:
    page = open_page(width=width, height=height, scheme=scheme)
    box = live(page).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= height
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_text("Sequence length", exact=True)).to_be_in_viewport()


def test_clicks_that_come_before_the_page_has_heard_of_the_last_one_do_not_rewind(open_page: Open) -> None:
    page = open_page("task=digits&hidden_size=8")
    page.evaluate(WATCH_UPDATES)
    for _ in range(6):
        press(page, "One update")
        page.wait_for_timeout(40)
    wait_for_update(page, 2)
    page.wait_for_function(THUMB_IS_WHERE_IT_RESTS)
    drawn = page.evaluate("window.drawn_updates")
    assert drawn == sorted(drawn)


def test_looking_into_more_changes_nothing(open_page: Open) -> None:
    """A popover's widgets are built when it is opened: they must show what is in force."""
    page = open_page("task=dates&hidden_size=8")
    one_update(page, 1)
    for more, label, value in ((0, "Batch size", "32"), (1, "Teacher forcing", "1")):
        page.get_by_role("button", name="More").nth(more).click()
        expect(page.get_by_role("spinbutton", name=label)).to_have_value(value)
        hidden = page.get_by_test_id("stPopoverBody").evaluate(
            "body => body.scrollHeight - body.clientHeight"
        )
        assert hidden <= 0, f"{hidden} px of it are out of sight"
        page.keyboard.press("Escape")
    one_update(page, 2)
    assert page.evaluate("location.search") == "?task=dates&hidden_size=8"


@pytest.mark.parametrize("place", [0, 1], ids=["whole gradient", "gradient at a time step"])
def test_a_plotted_gradient_is_checked_by_nudging(open_page: Open, place: int) -> None:
    page = open_page()
    page.get_by_role("button", name="Check this number").nth(place).click()
    values = page.get_by_role("dialog").get_by_test_id("stMetricValue")
    expect(values).to_have_count(3)
    analytic, numeric = (float(values.nth(index).inner_text()) for index in (0, 1))
    assert numeric == pytest.approx(analytic, rel=1e-5)
    assert numeric > 0
