"""A long text travels to a process once, and what comes back is the very same one."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config import Design, Settings
from rnnlab.live import texts
from rnnlab.live.pool import Pool
from rnnlab.live.slices import SliceRequest, run_slice
from rnnlab.live.texts import LONG, SLOTS, Texts

TEXT = "ab" * LONG


def test_a_long_text_is_packed_once_and_comes_back_as_it_was():
    here, there = Texts(), Texts()
    first = here.pack({"text": TEXT, "also": [TEXT], "short": "ab"})
    assert len(first) > len(TEXT)
    found = there.unpack(first)
    assert found == {"text": TEXT, "also": [TEXT], "short": "ab"}
    assert found["text"] is found["also"][0]
    answer = there.pack(found)
    assert len(answer) < 200
    assert here.unpack(answer)["text"] is TEXT
    assert len(here.pack(TEXT)) < 200
    assert there.unpack(here.pack(TEXT)) is found["text"]


def test_an_equal_text_needs_no_slot_of_its_own():
    here, there = Texts(), Texts()
    there.unpack(here.pack(TEXT))
    again = "".join(["ab"] * LONG)
    assert again is not TEXT
    assert len(here.pack(again)) < 200


@given(st.lists(st.lists(st.integers(0, 2 * SLOTS), max_size=2 * SLOTS), max_size=12), st.data())
def test_whatever_goes_back_and_forth_arrives(messages, data):
    """Each message names several of more texts than there are slots, some of them twice."""
    ends = Texts(), Texts()
    for names in messages:
        sender = data.draw(st.integers(0, 1))
        sent = [f"{name} " * LONG for name in names]
        assert ends[1 - sender].unpack(ends[sender].pack(sent)) == sent


def test_what_cannot_be_packed_leaves_both_ends_in_step():
    here, there = Texts(), Texts()
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        here.pack((TEXT, lambda: None))
    assert there.unpack(here.pack(TEXT)) == TEXT


def own_design(**fields):
    text = "".join(chr(97 + n % 26) for n in range(LONG)) + "".join(map(str, range(LONG // 4)))
    return Design(task="language-model", hidden_size=4, batch_size=2, task_options={"text": text}, **fields)


@pytest.mark.parametrize("long", [LONG, 10**9])
def test_a_slice_is_the_same_whether_its_text_travels_or_not(long, monkeypatch):
    monkeypatch.setattr(texts, "LONG", long)
    design = own_design()
    pool = Pool(1)
    try:
        request = SliceRequest(design, Settings(length=10), None, 2, False, False)
        first = pool.submit(run_slice, request).result(60)
        second = pool.submit(run_slice, request._replace(state=first.state)).result(60)
    finally:
        pool.shutdown()
    whole = run_slice(request._replace(updates=4))
    assert second.state.design == design
    assert (second.state.design.options["text"] is design.options["text"]) == (long == LONG)
    for name, array in whole.state.weights.items():
        assert array.tobytes() == second.state.weights[name].tobytes()


def test_a_new_process_is_told_the_text_again():
    pool = Pool(1)
    try:
        assert pool.submit(len, TEXT).result(60) == len(TEXT)
        with pytest.raises(Exception, match="died"):
            pool.submit(ends_itself, TEXT).result(60)
        assert pool.submit(len, TEXT).result(60) == len(TEXT)
    finally:
        pool.shutdown()


def ends_itself(_):
    import os

    os._exit(1)
