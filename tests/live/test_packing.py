"""A run's packer: what it kept from earlier frames never shows in a later one."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live.fakes import DESIGN, SETTINGS, fake_slice

from rnnlab.live import frames
from rnnlab.live.frames import Packer, unpack
from rnnlab.live.packing import as_json
from rnnlab.live.run import Run
from rnnlab.live.view import View

VIEWS = (View(), View("recurrent/0/forward", "f"))


@pytest.fixture
def run():
    return Run("abc", DESIGN, SETTINGS, 1 << 24)


def work(run):
    while job := run.next_job(0.0, True):
        run.land(job, fake_slice(job.request(DESIGN)), 0.0, 0.1)


def contents(run):
    """What a run shows one after the other: begun, trained, changed, rewound, written, reset."""
    for act in (
        lambda: None,
        run.one_update,
        run.one_update,
        lambda: run.change(replace(SETTINGS, clipping="off")),
        lambda: run.rewind(1),
        run.one_update,
        run.reset,
    ):
        act()
        yield run.content(1.0)
        work(run)
        content = run.content(2.0)
        yield content
        yield content._replace(written={"generated": ["other words"]})
        yield content._replace(report=None)


def same(frame, fresh):
    (header, arrays), (wanted, drawn) = unpack(frame), unpack(fresh)
    assert header == wanted
    assert list(arrays) == list(drawn)
    for name, array in arrays.items():
        assert np.array_equal(array, drawn[name], equal_nan=array.dtype.kind == "f")


def test_what_was_kept_is_what_would_be_packed_anew(run):
    packer = Packer()
    for content in contents(run):
        for view in VIEWS:
            same(packer.pack(content, view), Packer().pack(content, view))


def test_a_picture_is_packed_once_for_each_view(run, monkeypatch):
    packed = []
    monkeypatch.setattr(
        frames,
        "still_part",
        lambda content, view, pack=frames.still_part: packed.append(view) or pack(content, view),
    )
    packer = Packer()
    work(run)
    for stamp in range(5):
        for view in VIEWS:
            packer.pack(run.content(stamp), view)
    assert len(packed) == len(VIEWS)
    run.one_update()
    work(run)
    packer.pack(run.content(6.0), View())
    assert len(packed) == len(VIEWS) + 1


def test_two_frames_of_one_picture_have_numbers_of_their_own(run):
    packer = Packer()
    work(run)
    first, second = (unpack(packer.pack(run.content(stamp), View()))[0] for stamp in (1.0, 2.0))
    assert (first["stamp_ms"], second["stamp_ms"]) == (1.0, 2.0)


NUMBERS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text()
VALUES = st.recursive(
    NUMBERS | st.floats(width=32).map(np.float32) | st.integers(0, 9).map(np.int64),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def finite(value):
    """What a reader must get, in JavaScript's terms: no NaN, no infinity."""
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [finite(entry) for entry in value]
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


@given(VALUES)
def test_strict_json_whatever_the_numbers(value):
    def refuse(word):
        raise AssertionError(word)

    assert json.loads(as_json(value), parse_constant=refuse) == finite(value)


def test_what_json_has_no_word_for_is_refused():
    with pytest.raises(TypeError, match="cannot hold a complex"):
        as_json({"value": 1j})
