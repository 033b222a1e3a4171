"""Snapshots and records under a budget, settings by update, and curves that hide nothing."""

from dataclasses import replace

import numpy as np
import pytest
from live.fakes import SETTINGS, fake_report, straight

from rnnlab import Records
from rnnlab.files import StoredRun
from rnnlab.live.binning import Buckets, in_width, own_width, width_of
from rnnlab.live.curves import CURVE_POINTS, REPORTED
from rnnlab.live.history import HELD_OUT_POINTS, MOST_CHANGES, FallRow, History
from rnnlab.live.snapshots import MOST_SNAPSHOTS, state_bytes
from rnnlab.live.table import LEAST_ROWS, MOST_BUCKETS, RecordTable
from rnnlab.state import Measure

MUCH = 1 << 24


def trained(updates, each, budget_bytes=MUCH):
    history, state = History(budget_bytes), straight(0).state
    for start in range(0, updates, each):
        result = straight(each, SETTINGS, state)
        history.extend(start, SETTINGS, result.state, result.records)
        state = result.state
    return history


def random_records(updates, start=0, seed=0):
    rng = np.random.default_rng([seed, start])
    rows = np.column_stack([np.arange(start + 1, start + updates + 1), rng.lognormal(size=(updates, 6))])
    return Records.from_rows(rows)


def fed(pieces, most_bytes=0):
    table, at = RecordTable(), 0
    table.fit(most_bytes)
    for piece in pieces:
        table.append(random_records(piece, at))
        at += piece
    return table


def told_straight(records, width):
    """Buckets by definition, one by one."""
    found = {}
    for row in zip(*records, strict=True):
        found.setdefault((int(row[0]) - 1) // width, []).append(row)
    return [
        (int(rows[-1][0]), np.mean([row[1] for row in rows]), *np.max(np.array(rows)[:, 2:], axis=0))
        for rows in found.values()
    ]


def told(buckets):
    return list(zip(buckets.update, buckets.loss, *buckets[5:], strict=True))


def test_snapshots_keep_to_the_budget_and_stay_spread():
    one = state_bytes(straight(0).state)
    besides = trained(400, 2)._besides()
    history = trained(400, 2, budget_bytes=besides + 20 * one)
    updates = history._snapshots.updates
    assert len(updates) == 20
    assert (updates[0], updates[-1]) == (2, 400)
    assert max(np.diff(updates)) <= 4 * 400 / 20
    assert history.nbytes <= history.budget_bytes


def test_a_state_larger_than_the_budget_is_not_kept():
    history = trained(10, 1, budget_bytes=1)
    assert history._snapshots.updates == []
    assert history.way_to(9) is None


def test_a_smaller_budget_is_kept_at_once():
    history = trained(3000, 10, MUCH)
    history.fit(100_000)
    assert history.nbytes <= 100_000
    assert len(history._snapshots.updates) > 10


def test_the_number_of_snapshots_is_bounded():
    assert len(trained(MOST_SNAPSHOTS + 50, 1, 1 << 30)._snapshots.updates) == MOST_SNAPSHOTS


def test_settings_in_force():
    history, state = History(MUCH), straight(0).state
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


def test_changes_of_settings_are_bounded_and_going_back_makes_room():
    history = History(MUCH)
    for change in range(MOST_CHANGES):
        settings = replace(SETTINGS, learning_rate=(change + 1) / 10_000)
        assert history.takes(history.furthest, settings)
        history.extend(change, settings, straight(change + 1).state, random_records(1, change))
    assert not history.takes(MOST_CHANGES, SETTINGS)
    assert history.takes(MOST_CHANGES, settings), "no change"
    assert history.takes(MOST_CHANGES // 2, SETTINGS)


def test_the_newest_records_are_kept_one_by_one():
    history = trained(10_000, 7, budget_bytes=1000)
    records = history.table.records()
    assert LEAST_ROWS / 2 < records.rows <= LEAST_ROWS
    assert records.update[-1] == history.furthest
    expected = straight(history.furthest).records
    for column, wanted in zip(records, expected, strict=True):
        assert np.array_equal(column, wanted[-records.rows :])


@pytest.mark.parametrize("each", [1, 3, 64, 700, 5000])
def test_buckets_say_the_same_as_the_records_would(each):
    table = fed([each] * (5000 // each))
    expected = told_straight(random_in_pieces(each, 5000 // each), width_of(table.end, MOST_BUCKETS))
    np.testing.assert_allclose(told(table.buckets), expected, rtol=1e-12)


def random_in_pieces(each, pieces):
    return Records.concat([random_records(each, each * piece) for piece in range(pieces)])


@pytest.mark.parametrize("cut", [1, 511, 512, 513, 1999, 2000, 2001, 4800, 4999, 5000])
def test_a_bucket_that_is_cut_is_made_anew(cut):
    """Where its records are no longer known, a replay gives them, in pieces that need not fit."""
    everything = random_in_pieces(100, 50)
    table = fed([100] * 50)
    start = table.go_to(cut)
    for since in range(start, cut, 7):
        table.stand(Records._make(column[since : min(since + 7, cut)] for column in everything))
    assert table.loss_at(cut) == everything.loss[cut - 1]
    table.cut_after(cut)
    more = random_records(50, cut, seed=9)
    table.append(more)
    whole = Records.concat([Records._make(column[:cut] for column in everything), more])
    width = width_of(5000, MOST_BUCKETS)
    np.testing.assert_allclose(told(table.buckets), told_straight(whole, width), rtol=1e-12)


def test_a_branch_among_old_records_fills_its_gap_when_it_gets_there():
    everything, table = random_in_pieces(100, 50), fed([100] * 50)
    branch = table.upto(1003)
    start = branch.go_to(1003)
    branch.stand(Records._make(column[start:1003] for column in everything))
    branch.cut_after(1003)
    branch.append(random_records(1, 1003))
    whole = Records._make(
        np.append(column[:1003], new) for column, new in zip(everything, random_records(1, 1003), strict=True)
    )
    np.testing.assert_allclose(
        told(branch.buckets), told_straight(whole, width_of(5000, MOST_BUCKETS)), rtol=1e-12
    )
    assert table.end == 5000


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_never_averaged_away(strange):
    records = random_records(5000)
    records.loss[4321] = records.grad_norm[4321] = strange
    drawn = in_width(Buckets.of(records), 32)
    bucket = 4321 // 32
    assert np.array_equal(drawn.loss[bucket], strange, equal_nan=True)
    assert np.isfinite(np.delete(drawn.loss, bucket)).all()
    assert np.isfinite(drawn.best).all()
    if not strange < 0:
        assert np.array_equal(drawn.grad_norm[bucket], strange, equal_nan=True)


def test_large_finite_numbers_do_not_become_infinite():
    records = Records.from_rows([(update, 1e308, *[1e308] * 5) for update in range(1, 2001)])
    history = History(MUCH)
    history.table.append(records)
    curves = history.curves()
    assert np.isfinite(curves.loss).all()
    assert np.isfinite(curves.norm).all()


def test_the_best_of_a_bucket_keeps_its_update():
    losses = [3.0, np.nan, 1.0, 2.0, np.inf, np.inf]
    held = in_width(Buckets.of(Records.from_rows([(n, x, *[1.0] * 5) for n, x in enumerate(losses, 1)])), 4)
    assert held.best.tolist() == [1.0, np.inf]
    assert held.best_update[0] == 3


@pytest.mark.parametrize("width", [1, 2, 64])
def test_the_width_of_buckets_is_found_again(width):
    assert own_width(in_width(Buckets.of(random_records(500)), width)) == width


@pytest.mark.parametrize("updates", [1, 255, 256, 257, 512, 513, 100_000])
def test_the_curve_has_enough_points_and_not_too_many(updates):
    points = updates / width_of(updates, CURVE_POINTS)
    assert points <= CURVE_POINTS
    assert points > CURVE_POINTS / 2 or points == updates


def test_curves_end_at_the_last_update():
    history = trained(1000, 10, budget_bytes=1000)
    history.add_report(fake_report(straight(0).state))
    history.add_report(fake_report(straight(1000).state))
    curves = history.curves()
    assert curves.update[-1] == 1000
    assert curves.update.dtype == np.uint32
    assert (curves.norm == 2).all()
    assert (curves.clipped == 1).all()
    assert curves.clipped_share == 1.0
    assert list(curves.held_update) == [0, 1000]


def test_held_out_reports_are_thinned_evenly_and_each_is_one_that_was_made():
    history = History(MUCH)
    for update in range(0, 5000, 5):
        history.add_report(fake_report(straight(0).state)._replace(update=update, loss=update / 7))
    drawn = history.curves()
    assert len(drawn.held_update) == HELD_OUT_POINTS
    assert (drawn.held_update[0], drawn.held_update[-1]) == (0, 4995)
    assert np.diff(drawn.held_update.astype(int)).max() <= 4 * 5000 / HELD_OUT_POINTS
    np.testing.assert_allclose(drawn.held_loss, drawn.held_update / 7, rtol=1e-6)


def test_thinning_keeps_the_report_with_the_lowest_held_out_loss():
    history = History(MUCH)
    for update in range(0, 5000, 5):
        loss = np.nan if update % 2 else abs(update - 1230)
        history.add_report(fake_report(straight(0).state)._replace(update=update, loss=loss))
    assert len(history.reports) == HELD_OUT_POINTS
    assert 1230 in [report.update for report in history.reports]
    gaps = np.diff([report.update for report in history.reports])
    assert gaps.max() <= 4 * 5000 / HELD_OUT_POINTS


def test_reports_of_a_stored_run_are_thinned_over_all_of_it():
    reports = tuple(fake_report(straight(0).state)._replace(update=update) for update in range(300))
    state = straight(299).state
    history = History(MUCH)
    history.restore(StoredRun(state, SETTINGS, straight(299).records, reports))
    assert [history.reports[0].update, history.reports[-1].update] == [0, 299]
    assert len(history.reports) == HELD_OUT_POINTS


def test_curves_hold_what_reports_measured_and_nan_where_they_did_not():
    plain = fake_report(straight(0).state)
    fed = (Measure("forced_accuracy", "", 0.9, ""), Measure("free_accuracy", "", 0.7, ""))
    whole = plain._replace(update=5, metric=0.4, train_loss=0.2, train_metric=0.8, measures=fed)
    history = History(MUCH)
    for report in (plain, whole):
        history.add_report(report)
    drawn = history.curves()
    assert drawn.reports.dtype == np.float32
    assert dict(zip(REPORTED, drawn.reports.tolist(), strict=True)) == {
        "metric": pytest.approx([0.5, 0.4]),
        "train_loss": pytest.approx([np.nan, 0.2], nan_ok=True),
        "train_metric": pytest.approx([np.nan, 0.8], nan_ok=True),
        "forced_accuracy": pytest.approx([np.nan, 0.9], nan_ok=True),
        "free_accuracy": pytest.approx([np.nan, 0.7], nan_ok=True),
    }


def test_a_network_that_does_not_generate_has_no_curves_of_what_it_is_fed():
    history = History(MUCH)
    history.add_report(fake_report(straight(0).state))
    assert history.curves().reports.shape == (3, 1)


def test_the_waterfall_keeps_to_its_part():
    history = History(100_000)
    for update in range(300):
        history.add_fall(FallRow(update, np.zeros(1000, np.float32)))
    assert history.nbytes <= 100_000
    assert history.fall[-1].update == 299


def test_curves_of_an_empty_history():
    curves = History(1).curves()
    assert [len(curve) for curve in curves[:-3]] == [0] * 7
    assert curves.reports.shape == (3, 0)
    assert (curves.clipped_share, curves.clipped_of) == (None, 0)


def test_a_table_copes_with_empty_records():
    history = trained(4, 2)
    history.table.append(Records.empty())
    assert history.table.records().rows == 4


@pytest.mark.parametrize(
    ("losses", "sound"),
    [
        ([1.0, 0.5, 0.4, np.inf], 2),  # update 3 ruined the weights: its own loss was still fine
        ([1.0, 0.5, 0.4, 900.0, 1e20, np.nan], 2),  # one bad step, then worse and worse
        ([1.0, np.nan], 0),
        ([np.nan], 0),
        ([1.0, 0.5, *[900.0] * 40_000], 1),  # so long ago that its bucket's best stands for it
    ],
)
def test_the_last_update_whose_weights_still_worked(losses, sound):
    rows = [(update, loss, *[1.0] * 5) for update, loss in enumerate(losses, start=1)]
    history = History(1000)
    history.table.append(Records.from_rows(rows))
    history.fit()
    assert history.last_sound() == sound
