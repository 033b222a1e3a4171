"""Made for the room, in a real browser: keys, the projector's page, what a teacher's link hides and locks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .contrast import calm
from .test_lab import live, press, standing_still, status, update, wait_for_update

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

SMALL = "task=adding&hidden_size=8&length=20"
GRADIENTS = '[data-testid="gradients"]'


def go(page: Page, name: str) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text=name).click()


def arrived(page: Page, name: str) -> None:
    """Until the page of that name is drawn, and its script has come to its end."""
    page.wait_for_selector(f'[data-testid="{name.lower()}"]')
    calm(page)


def letters(page: Page, selector: str) -> float:
    """The size of letters there, in pixels."""
    return float(page.eval_on_selector(selector, "node => parseFloat(getComputedStyle(node).fontSize)"))


def test_space_plays_and_pauses_and_a_full_stop_does_one_update(open_page: Open) -> None:
    page = open_page(SMALL)
    page.keyboard.press("Space")
    status(page, "playing")
    wait_for_update(page, 5)
    page.keyboard.press("Space")
    status(page, "paused")
    reached = standing_still(page)
    page.keyboard.press(".")
    expect(live(page)).to_have_attribute("data-update", str(reached + 1))


def test_arrow_keys_move_through_time_steps(open_page: Open) -> None:
    page = open_page(SMALL)
    picked = live(page).locator(".rl-picked").first
    expect(picked).to_contain_text("t = 1")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(picked).to_contain_text("t = 4")
    page.keyboard.press("ArrowLeft")
    expect(picked).to_contain_text("t = 3")


def test_keys_that_are_typed_or_belong_to_a_shortcut_do_nothing(open_page: Open) -> None:
    page = open_page("task=language-model&hidden_size=8&length=20")
    page.get_by_role("spinbutton", name="Seed").focus()
    page.keyboard.press(".")
    page.get_by_role("button", name="Your text").click()
    area = page.get_by_role("textbox", name="Paste a text")
    area.focus()
    page.keyboard.type("two words. ")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Your text").click()
    expect(area).to_be_hidden()
    live(page).locator("select:enabled").first.focus()
    page.keyboard.press(".")
    page.evaluate("document.activeElement.blur()")
    for keys in ("Control+.", "Alt+.", "Meta+.", "Control+Space"):
        page.keyboard.press(keys)
    page.get_by_role("button", name="More").first.click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    page.keyboard.press(".")
    page.wait_for_timeout(800)
    assert update(page) == 0
    assert live(page).get_attribute("data-status") == "paused"


def test_space_on_a_button_presses_that_button(open_page: Open) -> None:
    page = open_page(SMALL)
    page.get_by_role("button", name="One update", exact=True).focus()
    page.keyboard.press("Space")
    expect(live(page)).to_have_attribute("data-update", "1")
    page.wait_for_timeout(500)
    assert live(page).get_attribute("data-status") == "paused"


def test_space_after_a_click_on_play_pauses(open_page: Open) -> None:
    page = open_page(SMALL)
    press(page, "Play")
    status(page, "playing")
    page.keyboard.press("Space")
    status(page, "paused")
    page.wait_for_timeout(500)  # and the button that was clicked is not pressed again
    assert live(page).get_attribute("data-status") == "paused"


@pytest.mark.parametrize("name", ["Lab", "Gradients", "Unroll"])
def test_a_question_mark_lists_the_keys_and_escape_closes_them(open_page: Open, name: str) -> None:
    page = open_page(SMALL)
    if name != "Lab":
        go(page, name)
        arrived(page, name)
        page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("play, pause")
    page.keyboard.press(".")  # nothing happens behind an open list
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    page.keyboard.press("?")
    expect(keys).to_have_count(1)
    page.keyboard.press("?")
    expect(keys).to_have_count(0)


def test_keys_on_the_gradients_page(open_page: Open) -> None:
    page = open_page(SMALL)
    go(page, "Gradients")
    page.wait_for_selector(f'{GRADIENTS}[data-updates="[0,0,0]"]')
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(".")
    page.wait_for_selector(f'{GRADIENTS}[data-updates="[1,1,1]"]')
    picked = page.locator(".rg-picked")
    expect(picked).to_contain_text("t = 1")
    page.keyboard.press("ArrowRight")
    expect(picked).to_contain_text("t = 2")
    page.keyboard.press("Space")
    page.wait_for_selector(f'{GRADIENTS}[data-status="playing playing playing"]')
    page.keyboard.press("Space")
    page.wait_for_selector(f'{GRADIENTS}[data-status="paused paused paused"]')


def test_keys_on_the_unroll_page(open_page: Open) -> None:
    page = open_page(SMALL)
    go(page, "Unroll")
    unroll = page.get_by_test_id("unroll")
    expect(unroll).to_have_attribute("data-stage", "0")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    expect(unroll).to_have_attribute("data-stage", "1")
    page.keyboard.press("Space")
    expect(unroll).to_have_attribute("data-playing", "true")
    page.keyboard.press("Space")
    expect(unroll).to_have_attribute("data-playing", "false")
    page.keyboard.press(".")
    expect(unroll).to_contain_text("after 1 update")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_the_projectors_page_is_large_and_fits(open_page: Open, scheme: str, width: int, height: int) -> None:
    page = open_page("projector=on", width=width, height=height, scheme=scheme)
    page.wait_for_function("document.querySelectorAll('[data-testid=live] .js-plotly-plot').length >= 4")
    calm(page)
    least = 20 * width / 1366 - 0.5
    for selector in ('[data-testid="live"]', ".rl-subtitle", ".st-key-transport button p", ".xtick text"):
        assert letters(page, selector) >= least, selector
    box = live(page).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= height
    assert box["width"] > 0.95 * width, "the sidebar is closed"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    thick = (
        "Math.max(0, ...[...document.querySelectorAll('.js-line')].map(n => parseFloat(n.style.strokeWidth)))"
    )
    assert page.evaluate(thick) >= 4


def test_one_click_to_the_projectors_page_and_the_same_click_back(open_page: Open) -> None:
    page = open_page(SMALL)
    before = letters(page, '[data-testid="live"]')
    button = page.get_by_role("button", name="Projector")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("/projector=on/.test(location.search)")
    page.wait_for_function(
        "parseFloat(getComputedStyle(document.querySelector('.rl-root')).fontSize) >= 19.5"
    )
    expect(page.get_by_text("Task", exact=True)).not_to_be_in_viewport()
    button.click()
    page.wait_for_function("!/projector/.test(location.search)")
    expect(page.get_by_text("Task", exact=True)).to_be_in_viewport()
    page.wait_for_function(
        f"parseFloat(getComputedStyle(document.querySelector('.rl-root')).fontSize) == {before}"
    )


@pytest.mark.parametrize("name", ["Lab", "Gradients", "Unroll"])
def test_escape_leaves_the_projectors_page(open_page: Open, name: str) -> None:
    page = open_page(f"{SMALL}&projector=on")
    if name != "Lab":
        go(page, name)
        page.wait_for_function("/projector=on/.test(location.search)")
        arrived(page, name)
    keys = page.get_by_role("dialog", name="Keys")
    page.keyboard.press("?")
    expect(keys).to_have_count(1)
    page.keyboard.press("Escape")  # this one closes the list
    expect(keys).to_have_count(0)
    page.wait_for_timeout(600)
    assert "projector=on" in page.evaluate("location.search")
    page.keyboard.press("Escape")
    page.wait_for_function("!/projector/.test(location.search)")


def test_no_chart_is_replaced_on_the_way_to_the_projector(open_page: Open) -> None:
    page = open_page(SMALL)
    page.wait_for_function("document.querySelectorAll('[data-testid=live] .js-plotly-plot').length >= 4")
    page.evaluate("document.querySelectorAll('.js-plotly-plot').forEach(c => { c.kept = true })")
    page.get_by_role("button", name="Projector").click()
    page.wait_for_function("/projector=on/.test(location.search)")
    calm(page)
    assert page.evaluate("[...document.querySelectorAll('.js-plotly-plot')].every(c => c.kept)")


def test_a_teachers_link_hides_locks_and_survives(open_page: Open) -> None:
    page = open_page(f"{SMALL}&hide=optimizer,check,reset&lock=cell,play")
    for again in (False, True):
        if again:
            page.reload()
            page.wait_for_selector('[data-testid="live"][data-update]')
        expect(page.get_by_text("Optimizer", exact=True)).to_have_count(0)
        expect(page.get_by_role("button", name="Reset", exact=True)).to_have_count(0)
        expect(page.get_by_role("combobox", name=re.compile("Cell"))).to_be_disabled()
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_disabled()
        expect(page.get_by_role("button", name="Teach")).to_have_count(0)
        expect(page.get_by_role("button", name="Check this number")).to_have_count(0)
        assert {"hide", "lock"} <= set(re.findall(r"(\w+)=", page.evaluate("location.search")))
    page.keyboard.press("Space")
    press(page, "One update")
    expect(live(page)).to_have_attribute("data-update", "1")
    assert live(page).get_attribute("data-status") == "paused"


def test_a_teacher_makes_a_link_and_previews_it(open_page: Open) -> None:
    page = open_page(SMALL)
    page.get_by_role("button", name="Teach").click()
    page.get_by_role("combobox", name="Hide").fill("Optimizer")
    page.get_by_role("option", name="Design: Optimizer").click()
    code = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    expect(code).to_contain_text("hide=optimizer")
    expect(page.get_by_test_id("stPopoverBody")).to_contain_text("protects nothing")
    page.get_by_text("A link for your class").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Preview").click()
    student = opened.value
    student.wait_for_selector('[data-testid="live"][data-update]')
    expect(student.get_by_text("Optimizer", exact=True)).to_have_count(0)
    expect(student.get_by_role("button", name="Teach")).to_have_count(0)
    expect(student.get_by_text("Cell", exact=True)).to_be_visible()


def test_messages_stand_below_the_first_row_where_the_menu_is(open_page: Open) -> None:
    page = open_page("lock=nonsense", width=1366, height=768)
    calm(page)
    message = page.get_by_test_id("stAlert").bounding_box()
    play = page.get_by_role("button", name="Play", exact=True).bounding_box()
    menu = page.get_by_test_id("stTopNav").bounding_box()
    assert message
    assert play
    assert menu
    assert message["y"] >= play["y"] + play["height"]
    assert message["y"] >= menu["y"] + menu["height"]


def test_a_sidebar_with_nothing_in_it_leaves_its_room_to_the_charts(open_page: Open) -> None:
    page = open_page("hide=design,settings", width=1366, height=768)
    calm(page)
    box = page.locator(".rl-root").bounding_box()
    assert box
    assert box["width"] > 1300
