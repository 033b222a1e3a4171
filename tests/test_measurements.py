"""Every measurement on every kind of network: figures or one sentence, never anything else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from architectures import SHORT, all_designs, name_of

from rnnlab.config import Settings
from rnnlab.measurements import MEASUREMENTS, Look, figures, measure
from rnnlab.model.cells import CELLS
from rnnlab.training import begin

DEEPEST = {(design.topology, design.cell, design.attention): design for design in all_designs()}
"""The last of each kind: two layers, and two directions where that is possible."""

NETWORKS = [design for design in DEEPEST.values() if design.topology != "one-to-one"]


def settings_of(design):
    return Settings(length=SHORT[design.task])


@pytest.mark.parametrize("design", NETWORKS, ids=name_of)
def test_every_measurement_that_fits_is_drawn(design):
    for name, measurement in MEASUREMENTS.items():
        if not measurement.fits(design):
            continue
        found = measure(name, begin(design), settings_of(design), Look(sequence=1))
        drawn = figures(found, dark=True)
        assert drawn, name
        assert all(figure.data for figure in drawn), name


def answer(name, state, settings):
    """The sentence that a measurement refuses with; None where it can be drawn."""
    try:
        figures(measure(name, state, settings, Look()), dark=False)
    except ValueError as told:
        return str(told)
    return None


def one_time_step():
    return replace(NETWORKS[0], task="next-character", topology="many-to-one", task_options={}), Settings(
        length=1
    )


def test_one_time_step_and_one_unit():
    design, settings = one_time_step()
    for fields in ({}, {"hidden_size": 1}):
        for name, measurement in MEASUREMENTS.items():
            if measurement.fits(design):
                told = answer(name, begin(replace(design, **fields)), settings)
                assert told is None or told.endswith("."), name


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_broken_weights_get_an_answer_or_a_sentence(cell, bad):
    design = next(design for design in NETWORKS if design.cell == cell)
    state = begin(design)
    weights = {name: np.full_like(array, bad) for name, array in state.weights.items()}
    state = replace(state, weights=weights)
    for name, measurement in MEASUREMENTS.items():
        if measurement.fits(design):
            told = answer(name, state, settings_of(design))
            assert told is None or told.endswith("."), name


def test_words_are_two_sentences_or_three_with_a_formula():
    for measurement in MEASUREMENTS.values():
        assert measurement.words.endswith(".")
        assert 2 <= measurement.words.count(". ") + 1 <= 4
        assert "\\" in measurement.formula or "=" in measurement.formula
