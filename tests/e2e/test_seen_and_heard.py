"""Inputs that are images are seen as images; melodies and vowels can be heard and stopped."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

INK = """canvas => {
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
  return [canvas.width, canvas.height, pixels.filter((_, i) => i % 4 === 3 && pixels[i] > 0).length]
}"""

SLOWLY = """() => {  // a vowel lasts a second: on a busy machine it would be over before it is stopped
  const Source = window.AudioBufferSourceNode
  window.AudioBufferSourceNode = class extends Source {
    constructor(context, options) { super(context, { ...options, playbackRate: 0.2 }) }
  }
}"""


def test_a_video_is_a_strip_of_frames_in_line_with_the_time_steps(open_page: Open) -> None:
    page = open_page("task=video&hidden_size=8&length=9")
    frames = page.locator(".rl-network image")
    expect(frames).to_have_count(9)
    assert all(
        url.startswith("data:image/png")
        for url in frames.evaluate_all("all => all.map(one => one.href.baseVal)")
    )
    middles = frames.evaluate_all("all => all.map(one => one.x.baseVal.value + one.width.baseVal.value / 2)")
    arrows = page.locator(".rl-network path.rl-shaft.rl-quiet").first.get_attribute("d") or ""
    below = [float(x) for x in re.findall(r"M([\d.]+)", arrows)][:9]
    assert middles == pytest.approx(below, abs=1)
    width, height, ink = page.locator(".rl-table canvas").first.evaluate(INK)
    assert (width, height) == (16, 16)
    assert 20 < ink < 256


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (
            "task=melody&hidden_size=8",
            ["Play the target", "Play the prediction", "Play what the network wrote"],
        ),
        ("task=vowels&hidden_size=8&length=100", ["Play the input"]),
    ],
)
def test_what_is_played_can_be_stopped_and_ends(open_page: Open, query: str, names: list[str]) -> None:
    page = open_page(query)
    page.evaluate(SLOWLY)
    for name in names:
        button = page.get_by_role("button", name=name).first
        button.focus()
        page.keyboard.press("Enter")
        stop = page.get_by_role("button", name="Stop", exact=True)
        expect(stop).to_have_count(1)
        expect(stop).to_be_focused()
        page.keyboard.press("Enter")
        expect(stop).to_have_count(0)
        button.click()
        expect(stop).to_have_count(1)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)  # it is over


def test_one_sound_at_a_time(open_page: Open) -> None:
    page = open_page("task=melody&hidden_size=8")
    page.get_by_role("button", name="Play the target").first.click()
    page.get_by_role("button", name="Play the prediction").first.click()
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_have_count(1)
    expect(page.locator(".rl-cell-prediction .rl-sounding")).to_have_count(1)


def test_a_vowel_comes_as_a_file_and_sounds(open_page: Open) -> None:
    page = open_page("task=vowels&hidden_size=8")
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    with page.expect_response(re.compile("/live/sound")) as answer:
        page.get_by_role("button", name="Play the input").nth(1).click()
    assert answer.value.ok
    assert answer.value.headers["content-type"] == "audio/wav"
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    assert not wrong


def test_every_word_of_a_story_stands_under_its_time_step(open_page: Open) -> None:
    """A word without room for all of it is shortened, not left out; none lies on its neighbour."""
    page = open_page("task=question&hidden_size=8")
    boxes = page.locator(".rl-network text.rl-input").evaluate_all(
        "nodes => nodes.map((n) => [n.getBBox().x, n.getBBox().x + n.getBBox().width])"
    )
    assert len(boxes) == 16
    assert all(right < left for (_, right), (left, _) in pairwise(boxes))
