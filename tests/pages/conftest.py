from collections.abc import Iterator

import pytest

from rnnlab.live import engine as live_engine


@pytest.fixture(autouse=True)
def own_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[live_engine.Engine]:
    """An engine of this test's own, whose worker is this process."""
    monkeypatch.setenv("RNNLAB_WORKERS", "inline")
    live_engine.engine.cache_clear()
    own = live_engine.engine()
    yield own
    own.close()
    live_engine.engine.cache_clear()
