"""Uploaded files within bounds: Streamlit takes a file under any name, as often as somebody sends one."""

from collections.abc import Callable
from typing import Any

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from rnnlab.live.forms import keep_in_memory

MOST_OF_A_SESSION = 2
MOST_BYTES = 64 << 20
"""Of all sessions together. A page reads its file as soon as it is there, and needs it no more then."""

MOST_OF_A_FILE = 5_300_000
"""More than any page reads: of a larger file so much is kept as shows that it is too large."""


def keep_within_bounds(manager: type[MemoryUploadedFileManager] = MemoryUploadedFileManager) -> None:
    """From now on the oldest files make room for new ones, and none that a page reads touches the disk."""
    keep_in_memory(MOST_OF_A_FILE)
    manager.add_file = bounded(manager.add_file)  # type: ignore[method-assign]


def bounded(add_file: Callable[..., None]) -> Callable[..., None]:
    order: list[tuple[str, str]] = []

    def add(self: MemoryUploadedFileManager, session_id: str, file: Any) -> None:
        add_file(self, session_id, file._replace(data=file.data[:MOST_OF_A_FILE]))
        order.append((session_id, file.file_id))
        held = {place: size for place in dict.fromkeys(order) if (size := bytes_of(self, *place)) is not None}
        for place in too_many(held, session_id):
            self.remove_file(*place)
            del held[place]
        order[:] = held

    return add


def bytes_of(manager: MemoryUploadedFileManager, session_id: str, file_id: str) -> int | None:
    """None for a file that is no longer there."""
    file = manager.file_storage.get(session_id, {}).get(file_id)
    return None if file is None else len(file.data)


def too_many(held: dict[tuple[str, str], int], session_id: str) -> list[tuple[str, str]]:
    """The oldest of this session, and the oldest of all until the rest fits; never the newest."""
    own = [place for place in held if place[0] == session_id]
    gone = own[:-MOST_OF_A_SESSION]
    left = [place for place in held if place not in gone]
    while len(left) > 1 and sum(held[place] for place in left) > MOST_BYTES:
        gone.append(left.pop(0))
    return gone
