"""Frames: what goes in comes out, every number is JSON, and a frame stays small."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from live.fakes import DESIGN, SETTINGS, fake_picture, fake_slice

from rnnlab import Design, Settings, advance, begin, default_settings
from rnnlab.live.frames import number_text, pack, unpack
from rnnlab.live.history import CURVE_POINTS, HELD_OUT_POINTS
from rnnlab.live.picture import draw
from rnnlab.live.run import Run
from rnnlab.live.slices import run_slice
from rnnlab.live.view import View
from rnnlab.live.viewers import Published, Screen, Viewer
from rnnlab.tasks import TASKS

LARGEST_FRAME_BYTES = 20_000


def content_of(design=DESIGN, settings=SETTINGS, slices=fake_slice, updates=3):
    run = Run("abc", design, settings, 1 << 24)
    for _ in range(updates):
        run.one_update()
    while job := run.next_job(0.0, True):
        run.land(job, slices(job.request(design)), 0.0, 0.1)
    return run.content(1234.5)


def test_what_goes_in_comes_out():
    content = content_of()
    header, arrays = unpack(pack(content, View()))
    assert (header["run"], header["update"], header["status"], header["stamp_ms"]) == (
        "abc",
        3,
        "paused",
        1234.5,
    )
    assert header["loss"] == content.run.loss
    assert header["picture_update"] == 3
    assert header["title"] == "fake"
    assert header["predictions"] == {"rows": [], "generated": ["after 3"]}
    assert header["baseline"] == {"loss": 0.17, "words": "guessing", "label": "guessing = 0.17"}
    assert (header["loss_unit"], header["task"]["label"]) == (
        "squared error",
        TASKS["adding"].label,
    )
    assert header["metric"] == {"label": "mean squared error", "percent": False, "baseline": 0.17}
    assert "early_stop" not in header
    assert "exposure" not in header
    assert header["clip"] == {
        "kind": "norm",
        "threshold": 1.0,
        "share": 1.0,
        "window": "of the last 3 updates",
    }
    assert [entry["label"] for entry in header["numbers"]] == [
        "update",
        "loss, squared error",
        "held-out mean squared error",
        "updates/s",
    ]
    assert header["numbers"][-1]["value"] == "–"  # a run at rest has no pace
    drawn = fake_picture(3).arrays
    assert np.array_equal(arrays["heat"], drawn["heat:recurrent/0/forward:h"])
    assert np.array_equal(arrays["flow_median"], drawn["flow:recurrent/0/forward:median"], equal_nan=True)
    assert np.array_equal(arrays["curve_update"], [1, 2, 3])
    assert np.array_equal(arrays["curve_loss"], content.curves.loss)
    assert {name for name in arrays if name.startswith("heat")} == {"heat"}


def test_the_heat_map_that_was_asked_for():
    header, arrays = unpack(pack(content_of(), View("recurrent/0/forward", "f")))
    assert (arrays["heat"] == 7).all()
    views = header["views"]
    assert (views["quantity"], views["scale"], views["diverging"]) == ("f", [0, 1], False)
    assert "scales" not in views


@pytest.mark.parametrize("view", [View("nothing", "like it"), View(), View("recurrent/0/forward", "c")])
def test_an_unknown_view_shows_what_the_picture_proposes(view):
    header, arrays = unpack(pack(content_of(), view))
    assert (header["views"]["layer"], header["views"]["quantity"]) == ("recurrent/0/forward", "h")
    assert header["views"]["diverging"] is True
    assert arrays["heat"].shape == (3, 5)


def test_arrays_start_at_multiples_of_four():
    frame = pack(content_of(), View())
    (length,) = struct.unpack_from("<I", frame)
    assert (4 + length) % 4 == 0
    header = json.loads(frame[4 : 4 + length])
    assert [entry["offset"] % 4 for entry in header["arrays"]] == [0] * len(header["arrays"])
    assert len(frame) % 4 == 0


def test_a_broken_run_is_shown_with_its_cause():
    content = content_of(settings=replace(SETTINGS, learning_rate=9.0))
    header, arrays = unpack(pack(content, View()))
    assert header["status"] == "diverged"
    assert (header["loss"], header["loss_text"]) == (None, "NaN")
    assert header["divergence"]["update"] == 3
    assert header["divergence"]["text"].startswith("Update 3 broke the run. Rewind, then lower")
    assert header["divergence"]["rewind_to"] == 1  # the weights after update 2 gave no number
    assert np.isnan(arrays["curve_loss"][-1])
    assert np.isposinf(arrays["curve_norm"][-1])


def test_numbers_that_json_cannot_write_are_null():
    content = content_of()
    meta = {**content.picture.meta, "flow": {"rate": float("nan"), "few": [np.float64("inf"), np.int64(3)]}}
    header, _ = unpack(pack(content._replace(picture=content.picture._replace(meta=meta)), View()))
    assert (header["flow"]["rate"], header["flow"]["few"]) == (None, [None, 3])


@pytest.mark.parametrize("text", ["🙂 ‮abc‬ שלום", "\ud800 alone", "\x00\x1f\"'</script>"])
def test_any_text_survives(text):
    content = content_of()
    content = content._replace(written={"generated": [text]})
    header, arrays = unpack(pack(content, View()))
    assert header["predictions"]["generated"] == [text.encode("utf-8", "replace").decode()]
    assert np.array_equal(arrays["curve_update"], [1, 2, 3])


def test_a_run_that_never_began_shows_its_message():
    run = Run("abc", DESIGN, SETTINGS, 1 << 24)
    run.fail(run.next_job(0.0, True), "Training stopped: no such device")
    header, arrays = unpack(pack(run.content(0.0), View()))
    assert (header["message"], header["status"]) == ("Training stopped: no such device", "stopped")
    assert (header["network"], header["views"], header["baseline"]) == (None, None, None)
    assert len(arrays["curve_loss"]) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.7554, "0.755"),
        (0.5, "0.500"),
        (123.4, "123"),
        (12345.0, "12,345"),
        (1720.3, "1,720"),
        (2.3e7, "2.3 × 10⁷"),
        (0.0, "0"),
        (1e-7, "1 × 10⁻⁷"),
        (float("nan"), "NaN"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
    ],
)
def test_numbers_as_text(value, text):
    assert number_text(value) == text


def test_a_frame_is_packed_once_for_each_view():
    published = Published(content_of())
    first = published.packed(View())
    assert published.packed(View("invented", "words")) is first
    assert published.packed(View("", "f")) is not first


def test_a_viewer_gets_the_latest_frame_and_only_after_drawing_the_last():
    screen = Screen()
    viewer = Viewer(screen, notify=list, wake=list)
    assert viewer.next_frame() is None
    screen.published = Published(content_of(updates=1))
    assert unpack(viewer.next_frame())[0]["update"] == 1
    screen.published = Published(content_of(updates=2))
    screen.published = Published(content_of(updates=3))
    assert viewer.next_frame() is None
    viewer.drawn()
    assert unpack(viewer.next_frame())[0]["update"] == 3
    viewer.drawn()
    assert viewer.next_frame() is None
    viewer.view = View("", "f")
    assert unpack(viewer.next_frame())[0]["views"]["quantity"] == "f"


def test_a_page_that_does_not_draw_for_a_minute_does_not_watch(monkeypatch):
    now, woken = [0.0], []
    monkeypatch.setattr("rnnlab.live.viewers.time.monotonic", lambda: now[0])
    screen = Screen()
    viewer = Viewer(screen, notify=list, wake=lambda: woken.append(True))
    screen.published = Published(content_of())
    now[0] = 100.0
    assert viewer.watching()
    viewer.next_frame()
    now[0] = 150.0
    assert viewer.watching()
    now[0] = 161.0
    assert not viewer.watching()
    viewer.drawn()
    assert viewer.watching()
    assert woken == [True]


@pytest.mark.parametrize(
    ("task", "cell"), [("temporal-order", "lstm"), ("adding", "gru"), ("language-model", "lstm")]
)
def test_a_real_frame_is_small(task, cell):
    """T = 50, H = 64, and a curve as long as curves get."""
    design = Design(task=task, cell=cell, hidden_size=64, batch_size=2)
    content = content_of(design, Settings(length=50), run_slice, updates=2)
    curve = np.arange(CURVE_POINTS, dtype=np.float32)
    curves = content.curves._replace(
        update=curve.astype(np.uint32),
        loss=curve,
        norm=curve,
        clipped=curve,
        held_update=curve.astype(np.uint32)[:HELD_OUT_POINTS],
        held_loss=curve[:HELD_OUT_POINTS],
        reports=np.zeros((3, HELD_OUT_POINTS), np.float32),
    )
    frame = pack(content._replace(curves=curves), View())
    header, arrays = unpack(frame)
    assert arrays["heat"].shape == (64, 50)
    assert header["views"]["units"] == 64
    assert len(frame) <= LARGEST_FRAME_BYTES


def test_the_gradient_belongs_to_the_layer_that_was_asked_for():
    design = Design(task="temporal-order", cell="rnn", hidden_size=4, layers=2, bidirectional=True)
    picture = draw(begin(design), default_settings(design))
    seen = {}
    for layer, label in picture.meta["views"]["layers"]:
        header, arrays = unpack(pack(content_of()._replace(picture=picture), View(layer, "h")))
        assert (header["flow"]["layers"], header["flow"]["layer_label"]) == ([layer], label)
        assert header["verdict"]["text"]
        seen[layer] = arrays["flow_median"].tobytes()
    assert len(set(seen.values())) == 4


@pytest.mark.parametrize("task", [name for name, spec in TASKS.items() if "many-to-one" in spec.topologies])
def test_the_drawing_and_the_table_agree_on_what_is_right(task):
    """A number that comes close enough is right in both."""
    design = Design(task=task, topology="many-to-one", hidden_size=8)
    settings = default_settings(design)
    for updates in (0, 300):
        state, _ = advance(begin(design), settings, updates)
        meta = draw(state, settings).meta
        first = meta["predictions"]["rows"][0]
        (output,) = meta["network"]["outputs"]
        assert (output["predicted"], output["correct"]) == (first["prediction"], first["correct"])
