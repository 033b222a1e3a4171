"""The laws of one run, without threads: what it asks for and what it makes of the answers."""

import pickle
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from live.fakes import DESIGN, RAISES, SETTINGS, fake_slice, straight

from rnnlab.files import StoredRun
from rnnlab.live.frames import live_header
from rnnlab.live.run import Run

BUDGET = 1 << 20
FASTER = replace(SETTINGS, learning_rate=0.02)
BREAKING = replace(SETTINGS, learning_rate=9.0)


def new_run(budget=BUDGET):
    return Run("abc", DESIGN, SETTINGS, budget)


class Clock:
    now = 0.0


def fly(run, watched=True):
    """One slice there and back; the job, or None where there was nothing to do."""
    Clock.now += 0.1
    job = run.next_job(Clock.now, watched)
    if job is not None:
        run.land(job, fake_slice(job.request(run.design)), Clock.now, Clock.now + 0.1)
    return job


def fly_all(run):
    for _ in range(1000):
        if not fly(run):
            return
    pytest.fail("it never comes to rest")


def train(run, updates):
    """Exactly `updates` more, one by one."""
    fly_all(run)
    for _ in range(updates):
        run.one_update()
    fly_all(run)


def test_a_new_run_asks_for_the_picture_of_its_first_weights_then_rests():
    run = new_run()
    assert run.word == "starting"
    job = fly(run)
    assert (job.kind, job.state, job.plan.updates, job.plan.want_picture) == ("draw", None, 0, True)
    assert run.word == "paused"
    assert fly(run) is None


def test_one_slice_in_flight():
    run = new_run()
    run.next_job(0, True)
    with pytest.raises(AssertionError, match="one slice"):
        run.next_job(0, True)


@pytest.mark.parametrize("leave", [Run.reset, lambda run: run.rewind(1)])
def test_a_late_answer_is_dropped(leave):
    run = new_run()
    train(run, 4)
    run.play()
    late = run.next_job(0, True)
    leave(run)
    weights = None if run.state is None else run.state.weights["w"].copy()
    furthest = run.history.furthest
    run.land(late, fake_slice(late.request(DESIGN)), 0, 1)
    assert run.history.furthest == furthest
    assert (run.state is None) == (weights is None)
    if weights is not None:
        assert np.array_equal(run.state.weights["w"], weights)


def test_a_late_failure_is_dropped_too():
    run = new_run()
    late = run.next_job(0, True)
    run.reset()
    run.fail(late, "Training stopped")
    assert run.message is None


def test_settings_apply_at_the_next_slice():
    run = new_run()
    train(run, 2)
    run.one_update()
    job = run.next_job(0, True)
    run.change(FASTER)
    run.land(job, fake_slice(job.request(DESIGN)), 0, 1)
    train(run, 1)
    third = straight(3).state
    assert np.array_equal(run.state.weights["w"], straight(1, FASTER, third).state.weights["w"])


def test_settings_that_the_task_does_not_allow_are_refused():
    with pytest.raises(ValueError, match="length"):
        new_run().change(replace(SETTINGS, length=1))


@pytest.mark.parametrize("budget", [BUDGET, 100, 0])
def test_every_update_can_be_had_again_exactly(budget):
    run = new_run(budget)
    train(run, 5)
    run.change(FASTER)
    train(run, 6)
    run.change(SETTINGS)
    train(run, 4)
    states = [straight(0).state]
    for update in range(15):
        states.append(straight(1, FASTER if 5 <= update < 11 else SETTINGS, states[-1]).state)
    for update in (15, 3, 11, 10, 0, 12, 5, 15):
        run.rewind(update)
        fly_all(run)
        assert run.update == update
        assert run.state.weights["w"].tobytes() == states[update].weights["w"].tobytes()
        assert run.status(0).loss == (None if update == 0 else float(states[update].weights["w"][0]))


def test_replay_goes_by_slices_and_says_waiting():
    run = new_run(budget=0)
    run._pace.update_seconds = 0.05  # two or three updates a slice
    train(run, 9)
    run._pace.update_seconds = 0.05
    run.rewind(7)
    assert run.word == "waiting"
    kinds = []
    while run.word == "waiting":
        kinds.append(fly(run).kind)
    assert len(kinds) > 1
    assert set(kinds) == {"replay"}


def test_what_lies_after_a_rewind_stays_until_training_goes_on():
    run = new_run()
    train(run, 8)
    run.rewind(3)
    fly_all(run)
    assert (run.update, run.history.furthest, run.records().rows) == (3, 8, 8)
    run.rewind(7)
    fly_all(run)
    assert run.update == 7
    run.rewind(3)
    run.change(FASTER)
    fly_all(run)
    assert run.history.furthest == 8
    train(run, 1)
    assert (run.update, run.history.furthest, list(run.records().update)) == (4, 4, [1, 2, 3, 4])
    branched = straight(1, FASTER, straight(3).state).state
    assert np.array_equal(run.state.weights["w"], branched.weights["w"])
    run.rewind(8)
    assert run.update == 4


def test_a_run_that_breaks_stops_says_where_and_can_go_back():
    run = new_run()
    train(run, 4)
    run.change(BREAKING)
    run.play()
    fly_all(run)
    status = run.status(0)
    assert (status.status, status.update, status.furthest, status.rewind_to) == ("diverged", 6, 6, 4)
    assert np.isnan(status.loss)
    assert run.records().rows == 6
    run.play()
    run.one_update()
    assert fly(run) is None
    run.rewind(status.rewind_to)
    fly_all(run)
    assert (run.word, run.update, run.history.furthest) == ("paused", 4, 6)
    assert np.isfinite(run.status(0).loss)
    run.rewind(6)
    fly_all(run)
    assert run.word == "diverged"
    run.rewind(5)
    run.change(SETTINGS)
    train(run, 3)
    assert (run.word, run.update) == ("paused", 8)
    assert np.isfinite(run.records().loss).all()


def test_it_trains_only_while_watched_and_draws_where_it_stopped():
    run = new_run()
    fly_all(run)
    run.play()
    assert fly(run).kind == "train"
    assert fly(run).kind == "train"
    kinds = [job.kind for job in islice(iter(lambda: fly(run, watched=False), None), 9)]
    assert kinds in (["draw"], [])
    assert run.seen.drawn[0] == run.update > 0
    assert fly(run, watched=True).kind == "train"


def test_a_pause_draws_and_evaluates_the_last_update():
    run = new_run()
    fly_all(run)
    run.play()
    for _ in range(4):
        fly(run)
    run.pause()
    fly_all(run)
    assert run.content(0.0).picture_update == run.update
    assert run.history.report_at(run.update).update == run.update


def test_several_clicks_on_one_update_while_a_slice_is_in_flight():
    run = new_run()
    fly_all(run)
    run.play()
    job = run.next_job(0, True)
    run.one_update()
    run.one_update()
    run.land(job, fake_slice(job.request(DESIGN)), 0, 1)
    assert run.busy
    before = run.update
    fly_all(run)
    assert run.update == before + 2
    assert not run.busy


def test_a_frame_says_whether_a_pause_has_come_into_force():
    """A slice that was in flight when somebody paused still moves the run."""
    run = new_run()
    fly_all(run)
    run.play()
    settled = [live_header(run.content(0.0))["settled"]]
    job = run.next_job(0, True)
    run.pause()
    settled.append(live_header(run.content(0.0))["settled"])
    run.land(job, fake_slice(job.request(DESIGN)), 0, 1)
    settled.append(live_header(run.content(0.0))["settled"])
    assert settled == [False, False, True]


def test_a_failure_stops_the_run_until_it_is_asked_again():
    run = new_run()
    fly_all(run)
    run.change(replace(SETTINGS, length=RAISES))
    run.play()
    job = run.next_job(0, True)
    run.fail(job, "Training stopped: no such luck")
    assert (run.word, run.status(0).message) == ("stopped", "Training stopped: no such luck")
    assert fly(run) is None
    run.change(SETTINGS)
    run.play()
    assert fly(run).kind == "train"
    assert run.word == "playing"


def test_a_stored_run_is_shown_at_once_and_goes_on():
    made = new_run()
    train(made, 6)
    report, picture, written = made.history.report_at(6), made.picture, made.seen.written
    stored = StoredRun(made.state, SETTINGS, made.records(), (report,), picture, written)
    run = new_run()
    run.restore(stored)
    assert (run.word, run.update, run.history.furthest) == ("paused", 6, 6)
    assert fly(run) is None
    train(run, 2)
    assert np.array_equal(run.state.weights["w"], straight(8).state.weights["w"])
    run.rewind(4)
    fly_all(run)
    assert np.array_equal(run.state.weights["w"], straight(4).state.weights["w"])
    run.reset()
    fly_all(run)
    assert (run.update, run.history.furthest) == (0, 0)


def test_all_states_share_the_runs_own_design():
    """Each comes from a worker with a copy of it, in which a text of a megabyte may be."""
    run = new_run()
    for _ in range(20):
        run.one_update()
        job = run.next_job(Clock.now, True)
        answer = pickle.loads(pickle.dumps(fake_slice(job.request(run.design))))
        run.land(job, answer, Clock.now, Clock.now + 0.1)
    assert {id(state.design) for state in (run.state, run.history.way_to(3))} == {id(run.design)}
    again = new_run()
    again.restore(StoredRun(pickle.loads(pickle.dumps(run.state)), SETTINGS, run.records()))
    assert again.state.design is again.design
