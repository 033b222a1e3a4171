"""Overfitting in a real browser: loss and metric of both kinds of data, and a run that stops early."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_lab import live, press, status, wait_for_update

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
BY_HEART = "task=nationality&hidden_size=64&learning_rate=0.01"
FIGURE = """() => {
  const { data, layout } = document.querySelector('.rl-card-loss .js-plotly-plot');
  return { data, layout };
}"""


def figure(page: Page) -> dict[str, Any]:
    """The loss card's figure, as Plotly holds it."""
    found: dict[str, Any] = page.evaluate(FIGURE)
    return found


def words(page: Page) -> list[str]:
    return [label["text"] for label in figure(page)["layout"]["annotations"]]


SAYS = """wanted => {
  const { layout } = document.querySelector(".rl-card-loss .js-plotly-plot")
  const said = (layout.annotations ?? []).map(({ text }) => text)
  return wanted.every((one) => said.some((text) => new RegExp(one).test(text)))
}"""


def says(page: Page, *wanted: str) -> None:
    """Wait until each of these patterns is found in the card's words."""
    page.wait_for_function(SAYS, arg=list(wanted))


def test_the_card_shows_loss_or_metric_and_remembers_which(open_page: Open) -> None:
    page = open_page(BY_HEART)
    press(page, "Play")
    wait_for_update(page, 60)
    press(page, "Pause")
    status(page, "paused")
    says(page, "^training$", "^held out$")
    card = page.locator(".rl-card-loss")
    card.get_by_role("button", name="metric", exact=True).click()
    expect(card.locator(".rl-title")).to_have_text("Accuracy")
    expect(card.get_by_role("button", name="log", exact=True)).to_be_hidden()
    expect(card.get_by_role("button", name="exposure", exact=True)).to_be_hidden()
    says(page, "^training$", "^held out$", "a guess among|trivial predictor")
    assert figure(page)["layout"]["yaxis"]["tickformat"] == ".0%"
    page.reload()
    expect(card.locator(".rl-title")).to_have_text("Accuracy")
    card.get_by_role("button", name="loss", exact=True).click()
    expect(card.locator(".rl-title")).to_have_text("Loss")


def test_a_run_stops_early_and_goes_back_to_its_best_update(open_page: Open) -> None:
    page = open_page(f"{BY_HEART}&early_stopping=150")
    press(page, "Play")
    status(page, "stopped early", within_ms=180_000)
    notice = page.locator(".rl-notice-early")
    expect(notice).to_contain_text("no better held-out loss for 150 updates")
    best = int(re.search(r"was at update ([\d,]+)", notice.inner_text()).group(1).replace(",", ""))  # type: ignore[union-attr]
    says(page, f"^lowest.*: {best:,}$")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    notice.get_by_role("button", name=f"Go back to update {best:,}").click()
    expect(live(page)).to_have_attribute("data-update", str(best))
    expect(notice).to_be_hidden()
    press(page, "Play")
    wait_for_update(page, best + 5)


def test_a_generating_network_fed_the_truth_and_fed_its_own(open_page: Open) -> None:
    page = open_page("task=dates&hidden_size=24")
    press(page, "Play")
    wait_for_update(page, 40)
    press(page, "Pause")
    status(page, "paused")
    card = page.locator(".rl-card-loss")
    card.get_by_role("button", name="exposure", exact=True).click()
    expect(card.locator(".rl-title")).to_have_text("Symbols right")
    says(page, "^Fed the truth", "^fed truth$", "^fed own$")


OUTSIDE = """() => {
  const card = document.querySelector('.rl-card-loss');
  const edge = card.getBoundingClientRect().right;
  const right = (node) => node.getBoundingClientRect().right;
  return [...card.querySelectorAll('.rl-head-line > *')].filter((node) => right(node) > edge).length;
}"""


@pytest.mark.parametrize("task", ["tomorrow", "anomaly", "surname", "dates"])
def test_the_head_of_the_card_stays_within_it(open_page: Open, task: str) -> None:
    page = open_page(f"task={task}&hidden_size=4")
    press(page, "One update")
    wait_for_update(page, 1)
    page.wait_for_function(
        "document.querySelector('.rl-card-loss .js-plotly-plot')?.layout?.annotations?.length"
    )
    card = page.locator(".rl-card-loss")
    for name in ("loss", "metric", "exposure"):
        button = card.get_by_role("button", name=name, exact=True)
        if button.is_visible():
            button.click()
            page.wait_for_timeout(300)
            assert page.evaluate(OUTSIDE) == 0, name
    assert not any("e+" in text for text in words(page))


def test_only_a_metric_with_a_long_name_is_cut_short(open_page: Open) -> None:
    page = open_page("task=dates&hidden_size=4")
    titles = "nodes => nodes.filter((n) => n.scrollWidth > n.clientWidth).map((n) => n.textContent)"
    assert page.locator(".rl-title").evaluate_all(titles) == []
