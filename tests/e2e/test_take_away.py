"""Taking things away in a real browser: every download is opened with what a person would open it with."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from rnnlab import Design, Settings, advance, begin, load_run

from .conftest import window

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
QUERY = "task=adding&cell=lstm&hidden_size=6&length=12&seed=3"
DESIGN = Design(task="adding", cell="lstm", hidden_size=6, seed=3)
SETTINGS = Settings(length=12, learning_rate=2e-3)
UPDATES = 3


def trained(open_page: Open, **more: object) -> Page:
    page = open_page(QUERY, **more)
    for update in range(1, UPDATES + 1):
        page.get_by_role("button", name="One update", exact=True).click()
        expect(page.get_by_test_id("live")).to_have_attribute("data-update", str(update))
    return page


def saved(page: Page, button: Locator, folder: Path) -> Path:
    """The file that a click gives."""
    with page.expect_download() as download:
        button.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def card(page: Page, title: str) -> Locator:
    return page.get_by_test_id("live").get_by_role("region", name=title, exact=True)


def chart_file(page: Page, title: str, kind: str, folder: Path) -> Path:
    menu = card(page, title).locator(".rl-save")
    menu.locator("> summary").focus()
    page.keyboard.press("Enter")
    return saved(page, menu.locator(f"[data-kind={kind}]"), folder)


def test_the_run_its_records_and_its_trace(open_page: Open, tmp_path: Path) -> None:
    page = trained(open_page)
    page.get_by_role("button", name="Save", exact=True).click()
    run_file = saved(page, page.get_by_role("button", name="Save the run"), tmp_path)
    assert run_file.name == f"rnnlab-adding-lstm-{UPDATES}.npz"
    run = load_run(run_file)
    assert (run.state.design, run.settings, run.state.update) == (DESIGN, SETTINGS, UPDATES)
    state, records = advance(begin(DESIGN), SETTINGS, UPDATES)
    page.get_by_role("tab", name="Numbers").click()
    table = pandas.read_csv(saved(page, page.get_by_role("button", name="Records as CSV"), tmp_path))
    assert table.loss.tolist() == pytest.approx(records.loss.tolist(), rel=1e-6)
    assert table.loss.tolist() == run.records.loss.tolist()
    trace = saved(page, page.get_by_role("button", name="Trace as NPZ"), tmp_path)
    with np.load(trace, allow_pickle=False) as archive:
        assert archive["recurrent/0/forward/grad_c"].shape == (12, 32, 6)
        weights = archive["weights/weight_hh_l0"]
    assert weights == pytest.approx(state.weights["weight_hh_l0"], abs=1e-6)


def test_a_saved_run_opens_again(open_page: Open, tmp_path: Path) -> None:
    page = trained(open_page)
    page.get_by_role("button", name="Save", exact=True).click()
    file = saved(page, page.get_by_role("button", name="Save the run"), tmp_path)
    other = open_page("task=digits&hidden_size=5")
    other.get_by_role("button", name="Save", exact=True).click()
    broken = tmp_path / "broken.npz"
    broken.write_bytes(file.read_bytes()[:500])
    other.locator("input[type=file]").set_input_files(broken)
    expect(other.get_by_text("broken.npz is not a run saved by RNN Lab.")).to_be_visible()
    other.locator("input[type=file]").set_input_files(file)
    expect(other.get_by_test_id("live")).to_have_attribute("data-update", str(UPDATES))
    other.wait_for_function("() => /seed=3/.test(location.search)")


def test_the_script_is_saved_and_shown(open_page: Open, tmp_path: Path) -> None:
    page = open_page(QUERY)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("tab", name="PyTorch script").click()
    path = saved(page, page.get_by_role("button", name="Save the script"), tmp_path)
    text = path.read_text(encoding="utf-8")
    assert path.name == "rnnlab-adding-lstm.py"
    assert "nn.LSTM(2, hidden_size)" in text
    compile(text, path.name, "exec")
    page.get_by_text("Show it", exact=True).click()
    expect(page.get_by_test_id("stCode").filter(has_text="class Network")).to_be_visible()


@pytest.mark.parametrize("title", ["Unrolled network", "Hidden states", "Loss", "Predictions"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chart_as_picture_and_drawing(open_page: Open, tmp_path: Path, title: str, scheme: str) -> None:
    page = trained(open_page, scheme=scheme)
    body = card(page, title).locator(".rl-body").bounding_box()
    assert body is not None
    picture = chart_file(page, title, "png", tmp_path).read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert abs(width - 2 * body["width"]) <= 2
    assert height > 2 * body["height"]
    drawing = ElementTree.parse(chart_file(page, title, "svg", tmp_path)).getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    words = " ".join(drawing.itertext())
    assert "Adding two marked numbers" in words
    assert f"update {UPDATES}" in words
    assert "script" not in {node.tag.rpartition("}")[2] for node in drawing.iter()}


def test_a_chart_as_a_page_that_works_offline(open_page: Open, browser: Browser, tmp_path: Path) -> None:
    page = trained(open_page)
    losses = chart_file(page, "Loss", "html", tmp_path)
    network = chart_file(page, "Unrolled network", "html", tmp_path)
    context = window(browser, offline=True)
    try:
        away = context.new_page()
        errors: list[str] = []
        asked: list[str] = []
        away.on("pageerror", lambda error: errors.append(str(error)))
        away.on("request", lambda request: asked.append(request.url))
        away.goto(losses.as_uri())
        away.wait_for_selector(".js-plotly-plot .scatterlayer path.js-line")
        shown = away.evaluate("document.querySelector('.js-plotly-plot').data[0].y")
        assert shown == pytest.approx(load_losses(), rel=1e-5)
        expect(away.get_by_role("link")).to_contain_text("seed=3")
        away.goto(network.as_uri())
        expect(away.locator("svg").first).to_be_visible()
        assert not errors
        assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    finally:
        context.close()


def load_losses() -> list[float]:
    _, records = advance(begin(DESIGN), SETTINGS, UPDATES)
    return [float(loss) for loss in records.loss]


def test_the_menu_is_quiet_and_can_be_reached_by_key(open_page: Open) -> None:
    page = open_page(QUERY)
    menu = card(page, "Loss").locator(".rl-save")
    expect(menu).to_have_css("opacity", "0")
    card(page, "Loss").hover()
    expect(menu).to_have_css("opacity", "1")
    menu.locator("> summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.kind") == "png"
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
