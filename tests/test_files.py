"""A run to a file and back: everything returns, nothing is executed, garbage is refused in words."""

import contextlib
import functools
import io
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import titles

from rnnlab import Design, Settings, advance, begin, evaluate
from rnnlab.config import default_settings
from rnnlab.files import StoredRun, load_run, run_from_bytes, run_to_bytes, save_run
from rnnlab.live.binning import Buckets, in_width
from rnnlab.live.frames import pack, unpack
from rnnlab.live.picture import Picture
from rnnlab.live.run import Run
from rnnlab.live.stretches import Stretch
from rnnlab.live.view import View
from rnnlab.state import Divergence, Records

SETTINGS = Settings(length=8, clipping="value", learning_rate=1e-2)


def small_run(**fields) -> StoredRun:
    design = Design(task="adding", cell="lstm", hidden_size=4, batch_size=3, **fields)
    state, records = advance(begin(design), SETTINGS, 4)
    picture = Picture(
        {"title": "ü 👍"}, {"heat:recurrent/0/forward:h": np.arange(6, dtype=np.uint8).reshape(2, 3)}
    )
    reports = (evaluate(begin(design), SETTINGS, 4), evaluate(state, SETTINGS, 4))
    return StoredRun(state, SETTINGS, records, reports, picture, {"text": "\ud800 lone"})


def assert_same(one: StoredRun, other: StoredRun):
    assert one.state.design == other.state.design
    assert one.state.update == other.state.update
    assert one.state.divergence == other.state.divergence
    assert one.settings == other.settings
    assert one.reports == other.reports
    assert one.written == other.written
    for held, wanted in (
        (one.state.weights, other.state.weights),
        (one.state.optimizer, other.state.optimizer),
        (one.records._asdict(), other.records._asdict()),
    ):
        assert list(held) == list(wanted)
        for name, array in wanted.items():
            assert held[name].dtype == array.dtype
            assert held[name].shape == array.shape
            assert np.array_equal(held[name], array, equal_nan=True)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam"])
def test_round_trip_and_the_run_goes_on_bit_for_bit(tmp_path, optimizer):
    run = small_run(optimizer=optimizer)
    save_run(tmp_path / "run.npz", run)
    back = load_run(tmp_path / "run.npz")
    assert_same(back, run)
    assert back.picture.meta == run.picture.meta
    assert list(back.picture.arrays) == list(run.picture.arrays)
    after, records = advance(run.state, SETTINGS, 3)
    after_back, records_back = advance(back.state, back.settings, 3)
    assert np.array_equal(records.loss, records_back.loss)
    assert all(np.array_equal(after.weights[n], after_back.weights[n]) for n in after.weights)


def test_a_broken_run_and_a_bare_one(tmp_path):
    run = small_run()
    nothing = [(5, np.nan, np.inf, np.nan, np.nan, 3.0, np.nan)]
    divergence = Divergence(5, "loss", None, "In update 5 the loss became NaN.")
    broken = StoredRun(replace(run.state, divergence=divergence), SETTINGS, Records.from_rows(nothing))
    bare = StoredRun(begin(Design(task="copy")), Settings(), Records.empty())
    for n, stored in enumerate((broken, bare)):
        save_run(tmp_path / f"{n}.npz", stored)
        assert_same(load_run(str(tmp_path / f"{n}.npz")), stored)


def test_no_pickle_inside(tmp_path):
    save_run(tmp_path / "run.npz", small_run())
    with np.load(tmp_path / "run.npz", allow_pickle=False) as archive:
        assert all(archive[name].dtype.hasobject is False for name in archive.files)


class Trap:
    """Would be called by a reader that trusts pickle."""

    called = False

    def __reduce__(self):
        return (setattr, (Trap, "called", True))


def test_a_pickle_is_refused_and_never_run(tmp_path):
    np.save(tmp_path / "a.npy", np.array([Trap()]), allow_pickle=True)
    np.savez(tmp_path / "b.npz", about=np.array([Trap()]))
    (tmp_path / "c.npz").write_bytes(pickle.dumps(Trap()))
    good = io.BytesIO()
    save_run(tmp_path / "run.npz", small_run())
    with np.load(tmp_path / "run.npz") as archive:
        held = {name: archive[name] for name in archive.files}
    np.savez(good, **{**held, "weights|readout.bias": np.array([Trap()])})
    (tmp_path / "d.npz").write_bytes(good.getvalue())
    for name in "a.npy", "b.npz", "c.npz", "d.npz":
        refused(tmp_path / name)
    assert not Trap.called


def refused(path):
    with pytest.raises(ValueError, match=r"not a run saved by RNN Lab|this version reads") as caught:
        load_run(path)
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value) or "format" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"PK\x03\x04",
        b"PK\x05\x06" + b"\x00" * 18,
        b"\x00" * 1000,
        b"\x93NUMPY\x01\x00",
        b"\x93NUMPY",
    ],
)
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    refused(tmp_path / "x.npz")


@pytest.mark.parametrize(
    "about",
    [
        b"",
        b"{}",
        b"[]",
        b"5",
        b"null",
        b"\xff",
        b'{"format": 1}',
        b'{"format": 99}',
        b'{"format": 1, "design": []}',
        b"[" * 100_000,
    ],
)
def test_archives_without_a_run_are_refused(tmp_path, about):
    np.savez(tmp_path / "x.npz", about=np.frombuffer(about, np.uint8))
    refused(tmp_path / "x.npz")


def test_a_folder_or_nothing_is_an_os_error(tmp_path):
    for path in (tmp_path, tmp_path / "nothing.npz"):
        with pytest.raises(OSError, match=path.name):
            load_run(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "run.npz"
    save_run(path, small_run())
    return path.read_bytes()


def load_or_refuse(path):
    """A damaged file either still holds its run or is refused with a ValueError; nothing else escapes."""
    with contextlib.suppress(ValueError):
        load_run(path)


@given(data=st.data())
def test_a_damaged_file_is_refused(tmp_path_factory, whole, data):
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    place = data.draw(st.integers(0, len(whole) - 1))
    how = data.draw(st.sampled_from(["flipped", "cut", "overwritten"]))
    noise = data.draw(st.binary(min_size=1, max_size=60))
    path.write_bytes(
        {
            "flipped": whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :],
            "cut": whole[:place],
            "overwritten": whole[:place] + noise + whole[place + len(noise) :],
        }[how]
    )
    load_or_refuse(path)


def edited(whole: bytes, **changes):
    with np.load(io.BytesIO(whole)) as archive:
        held = {name: archive[name] for name in archive.files}
    for name, value in changes.items():
        key = name.replace("__", "|").replace("_dot_", ".")
        if value is None:
            del held[key]
        else:
            held[key] = value
    out = io.BytesIO()
    np.savez(out, **held)
    return out.getvalue()


@pytest.mark.parametrize(
    "changes",
    [
        {"about": None},
        {"weights__readout_dot_bias": None},
        {"weights__readout_dot_bias": np.zeros(7, np.float32)},
        {"weights__readout_dot_bias": np.array(["a"])},
        {"weights__more": np.zeros(3, np.float32)},
        {"records__loss": None},
        {"records__loss": np.zeros(2)},
    ],
    ids=[
        "no facts",
        "a weight missing",
        "a weight of another shape",
        "a weight of letters",
        "a weight too many",
        "no losses",
        "too few losses",
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(tmp_path, whole, changes):
    (tmp_path / "x.npz").write_bytes(edited(whole, **changes))
    refused(tmp_path / "x.npz")


def test_an_encrypted_archive_is_refused(tmp_path, whole):
    raw = bytearray(whole)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        start = archive.start_dir
    for signature, offset, first in ((b"PK\x01\x02", 8, start), (b"PK\x03\x04", 6, 0)):
        place = raw.find(signature, first)
        while place >= 0:
            raw[place + offset] |= 1
            place = raw.find(signature, place + 4)
    (tmp_path / "x.npz").write_bytes(bytes(raw))
    refused(tmp_path / "x.npz")


def test_the_log_of_settings_and_the_buckets_of_all_records(tmp_path):
    run = small_run()
    updates = int(run.records.update[-1])
    stretches = (Stretch(0, SETTINGS), Stretch(1, replace(SETTINGS, learning_rate=0.5)))
    whole = run._replace(stretches=stretches, buckets=in_width(Buckets.of(run.records), 2))
    save_run(tmp_path / "run.npz", whole)
    back = load_run(tmp_path / "run.npz")
    assert back.stretches == stretches
    assert back.buckets.last == updates
    assert all(np.array_equal(one, other) for one, other in zip(back.buckets, whole.buckets, strict=True))


@pytest.mark.parametrize(
    "broken",
    [
        {"stretches": (Stretch(5, SETTINGS),)},
        {"stretches": (Stretch(0, SETTINGS), Stretch(0, SETTINGS))},
        {"buckets": Buckets.of(Records.from_rows([(2, *[1.0] * 6), (2, *[1.0] * 6)]))},
        {"buckets": Buckets._make(np.zeros(1, np.float32) for _ in Buckets._fields)},
    ],
)
def test_a_past_that_does_not_hang_together_is_refused(tmp_path, broken):
    save_run(tmp_path / "run.npz", small_run()._replace(**broken))
    with pytest.raises(ValueError, match="is not a run saved by RNN Lab"):
        load_run(tmp_path / "run.npz")


EARLIER = ("train_loss", "train_metric", "measures", "exposure")


def as_of_format_two(raw: bytes) -> bytes:
    """The same file as a version before this one wrote it."""
    with np.load(io.BytesIO(raw)) as archive:
        arrays = dict(archive)
    about = json.loads(arrays["about"].tobytes())
    about["format"] = 2
    del about["settings"]["early_stopping"]
    for report in about["reports"]:
        for name in EARLIER:
            del report[name]
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def test_a_run_of_the_earlier_format_opens_and_goes_on():
    run = small_run()
    back = run_from_bytes(as_of_format_two(run_to_bytes(run)))
    assert (back.state.update, back.settings) == (run.state.update, run.settings)
    for report, whole in zip(back.reports, run.reports, strict=True):
        assert (report.loss, report.metric) == (whole.loss, whole.metric)
        assert np.isnan([report.train_loss, report.train_metric]).all()
        assert (report.measures, report.exposure) == ((), "")
    live = Run("abc", back.state.design, back.settings, 1 << 22)
    live.restore(back._replace(picture=None))
    _, arrays = unpack(pack(live.content(0.0), View()))
    assert np.isnan(arrays["reports"][1:]).all()
    assert arrays["held_loss"] == pytest.approx([report.loss for report in run.reports])
    again = run_from_bytes(run_to_bytes(back))  # and NaN goes into a file of today
    assert np.isnan(again.reports[0].train_loss)


def test_reports_with_their_measures_return():
    design = Design(task="dates", cell="gru", hidden_size=4)
    state, settings = begin(design), default_settings(design)
    run = StoredRun(state, settings, Records.empty(), (evaluate(state, settings, 4),))
    back = run_from_bytes(run_to_bytes(run))
    assert back.reports == run.reports
    assert back.reports[0].measures[0].name == "forced_accuracy"


a_run = functools.cache(small_run)


def about_of(raw):
    with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
        return json.loads(archive["about"].tobytes())


def with_about(raw, **facts):
    """A file whose facts say something else."""
    with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["about"] = np.frombuffer(json.dumps({**about_of(raw), **facts}).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@given(titles())
def test_a_title_comes_back_with_the_run(title):
    run = a_run()._replace(title=title)
    assert run_from_bytes(run_to_bytes(run, compressed=False)).title == title


def test_a_file_without_a_title_is_as_it_always_was_and_older_formats_open():
    raw = run_to_bytes(a_run())
    assert "title" not in about_of(raw)
    assert run_from_bytes(raw).title == ""
    for number in (1, 2, 3):
        assert run_from_bytes(with_about(raw, format=number)).title == ""
    assert about_of(run_to_bytes(a_run()._replace(title="Group 3")))["format"] == 3


@pytest.mark.parametrize("title", [7, None, ["a"], "W" * 61, "\u202ea", "a\x00"])
def test_a_file_whose_title_is_none_is_refused(title):
    raw = run_to_bytes(a_run())
    with pytest.raises(ValueError, match="is not a run saved by RNN Lab"):
        run_from_bytes(with_about(raw, title=title))


def test_a_title_that_is_none_is_not_saved():
    with pytest.raises(ValueError, match="at most 60 characters"):
        run_to_bytes(a_run()._replace(title="W" * 61))
