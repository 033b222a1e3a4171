"""The Unroll page in a real browser: what a person does, and what they then see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect
from torch import nn

from rnnlab.unroll import Tiny

from .conftest import window
from .contrast import calm, faint

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
NOTE_TITLES = """() => {
  const { dataset } = document.querySelector("[data-testid=unroll]")
  window.titles = [dataset.title]
  const note = () => dataset.title !== window.titles.at(-1) && window.titles.push(dataset.title)
  new MutationObserver(note).observe(document.querySelector("[data-testid=unroll]"), { attributes: true })
}"""  # a title that stands for a moment is not missed by a slow machine


@pytest.fixture
def open_unroll(browser: Browser, server: str) -> Iterator[Open]:
    """Opens the page by its own address, as from a link, and waits until it is drawn."""
    contexts, errors = [], []

    def open_(query: str = "", width: int = 1366, height: int = 768, scheme: str = "light") -> Page:
        context = window(browser, viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server}/unroll?{query}" if query else f"{server}/unroll")
        page.wait_for_selector('[data-testid="unroll"][data-stage]')
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors, errors


def unroll(page: Page) -> Locator:
    return page.get_by_test_id("unroll")


def stands_at(page: Page, title: str) -> None:
    expect(unroll(page)).to_have_attribute("data-title", title)


def value(page: Page, key: str, t: int | None = None) -> list[list[float]]:
    """The numbers of a line on the screen, as exact as they were sent."""
    place = f'[data-t="{t}"]' if t else ""
    return json.loads(page.locator(f'.ru-line[data-key="{key}"]{place}').get_attribute("data-value") or "")


def autograd(tiny: Tiny) -> nn.RNNCell:
    """PyTorch's own cell with the gradients of the loss at the last time step."""
    cell, readout = nn.RNNCell(1, 2).double(), nn.Linear(2, 1).double()
    parameters = {**dict(cell.named_parameters()), **dict(readout.named_parameters(prefix="readout"))}
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(torch.tensor(tiny.numbers[name]))
    h = torch.zeros(2, dtype=torch.float64)
    for x in tiny.numbers["x"]:
        h = cell(torch.tensor(x), h)
    (0.5 * (readout(h) - tiny.numbers["target"][-1]) ** 2).sum().backward()
    return cell


def test_buttons_move_by_one_time_step(open_unroll: Open) -> None:
    page = open_unroll()
    stands_at(page, "Start")
    page.get_by_role("button", name="One time step forward (→)").click()
    stands_at(page, "Forward, time step 1")
    page.get_by_role("button", name="One time step forward (→)").click()
    stands_at(page, "Forward, time step 2")
    page.get_by_role("button", name="One time step back (←)").click()
    stands_at(page, "Forward, time step 1")
    page.get_by_role("button", name="Backward, time step 2", exact=True).click()
    stands_at(page, "Backward, time step 2")
    slider = page.get_by_role("slider", name="Stage")
    expect(slider).to_have_value("6")
    slider.fill("4")
    stands_at(page, "Loss")


def test_arrow_keys_move_by_time_steps_and_lines(open_unroll: Open) -> None:
    page = open_unroll()
    for key, title in [
        ("ArrowRight", "Forward, time step 1"),
        ("ArrowRight", "Forward, time step 2"),
        ("ArrowLeft", "Forward, time step 1"),
        ("ArrowDown", "Forward, time step 2"),
        ("End", "Update of the weights"),
        ("ArrowRight", "Update of the weights"),
        ("Home", "Start"),
        ("ArrowLeft", "Start"),
    ]:
        page.keyboard.press(key)
        stands_at(page, title)
    page.keyboard.press("ArrowDown")
    expect(unroll(page)).to_have_attribute("data-line", "x")


def test_arrow_keys_in_a_field_stay_there(open_unroll: Open) -> None:
    page = open_unroll()
    page.get_by_role("tab", name="Weights and inputs").click()
    page.get_by_label("U, row 1, column 1").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    stands_at(page, "Start")
    page.get_by_role("slider", name="Units").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => /hidden_size=3/.test(location.search)")
    stands_at(page, "Start")


def test_play_goes_line_by_line_and_pauses(open_unroll: Open) -> None:
    page = open_unroll()
    page.get_by_label("Speed").select_option("4")
    page.keyboard.press("ArrowRight")
    page.evaluate(NOTE_TITLES)
    page.keyboard.press(" ")
    page.wait_for_function("window.titles.includes('Forward, time step 2')")
    assert page.evaluate("window.titles")[:2] == ["Forward, time step 1", "Forward, time step 2"]
    expect(unroll(page)).to_have_attribute("data-playing", "true")
    page.get_by_role("button", name="Pause (space bar)").click()
    expect(unroll(page)).to_have_attribute("data-playing", "false")
    line = unroll(page).get_attribute("data-line")
    page.wait_for_timeout(900)
    assert unroll(page).get_attribute("data-line") == line


def test_the_numbers_on_the_screen_are_autograds(open_unroll: Open) -> None:
    page = open_unroll()
    cell = autograd(Tiny())
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    stands_at(page, "Sum over time steps")
    for key, gradient in {"grad U": cell.weight_hh.grad, "grad W": cell.weight_ih.grad}.items():
        torch.testing.assert_close(torch.tensor(value(page, key)).double(), gradient)
    first = cell.weight_hh.grad[0, 0].item()
    shown = f"{first:.3f}".replace("-", "−")
    expect(page.locator('.ru-line[data-key="grad U"]')).to_contain_text(shown)
    expect(page.locator(".ru-sums .ru-total", has_text=shown)).to_have_count(1)


def test_a_typed_weight_changes_everything(open_unroll: Open) -> None:
    page = open_unroll()
    page.get_by_role("tab", name="Weights and inputs").click()
    field = page.get_by_label("U, row 1, column 1")
    field.fill("0,25")
    field.press("Enter")
    page.wait_for_function("() => /weight_hh=0.25/.test(decodeURIComponent(location.search))")
    expect(field).to_have_value("0.25")  # as the answer has it, which draws the fields anew
    page.get_by_role("tab", name="Equations").click()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    stands_at(page, "Sum over time steps")
    cell = autograd(Tiny(numbers={"weight_hh": [[0.25, -1], [1, 0.5]]}))
    torch.testing.assert_close(torch.tensor(value(page, "grad U")).double(), cell.weight_hh.grad)


def test_what_is_no_number_is_told_and_put_back(open_unroll: Open) -> None:
    page = open_unroll()
    page.get_by_role("tab", name="Weights and inputs").click()
    field = page.get_by_label("W, row 1, column 1")
    field.fill("cat")
    field.press("Enter")
    expect(page.get_by_text("numbers such as 0.5, not 'cat'.")).to_be_visible()
    expect(page.get_by_label("W, row 1, column 1")).to_have_value("0.5")


def test_nan_is_named(open_unroll: Open) -> None:
    page = open_unroll("weight_hh=nan,0;0,1")
    expect(page.locator(".ru-loss-value")).to_have_text("NaN")
    page.keyboard.press("End")
    expect(page.locator(".ru-net .ru-nan").first).to_have_text(re.compile("NaN"))


def test_updates_are_applied_where_one_stands(open_unroll: Open) -> None:
    page = open_unroll()
    page.keyboard.press("End")
    stands_at(page, "Update of the weights")
    promised = value(page, "loss after")[0][0]
    page.get_by_role("button", name="Apply the update").click()
    expect(page.locator(".ru-losses")).to_contain_text("after 1 update")
    stands_at(page, "Update of the weights")
    expect(page.locator(".ru-loss-value")).to_have_text(f"{promised:.3f}")
    page.wait_for_function("() => /updates=1/.test(location.search)")


def test_the_lab_comes_back_as_it_was_left(open_page: Open) -> None:
    page = open_page("task=adding&hidden_size=9&length=30")
    page.get_by_role("button", name="One update", exact=True).click()
    live = page.get_by_test_id("live")
    expect(live).to_have_attribute("data-update", "1")
    address = page.url
    page.get_by_role("link", name="Unroll").click()
    page.wait_for_selector('[data-testid="unroll"][data-stage]')
    page.wait_for_function("() => location.pathname === '/unroll' && location.search === ''")
    page.get_by_role("link", name="Lab").click()
    expect(live).to_have_attribute("data-update", "1")
    page.wait_for_function("address => location.href === address", arg=address)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_text_is_invisible_and_nothing_needs_scrolling(open_unroll: Open, scheme: str) -> None:
    for query in ("", "cell=lstm&length=6&hidden_size=4&loss_at=every"):
        page = open_unroll(query, scheme=scheme)
        for key in ("End", "ArrowLeft", "ArrowLeft"):
            page.keyboard.press(key)
            calm(page)
            assert faint(page, "[data-testid=unroll]", 3, ":disabled, option, .ru-ahead, .ru-waiting") == []
        bottom = page.evaluate("document.querySelector('.ru-grid').getBoundingClientRect().bottom")
        assert bottom <= 768
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= 768
