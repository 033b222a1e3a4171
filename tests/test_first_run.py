"""The run that the page opens with: made by `rnnlab train --updates 600 --save assets/first-run.npz`."""

from pathlib import Path

import numpy as np
import pytest

import rnnlab
from rnnlab.files import load_run

STORED = load_run(Path(__file__).parents[1] / "assets" / "first-run.npz")


def test_it_is_the_default_experiment():
    assert STORED.state.design == rnnlab.Design()
    assert STORED.settings == rnnlab.default_settings(STORED.state.design)


def test_it_can_be_drawn_without_a_worker():
    assert STORED.picture is not None
    assert {"network", "views", "flow", "flows", "predictions"} <= set(STORED.picture.meta)
    assert STORED.records.update.tolist() == list(range(1, STORED.state.update + 1))
    assert [report.update for report in STORED.reports][-1] == STORED.state.update


def test_it_is_what_training_gives():
    """The same losses again; sums may be ordered otherwise on another kind of processor."""
    _, records = rnnlab.advance(rnnlab.begin(rnnlab.Design()), STORED.settings, 40)
    np.testing.assert_allclose(records.loss, STORED.records.loss[:40], rtol=1e-3)


def test_its_picture_is_of_its_weights():
    trace = rnnlab.trace(STORED.state, STORED.settings)
    flow = rnnlab.analysis.gradient_flow(trace, sequence=0)
    assert STORED.picture is not None
    drawn = STORED.picture.arrays["flow:recurrent/0/forward:median"]
    assert np.log10(flow.norm) == pytest.approx(drawn, abs=1e-3)
