"""One thread for the numbers of a run.

At these sizes a second thread gains nothing, beside other runs it is in their way, and on one
thread sums have one order on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@cache
def loaded_libraries() -> ThreadpoolController:
    """NumPy's library of matrix products. Finding it takes milliseconds, limiting it microseconds."""
    import numpy  # noqa: F401 - it must be loaded to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


@contextmanager
def one_thread() -> Iterator[None]:
    """NumPy's matrix products run on one thread while this is open."""
    with loaded_libraries().limit(limits=1):
        yield
