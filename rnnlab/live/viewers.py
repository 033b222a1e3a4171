"""Viewers of a run, and the frames that wait for them.

The engine publishes in its own thread; a viewer fetches in the server's. What passes between
them is one immutable value, and a callback that wakes the server's side.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from rnnlab.live.frames import Packer
from rnnlab.live.kinds import KINDS
from rnnlab.live.status import Content
from rnnlab.live.view import View

UNSEEN_SECONDS = 60.0
NEVER_SECONDS, HIDDEN_SECONDS = 300.0, 3600.0
"""So long a frame may wait to be drawn, on a page that never drew one and on one that did."""


class Published:
    """The latest content of a run, packed once for each view that somebody asks for.

    `packer` is the run's own; it knows what was packed before.
    """

    def __init__(self, content: Content, packer: Packer | None = None) -> None:
        self.content = content
        self._packer = packer or Packer()
        self._frames: dict[View, bytes] = {}
        self._lock = threading.Lock()

    def packed(self, view: View) -> bytes:
        view = KINDS[self.content.kind].view(
            self.content.picture, view
        )  # so that invented words cost nothing
        with self._lock:
            if view not in self._frames:
                self._frames[view] = self._packer.pack(self.content, view)
            return self._frames[view]


class Screen:
    """Where a run leaves its latest content. `gone` says why no more will come."""

    def __init__(self) -> None:
        self.packer = Packer()
        self.published: Published | None = None
        self.gone: str | None = None


class Viewer:
    """An open page: one frame on its way at most, the next one only after it was drawn.

    `notify` is called when there is something new, from the engine's thread; `wake` when a page
    that was hidden draws again, from the server's.
    """

    def __init__(self, screen: Screen, notify: Callable[[], object], wake: Callable[[], object]) -> None:
        self.notify = notify
        self.view = View()
        self._screen = screen
        self._wake = wake
        self._sent: tuple[Published, View] | None = None
        self._sent_at: float | None = None  # None: nothing is on its way
        self._drew = False

    @property
    def gone(self) -> str | None:
        return self._screen.gone

    def next_frame(self) -> bytes | None:
        """The latest frame, or None where it was sent already or another one is on its way."""
        published = self._screen.published
        if published is None or self._sent_at is not None or self._sent == (published, self.view):
            return None
        self._sent = (published, self.view)
        self._sent_at = time.monotonic()
        return published.packed(self.view)

    def drawn(self) -> None:
        hidden = not self.watching()
        self._sent_at, self._drew = None, True
        if hidden:
            self._wake()

    def watching(self) -> bool:
        """False for a page that has not drawn its frame for a minute: a hidden tab draws nothing."""
        return self._undrawn_seconds() < UNSEEN_SECONDS

    def given_up(self) -> bool:
        """Whether nobody can be expected to draw here any more; a hidden tab may still be looked at again."""
        return self._undrawn_seconds() > (HIDDEN_SECONDS if self._drew else NEVER_SECONDS)

    def _undrawn_seconds(self) -> float:
        sent_at = self._sent_at
        return 0.0 if sent_at is None else time.monotonic() - sent_at
