"""What `streamlit run app.py` sets up around the pages."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from .test_lab import clean, opened

ROOT = Path(__file__).parents[2]


def imported_app() -> ModuleType:
    """app.py as the server imports it."""
    spec = importlib.util.spec_from_file_location("served_app", ROOT / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_imported_it_is_the_application_with_the_live_route() -> None:
    app = imported_app().app
    assert isinstance(app, st.App)


def test_the_server_takes_what_is_loaded_out_of_the_collectors_rounds() -> None:
    module = imported_app()

    async def started() -> int:
        async with module.lifespan(module.app):
            return gc.get_freeze_count()

    gc.unfreeze()
    with ThreadPoolExecutor(1) as elsewhere:  # this thread may have a loop that runs: the browser's
        assert elsewhere.submit(lambda: asyncio.run(started())).result() > 10_000
    gc.unfreeze()


def test_it_asks_nothing_and_tells_nobody() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["browser"]["gatherUsageStats"] is False
    assert config["server"]["showEmailPrompt"] is False
    assert config["server"]["headless"] is False
    assert config["client"]["showErrorDetails"] == "none"


def test_the_browsers_tab_says_which_page_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    configure = st.set_page_config

    def told(**config: Any) -> None:
        said.extend(filter(None, [config.get("page_title")]))
        configure(**config)

    monkeypatch.setattr(st, "set_page_config", told)
    clean(opened({"task": "adding", "title": "Group 3"}))
    assert said[-1] == "Group 3 · RNN Lab"
    unroll = SimpleNamespace(title="Unroll", run=lambda: None)
    monkeypatch.setattr(st, "navigation", lambda pages, position: unroll)  # as on that page
    clean(opened())
    assert said[-1] == "Unroll · RNN Lab"
