"""Slices of 50 to 150 ms, five pictures a second, each within its share of the time."""

import numpy as np
import pytest

from rnnlab.live.pace import (
    BREADTHS,
    FRAME_SECONDS,
    MOST_WEIGHT,
    SPARE,
    TURN_SECONDS,
    Landing,
    Pace,
)


def simulate(
    update_seconds,
    picture_seconds=0.01,
    report_seconds=0.005,
    seconds=30.0,
    overhead_seconds=0.003,
    crowd=1.0,
    slowness=1.0,
):
    """Slices as a worker would answer them that goes round a crowd of equals; the landings.

    `slowness` is how much longer a round takes than the slices in it: the machine does other things too.
    """
    pace, now, landings, wall = Pace(), 0.0, [], 0.0
    while now < seconds:
        now += (slowness * crowd - 1) * wall  # the others' slices
        plan = pace.plan(now, crowd)
        train = plan.updates * update_seconds
        wall = train + overhead_seconds
        wall += picture_seconds * plan.want_picture + report_seconds * plan.want_report
        picture = picture_seconds if plan.want_picture else None
        report = report_seconds if plan.want_report else None
        landings.append(Landing(now, now + wall, plan.updates, train, picture, report))
        now += wall
        pace.landed(landings[-1])
    return pace, landings


@pytest.mark.parametrize("update_seconds", [0.0001, 0.0013, 0.006, 0.02])
def test_slices_take_50_to_150_ms(update_seconds):
    _, landings = simulate(update_seconds)
    spans = np.array([landing.landed_at - landing.submitted_at for landing in landings[1:]])
    assert spans.min() > 0.045
    assert spans.max() < 0.165


def test_the_first_slice_is_one_update():
    assert Pace().plan(0.0).updates == 1


def test_a_slow_update_is_a_slice():
    _, landings = simulate(0.9)
    assert {landing.updates for landing in landings} == {1}


def test_a_first_report_that_had_data_to_load_does_not_put_off_the_next_for_long():
    pace = Pace()
    pace.landed(Landing(0.0, 30.0, 1, 0.001, 0.005, 25.0))
    assert not pace.plan(39.9).want_report
    assert pace.plan(40.01).want_report
    pace.landed(Landing(40.1, 40.2, 1, 0.001, 0.005, 0.01))
    assert not pace.plan(41.1).want_report
    assert pace.plan(41.21).want_report


def test_training_gets_nine_tenths_of_the_time():
    _, landings = simulate(0.006, picture_seconds=0.022, report_seconds=0.027)
    assert sum(landing.train_seconds for landing in landings) / landings[-1].landed_at > 0.9


@pytest.mark.parametrize("update_seconds", [0.0005, 0.003, 0.02])
def test_five_pictures_a_second(update_seconds):
    _, landings = simulate(update_seconds)
    times = [landing.landed_at for landing in landings if landing.picture_seconds is not None][2:]
    assert 4.8 <= (len(times) - 1) / (times[-1] - times[0]) <= 5.05


def test_dear_pictures_and_reports_take_a_small_share():
    _, landings = simulate(0.002, picture_seconds=0.08, report_seconds=0.2)
    total = landings[-1].landed_at
    pictures = sum(landing.picture_seconds or 0 for landing in landings)
    reports = 0.2 * (sum(landing.report_seconds is not None for landing in landings) - 2)  # two to learn it
    assert pictures / total < 0.06
    assert reports / total < 0.03


def test_the_rate_is_by_the_clock_on_the_wall():
    pace, landings = simulate(0.002)
    known = sum(landing.updates for landing in landings) / landings[-1].landed_at
    assert pace.updates_per_second == pytest.approx(known, rel=0.05)
    pace.rest()
    assert pace.updates_per_second is None


def test_longer_sequences_make_the_next_slice_smaller():
    pace, landings = simulate(0.001)
    now = landings[-1].landed_at
    before = pace.plan(now).updates
    pace.stretch(10)
    assert pace.plan(now).updates == pytest.approx(before / 10, abs=1)


@pytest.mark.parametrize("crowd", [2, 5, 15])
@pytest.mark.parametrize("update_seconds", [0.0005, 0.002, 0.006])
def test_in_a_crowd_everybody_has_a_turn_four_times_a_second(crowd, update_seconds):
    _, landings = simulate(update_seconds, crowd=crowd, overhead_seconds=0.001)
    assert len(landings) / landings[-1].landed_at > 4.0


@pytest.mark.parametrize("picture_seconds", [0.006, 0.012])
@pytest.mark.parametrize("slowness", [1.0, 1.4])
def test_dear_pictures_and_a_busy_machine_make_slices_shorter_and_not_turns_rarer(picture_seconds, slowness):
    _, landings = simulate(0.004, picture_seconds, 0.01, 60.0, 0.001, 15, slowness)
    assert len(landings) / landings[-1].landed_at > 4.0


def test_turns_come_no_more_often_than_the_eye_needs():
    _, landings = simulate(0.0005, 0.001, 0.001, 60.0, 0.001, 15, slowness=0.7)
    assert len(landings) / landings[-1].landed_at < 5.0


@pytest.mark.parametrize("crowd", [1, 5, 15, 60])
def test_pictures_and_reports_leave_most_of_the_time_to_training(crowd):
    _, landings = simulate(
        0.001, picture_seconds=0.012, report_seconds=0.03, crowd=crowd, seconds=60.0 * crowd
    )
    worked = sum(landing.landed_at - landing.submitted_at for landing in landings)
    pictures = sum(landing.picture_seconds or 0 for landing in landings)
    reports = sum(landing.report_seconds or 0 for landing in landings)
    assert pictures / worked < (0.07 if crowd == 1 else 0.36)
    assert reports / worked < 0.08


@pytest.mark.parametrize("crowd", [30, 120])
def test_slices_do_not_shrink_to_nothing(crowd):
    _, landings = simulate(0.001, crowd=crowd)
    assert min(landing.train_seconds for landing in landings[1:]) >= 0.0055


@pytest.mark.parametrize("crowd", [1.0, 15.0])
def test_what_somebody_changed_is_in_the_next_picture(crowd):
    pace = Pace()
    pace.landed(Landing(0.0, 0.1, 10, 0.09, 0.01, None))
    pace.show_soon()
    assert pace.plan(0.11, crowd).want_picture


def after_turns(waits, pace):
    """`pace` after a turn of one cheap update at each of `waits`, again and again."""
    now = 0.0
    for _ in range(50):
        for wait in waits:
            plan = pace.plan(now, 15.0)
            pace.landed(Landing(now, now + wait, plan.updates, plan.updates * 0.001, None, None))
            now += wait
    return pace


def test_it_is_the_mean_of_the_waits_that_is_held():
    """Most turns in time and some much too late: by ratios these would even out, on a screen they do not."""
    assert after_turns([0.16, 0.16, 0.16, 0.75], Pace()).breadth == BREADTHS[0]
    assert after_turns([0.16, 0.16, 0.16, 0.4], Pace()).breadth > 1


def test_a_turn_that_shows_no_frame_is_not_counted():
    hurried = after_turns([FRAME_SECONDS / 2, TURN_SECONDS + 0.05], Pace())
    assert hurried.breadth == BREADTHS[0]


@pytest.mark.parametrize(
    ("update_seconds", "crowd", "weight"),
    [
        (0.001, 1.0, 1.0),  # alone
        (0.001, 15.0, 1.0),  # turns of one update are less than a share
        (0.02, 15.0, SPARE * 15 * 0.02 / TURN_SECONDS),
        (0.03, 15.0, MOST_WEIGHT),
        (0.2, 15.0, 1.0),  # beyond help
    ],
)
def test_a_dear_update_has_as_many_shares_as_its_turns_take(update_seconds, crowd, weight):
    pace = Pace(update_seconds=update_seconds)
    assert pace.plan(0.0, crowd).weight == pytest.approx(weight)
