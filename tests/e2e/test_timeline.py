"""The timeline in a real browser: go back, change one setting, play, and compare."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Locator, Page, expect

import rnnlab
from rnnlab.link import from_link
from tests.e2e.test_lab import live, press, standing_still, status, update, wait_for_update

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
QUERY = "task=adding&hidden_size=8&length=10&clipping=off"


def thumb(page: Page) -> Locator:
    return page.get_by_role("slider", name="Timeline")


def furthest(page: Page) -> int:
    return int(thumb(page).get_attribute("aria-valuemax") or -1)


def names_are(page: Page, names: list[str]) -> None:
    expect(live(page).locator(".rl-branch-name")).to_have_text(names)


def current_is(page: Page, name: str) -> None:
    expect(live(page).locator(".rl-branch-current .rl-branch-name")).to_have_text(name)


def trained(page: Page, updates: int = 60, seconds: float = 0) -> int:
    """The update at which a run rests that was played for so many updates and so long."""
    start = update(page)
    press(page, "Play")
    page.wait_for_timeout(1000 * seconds)
    wait_for_update(page, start + updates)
    press(page, "Pause")
    status(page, "paused")
    return standing_still(page)


def go_to(page: Page, wanted: int) -> None:
    """By keys, from the beginning."""
    thumb(page).focus()
    thumb(page).press("Home")
    for _ in range(wanted):
        thumb(page).press("ArrowRight")
    expect(live(page)).to_have_attribute("data-update", str(wanted))
    status(page, "paused")


def click_at(page: Page, share: float, row: int = 0) -> None:
    box = live(page).locator(".rl-time-field").bounding_box()
    lane = live(page).locator(".rl-track-line").nth(row).bounding_box()
    assert box
    assert lane
    page.mouse.click(box["x"] + share * box["width"], lane["y"] + lane["height"] / 2)


def clip(page: Page) -> None:
    before = page.evaluate("location.search")
    page.get_by_text("Clip gradients", exact=True).click()
    page.wait_for_function("before => location.search !== before", arg=before)


def branched(page: Page, at: int = 5) -> int:
    """A run without clipping, and a branch with it that left at an early update; the run's last update."""
    end = trained(page)
    go_to(page, at)
    clip(page)
    trained(page)
    expect(live(page)).to_have_attribute("data-branches", "2")
    return end


def loss(page: Page) -> float:
    return float(live(page).get_attribute("data-loss") or "nan")


def test_both_branches_stay_on_the_charts_named_by_what_differs(open_page: Open) -> None:
    page = open_page(QUERY)
    branched(page)
    names_are(page, ["clipping off", "clipping norm 1"])
    current_is(page, "clipping norm 1")
    for card in (".rl-card-loss", ".rl-card-norm"):
        for name in ("clipping off", "clipping norm 1"):
            expect(live(page).locator(card)).to_contain_text(name)


def test_long_names_at_the_ends_of_lines_stay_on_the_card_and_apart(open_page: Open) -> None:
    page = open_page(QUERY + "&learning_rate=0.001")
    branched(page)
    for label in ("Learning rate", "Sequence length"):
        go_to(page, 3)
        before = page.evaluate("location.search")
        page.get_by_role("slider", name=label).press("ArrowRight")
        page.wait_for_function("before => location.search !== before", arg=before)
        trained(page)
    expect(live(page)).to_have_attribute("data-branches", "4")
    for card in (".rl-card-loss", ".rl-card-norm"):
        labels = live(page).locator(f"{card} .annotation").filter(has_text="length")
        expect(labels).to_have_count(4)
        room = live(page).locator(card).bounding_box()
        boxes = [box for label in labels.all() if (box := label.bounding_box())]
        assert room
        assert min(box["x"] for box in boxes) >= room["x"]
        assert max(box["x"] + box["width"] for box in boxes) <= room["x"] + room["width"]
        tops = sorted(box["y"] for box in boxes)
        assert all(below - above >= 11 for above, below in pairwise(tops)), tops


def test_going_back_shows_that_update_exactly_as_it_was(open_page: Open) -> None:
    page = open_page(QUERY)
    trained(page)
    linked = from_link(dict(parse_qsl(QUERY)))
    _, records = rnnlab.advance(rnnlab.begin(linked.design), linked.settings, 12)
    for wanted in (7, 12):
        go_to(page, wanted)
        assert loss(page) == pytest.approx(float(records.loss[wanted - 1]), rel=1e-12)


def test_branches_share_their_past_to_the_last_digit_and_nothing_after_it(open_page: Open) -> None:
    page = open_page(QUERY)
    branched(page, at=5)
    losses = {}
    for name in ("clipping norm 1", "clipping off"):
        live(page).get_by_role("button", name=name, exact=True).click()
        expect(live(page).locator(".rl-branch-current")).to_contain_text(name)
        for wanted in (5, 12):
            go_to(page, wanted)
            losses[name, wanted] = loss(page)
    assert losses["clipping off", 5] == losses["clipping norm 1", 5]
    assert losses["clipping off", 12] != losses["clipping norm 1", 12]


def test_a_branch_that_is_chosen_brings_its_settings_and_its_address(open_page: Open) -> None:
    page = open_page(QUERY)
    end = branched(page)
    live(page).get_by_role("button", name="clipping off", exact=True).click()
    expect(live(page)).to_have_attribute("data-update", str(end))
    page.wait_for_function("() => /clipping=off/.test(location.search)")
    expect(
        page.get_by_role("switch", name="Clip gradients").or_(page.get_by_label("Clip gradients")).first
    ).not_to_be_checked()


def test_a_branch_is_put_away_and_brought_back(open_page: Open) -> None:
    page = open_page(QUERY)
    branched(page)
    live(page).get_by_role("button", name="Put away the branch clipping off").click()
    expect(live(page)).to_have_attribute("data-branches", "1")
    expect(live(page).locator(".rl-branch-name")).to_have_count(0)
    live(page).get_by_role("button", name="Undo").click()
    expect(live(page)).to_have_attribute("data-branches", "2")
    names_are(page, ["clipping off", "clipping norm 1"])


def test_reset_forgets_and_undo_remembers(open_page: Open) -> None:
    page = open_page(QUERY)
    end = trained(page)
    press(page, "Reset")
    expect(live(page)).to_have_attribute("data-update", "0")
    live(page).get_by_role("button", name="Undo").click()
    expect(live(page)).to_have_attribute("data-update", str(end))


def test_playing_on_without_a_change_drops_nothing(open_page: Open) -> None:
    page = open_page(QUERY)
    end = trained(page)
    go_to(page, 3)
    press(page, "One update")
    expect(live(page)).to_have_attribute("data-update", "4")
    assert furthest(page) == end
    expect(live(page)).to_have_attribute("data-branches", "1")


def test_a_click_while_it_plays_goes_back_and_pauses(open_page: Open) -> None:
    page = open_page(QUERY)
    press(page, "Play")
    wait_for_update(page, 60)
    click_at(page, 0.25)
    status(page, "paused")
    assert 0 < standing_still(page) < 0.5 * furthest(page)


def test_a_drag_ends_where_it_is_let_go(open_page: Open) -> None:
    page = open_page(QUERY)
    trained(page)
    box, field = thumb(page).bounding_box(), live(page).locator(".rl-time-field").bounding_box()
    assert box
    assert field
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(field["x"] + 0.7 * field["width"], box["y"], steps=4)
    page.mouse.move(field["x"] + 0.4 * field["width"], box["y"] + 30, steps=4)
    expect(live(page).locator(".rl-time-ghost")).to_contain_text("update")
    page.mouse.up()
    wanted, two_pixels = 0.4 * furthest(page), max(2, 2 * furthest(page) / field["width"])
    page.wait_for_function(
        """([wanted, off]) => Math.abs(
             document.querySelector('[data-testid=live]').dataset.update - wanted) <= off""",
        arg=[wanted, two_pixels],
    )


def test_keys_move_the_timeline(open_page: Open) -> None:
    page = open_page(QUERY)
    end = trained(page)
    tenth = (end + 5) // 10  # a half is rounded up, as the page does
    thumb(page).focus()
    for key, wanted in [
        ("ArrowLeft", end - 1),
        ("Home", 0),
        ("PageUp", tenth),
        ("ArrowRight", tenth + 1),
        ("End", end),
    ]:
        thumb(page).press(key)
        expect(live(page)).to_have_attribute("data-update", str(wanted))
        expect(thumb(page)).to_have_attribute("aria-valuenow", str(wanted))


def test_settings_come_back_with_their_update_and_a_change_that_waits_stays(open_page: Open) -> None:
    page = open_page(QUERY)
    trained(page, 30)
    clip(page)
    trained(page, 60)
    tick = live(page).locator(".rl-change")
    expect(tick).to_have_attribute(
        "aria-label", re.compile(r"Setting changed from update [\d,]+: clipping norm 1")
    )
    go_to(page, 5)
    page.wait_for_function("() => /clipping=off/.test(location.search)")
    length = page.get_by_role("slider", name="Sequence length")
    length.focus()
    length.press("ArrowRight")
    page.wait_for_function("() => /length=11/.test(location.search)")
    expect(live(page)).to_contain_text("Play starts a branch: length 11")
    go_to(page, 8)
    assert "length=11" in page.evaluate("location.search")
    expect(live(page)).to_contain_text("Play starts a branch: length 11")


def test_a_change_while_a_known_stretch_plays_makes_a_branch(open_page: Open) -> None:
    page = open_page(QUERY)
    end = trained(page, seconds=8)  # so long that it still plays, on any machine, when the click comes
    go_to(page, 5)
    press(page, "Play")
    wait_for_update(page, 6)
    clip(page)
    expect(live(page)).to_have_attribute("data-branches", "2")
    status(page, "playing")
    press(page, "Pause")
    live(page).get_by_role("button", name="clipping off", exact=True).click()
    expect(thumb(page)).to_have_attribute("aria-valuemax", str(end))


def test_at_most_four_branches_and_the_oldest_quiet_one_leaves(open_page: Open) -> None:
    page = open_page(QUERY)
    trained(page, 20)
    length = page.get_by_role("slider", name="Sequence length")
    for count in range(2, 6):
        go_to(page, 3)
        length.focus()
        length.press("ArrowRight")
        page.wait_for_function(f"() => /length={9 + count}/.test(location.search)")
        press(page, "One update")
        expect(live(page)).to_have_attribute("data-update", "4")
        expect(live(page)).to_have_attribute("data-branches", str(min(count, 4)))
    wanted = [f"length {n}" for n in (10, 12, 13, 14)]  # the one that they all left stays
    expect(live(page).locator(".rl-branch-name")).to_have_text(wanted)
    expect(page.get_by_text("4 branches fit on the charts")).to_be_visible()


def test_a_broken_run_stays_beside_the_one_that_was_saved(open_page: Open) -> None:
    page = open_page(
        "task=adding&cell=rnn&activation=relu&recurrent_gain=2&optimizer=sgd&clipping=off&learning_rate=5&hidden_size=16"
    )
    press(page, "Play")
    status(page, "diverged")
    clip(page)  # before going back: it waits to be tried, and stays
    live(page).get_by_role("button", name=re.compile("Rewind")).click()
    status(page, "paused")
    assert "clipping=off" not in page.evaluate("location.search")
    press(page, "One update")
    expect(live(page)).to_have_attribute("data-branches", "2")
    names_are(page, ["clipping off", "clipping norm 1"])
    expect(live(page).locator(".rl-card-loss")).to_contain_text("broke here")


def test_play_before_a_fork_goes_along_the_branch_that_has_these_settings(open_page: Open) -> None:
    page = open_page(QUERY)
    end = branched(page, at=5)
    go_to(page, 3)
    expect(live(page)).to_contain_text("Play goes along “clipping off”")
    press(page, "One update")
    current_is(page, "clipping off")
    expect(live(page)).to_have_attribute("data-update", "4")
    assert furthest(page) == end
    expect(live(page)).to_have_attribute("data-branches", "2")


def test_the_strip_can_be_read_with_many_branches_and_nothing_scrolls(open_page: Open) -> None:
    page = open_page(QUERY)
    branched(page)
    box = live(page).bounding_box()
    assert box
    assert box["y"] + box["height"] <= 768
    rows = [lane.bounding_box() for lane in live(page).locator(".rl-branch-name").all()]
    lanes = [lane.bounding_box() for lane in live(page).locator(".rl-track-line").all()]
    for row, lane in zip(rows, lanes, strict=True):
        assert row
        assert lane
        assert row["y"] <= lane["y"] + lane["height"] / 2 <= row["y"] + row["height"], (
            "a name stands beside its track"
        )
