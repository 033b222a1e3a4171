"""A live run with early stopping: where it pauses, what it says, and how one goes on."""

from dataclasses import replace

import numpy as np
import pytest
from live.fakes import DESIGN, SETTINGS, fake_slice, straight

from rnnlab.live.frames import pack, unpack
from rnnlab.live.run import Run
from rnnlab.live.view import View

PATIENT = replace(SETTINGS, early_stopping=250)
EVERY = 50


def valley(bottom):
    """Slices whose held-out loss is lowest at the update `bottom`."""

    def run_slice(request):
        result = fake_slice(request)
        if result.report is None:
            return result
        return result._replace(
            report=result.report._replace(loss=1 + abs(result.state.update - bottom) / 1e3)
        )

    return run_slice


def fly_all(run, slices, most=2000):
    now = getattr(run, "now", 0.0)
    for _ in range(most):
        now += 0.1
        job = run.next_job(now, True)
        run.now = now
        if job is None:
            return
        run.land(job, slices(job.request(run.design)), now, now + 0.1)
    pytest.fail("it never comes to rest")


def stopped(bottom=400, settings=PATIENT):
    run = Run("abc", DESIGN, settings, 1 << 22)
    run.play()
    fly_all(run, valley(bottom))
    return run


def test_it_pauses_when_the_patience_is_over_and_not_before():
    run = stopped()
    assert (run.word, run.playing, run.update) == ("stopped early", False, 400 + 250)
    early = run.status(0).early_stop
    assert (early.update, early.best, early.loss) == (650, 400, 1.0)
    assert [report.update for report in run.history.reports] == list(range(0, 651, EVERY))


def dear(request):
    """Slices of a few updates: each of them takes long."""
    return valley(400)(request)._replace(train_seconds=0.04 * request.updates)


@pytest.mark.parametrize(("patience", "update"), [(250, 650), (270, 700)])
def test_the_pace_of_the_machine_does_not_move_it(patience, update):
    """It stops at a look, not between two."""
    patient = replace(PATIENT, early_stopping=patience)
    slow = Run("abc", DESIGN, patient, 1 << 22)
    slow.play()
    fly_all(slow, dear)
    assert slow.update == stopped(settings=patient).update == update
    assert np.array_equal(slow.state.weights["w"], straight(update).state.weights["w"])


def test_the_weights_are_those_of_a_run_without_it():
    run = stopped()
    assert np.array_equal(run.state.weights["w"], straight(650).state.weights["w"])


def test_it_is_told_with_the_way_back():
    run = stopped()
    header, _ = unpack(pack(run.content(0.0), View()))
    assert header["status"] == "stopped early"
    assert header["early_stop"]["rewind_to"] == 400
    assert "no better held-out loss for 250 updates" in header["early_stop"]["text"]
    assert "The lowest, 1, was at update 400" in header["early_stop"]["text"]
    run.rewind(header["early_stop"]["rewind_to"])
    fly_all(run, valley(400))
    assert (run.word, run.update, run.status(0).early_stop) == ("paused", 400, None)
    assert np.array_equal(run.state.weights["w"], straight(400).state.weights["w"])


def test_the_picture_is_of_the_update_where_it_stopped():
    assert stopped().content(0.0).picture_update == 650


def test_playing_on_counts_the_patience_anew():
    run = stopped()
    run.play()
    assert run.status(0).early_stop is None
    fly_all(run, valley(400))
    assert (run.word, run.update) == ("stopped early", 650 + 250)
    run.rewind(400)
    run.play()
    fly_all(run, valley(400))
    assert run.update == 400 + 250


def test_a_better_loss_gives_patience_anew():
    assert stopped(bottom=1000).update == 1250


def test_other_settings_get_as_much_patience():
    run = Run("abc", DESIGN, PATIENT, 1 << 22)
    run.play()
    while run.update < 600:
        run.now = getattr(run, "now", 0.0) + 0.1
        job = run.next_job(run.now, True)
        run.land(job, valley(400)(job.request(run.design)), run.now, run.now + 0.1)
    at = run.update
    run.change(replace(PATIENT, dropout=0.3))
    fly_all(run, valley(400))
    assert run.update - at >= 250
    assert run.update % EVERY == 0


def test_off_is_off():
    run = Run("abc", DESIGN, SETTINGS, 1 << 22)
    run.play()
    for now in range(1, 100):
        job = run.next_job(float(now), True)
        run.land(job, valley(2)(job.request(DESIGN)), float(now), now + 0.1)
    assert run.word == "playing"
    assert run.update > 1000


@pytest.mark.parametrize("leave", [Run.reset, Run.one_update, lambda run: run.rewind(10)])
def test_the_notice_goes_with_what_is_done_next(leave):
    run = stopped()
    leave(run)
    assert run.status(0).early_stop is None
    assert run.word != "stopped early"


def test_a_branch_begins_without_the_notice():
    branch = stopped().branch("b", 400, replace(PATIENT, dropout=0.3))
    assert branch.status(0).early_stop is None
    branch.play()
    fly_all(branch, valley(400))
    assert (branch.word, branch.update) == ("stopped early", 650)
