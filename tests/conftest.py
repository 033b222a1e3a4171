"""One thread, as in a worker, and repeatable random examples."""

import os

import pytest
import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
os.environ["RNNLAB_STORE"] = "off"  # a test that wants one names a file of its own

settings.register_profile(
    "rnnlab",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=int(os.environ.get("RNNLAB_EXAMPLES", "40")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("rnnlab")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast ones first; those that hold a browser last, whose event loop runs in this thread until the end."""
    items.sort(
        key=lambda item: (
            item.get_closest_marker("browser") is not None,
            "browser" in vars(item).get("fixturenames", ()),
        )
    )
