import pytest
from live.fakes import fake_slice

from rnnlab.live.engine import Engine
from rnnlab.live.workers import Inline


@pytest.fixture
def new_engine():
    """Engines that are closed after the test."""
    engines = []

    def make(executor=None, run_slice=fake_slice, **options):
        engines.append(Engine(executor or Inline(), run_slice, **options))
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()
