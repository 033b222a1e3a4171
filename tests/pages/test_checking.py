"""What the dialog of a check says beside its numbers."""

from __future__ import annotations

from pages.checking import own_time
from rnnlab.live.checking import Place


def test_a_sequence_that_counts_otherwise_says_how() -> None:
    assert own_time(9, Place("recurrent/0/forward", 0, 9, 0.0)) == ""
    assert own_time(9, Place("recurrent/0/forward", 0, 2, 0.0)) == ", which counts it as time step 2"
