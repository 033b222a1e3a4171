"""What somebody typed is shown as it was typed: nothing in it runs, is fetched, or can be followed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from rnnlab.config import Design, default_settings
from rnnlab.link import to_link

from .conftest import window

pytestmark = pytest.mark.browser
Visit = Callable[[str], Page]

RUNS = '<img src=x onerror="window.ran=1"><svg onload="window.ran=1"></svg><script>window.ran=1</script>'
FETCHES = "![a](http://elsewhere.test/a.png)"
LEADS_AWAY = "[b](javascript:window.ran=1) <a href='http://elsewhere.test'>c</a> http://elsewhere.test/d"
LOOKS_ODD = "$x^2$ :smile: :material/home: :red[e] **f** `g`"
ALL = " ".join([RUNS, FETCHES, LEADS_AWAY, LOOKS_ODD])
TREATED = "img[src='x'], svg[onload], img[src*=elsewhere], a[href*=elsewhere], a[href^=javascript]"
MARKED_UP = ".katex, strong, code, img, a, [data-testid=stIconMaterial]"
JOIN = "\u2060"
START = date(2024, 1, 1)
ROOT = Path(__file__).parents[2]
SHOWN_BY_NOBODY = ("streamlit", "torch", "plotly", "starlette", "numpy")


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Visit]:
    """Opens a path; at the end nothing has run, and nothing was asked of another server."""
    context = window(browser, viewport={"width": 1366, "height": 768})
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))

    def open_(path: str) -> Page:
        page.goto(server + path)
        return page

    yield open_
    assert page.evaluate("window.ran") is None
    assert page.locator(TREATED).count() == 0
    context.close()
    own = urlsplit(server).netloc
    assert not [
        url for url in asked if urlsplit(url).scheme.startswith("http") and urlsplit(url).netloc != own
    ]


def shown(page: Page) -> str:
    """The words of all messages, without what parts addresses and is not seen."""
    alert = page.get_by_test_id("stAlert").first
    expect(alert).to_be_visible()
    return alert.inner_text().replace(JOIN, "")


@pytest.mark.parametrize("path", ["/", "/gradients", "/unroll"])
@pytest.mark.parametrize("part", [RUNS, FETCHES, LEADS_AWAY, LOOKS_ODD])
def test_a_value_in_a_link(visit: Visit, path: str, part: str) -> None:
    page = visit(f"{path}?{urlencode({'hidden_size': part, 'cell': part})}")
    assert part[:30] in shown(page)
    assert page.get_by_test_id("stAlert").first.locator(MARKED_UP).count() == 0


@pytest.mark.parametrize("path", ["/", "/gradients", "/unroll"])
def test_a_name_in_a_link(visit: Visit, path: str) -> None:
    page = visit(f"{path}?{urlencode({FETCHES: '1', '<img src=x onerror=window.ran=1>': '2'})}")
    said = shown(page)
    assert FETCHES[:12] in said
    assert "<img src=x" in said
    assert page.get_by_test_id("stAlert").first.locator(MARKED_UP).count() == 0


@pytest.mark.parametrize("path", ["/", "/gradients"])
def test_a_text_to_learn_from(visit: Visit, path: str) -> None:
    design = Design(task="language-model", task_options={"text": (ALL + "\n") * 4}, hidden_size=8)
    page = visit(f"{path}?{to_link(design, default_settings(design))}")
    page.wait_for_selector(".js-plotly-plot .scatterlayer")
    page.get_by_role("button", name="One update", exact=True).first.click()
    page.wait_for_timeout(3000)
    for chart in page.locator(".js-plotly-plot").all()[:6]:
        if chart.is_visible():
            chart.hover(position={"x": 120, "y": 60}, force=True)
            page.wait_for_timeout(150)
    assert page.locator(".js-plotly-plot a, .js-plotly-plot image[href^=http]").count() == 0


@pytest.mark.parametrize("name", ["<img src=x onerror=window.ran=1>.npz", "[b](javascript:window.ran=1).npz"])
def test_the_name_of_a_file_that_is_given(visit: Visit, name: str) -> None:
    page = visit("/?hidden_size=4")
    page.get_by_role("button", name="Save", exact=True).click()
    files = page.locator("input[type=file]")
    files.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": b"no run"})
    assert name[:12] in shown(page)


TITLES = [
    '<img src=x onerror="window.ran=1">',
    '<svg onload="window.ran=1"></svg>',
    "</script><script>window.ran=1</script>",
    "</title></style>--><svg onload=window.ran=1>",
    "\"'><img src=x onerror=window.ran=1>`\\",
    FETCHES,
    "[b](javascript:window.ran=1) http://elsewhere.test/d",
    LOOKS_ODD,
    "&lt;img src=x&gt; &amp; %3Cimg%3E ${1+1} {{7*7}}",
]


@pytest.mark.parametrize("title", TITLES)
def test_the_title_of_a_run(visit: Visit, tmp_path: Path, title: str) -> None:
    """Above the timeline, in the browser's tab, its field, the script, and what is saved of a chart."""
    page = visit(f"/?{urlencode({'hidden_size': 4, 'task': 'adding', 'title': title})}")
    line = page.get_by_test_id("title")
    expect(line.get_by_role("button")).to_have_text(title, timeout=60_000)
    assert line.locator("button > *").count() == 0
    expect(page).to_have_title(f"{title} · RNN Lab")
    page.wait_for_selector(".js-plotly-plot .scatterlayer", timeout=60_000)
    for kind in ("html", "svg", "png"):
        with page.expect_download(timeout=60_000) as download:
            page.locator(".rl-card-loss .rl-save > summary").focus()
            page.keyboard.press("Enter")
            page.locator(f".rl-card-loss .rl-save [data-kind={kind}]").click()
        download.value.save_as(tmp_path / f"loss.{kind}")
        assert not set(download.value.suggested_filename) & set("<>\"'`&$%{}()[]/\\: ")
    for kind in ("html", "svg"):
        saved = page.context.new_page()
        saved.goto((tmp_path / f"loss.{kind}").as_uri())
        saved.wait_for_timeout(500)
        assert saved.evaluate("window.ran") is None
        assert saved.locator("img, [onload], [onerror]").count() == 0
        hosts = saved.locator("a").evaluate_all("all => all.map(({ host }) => host)")
        assert hosts == ([urlsplit(page.url).netloc] if kind == "html" else [])  # back to the experiment
        if kind == "html":
            expect(saved.locator("h1")).to_have_text(title)
            expect(saved).to_have_title(f"{title}: Loss")
        saved.close()
    page.get_by_role("button", name="Save", exact=True).click()
    field = page.get_by_test_id("stTextInput").get_by_role("textbox")
    expect(field).to_have_value(title, timeout=60_000)
    page.get_by_role("tab", name="PyTorch script").click()
    page.get_by_text("Show it", exact=True).click()
    shown = page.get_by_test_id("stCode").filter(has_text="class Network")
    expect(shown).to_contain_text(title.replace("\\", "\\\\"), timeout=60_000)


@pytest.mark.parametrize("path", ["/", "/gradients", "/unroll", "/try"])
def test_a_title_that_is_none_in_a_link(visit: Visit, path: str) -> None:
    page = visit(f"{path}?{urlencode({'title': TITLES[0] * 3})}")
    expect(page.get_by_role("button", name="Projector")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1500)
    if path == "/":
        assert "A title has at most 60 characters" in shown(page)
    page.goto(page.url.split("?")[0] + "?" + urlencode({"title": TITLES[0]}))
    expect(page.get_by_role("button", name="Projector")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1500)


@pytest.mark.parametrize("header", [RUNS, FETCHES, LEADS_AWAY, LOOKS_ODD])
def test_the_headers_and_cells_of_an_own_table(visit: Visit, header: str) -> None:
    page = visit("/?task=forecast&hidden_size=4")
    page.get_by_role("button", name="Your series").click()
    rows = [f"{header}\t{FETCHES}", *(f"{n + n % 7}\t{START + timedelta(n)}" for n in range(150))]
    files = page.locator("input[type=file]").last
    files.set_input_files(
        {"name": f"{header[:9]}.tsv", "mimeType": "text/plain", "buffer": "\n".join(rows).encode()}
    )
    table = page.get_by_test_id("stTable")
    expect(table).to_be_visible()
    assert header[:9] in table.inner_text().replace(JOIN, "")
    assert table.locator(MARKED_UP).count() == 0
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_test_id("stPopover").filter(has_text="150 values")).to_be_visible()
    page.get_by_role("button", name="One update", exact=True).click()
    page.wait_for_timeout(2000)


@pytest.mark.parametrize("path", ["/", "/gradients", "/unroll", "/?hidden_size=99999&cell=x"])
def test_no_page_shows_where_it_runs_on_what_or_whose_run_it_is(visit: Visit, path: str) -> None:
    page = visit(path)
    expect(page.get_by_role("button", name="Projector")).to_be_visible()
    page.wait_for_selector("[data-testid=live], [data-testid=gradients], [data-testid=unroll]")
    told = page.locator("body").inner_text() + page.title() + page.url
    for private in (str(ROOT), "site-packages", "Traceback", *(version(name) for name in SHOWN_BY_NOBODY)):
        assert private not in told
    assert not re.search(r"[\w-]{30,}", page.url), "a token has 32 letters"
