"""Memory that one update frees is kept for the next.

The C library of Linux gives large blocks back to the system as soon as they are free and asks for
them anew, zeroed page by page, in the next update: up to a third of the time of one.
"""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""glibc's names for its limits, from malloc.h."""

KEPT_BYTES = 256 * 2**20
"""What stays with the process when freed; larger than the buffers of an LSTM over 1,600 time steps."""


def keep_memory() -> bool:
    """Raise this process's limits. Returns whether its C library has them: elsewhere nothing is done."""
    try:
        set_limit = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(set_limit(TRIM_THRESHOLD, KEPT_BYTES)) and bool(set_limit(MMAP_THRESHOLD, KEPT_BYTES))
