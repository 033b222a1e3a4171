"""The Gradients page in a real browser: what a person does, and what they then see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import ROOT, serving, window
from tests.e2e.contrast import calm

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def open_gradients(browser: Browser, server: str) -> Iterator[Open]:
    """Opens the page by its own address, as from a link, and waits for the first pictures."""
    contexts, errors = [], []

    def open_(query: str = "", address: str = server, scheme: str = "light", wait: bool = True) -> Page:
        context = window(browser, viewport={"width": 1366, "height": 768}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/gradients?{query}" if query else f"{address}/gradients")
        if wait:
            drawn(page)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors, errors


def drawn(page: Page) -> None:
    page.wait_for_selector('[data-testid="gradients"] [data-run="0"]')
    page.wait_for_function(
        """() => {
          const told = document.querySelector('[data-testid="gradients"]')?.dataset.updates
          return told && JSON.parse(told).every((update) => update !== null)
        }""",
    )


def updates(page: Page) -> list[int]:
    return list(json.loads(page.get_by_test_id("gradients").get_attribute("data-updates") or "[]"))


def until_updates(page: Page, least: int) -> None:
    page.wait_for_function(
        """(least) => JSON.parse(document.querySelector('[data-testid="gradients"]').dataset.updates)
          .every((update) => update >= least)""",
        arg=least,
    )


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def view(page: Page, name: str) -> None:
    page.get_by_test_id("stMain").get_by_text(name, exact=True).first.click()


def test_the_first_visitor_of_a_server_may_come_by_a_link_to_this_page(
    open_gradients: Open, tmp_path: Path
) -> None:
    with serving(ROOT / "app.py", tmp_path / "log.txt") as address:
        page = open_gradients(address=address)
        expect(page.get_by_role("link", name="Unroll")).to_be_visible()
        expect(page.get_by_role("link", name="autopsy")).to_have_count(0)
        page.context.close()


def test_three_cells_train_in_step_and_pause_together(open_gradients: Open) -> None:
    page = open_gradients("task=temporal-order&hidden_size=8&length=20&cells=rnn,lstm,gru")
    expect(page.get_by_test_id("gradients").locator("[data-run]")).to_have_count(3)
    press(page, "Play")
    until_updates(page, 20)
    press(page, "Pause")
    gradients = page.get_by_test_id("gradients")
    expect(gradients).to_have_attribute("data-status", "paused paused paused")
    expect(gradients).to_have_attribute("data-settled", "true")
    stands = updates(page)
    page.wait_for_timeout(700)
    assert updates(page) == stands
    assert min(stands) >= 20


def test_a_setting_changes_while_it_trains_and_nothing_starts_anew(open_gradients: Open) -> None:
    page = open_gradients("task=temporal-order&hidden_size=8&length=20&cells=rnn,gru")
    press(page, "Play")
    until_updates(page, 20)
    page.get_by_test_id("stSidebar").get_by_text("Clip gradients").click()
    before = updates(page)
    until_updates(page, max(before) + 5)
    press(page, "Pause")


def test_a_run_breaks_is_dissected_and_mended(open_gradients: Open) -> None:
    page = open_gradients("view=break&recipe=nan")
    press(page, "Play")
    button = page.get_by_role("button", name="Rewind to update")
    expect(button).to_be_visible()
    expect(page.get_by_text("NaN broke.")).to_be_visible()
    expect(page.get_by_text("Gradient norms until then:")).to_be_visible()
    button.click()
    expect(page.get_by_test_id("gradients").locator("[data-run]")).to_have_count(2)
    page.wait_for_function(
        """() => JSON.parse(document.querySelector('[data-testid="gradients"]').dataset.updates)[1] > 30""",
    )
    assert updates(page)[0] == 4
    press(page, "Pause")


def test_a_refused_value_is_told_where_one_sees_it(open_gradients: Open) -> None:
    page = open_gradients("task=temporal-order&hidden_size=8&length=20&cells=rnn,gru")
    box = page.get_by_test_id("stSidebar").get_by_label("Hidden size", exact=True)
    box.fill("0")
    box.press("Enter")
    told = page.get_by_text("hidden_size must be a whole number from 1 to 256")
    expect(told).to_be_in_viewport()
    expect(page.get_by_test_id("gradients").locator("[data-run]")).to_have_count(2)


def test_a_number_is_checked(open_gradients: Open) -> None:
    page = open_gradients("task=temporal-order&hidden_size=8&length=20&cells=rnn,gru")
    press(page, "Check this number")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("by backpropagation")).to_be_visible()
    values = dialog.get_by_test_id("stMetricValue")
    expect(values).to_have_count(3)
    analytic, numeric = (float(values.nth(place).inner_text()) for place in (0, 1))
    assert numeric == pytest.approx(analytic, rel=1e-5)
    expect(dialog.get_by_text("They agree")).to_be_visible()


def test_the_cliff_and_look_closer_draw(open_gradients: Open) -> None:
    page = open_gradients("task=temporal-order&hidden_size=8&length=20&cells=rnn,lstm")
    view(page, "Cliff")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    view(page, "Look closer")
    page.get_by_test_id("stSidebar").get_by_text("Predicted and measured decay").click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    expect(page.get_by_text("Formula")).to_be_visible()
    view(page, "Cells")
    drawn(page)


@pytest.mark.parametrize("view", ["cells", "clipping"])
def test_the_heads_of_projected_cards_hold_all_their_controls(open_gradients: Open, view: str) -> None:
    page = open_gradients(f"projector=on&view={view}")
    page.set_viewport_size({"width": 1280, "height": 720})
    heads = page.locator(".rl-head-line")
    expect(heads.nth(3)).to_be_attached()
    calm(page)
    beyond = (
        "heads => heads.filter(head => head.scrollWidth > head.clientWidth + 1).map(head => head.innerText)"
    )
    assert not heads.evaluate_all(beyond)
