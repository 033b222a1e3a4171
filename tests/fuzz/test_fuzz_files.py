"""Files of any content: a run that is whole, or one ValueError; nothing executed, memory bounded."""

import functools
import io
import itertools
import random
import tracemalloc
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab import Design, Settings, advance, begin
from rnnlab.files import MOST_FACTS_BYTES, MOST_UNPACKED_BYTES, StoredRun, run_from_bytes, run_to_bytes
from rnnlab.live.binning import Buckets
from rnnlab.state import Divergence, Report

MANY_BYTES = 64 << 20


@functools.cache
def whole():
    """Both ways that a run is written, cut and changed below."""
    chosen = Settings(length=8)
    state, records = advance(begin(Design(task="adding", hidden_size=2, batch_size=2)), chosen, 3)
    run = StoredRun(state, chosen, records)
    return run_to_bytes(run), run_to_bytes(run, compressed=False)


def read(raw):
    """A run or a ValueError of one sentence, in little memory."""
    tracemalloc.start()
    found = attempted(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MANY_BYTES
    assert isinstance(found, StoredRun) or ("\n" not in found and len(found) < 300)


def attempted(raw):
    """The run, or the words that refuse it; any other error comes through."""
    try:
        return run_from_bytes(raw)
    except ValueError as refused:
        return str(refused)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_bytes(raw):
    read(raw)
    read(b"PK\x03\x04" + raw)
    read(b"\x93NUMPY\x01\x00" + raw)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 1), st.integers(0, 2**32), st.integers(1, 40))
def test_a_run_with_some_bytes_changed(which, seed, changes):
    raw, chance = bytearray(whole()[which]), random.Random(seed)
    for _ in range(changes):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    read(bytes(raw))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_run_with_a_piece_missing(which, start, stop):
    raw = whole()[which]
    first, last = sorted([int(start * len(raw)), int(stop * len(raw))])
    read(raw[:first] + raw[last:])


def rewritten(**parts):
    """A run's archive with some of its parts replaced."""
    kept = zipfile.ZipFile(io.BytesIO(whole()[0]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in kept.namelist():
            archive.writestr(name, parts.get(name, kept.read(name)))
        for name in parts.keys() - set(kept.namelist()):
            archive.writestr(name, parts[name])
    return out.getvalue()


def header(shape, dtype="<f8", version=1):
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    length = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + length + text


@pytest.mark.parametrize(
    "shape", ["(1000000000,)", "(10, 100000000)", "(10000000000000000000,)", "(-1,)", "(2**9,)", "()"]
)
@pytest.mark.parametrize("version", [1, 2, 3, 9])
def test_arrays_that_claim_to_be_huge(shape, version):
    read(rewritten(**{"weights|readout.bias.npy": header(shape, version=version)}))


@pytest.mark.parametrize("dtype", ["|O", "<U1000000", "|V100000000", "<c16", "|S0", "<M8[s]", "junk"])
def test_arrays_of_other_kinds(dtype):
    read(rewritten(**{"records|loss.npy": header("(3,)", dtype) + bytes(200)}))


def test_an_archive_that_bursts_when_unpacked():
    """A thousandth of its size when packed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("about.npy", "w", force_zip64=True) as part,
    ):
        part.write(header(f"({MOST_UNPACKED_BYTES + 1},)", "|u1"))
        for _ in range(MOST_UNPACKED_BYTES // (1 << 20) + 1):
            part.write(bytes(1 << 20))
    assert len(out.getvalue()) < 1 << 20
    read(out.getvalue())


def test_parts_inside_each_other_are_not_unpacked_twice():
    """Entries of the directory that all point to the same data."""
    raw = whole()[0]
    kept = zipfile.ZipFile(io.BytesIO(raw))
    for entry in kept.infolist():
        entry.header_offset = 0
    read(raw)


@pytest.mark.parametrize(
    "about", [b"{}", b"[]", b"null", b"[" * 100_000, b'{"format": 1}', b'{"format": "1"}', b"\xff\xfe"]
)
def test_other_facts(about):
    packed = io.BytesIO()
    np.save(packed, np.frombuffer(about, np.uint8))
    read(rewritten(**{"about.npy": packed.getvalue()}))


def test_facts_that_would_fill_the_memory_once_they_are_understood():
    packed = io.BytesIO()
    np.save(packed, np.frombuffer(b"[" + b"{}," * (MOST_FACTS_BYTES // 3) + b"0]", np.uint8))
    read(rewritten(**{"about.npy": packed.getvalue()}))


def run_with(state=None, records=None, **parts):
    run = run_from_bytes(whole()[0])
    state, records = replace(run.state, **state or {}), run.records._replace(**records or {})
    return run._replace(state=state, records=records, **parts)


REPORT = Report(1, 0.5, 0.5, "accuracy", "accuracy", "50 %", 0.7, 0.5, "a guess", True)
ONE = {name: np.array([1.0]) for name in Buckets._fields}


@pytest.mark.parametrize(
    "changed",
    [
        *({"state": {"update": update}} for update in (-5, 10**30, "3", 1.5, None, True)),
        *({"state": {"divergence": Divergence(update, "h", None, "NaN")}} for update in ("x", -1, 10**30)),
        {"state": {"divergence": Divergence(1, "h", 1.5, "NaN")}},
        {"state": {"divergence": Divergence(1, "h", None, 3)}},
        *({"reports": (REPORT._replace(update=update),)} for update in ("x", None, 10**30)),
        {"reports": (REPORT._replace(baseline_loss="x"),)},
        {"reports": (REPORT._replace(metric_text=["x"]),)},
        {"reports": (REPORT._replace(baseline_exact=1),)},
        {"reports": (REPORT._replace(train_loss="x"),)},
        *(
            {"reports": (REPORT._replace(measures=found),)}
            for found in (3, "ab", ((1, "", 0.5, ""),), (("a",),))
        ),
        {"records": {"update": np.array([1, 3, 2])}},
        {"records": {"update": np.array([-3, -2, -1])}},
        {"records": {"update": np.array([127, -128, -127], np.int8)}},
        *(
            {"buckets": Buckets(**ONE | {name: np.array([number])})}
            for name, number in itertools.product(("update", "best_update"), (np.nan, np.inf, 1.5, 1e300))
        ),
    ],
)
def test_facts_that_no_run_can_have(changed):
    assert attempted(run_to_bytes(run_with(**changed))) == "This file is not a run saved by RNN Lab."


def test_facts_that_a_run_can_have():
    report = REPORT._replace(loss=float("nan"), baseline_loss=1)
    run = run_with(
        state={"divergence": Divergence(3, "h", None, "NaN")}, reports=(report,), buckets=Buckets(**ONE)
    )
    assert isinstance(attempted(run_to_bytes(run)), StoredRun)
