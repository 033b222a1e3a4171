"""Settings stretch by stretch, and a run that goes on through what it knows."""

from dataclasses import replace

import numpy as np
import pytest
from live.fakes import DESIGN, SETTINGS, fake_slice, straight

from rnnlab.live.run import Run
from rnnlab.live.stretches import Stretch, in_force, parting, untried

FASTER = replace(SETTINGS, learning_rate=0.02)
SLOWER = replace(SETTINGS, learning_rate=0.001)
PAST = (Stretch(0, SETTINGS), Stretch(6, FASTER))


def landed(run, updates=0, watched=True):
    """The run after all that it asks for; the slices of training by their updates."""
    for _ in range(updates):
        run.one_update()
    sizes = []
    for now in range(200):
        job = run.next_job(float(now), watched)
        if job is None:
            break
        if job.kind == "train":
            sizes.append(job.plan.updates)
        run.land(job, fake_slice(job.request(run.design, run.kind)), float(now), now + 0.5)
    return sizes


def trained():
    """Six updates, then four faster ones."""
    run = Run("abc", DESIGN, SETTINGS, 1 << 20)
    landed(run, 6)
    run.change(FASTER)
    landed(run, 4)
    return run


@pytest.mark.parametrize(("update", "settings"), [(0, SETTINGS), (5, SETTINGS), (6, FASTER), (10, FASTER)])
def test_what_was_in_force(update, settings):
    assert in_force(PAST, update) == settings


def test_a_change_that_was_played_is_tried_and_another_is_not():
    assert not untried(PAST, 6, SETTINGS)
    assert not untried(PAST, 6, FASTER)
    assert untried(PAST, 6, SLOWER)
    assert untried(PAST, 3, FASTER)


@pytest.mark.parametrize(
    ("update", "settings", "leaves_at"),
    [(3, SETTINGS, 6), (3, FASTER, 3), (6, FASTER, None), (8, FASTER, None), (8, SETTINGS, 8)],
)
def test_where_a_run_that_goes_on_leaves_what_is_known(update, settings, leaves_at):
    assert parting(PAST, update, settings) == leaves_at


def test_a_run_says_its_stretches():
    assert trained().status(0).stretches == PAST


def test_playing_on_after_a_rewind_keeps_what_is_known_and_gives_the_same_numbers():
    run = trained()
    losses, weights = run.records().loss, run.state.weights["w"]
    run.rewind(6)
    run.change(FASTER)
    run.play()
    seen = []
    for now in range(3):
        job = run.next_job(float(now), watched=True)
        seen.append(job.plan.updates)
        run.land(job, fake_slice(job.request(run.design, run.kind)), float(now), now + 0.5)
        if run.update == 10:
            break
    assert run.update == run.history.furthest == 10
    assert np.array_equal(run.state.weights["w"], weights)
    assert np.array_equal(run.records().loss, losses)


def test_going_on_stops_where_the_settings_changed():
    run = trained()
    run.rewind(4)
    run.change(SETTINGS)
    assert landed(run, 2) == [1, 1]
    assert run.history.furthest == 10
    landed(run, 1)
    assert run.history.furthest == 7, "the seventh update is another one now"
    assert np.array_equal(run.state.weights["w"], straight(7).state.weights["w"])


def test_a_broken_run_breaks_again_at_the_same_update():
    run = Run("abc", DESIGN, replace(SETTINGS, learning_rate=9.0), 1 << 20)
    landed(run, 5)
    assert run.diverged
    broke_at = run.update
    run.rewind(1)
    landed(run, broke_at)
    assert run.diverged
    assert (run.update, run.history.furthest) == (broke_at, broke_at)


def test_a_run_on_its_way_says_where_to():
    run = trained()
    run.history._snapshots.fit(0)
    run.rewind(5)
    assert run.status(0).going_to == 5
    landed(run)
    assert run.status(0).going_to is None
