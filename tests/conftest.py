"""One thread, as in a worker, and repeatable random examples."""

import os

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
