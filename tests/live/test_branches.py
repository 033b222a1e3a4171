"""Branches of a run, runs in step, and the waterfall: what the Gradients page stands on."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from live.fakes import DESIGN, SETTINGS, fake_slice, straight, until

from rnnlab import Design, Settings
from rnnlab.live.frames import pack, unpack
from rnnlab.live.gradient_picture import DEEPEST, NO_NUMBER, ZERO, at_end, draw, to_bytes
from rnnlab.live.history import FALL_ROWS, FallRow, History
from rnnlab.live.run import Run
from rnnlab.live.slices import run_slice
from rnnlab.live.view import View
from rnnlab.training import advance, begin

FASTER = replace(SETTINGS, learning_rate=0.02)
BREAKING = replace(SETTINGS, learning_rate=9.0)
SMALL = Design(task="temporal-order", cell="lstm", hidden_size=4, batch_size=4)
SHORT = Settings(length=12)


def drive(run, work=fake_slice, updates=0):
    """Land everything that the run asks for, after `updates` single updates."""
    for _ in range(updates):
        run.one_update()
    for now in range(1000):
        job = run.next_job(float(now), watched=True)
        if job is None:
            return run
        run.land(job, work(job.request(run.design, run.kind)), float(now), now + 0.5)
    raise AssertionError("it never comes to rest")


def trained(updates, settings=SETTINGS):
    return drive(Run("abc", DESIGN, settings, 1 << 20), updates=updates)


def test_a_branch_shares_the_past_and_leaves_the_trunk_alone():
    trunk = trained(9)
    branch = drive(trunk.branch("def", 4, FASTER), updates=3)
    assert branch.update == 7
    assert trunk.update == trunk.history.furthest == 9
    expected = straight(3, FASTER, straight(4).state)
    assert np.array_equal(branch.state.weights["w"], expected.state.weights["w"])
    assert np.array_equal(branch.records().loss[:4], trunk.records().loss[:4])
    drive(trunk, updates=1)
    assert np.array_equal(trunk.state.weights["w"], straight(10).state.weights["w"])


def test_a_branch_where_no_snapshot_is_left_is_replayed_exactly():
    trunk = trained(30)
    trunk.history._snapshots.fit(0)
    branch = drive(trunk.branch("def", 17, FASTER))
    assert branch.update == 17
    assert np.array_equal(branch.state.weights["w"], straight(17).state.weights["w"])


def test_a_broken_run_has_a_branch_that_lives():
    trunk = trained(5, BREAKING)
    assert trunk.diverged
    branch = drive(trunk.branch("def", 2, SETTINGS), updates=6)
    assert not branch.diverged
    assert branch.update == 8
    assert trunk.diverged


@pytest.mark.parametrize("update", [-1, 10])
def test_a_branch_leaves_where_the_trunk_has_been(update):
    with pytest.raises(ValueError, match="update 0 to 9"):
        trained(9).branch("def", update, SETTINGS)


def test_the_engine_branches_a_run(new_engine):
    engine = new_engine()
    token = engine.create(DESIGN, SETTINGS).token
    for _ in range(4):
        engine.one_update(token)
    other = engine.branch(token, 2, FASTER).token
    until(lambda: engine.snapshot(other).update == 2)
    engine.one_update(other)
    assert engine.snapshot(other).settings == FASTER
    assert engine.snapshot(token).update == 4
    assert np.array_equal(
        engine.state(other).weights["w"], straight(1, FASTER, straight(2).state).state.weights["w"]
    )


def test_runs_in_step_do_not_leave_each_other_behind(new_engine):
    engine = new_engine()
    tokens = [engine.create(DESIGN, SETTINGS).token for _ in range(3)]
    engine.keep_in_step(tokens)
    with engine.watching(tokens[0]), engine.watching(tokens[1]), engine.watching(tokens[2]):
        for token in tokens:
            engine.play(token)
        until(lambda: min(engine.snapshot(token).update for token in tokens) > 300)
        engine.pause(tokens[0])  # one that rests holds up nobody
        at = engine.snapshot(tokens[1]).update
        until(lambda: engine.snapshot(tokens[1]).update > at + 300)
        engine.forget(tokens[1])
        at = engine.snapshot(tokens[2]).update
        until(lambda: engine.snapshot(tokens[2]).update > at + 300)


def slow_for_some(request):
    """The same slice, but each update of the faster learner takes its time."""
    if request.settings == FASTER:
        time.sleep(0.002 * request.updates)
    return fake_slice(request)


def test_a_run_waits_for_the_one_behind_it(new_engine):
    engine = new_engine(ThreadPoolExecutor(2), slow_for_some)
    quick, slow = (engine.create(DESIGN, settings).token for settings in (SETTINGS, FASTER))
    engine.keep_in_step([quick, slow])
    with engine.watching(quick), engine.watching(slow):
        engine.play(quick)
        engine.play(slow)
        until(lambda: engine.snapshot(slow).update > 400)
        gap = engine.snapshot(quick).update - engine.snapshot(slow).update
        assert gap < 300, "at most a slice ahead"


def test_the_waterfall_is_thinned_but_keeps_both_ends_and_forgets_what_was_undone():
    history = History(1 << 20)
    for update in range(1000):
        history.add_fall(FallRow(update, np.full(3, update, np.float32)))
    updates = [row.update for row in history.fall]
    assert len(updates) <= FALL_ROWS
    assert (updates[0], updates[-1]) == (0, 999)
    assert updates == sorted(set(updates))
    history.add_fall(FallRow(500, np.zeros(3, np.float32)))
    assert history.fall[-1].update == 500


def test_bytes_of_the_waterfall():
    row = np.array([-4, 0, 2, -np.inf, np.nan, np.inf], np.float32)
    assert to_bytes(row, -4, 2).tolist() == [0, round(DEEPEST * 4 / 6), DEEPEST, ZERO, NO_NUMBER, NO_NUMBER]
    assert to_bytes(np.array([3.0], np.float32), 3, 3).tolist() == [0]


def test_a_row_of_another_length_keeps_its_end():
    row = np.array([1, 2, 3], np.float32)
    assert at_end(row, 2).tolist() == [2, 3]
    assert np.isnan(at_end(row, 5)[:2]).all()
    assert at_end(row, 5)[2:].tolist() == [1, 2, 3]


def test_the_frame_of_a_real_run():
    run = drive(Run("abc", SMALL, SHORT, 1 << 20, kind="gradients"), run_slice, updates=3)
    header, arrays = unpack(pack(run.content(0.0), View()))
    assert header["flow"]["states"] == ["h", "c"]
    assert header["fall"]["state"] == "c"
    assert arrays["fall"].shape == (4, 12)
    assert arrays["fall_update"].tolist() == [0, 1, 2, 3]
    state, _ = advance(begin(SMALL), SHORT, 3)
    expected = draw(state, SHORT).arrays
    np.testing.assert_array_equal(arrays["flow_median"], expected["flow:median"])
    np.testing.assert_array_equal(arrays["cell_median"], expected["cell:median"])
    low, high = header["fall"]["low"], header["fall"]["high"]
    levels = low + arrays["fall"][-1] / DEEPEST * (high - low)
    np.testing.assert_allclose(levels, expected["cell:median"], atol=(high - low) / DEEPEST)
    assert len(arrays["curve_angle"]) == len(arrays["curve_loss"]) == 3


def test_the_waterfall_follows_a_change_of_length():
    run = drive(Run("abc", SMALL, SHORT, 1 << 20, kind="gradients"), run_slice, updates=1)
    run.change(Settings(length=20))
    drive(run, run_slice, updates=1)
    _, arrays = unpack(pack(run.content(0.0), View()))
    assert arrays["fall"].shape[1] == 20
    assert (arrays["fall"][0, :8] == NO_NUMBER).all()
    assert (arrays["fall"][-1] != NO_NUMBER).all()


def test_runs_that_are_kept_in_step_with_others_can_be_forgotten(new_engine):
    """As when a page takes up only one of two runs that an earlier page compared."""
    engine = new_engine(forget_seconds=0.2)
    left, shared, new = (engine.create(DESIGN, SETTINGS).token for _ in range(3))
    engine.keep_in_step([left, shared])
    engine.keep_in_step([shared, new])
    with engine.watching(shared):
        until(lambda: left not in engine._within.registry)
        until(lambda: new not in engine._within.registry)  # whoever forgets runs still does
        engine.play(shared)
        until(lambda: engine.snapshot(shared).update > 10)
