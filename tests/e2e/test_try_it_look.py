"""The Try it page, looked at closely: words over their columns, what a choice mattered, sounds, links."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
ANSWERED = '[data-testid="try"][data-words]'

FIVE = "i enjoy the dangerous story"
THIRTY = (
    "the room was perfect and i enjoy the story, and my sister came too, and the service was not thoughtful "
    "and the ending was slightly dangerous and i hate it"
)
WINDOWS = {"laptop": (1366, 768), "wide": (1920, 1080), "phone": (390, 800)}

COLUMNS = """() => {
  const map = document.querySelector(".rt-map").getBoundingClientRect()
  const boxes = [...document.querySelectorAll(".rt-reading .rt-character")]
  const width = map.width / boxes.length
  const scroll = document.querySelector(".rt-scroll")
  const apart = (word) => {
    const { transform, fontSize } = getComputedStyle(word)
    return -width * new DOMMatrix(transform).b / parseFloat(fontSize)
  }
  const end = scroll.getBoundingClientRect().left - scroll.scrollLeft + scroll.scrollWidth
  return boxes.map((box, t) => {
    const seen = (box.querySelector(".rt-swatch") ?? box).getBoundingClientRect()
    const word = box.querySelector(".rt-slant")
    const own = word?.getBoundingClientRect()
    return {
      off: seen.left + seen.width / 2 - (map.left + (t + 0.5) * width),
      wide: seen.width / width,
      begins: own ? (own.left - map.left) / width - t : 0.5,
      beyond: own ? own.right - end : 0,
      apart: word ? apart(word) : 1,
      cut: (word ?? box).scrollWidth - (word ?? box).clientWidth,
      letters: parseFloat(getComputedStyle(word ?? box).fontSize),
    }
  })
}"""


@pytest.fixture
def open_try(browser: Browser, server: str) -> Iterator[Open]:
    """Opens the page by its own address in a window of any size; nothing may be in the console."""
    contexts, said = [], []

    def open_(query: dict[str, str], width: int = 1366, height: int = 768) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        page.goto(f"{server}/try?{urlencode(query)}")
        page.wait_for_selector(ANSWERED, timeout=60_000)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not said, said


@pytest.mark.parametrize("window", list(WINDOWS))
@pytest.mark.parametrize("text", [FIVE, THIRTY], ids=["five", "thirty"])
def test_every_word_stands_over_its_column(open_try: Open, window: str, text: str) -> None:
    page = open_try({"network": "sentiment", "ask": text}, *WINDOWS[window])
    page.wait_for_timeout(600)
    columns = page.evaluate(COLUMNS)
    assert len(columns) >= len(text.split())
    for one in columns:
        assert abs(one["off"]) < 1.5
        assert 0.7 < one["wide"] <= 1.01
        assert -0.45 <= one["begins"] < 1
        assert one["beyond"] < 2
        assert one["cut"] <= 1
        assert one["apart"] >= 1  # from one slanted line of words to the next, in letters' heights
        assert one["letters"] >= 12


def test_on_a_projector_words_are_larger(open_try: Open) -> None:
    page = open_try({"network": "sentiment", "ask": THIRTY, "projector": "on"})
    page.wait_for_timeout(600)
    columns = page.evaluate(COLUMNS)
    assert min(one["letters"] for one in columns) >= 18
    assert max(abs(one["off"]) for one in columns) < 1.5


def test_a_click_on_a_word_and_a_column_out_of_sight(open_try: Open) -> None:
    page = open_try({"network": "sentiment", "ask": THIRTY}, *WINDOWS["phone"])
    page.locator(".rt-character").nth(4).click()
    expect(page.get_by_test_id("try")).to_have_attribute("data-column", "5")
    page.locator(".rt-character").last.scroll_into_view_if_needed()
    page.keyboard.press("ArrowLeft")
    seen = page.evaluate("""() => {
      const box = document.querySelector('.rt-character[aria-pressed="true"]').getBoundingClientRect()
      const room = document.querySelector(".rt-scroll").getBoundingClientRect()
      return box.left >= room.left - 2 && box.right <= room.right + 2
    }""")
    assert seen


def test_what_the_network_says_is_said_in_full(open_try: Open) -> None:
    page = open_try({"network": "entities"})
    page.wait_for_timeout(600)
    cut = page.locator(".rt-says-word").evaluate_all("""nodes => nodes
      .filter((n) => n.scrollWidth > n.clientWidth + 1 || n.scrollHeight > n.clientHeight + 4)
      .map((n) => [n.textContent, n.scrollWidth, n.clientWidth, n.scrollHeight, n.clientHeight])""")
    assert cut == []


def test_what_a_choice_mattered(open_try: Open) -> None:
    page = open_try({"network": "surname", "ask": "French", "view": "mattered"})
    rows = page.get_by_test_id("choices")
    expect(rows).to_be_visible(timeout=30_000)
    labels = rows.locator(".rt-list-label").all_inner_texts()
    numbers = rows.locator(".rt-list-number").all_inner_texts()
    assert len(labels) == len(numbers) == 11
    assert numbers[labels.index("French")] == "was asked"
    assert all("lik" in number for label, number in zip(labels, numbers, strict=True) if label != "French")
    assert page.locator(".rt-column").count() == 0


def test_what_was_written_can_be_heard(open_try: Open) -> None:
    page = open_try({"network": "melody", "ask": "Am", "heat": "1"})
    page.evaluate("""() => {
      window.played = []
      const Tone = window.OscillatorNode
      window.OscillatorNode = function (context, options) {
        window.played.push(options.frequency)
        return new Tone(context, options)
      }
    }""")
    player = page.locator(".rt-more").get_by_role("button", name="Play what was written")
    player.click(timeout=30_000)
    page.wait_for_function("() => window.played.length > 0")
    symbols = page.get_by_test_id("written").locator(".rt-token").all_inner_texts()
    steps = dict(zip("CDEFGABcdefgab", (0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 17, 19, 21, 23), strict=True))
    expected = [440 * 2 ** ((60 + steps[symbol] - 69) / 12) for symbol in symbols]
    assert page.evaluate("window.played") == pytest.approx(expected)


def test_the_chosen_unit_is_in_the_address_and_comes_back(open_try: Open) -> None:
    page = open_try({"network": "nationality", "ask": "Kowalski"})
    page.get_by_role("combobox", name="Unit").select_option("6")
    page.get_by_role("button", name="update gate z").or_(
        page.get_by_role("button", name="forget gate f")
    ).click()
    page.wait_for_function("() => location.search.includes('unit=7') && location.search.includes('shows=')")
    query = {
        name: values[0] for name, values in parse_qs(page.evaluate("location.search").lstrip("?")).items()
    }
    again = open_try(query)
    for name in ("data-unit", "data-quantity"):
        value = page.get_by_test_id("try").get_attribute(name) or "?"
        expect(again.get_by_test_id("try")).to_have_attribute(name, value)


def test_a_link_that_silences_a_unit(open_try: Open) -> None:
    page = open_try({"network": "nationality", "ask": "Kowalski", "zero": "7"})
    expect(page.locator(".rt-outcomes")).to_contain_text("unit 7 of layer 1 is 0", timeout=30_000)
    expect(page.get_by_role("spinbutton", name="Unit")).to_have_value("7")


def test_what_is_said_is_on_an_axis_of_its_own_where_it_is_another_quantity(open_try: Open) -> None:
    """Litres a second go in; classes of their change are said: no line for them beside the litres."""
    page = open_try({"task": "anomaly", "hidden_size": "8", "view": "reading"})
    page.wait_for_timeout(600)
    assert page.locator(".rt-lines polyline").count() == 1
    assert page.locator(".rt-says-word").count() > 0
    caption = page.locator(".rt-caption")
    expect(caption).to_contain_text("of 24")
