"""The run's title in a real browser: given where it stands, kept through everything, in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
QUERY = "task=adding&cell=lstm&hidden_size=6&length=12&seed=3"
TITLE = "Group 3: clipping at 1 – is it “enough”?"
WIDE = "W" * 60


def titled(title: str, **more: str) -> str:
    return f"{QUERY}&{urlencode({'title': title, **more})}"


def line(page: Page) -> Locator:
    return page.get_by_test_id("title")


def name(page: Page) -> Locator:
    return line(page).get_by_role("button")


def button(page: Page, label: str) -> Locator:
    return page.get_by_role("button", name=label, exact=True)


def update(page: Page) -> int:
    return int(page.get_by_test_id("live").get_attribute("data-update") or 0)


def until_past(page: Page, number: int) -> int:
    page.wait_for_function(
        "n => Number(document.querySelector('[data-testid=live]').dataset.update) > n", arg=number
    )
    return update(page)


def in_address(page: Page, title: str) -> None:
    found = "title => (new URLSearchParams(location.search).get('title') ?? '') === title"
    page.wait_for_function(found, arg=title)


def test_it_is_given_changed_and_taken_away_where_it_stands(open_page: Open) -> None:
    page = open_page(QUERY)
    expect(line(page)).to_be_hidden()
    expect(page).to_have_title("RNN Lab")
    button(page, "Give this run a title").click()
    page.keyboard.type(f"  {TITLE} ")
    page.keyboard.press("Enter")
    expect(name(page)).to_have_text(TITLE)
    expect(page).to_have_title(f"{TITLE} · RNN Lab")
    in_address(page, TITLE)
    expect(button(page, "Give this run a title")).to_be_hidden()
    name(page).click()
    page.keyboard.type("something else")
    page.keyboard.press("Escape")
    expect(name(page)).to_have_text(TITLE)
    name(page).click()
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(line(page)).to_be_hidden()
    in_address(page, "")
    expect(page).to_have_title("RNN Lab")


COMPOSED = """field => {
  field.value = "字".repeat(70);
  field.dispatchEvent(new InputEvent("input", { isComposing: true, bubbles: true }));
  field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
}"""


def test_what_is_composed_of_several_keys_is_cut_once_it_is_there(open_page: Open) -> None:
    page = open_page(QUERY)
    button(page, "Give this run a title").click()
    field = line(page).get_by_role("textbox")
    field.evaluate(COMPOSED)
    expect(field).to_have_value("字" * 60)
    page.keyboard.press("Enter")
    expect(name(page)).to_have_text("字" * 60)


def test_it_is_there_again_after_a_reload_and_on_coming_back_from_another_page(open_page: Open) -> None:
    page = open_page(titled(TITLE))
    expect(name(page)).to_have_text(TITLE)
    page.reload()
    expect(name(page)).to_have_text(TITLE, timeout=40_000)
    page.get_by_role("link", name="Unroll").click()
    page.wait_for_selector("[data-testid=unroll]", timeout=40_000)
    page.get_by_role("link", name="Lab", exact=True).click()
    expect(name(page)).to_have_text(TITLE, timeout=40_000)
    in_address(page, TITLE)


def test_training_goes_on_while_it_is_typed_and_the_keys_of_a_lesson_are_letters(open_page: Open) -> None:
    page = open_page(QUERY)
    button(page, "Play").click()
    before = until_past(page, 20)
    button(page, "Give this run a title").click()
    page.keyboard.type("a . b ? c")  # space would pause, a full stop make one update, ? list the keys
    page.keyboard.press("Enter")
    expect(name(page)).to_have_text("a . b ? c")
    in_address(page, "a . b ? c")
    assert page.get_by_test_id("live").get_attribute("data-status") == "playing"
    assert until_past(page, before + 20) > before


def test_a_title_that_was_typed_just_before_a_click_counts(open_page: Open) -> None:
    page = open_page(QUERY)
    button(page, "Give this run a title").click()
    page.keyboard.type(TITLE)
    button(page, "One update").click()
    expect(page.get_by_test_id("live")).to_have_attribute("data-update", "1", timeout=30_000)
    expect(name(page)).to_have_text(TITLE)
    in_address(page, TITLE)


def test_it_stays_through_reset(open_page: Open) -> None:
    page = open_page(titled(TITLE))
    button(page, "One update").click()
    expect(page.get_by_test_id("live")).to_have_attribute("data-update", "1", timeout=30_000)
    button(page, "Reset").click()
    expect(page.get_by_test_id("live")).to_have_attribute("data-update", "0", timeout=30_000)
    expect(name(page)).to_have_text(TITLE)


def test_the_field_in_save_says_the_same(open_page: Open) -> None:
    page = open_page(titled("one"))
    button(page, "Save").click()
    field = page.get_by_test_id("stTextInput").get_by_role("textbox")
    expect(field).to_have_value("one", timeout=30_000)
    field.fill(TITLE)
    field.press("Enter")
    expect(name(page)).to_have_text(TITLE, timeout=30_000)
    field.fill("\u202egnp.nur")
    field.press("Enter")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("U+202E", timeout=30_000)
    expect(name(page)).to_have_text(TITLE)


def test_what_is_no_title_is_told_in_one_sentence_above_the_timeline(open_page: Open) -> None:
    page = open_page(titled("one"))
    name(page).click()
    page.keyboard.insert_text("\u202egnp.nur")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("U+202E is a character that is not seen")
    expect(name(page)).to_have_text("one")


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("projector", ["off", "on"])
def test_sixty_wide_letters_push_nothing(open_page: Open, size: tuple[int, int], projector: str) -> None:
    boxes = []
    for title in ("", WIDE):
        page = open_page(titled(title, projector=projector), *size)
        transport = page.locator(".st-key-transport button, .st-key-room button")
        boxes.append([one.bounding_box() for one in transport.all() if one.is_visible()])
    assert boxes[0] == boxes[1]
    assert len(boxes[0]) >= 4
    expect(name(page)).to_have_text(WIDE)
    box, root = name(page).bounding_box(), page.get_by_test_id("live").bounding_box()
    assert box is not None
    assert root is not None
    assert box["x"] >= root["x"] - 3
    assert box["x"] + box["width"] <= root["x"] + root["width"] + 3
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert root["y"] + root["height"] <= size[1]


def test_escape_leaves_the_field_and_not_the_projector(open_page: Open) -> None:
    page = open_page(titled("one", projector="on"))
    name(page).click()
    page.keyboard.press("Escape")
    expect(name(page)).to_have_text("one")
    page.wait_for_timeout(800)
    expect(button(page, "Projector")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("fixed", [{"lock": "title"}, {"hide": "title"}, {"hide": "transport"}])
def test_a_teachers_title_that_is_fixed_is_only_read(open_page: Open, fixed: dict[str, str]) -> None:
    """Hidden is the way to change it: a title is there to be read."""
    page = open_page(titled("Exercise 3", **fixed))
    expect(name(page)).to_have_text("Exercise 3")
    expect(name(page)).to_be_disabled()
    without = open_page(titled("", **fixed))
    expect(line(without)).to_be_hidden()
    expect(button(without, "Give this run a title")).to_be_hidden()


def test_a_saved_drawing_bears_it_in_full(open_page: Open, tmp_path: Path) -> None:
    for title, stem in ((TITLE, "rnnlab-group-3-clipping-at-1-is-it-enough-loss-0"), (WIDE, None)):
        page = open_page(titled(title))
        menu = page.get_by_test_id("live").get_by_role("region", name="Loss", exact=True).locator(".rl-save")
        menu.locator("> summary").focus()
        page.keyboard.press("Enter")
        with page.expect_download(timeout=60_000) as download:
            menu.locator("[data-kind=svg]").click()
        assert stem is None or Path(download.value.suggested_filename).stem == stem
        download.value.save_as(path := tmp_path / "loss.svg")
        drawing = ElementTree.parse(path).getroot()
        words = [text.text or "" for text in drawing if text.tag.endswith("text")]
        assert title.replace(" ", "") in "".join(words).replace(" ", "")
        assert "Loss" in words
