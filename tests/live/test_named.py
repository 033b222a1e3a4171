"""A long text by its digest: whoever does not know it says so, and nobody keeps more than fits."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.live import named
from rnnlab.live.named import Shelf, Unknown, call, digest_of, parcel
from rnnlab.live.texts import LONG, with_texts

TEXT = "ab" * LONG


@pytest.fixture
def shelf(monkeypatch):
    """This process as a worker that has seen nothing yet."""
    monkeypatch.setattr(named, "SHELF", Shelf(10**7))


def both(first, second):
    return first + second, first


def test_a_text_travels_only_where_it_is_not_known(shelf):
    pytest.importorskip("distributed")  # which knows the worker's address
    sent = parcel((TEXT, "!"))
    assert len(sent.content) < 200
    assert call(both, sent.content, tuple(sent.texts), {}) == Unknown(None)
    for texts in (sent.texts, {}):
        answer = call(both, sent.content, tuple(sent.texts), texts)
        together, first = with_texts(answer, sent.texts)
        assert together == TEXT + "!"
        assert first is TEXT
        assert len(TEXT) < len(answer) < len(TEXT) + 200  # what is new there comes as it is


def test_without_long_texts_nothing_is_asked(shelf):
    sent = parcel((2, 3))
    assert sent.texts == {}
    assert with_texts(call(divmod, *sent, {}), {}) == (0, 2)


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=12), st.integers(0, 8))
def test_whatever_is_asked_for_arrives_however_little_is_kept(calls, room):
    """A worker with room for `room` texts; the second time each call brings its own."""
    shelf = Shelf(room * sys.getsizeof(text_of(0)))
    for numbers in calls:
        sent = parcel([text_of(number) for number in numbers])
        names = tuple(sent.texts)
        found = shelf.take(names, {}) or shelf.take(names, sent.texts)
        assert with_texts(sent.content, found or {}) == [text_of(number) for number in numbers]
        assert sum(map(sys.getsizeof, shelf._kept.values())) <= room * sys.getsizeof(text_of(0))
        assert shelf.take(names, {}) is not None or len(set(numbers)) > room


def text_of(number):
    return f"{number}" * LONG


def test_any_text_has_a_digest_of_its_own():
    texts = [TEXT, TEXT + "a", "\ud800" * LONG, "é" * LONG]
    assert len({digest_of(text) for text in texts}) == len(texts)
    assert digest_of(TEXT) == digest_of("".join(["ab"] * LONG))
