"""What the students of a class train: links as a teacher would send them."""

from __future__ import annotations

from rnnlab.config import Design, Settings, default_settings
from rnnlab.link import from_link, to_link

LENGTH_IS_SEEN = ("adding", "copy", "temporal-order", "look-ahead", "language-model")
"""Tasks whose drawn sequence is as long as the setting says, so that a frame shows a change of it."""

MIXED = (
    Design(task="adding", cell="gru", hidden_size=32),
    Design(task="nationality", cell="lstm", hidden_size=24),
    Design(task="copy", cell="lstm", hidden_size=32),
    Design(task="temporal-order", cell="rnn", hidden_size=16),
    Design(task="language-model", cell="gru", hidden_size=64),
    Design(task="look-ahead", cell="rnn", hidden_size=16, bidirectional=True),
    Design(task="surname", cell="gru", hidden_size=32),
    Design(task="adding", cell="lstm", hidden_size=16, layers=2),
    Design(task="digits", topology="many-to-one", cell="rnn", hidden_size=32),
    Design(task="dates", cell="gru", hidden_size=48),
    Design(task="reber", cell="lstm", hidden_size=8),
    Design(task="counting", cell="lstm", hidden_size=16),
)

SMALL = Design(task="adding", cell="gru", hidden_size=16)
SMALL_LENGTH = 25
LARGE = Design(task="adding", cell="gru", hidden_size=256)


def mixed(students: int) -> list[str]:
    """A link for each student, many kinds of runs side by side."""
    return [link(MIXED[number % len(MIXED)]) for number in range(students)]


def equal(students: int) -> list[str]:
    """The same link for everyone."""
    return [link(SMALL, SMALL_LENGTH)] * students


def large() -> str:
    """The heaviest run: as many units and time steps as are allowed."""
    return link(LARGE, LARGE.lengths.high)


def link(design: Design, length: int | None = None) -> str:
    settings = default_settings(design)
    return to_link(design, settings if length is None else Settings(**{**vars(settings), "length": length}))


def lengths(query: str) -> range | None:
    """The lengths a student may choose, around the task's own; None where no frame would show them."""
    design, settings = from_link(query)[:2]
    if design.task not in LENGTH_IS_SEEN or settings.length is None:
        return None
    least = max(design.lengths.low, settings.length // 2)
    return range(least, max(least + 1, min(design.lengths.high, settings.length + settings.length // 4)) + 1)
