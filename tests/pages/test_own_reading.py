"""What is kept of data that somebody looks at: what was found, or the sentence about it, and no other."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pages import own_reading
from rnnlab.live.attendant import NoWorkers
from rnnlab.live.cluster import ClusterAway


@pytest.fixture(autouse=True)
def session(monkeypatch):
    monkeypatch.setattr(own_reading, "st", SimpleNamespace(session_state={}))


def told(error, text="1 2 3"):
    """How often a text is read that is looked at twice, where reading it raises an error."""
    calls = []

    def read(text):
        calls.append(text)
        raise error

    for _ in range(2):
        with pytest.raises(ValueError, match=r"\w") as said:
            own_reading.beside(read, text)
        assert said.value is error
    return len(calls)


def test_a_sentence_about_the_data_is_found_once():
    assert told(ValueError("It is no table.")) == 1


@pytest.mark.parametrize("away", [ClusterAway(), NoWorkers()])
def test_that_nobody_could_read_it_is_not_kept_against_the_data(away):
    assert told(away) == 2


def test_no_more_is_kept_than_was_looked_at_last():
    for number in range(9):
        assert own_reading.beside(len, str(number)) == 1
    assert len(own_reading.st.session_state[own_reading.KEPT]) == own_reading.MOST_KEPT
