"""Script runs end without a full garbage collection.

Streamlit collects all generations after every script run unless a hidden option says otherwise;
with thirty pages open that alone brings a server to a standstill. This fails if an upgrade
drops the option.
"""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import serving, window

pytestmark = pytest.mark.browser

SCRIPT = """
import gc
import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.routing import Route

def main():
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    st.button("Again")
    st.write(f"run {st.session_state.runs}")

def full_collections(request):
    return PlainTextResponse(str(gc.get_stats()[2]["collections"]))

if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=[Route("/collections", full_collections)])
"""
RUNS = 20


def full_collections(address: str) -> int:
    with urllib.request.urlopen(f"{address}/collections", timeout=30) as response:
        return int(response.read())


def test_script_runs_end_without_a_full_collection(browser: Browser, tmp_path: Path) -> None:
    script = tmp_path / "counting.py"
    script.write_text(SCRIPT)
    with serving(script, tmp_path / "log.txt") as address:
        page = window(browser).new_page()
        page.goto(address)
        expect(page.get_by_text("run 1", exact=True)).to_be_visible()
        before = full_collections(address)
        for run in range(2, RUNS + 2):
            page.get_by_role("button", name="Again").click()
            expect(page.get_by_text(f"run {run}", exact=True)).to_be_visible()
        assert full_collections(address) - before < RUNS / 4
        page.context.close()
