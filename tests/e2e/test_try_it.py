"""The Try it page in a real browser: from the Lab's task menu to an answer to what somebody typed or drew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from rnnlab.asking.images import drawings
from rnnlab.config import Design, default_settings
from rnnlab.link import to_link

from .conftest import window
from .contrast import calm, faint

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
ANSWERED = '[data-testid="try"][data-words]'
RUNS = '<img src=x onerror="window.ran=1">'


@pytest.fixture
def open_try(browser: Browser, server: str) -> Iterator[Open]:
    """Opens the page by its own address, as from a link, and waits for its first answer."""
    contexts, errors = [], []

    def open_(query: str = "", scheme: str = "light", awaited: str = ANSWERED) -> Page:
        context = window(browser, viewport={"width": 1366, "height": 768}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server}/try?{query}")
        page.wait_for_selector(awaited)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors, errors


def shown(page: Page) -> Locator:
    return page.get_by_test_id("try")


def from_lab(open_page: Open, task: str) -> Page:
    """The task chosen in the Lab's menu, one update, and over to this page."""
    page = open_page("hidden_size=8")
    menu = page.get_by_role("combobox", name=re.compile("^(Selected .*)?Task", re.DOTALL)).first
    menu.click()
    menu.fill(task)
    page.keyboard.press("Enter")
    live = page.get_by_test_id("live")
    page.wait_for_function("task => location.search.includes('task=')", arg=task)
    page.get_by_role("button", name="One update", exact=True).click()
    expect(live).to_have_attribute("data-update", "1")
    page.get_by_role("link", name="Try it").click()
    page.wait_for_selector(ANSWERED)
    expect(page.get_by_text("As of update 1")).to_be_visible()
    return page


def type_question(page: Page, text: str) -> None:
    field = page.locator(".st-key-try-question").locator("input, textarea").first
    field.fill(text)
    field.press("Control+Enter" if field.evaluate("node => node.tagName") == "TEXTAREA" else "Enter")


def test_many_to_one(open_page: Open) -> None:
    page = from_lab(open_page, "Surname to nationality")
    type_question(page, "Kowalski")
    expect(shown(page)).to_have_attribute("data-asked", "kowalski")
    expect(page.locator(".rt-character")).to_have_count(8)
    assert page.locator(".rt-words").inner_text() == shown(page).get_attribute("data-words")


def test_encoder_decoder(open_page: Open) -> None:
    page = from_lab(open_page, "Dates in words")
    type_question(page, "3 mai 2011")
    expect(shown(page)).to_have_attribute("data-asked", "3 mai 2011")
    assert page.locator(".rt-panel").count() >= 2


def test_many_to_many(open_page: Open) -> None:
    page = from_lab(open_page, "Language model")
    type_question(page, "the quick brown")
    expect(shown(page)).to_have_attribute("data-asked", "the quick brown")
    page.get_by_role("radio", name="Write").click()
    expect(page.get_by_test_id("written")).to_be_visible()


def test_one_to_many(open_page: Open) -> None:
    page = from_lab(open_page, "Nationality to surname")
    page.locator(".st-key-try-question input").click()
    option = page.get_by_role("option").nth(3)
    nationality = option.inner_text()
    option.click()
    expect(shown(page)).to_have_attribute("data-asked", nationality)
    expect(page.locator(".rt-words")).not_to_be_empty()


def test_one_to_one_drawn_with_the_mouse(open_page: Open) -> None:
    page = from_lab(open_page, "Handwritten digits")
    before = shown(page).get_attribute("data-asked")
    draw = page.get_by_test_id("draw")
    draw.get_by_role("button", name="Clear").click()
    expect(draw).to_have_attribute("data-ink", "0")
    box = draw.locator(".rt-drawing").bounding_box()
    assert box
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in [(0.5, 0.1), (0.5, 0.9)]]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=12)
    page.mouse.up()
    expect(shown(page)).not_to_have_attribute("data-asked", before or "")
    pixels = [float(n) for n in (shown(page).get_attribute("data-asked") or "").split()]
    assert len(pixels) == 64
    rows = [pixels[8 * row : 8 * row + 8] for row in range(8)]
    assert all(max(row) >= 10 for row in rows[1:7])
    assert all(row[0] == row[7] == 0 for row in rows)


def test_the_drawing_by_keys_and_examples(open_try: Open) -> None:
    page = open_try("task=digits&topology=one-to-one&hidden_size=8")
    draw = page.get_by_test_id("draw")
    draw.get_by_role("button", name="Example 2").click()
    expected = [float(n) for n in drawings(4)[1].split()]
    expect(draw).to_have_attribute("data-ink", f"{sum(expected):g}")
    page.wait_for_function(
        "text => document.querySelector('[data-testid=try]').dataset.asked === text", arg=drawings(4)[1]
    )
    draw.get_by_role("button", name="Clear").click()
    draw.locator(".rt-drawing").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(draw).to_have_attribute("data-ink", "16")


LATE_ANSWER = """async ([first, second]) => {
  const { default: mount } = await import("/live/assets/try/draw.js")
  const host = document.body.appendChild(document.createElement("div"))
  const heard = []
  const answer = (text) => mount({ parentElement: host, data: { text, examples: [first, second] },
                                   setTriggerValue: (_, drawn) => heard.push(drawn) })
  const ink = () => Number(host.querySelector("[data-testid=draw]").dataset.ink)
  answer("")
  const inks = []
  for (const press of [0, 1]) host.querySelectorAll(".rt-thumbnail")[press].click()
  inks.push(ink())
  answer(heard[0]) // to the first, when the second is drawn already
  inks.push(ink())
  answer(heard[1])
  inks.push(ink())
  answer(heard[0]) // now somebody chose that one again, elsewhere on the page
  inks.push(ink())
  host.remove()
  return inks
}"""


def test_a_late_answer_takes_nothing_away_from_a_drawing(open_try: Open) -> None:
    """On a busy server the answer to a stroke comes when the next one is drawn."""
    page = open_try("task=digits&topology=one-to-one&hidden_size=8")
    first, second = drawings(4)[:2]
    ink = [sum(float(n) for n in text.split()) for text in (first, second)]
    assert page.evaluate(LATE_ANSWER, [first, second]) == [ink[1], ink[1], ink[1], ink[0]]


def test_a_click_on_a_character_and_on_a_unit(open_try: Open) -> None:
    page = open_try("ask=Kowalski")
    page.locator(".rt-character").nth(2).click()
    expect(shown(page)).to_have_attribute("data-column", "3")
    expect(page.locator(".rt-answer .rt-heading")).to_contain_text("“kow”")
    colours = page.locator(".rt-character").evaluate_all("nodes => nodes.map((n) => n.style.background)")
    chosen = int(shown(page).get_attribute("data-unit") or 0)
    calm(page)
    box = page.locator(".rt-map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + (2 if chosen > 3 else box["height"] - 4))
    expect(shown(page)).not_to_have_attribute("data-unit", str(chosen))
    other = page.locator(".rt-character").evaluate_all("nodes => nodes.map((n) => n.style.background)")
    assert colours != other


def test_what_is_typed_is_only_ever_text(open_try: Open) -> None:
    """The network has learned the characters of a tag, so that it reads them all, and writes some itself."""
    design = Design(task="language-model", task_options={"text": (RUNS + "[b](javascript:c) $x$\n") * 9})
    page = open_try(to_link(design, default_settings(design)))
    for text in (RUNS, "[b](javascript:window.ran=1)", "$x$"):
        type_question(page, text)
        for view in ("Reading", "What mattered", "Units", "Change it", "Write"):
            page.get_by_role("radio", name=view, exact=True).click()
            page.wait_for_timeout(700)
            assert page.evaluate("window.ran") is None
            assert page.locator("img[src='x'], a[href^=javascript], .katex").count() == 0
    type_question(page, RUNS)
    expect(shown(page)).to_have_attribute("data-asked", RUNS)
    expect(page.locator(".rt-asked")).to_contain_text(RUNS)


def test_what_a_link_says_is_only_ever_text(open_try: Open) -> None:
    page = open_try(urlencode({"network": RUNS, "ask": RUNS, RUNS: "1"}), awaited="[data-testid=stAlert]")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("<img src=x")
    assert page.evaluate("window.ran") is None
    assert page.locator("img[src='x']").count() == 0


def test_a_link_opens_the_network_and_the_question_in_another_session(open_try: Open) -> None:
    page = open_try("task=reverse&hidden_size=9")
    type_question(page, "abc")
    expect(shown(page)).to_have_attribute("data-asked", "abc")
    page.wait_for_function("() => location.search.includes('ask=abc')")
    again = open_try(page.evaluate("location.search").lstrip("?"))
    expect(shown(again)).to_have_attribute("data-asked", "abc")
    assert shown(again).get_attribute("data-words") == shown(page).get_attribute("data-words")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read_on_its_colour(open_try: Open, scheme: str) -> None:
    page = open_try("ask=Kowalski", scheme=scheme)
    views = {"Reading": "reading", "What mattered": "mattered", "Units": "units", "Change it": "changed"}
    for label, view in views.items():
        page.get_by_role("radio", name=label, exact=True).click()
        expect(shown(page)).to_have_attribute("data-view", view)
        calm(page)
        assert faint(page, "[data-testid=try]", 4.5) == []


def test_before_its_first_update_a_network_gives_way_to_the_one_trained_beforehand(open_try: Open) -> None:
    page = open_try("task=dates&hidden_size=4")
    page.get_by_role("button", name="Ask the one trained beforehand").click()
    page.wait_for_function("() => location.search.includes('network=dates')")
    expect(page.get_by_text("Trained beforehand for")).to_be_visible()


def test_the_map_of_what_mattered_fits_its_card(open_try: Open) -> None:
    page = open_try("network=language-model")
    page.get_by_role("radio", name="What mattered").click()
    last = page.locator(".rt-grid-name").last
    expect(last).to_be_visible()
    calm(page)
    box = last.bounding_box()
    assert box
    assert box["y"] + box["height"] < 768 - 8
