"""The clocks of the bench."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time

Clock = Callable[[], float]


def clock_of(device: str) -> Clock:
    """Seconds: on a CPU of this process's processor time, so that others on the machine do not count.

    On a GPU seconds on the wall, after all that was launched.
    """
    return process_time if device == "cpu" else after_the_gpu


def after_the_gpu() -> float:
    import torch

    torch.cuda.synchronize()
    return perf_counter()
