"""Frames of any content come back as they were packed."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from rnnlab.live.frames import unpack
from rnnlab.live.packing import framed, part

DTYPES = st.sampled_from([np.uint8, np.int8, np.uint16, np.int32, np.float32, np.float64])
ARRAYS = DTYPES.flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5))
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
FACTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)
NAMES = TEXT.filter(lambda name: name != "arrays")


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(NAMES, FACTS, max_size=4),
    st.dictionaries(TEXT.map("a{}".format), ARRAYS, max_size=4),
    st.dictionaries(TEXT.map("b{}".format), ARRAYS, max_size=4),
)
def test_round_trip(facts, still, live):
    first = part(facts, still, 0)
    header, found = unpack(framed(first, part({}, live, len(first.body))))
    assert {name: header[name] for name in facts} == facts
    given_arrays = still | live
    assert list(found) == list(given_arrays)
    for name, array in given_arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20))
def test_text_that_is_no_unicode_still_makes_a_frame(text):
    header, _ = unpack(framed(part({"label": text + "\ud800"}, {}, 0)))
    assert header["label"] == text.encode("utf-8", "replace").decode() + "?"
