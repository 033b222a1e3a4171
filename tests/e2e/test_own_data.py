"""Files of one's own in a real browser: too large, then right, and what stands in the controls afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
ROWS = "day,flow [l/s]\n" + "\n".join(f"{1820 + n}-01-01,{20 + n % 9}.5" for n in range(200))
LOOK = os.environ.get("RNNLAB_LOOK", "")


def file(name: str, raw: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/csv", "buffer": raw}


def looked(page: Page, name: str) -> None:
    if LOOK:
        page.screenshot(path=f"{LOOK}/{name}.png")


def test_what_is_too_large_is_said_once_and_nothing_is_said_of_the_file_before(open_page: Open) -> None:
    page = open_page("task=forecast&hidden_size=8")
    page.get_by_role("button", name="Your series").click()
    box = page.locator('[data-testid="stFileUploaderDropzoneInput"]').last
    errors = page.locator('[data-testid="stAlert"]')
    box.set_input_files(file("empty.csv", b""))
    expect(errors).to_contain_text("empty.csv: The file is empty")
    looked(page, "1-empty")
    box.set_input_files(file("large.csv", b"1234567\n" * 1_000_000))
    expect(errors).to_contain_text("large.csv: It has more than 5 MB, the most that may be used")
    expect(errors).to_have_count(1)
    expect(page.get_by_text("empty.csv")).to_have_count(0)
    looked(page, "2-large")
    box.set_input_files(file("flow.csv", ROWS.encode()))
    expect(page.get_by_role("button", name="Use it")).to_be_visible()
    expect(errors).to_have_count(0)
    looked(page, "3-right")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("button", name="Your series: 200 values")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox", name="Series", exact=True)).to_have_value("Yours: flow [l/s]")
    expect(page.get_by_text("held-out · your own data")).to_be_visible()
    expect(page.get_by_text("no longer here")).to_have_count(0)
    looked(page, "4-used")


def test_the_largest_files_stay_where_they_are_and_what_stands_here_names_its_own_file(
    open_page: Open,
) -> None:
    page = open_page("task=forecast&hidden_size=8")
    page.get_by_role("button", name="Your series").click()
    box = page.locator('[data-testid="stFileUploaderDropzoneInput"]').last
    box.set_input_files(file("empty.csv", b""))
    errors = page.locator('[data-testid="stAlert"]')
    expect(errors).to_contain_text("empty.csv: The file is empty")
    box.set_input_files(file("huge.csv", b"1234567\n" * 3_500_000))
    expect(page.get_by_text("25.0MB or smaller")).to_be_visible()
    expect(errors).to_contain_text("empty.csv: The file is empty")
    looked(page, "5-huge")
