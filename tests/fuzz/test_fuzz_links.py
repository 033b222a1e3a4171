"""Links of any content: an experiment and a few sentences, never an error, never long."""

import base64
import contextlib
import time
import zlib
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import Design, Settings, fit
from rnnlab.fields import declared
from rnnlab.link import PACKED, PLAIN, PRINT, from_link, unpack
from rnnlab.tasks import TASKS
from rnnlab.unroll.link import from_link as unroll_from_link

OPTIONS = sorted({name for task in TASKS.values() for name in task.options})
NAMES = [
    *declared(Design),
    *declared(Settings),
    *(o + end for o in OPTIONS for end in (PLAIN, PACKED, PRINT)),
]
ODD = [
    "",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "0x10",
    "１２",
    "9" * 5000,
    "-0",
    "True",
    "__class__",
    "\x00",
    "\ud800",
]
VALUES = st.one_of(st.text(max_size=60), st.sampled_from(ODD), st.integers().map(str), st.floats().map(str))
PAIRS = st.dictionaries(
    st.one_of(st.sampled_from([*NAMES, "hide", "lock", "projector", "view", "title"]), st.text(max_size=20)),
    VALUES,
    max_size=8,
)
MOST_MESSAGES, LONGEST_MESSAGE = 60, 1000


def bounded(messages):
    assert len(messages) <= MOST_MESSAGES
    assert all(isinstance(message, str) and len(message) <= LONGEST_MESSAGE for message in messages)


@settings(max_examples=150, deadline=None)
@given(PAIRS)
def test_pairs(pairs):
    linked = from_link(pairs)
    assert isinstance(linked.design, Design)
    fit(linked.design, linked.settings)
    assert len(linked.title) <= 60
    bounded(linked.messages)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text(query):
    bounded(from_link(query).messages)


@settings(max_examples=100, deadline=None)
@given(PAIRS)
def test_the_unroll_page(pairs):
    bounded(unroll_from_link(pairs).messages)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.text(max_size=80), st.binary(max_size=80).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
    )
)
def test_packed_texts(packed):
    with contextlib.suppress(ValueError, zlib.error):
        assert isinstance(unpack(packed), str)
    bounded(from_link({"task": "language-model", "text.z": packed}).messages)


@pytest.mark.parametrize(
    "raw", [b"ab" * 50_000_000, b"\x00" * 100_000_000, zlib.compress(bytes(10_000_000), 9) * 50]
)
def test_a_text_that_bursts_when_unpacked(raw):
    """100 MB in a link of a hundred kilobytes."""
    began = time.thread_time()
    packed = base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode()
    took_to_pack = time.thread_time() - began
    began = time.thread_time()
    linked = from_link({"task": "language-model", "text.z": packed})
    assert time.thread_time() - began < took_to_pack + 1
    bounded(linked.messages)
    assert not linked.design.options["text"]


@pytest.mark.parametrize(
    "query",
    [
        urlencode([(f"name{i}", "x") for i in range(20_000)]),
        urlencode({"hidden_size": "9" * 1_000_000}),
        urlencode({"x" * 1_000_000: "y"}),
        urlencode({"task": "language-model", "text": "ab" * 1_000_000}),
        "&" * 100_000,
        "%" * 100_000,
        "learning_rate=" + "1" * 100_000 + "e" + "9" * 100_000,
    ],
    ids=["names", "number", "name", "text", "ands", "percents", "float"],
)
def test_long_links_take_no_time_and_say_little(query):
    began = time.thread_time()
    bounded(from_link(query).messages)
    assert time.thread_time() - began < 5
