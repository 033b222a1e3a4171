"""Snapshots under a budget, settings by update, and curves that hide nothing."""

from dataclasses import replace

import numpy as np
import pytest
from live.fakes import SETTINGS, straight

from rnnlab import Records
from rnnlab.live.history import (
    CURVE_POINTS,
    MOST_SNAPSHOTS,
    History,
    bucket_starts,
    max_of_buckets,
    mean_of_buckets,
    state_bytes,
)


def trained(updates, each, budget_bytes):
    history, state = History(budget_bytes), straight(0).state
    for start in range(0, updates, each):
        result = straight(each, SETTINGS, state)
        history.extend(start, SETTINGS, result.state, result.records)
        state = result.state
    return history


def kept(history):
    return [state.update for state in history._snapshots]


def test_snapshots_keep_to_the_budget_and_stay_spread():
    one = state_bytes(straight(0).state)
    history = trained(400, 2, budget_bytes=20 * one)
    updates = kept(history)
    assert len(updates) == 20
    assert (updates[0], updates[-1]) == (2, 400)
    assert max(np.diff(updates)) <= 4 * 400 / 20
    assert history._bytes == 20 * one


def test_a_state_larger_than_the_budget_is_kept_as_the_only_one():
    history = trained(10, 1, budget_bytes=1)
    assert kept(history) == [10]
    assert history.nearest(9) is None


def test_the_number_of_snapshots_is_bounded():
    assert len(kept(trained(MOST_SNAPSHOTS + 50, 1, budget_bytes=1 << 30))) == MOST_SNAPSHOTS


def test_settings_in_force():
    history, state = History(1 << 20), straight(0).state
    other = replace(SETTINGS, learning_rate=0.5)
    for start, settings in ((0, SETTINGS), (4, SETTINGS), (8, other), (12, SETTINGS)):
        result = straight(4, settings, state)
        history.extend(start, settings, result.state, result.records)
        state = result.state
    assert history.in_force(0) == (SETTINGS, 8)
    assert history.in_force(8) == (other, 12)
    assert history.in_force(15) == (SETTINGS, 16)
    result = straight(2, other, straight(4).state)
    history.extend(4, other, result.state, result.records)
    assert history.in_force(3) == (SETTINGS, 4)
    assert history.in_force(4) == (other, 6)


def test_records_are_all_kept():
    history = trained(1000, 7, budget_bytes=1000)
    assert np.array_equal(history.table.records().update, np.arange(1, 1002))
    expected = straight(1001).records
    for column, wanted in zip(history.table.records(), expected, strict=True):
        assert np.array_equal(column, wanted)


@pytest.mark.parametrize("rows", [1, 255, 256, 257, 512, 513, 100_000])
def test_buckets_cover_every_row_once(rows):
    starts = bucket_starts(rows, CURVE_POINTS)
    assert len(starts) <= CURVE_POINTS
    assert len(starts) > CURVE_POINTS / 2 or len(starts) == rows
    values = np.random.default_rng(0).random(rows)
    means, widths = mean_of_buckets(values, starts), np.diff(np.append(starts, rows))
    assert (means * widths).sum() == pytest.approx(values.sum(), rel=1e-5)
    assert max_of_buckets(values, starts).max() == np.float32(values.max())


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_never_averaged_away(strange):
    values = np.ones(5000)
    values[4321] = strange
    starts = bucket_starts(5000, CURVE_POINTS)
    bucket = int(np.searchsorted(starts, 4321, side="right")) - 1
    means = mean_of_buckets(values, starts)
    assert np.array_equal(means[bucket], np.float32(strange), equal_nan=True)
    assert np.isfinite(np.delete(means, bucket)).all()
    if not strange < 0:
        assert np.array_equal(max_of_buckets(values, starts)[bucket], np.float32(strange), equal_nan=True)


def test_a_large_finite_number_does_not_become_infinite():
    assert np.isfinite(mean_of_buckets(np.array([1e300, -1e300, 1.0]), np.arange(3))).all()


def test_curves_end_at_the_last_update():
    history = trained(1000, 10, budget_bytes=1000)
    history.add_report(straight_report(0))
    history.add_report(straight_report(1000))
    curves = history.curves()
    assert curves.update[-1] == 1000
    assert curves.update.dtype == np.uint32
    assert (curves.norm == 2).all()
    assert (curves.clipped == 1).all()
    assert curves.clipped_share == 1.0
    assert list(curves.held_update) == [0, 1000]


def straight_report(update):
    from live.fakes import fake_report

    return fake_report(straight(update).state)


def test_curves_of_an_empty_history():
    curves = History(1).curves()
    assert [len(curve) for curve in curves[:-2]] == [0] * 7
    assert (curves.clipped_share, curves.clipped_of) == (None, 0)


def test_growing_table_copes_with_empty_records():
    history = trained(4, 2, budget_bytes=1000)
    history.table.append(Records.empty())
    assert history.table.records().rows == 4


@pytest.mark.parametrize(
    ("losses", "sound"),
    [
        ([1.0, 0.5, 0.4, np.inf], 2),  # update 3 ruined the weights: its own loss was still fine
        ([1.0, 0.5, 0.4, 900.0, 1e20, np.nan], 2),  # one bad step, then worse and worse
        ([1.0, np.nan], 0),
        ([np.nan], 0),
    ],
)
def test_the_last_update_whose_weights_still_worked(losses, sound):
    rows = [(update, loss, *[1.0] * 5) for update, loss in enumerate(losses, start=1)]
    history = History(1 << 20)
    history.table.append(Records.from_rows(rows))
    assert history.last_sound(len(losses)) == sound
