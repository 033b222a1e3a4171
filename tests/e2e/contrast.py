"""Whether words can be read on what is behind them, once nothing moves: contrast as WCAG 2 counts it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

MOVES_NO_MORE = """() => {
  const ends = (one) => one.effect.getComputedTiming().iterations !== Infinity
  return document.getAnimations().filter(ends).every((one) => one.playState === "finished")
}"""

FAINT = """({ root, skip, least }) => {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
  const rgb = (colour) => {
    probe.clearRect(0, 0, 1, 1); probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1)
    return [...probe.getImageData(0, 0, 1, 1).data]
  }
  const light = (c) => {
    const [r, g, b] = c.map((v) => (v /= 255) <= 0.04 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor)
      if (colour[3] > 200) return colour
    }
    return [255, 255, 255]
  }
  const worst = []
  for (const node of document.querySelectorAll(`${root} *`)) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
    const box = node.getBoundingClientRect()
    if (!own || !box.width || node.closest(skip)) continue
    const style = getComputedStyle(node)
    const ink = rgb(node.namespaceURI.includes("svg") ? style.fill : style.color)
    const [a, b] = [light(ink), light(behind(node))].sort((x, y) => y - x)
    const ratio = (a + 0.05) / (b + 0.05)
    const name = node.getAttribute("class")
    if (ratio < least) worst.push(`${node.textContent.slice(0, 20)} | ${name} | ${ratio}`)
  }
  return worst
}"""


def calm(page: Page) -> None:
    """Wait until the page's script has come to its end, and nothing slides or changes its colour."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.wait_for_function(MOVES_NO_MORE)


def faint(page: Page, root: str, least: float, skip: str = "option") -> list[str]:
    """Words below `root` whose contrast (1 to 21) is less than `least`, but for those within `skip`."""
    found: list[str] = page.evaluate(FAINT, {"root": root, "skip": skip, "least": least})
    return found
