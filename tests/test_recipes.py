"""Every recipe breaks as it says, and its remedy mends it: counted in updates, not in seconds."""

from __future__ import annotations

import numpy as np
import pytest

from rnnlab.analysis import gradient_flow
from rnnlab.config import Settings
from rnnlab.recipes import RECIPES, suggested
from rnnlab.state import Records
from rnnlab.tracing import trace
from rnnlab.training import advance, begin


def broken(name):
    design, settings = RECIPES[name].experiment(seed=0)
    return begin(design), settings


def states(state, settings):
    return next(iter(trace(state, settings).layers.values())).h


def learns(name, updates, below):
    design, settings = RECIPES[name].mended(seed=0)
    state, records = advance(begin(design), settings, updates)
    assert state.divergence is None
    assert records.loss[-20:].mean() < below


def stays_at_the_guess(records):
    assert records.loss[-50:].mean() > 0.95 * np.log(4)


def test_exploding():
    state, settings = broken("exploding")
    assert gradient_flow(trace(state, settings)).verdict == "exploding"
    state, records = advance(state, settings, 400)
    assert records.grad_norm.max() > 100
    stays_at_the_guess(records)
    learns("exploding", 1500, below=0.3)


def test_vanishing():
    state, settings = broken("vanishing")
    assert gradient_flow(trace(state, settings)).verdict == "vanishing"
    state, records = advance(state, settings, 400)
    assert gradient_flow(trace(state, settings)).verdict == "vanishing"
    stays_at_the_guess(records)
    learns("vanishing", 600, below=0.3)


def test_saturation():
    state, settings = broken("saturation")
    state, records = advance(state, settings, 200)
    assert (np.abs(states(state, settings)) > 0.9).mean() > 0.9
    assert gradient_flow(trace(state, settings)).verdict == "vanishing"
    stays_at_the_guess(records)
    learns("saturation", 600, below=0.1)


def test_dead_relu():
    state, settings = broken("dead relu")
    state, records = advance(state, settings, 200)
    h_TBH = states(state, settings)
    assert (h_TBH == 0).all(axis=(0, 1)).mean() > 0.95
    assert np.isneginf(gradient_flow(trace(state, settings)).log10_norm[0])
    stays_at_the_guess(records)
    learns("dead relu", 400, below=0.1)


def test_nan():
    state, settings = broken("nan")
    state, records = advance(state, settings, 100)
    assert state.diverged_at is not None
    assert "NaN" in state.divergence.words or "infinite" in state.divergence.words
    remedy = suggested(settings, records, sound=0)
    assert remedy.settings.clipping == "norm"
    mended, _ = advance(broken("nan")[0], remedy.settings, 300)
    assert mended.divergence is None


def test_every_recipe_tells_what_to_watch_and_what_helps():
    for recipe in RECIPES.values():
        assert recipe.watch.endswith(".")
        assert recipe.remedy
        assert recipe.remedy_design or recipe.remedy_settings
        assert recipe.experiment(3)[0].seed == 3
        assert recipe.experiment(0) != recipe.mended(0)


def test_the_suggestion_follows_what_was_measured():
    def records(*norms):
        rows = [(update, 1.0, norm, norm, 0.0, 1.0, 0.1) for update, norm in enumerate(norms, 1)]
        return Records.from_rows(rows)

    off = Settings(clipping="off", learning_rate=0.1)
    assert suggested(off, records(0.24, 0.26, 9e9), sound=2).settings.clip_threshold == 0.2
    assert suggested(off, records(50, 60), sound=2).settings.clip_threshold == 1
    assert suggested(off, records(np.nan), sound=0).settings.clip_threshold == 1
    clipped = suggested(Settings(clipping="norm", learning_rate=0.1), records(1), sound=1)
    assert clipped.settings.learning_rate == pytest.approx(0.01)
    assert clipped.settings.clipping == "norm"
