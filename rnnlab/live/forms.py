"""What is sent to the server in a form: where it is while it is on its way."""

from __future__ import annotations

from starlette.formparsers import MultiPartParser


def keep_in_memory(most_bytes: int) -> None:
    """From now on no part of a form up to this size is put into a file while it arrives."""
    MultiPartParser.spool_max_size = most_bytes
