"""What a person checks is what the chart shows."""

from __future__ import annotations

import numpy as np
import pytest

from rnnlab.analysis import gradient_flow
from rnnlab.analysis.flow import flow_through
from rnnlab.config import Design, Settings, default_settings
from rnnlab.live.checking import check_next_update, check_one, check_point
from rnnlab.live.gradient_picture import without_padding
from rnnlab.live.picture import SHOWN, levels
from rnnlab.tracing import trace
from rnnlab.training import advance, begin

DESIGNS = {
    "one length": Design(task="temporal-order", cell="gru", hidden_size=6),
    "unequal lengths": Design(task="nationality", cell="lstm", hidden_size=5, bidirectional=True),
    "two parts": Design(task="dates", cell="lstm", hidden_size=5, layers=2),
    "a loss at every time step": Design(task="copy", cell="rnn", hidden_size=5),
}


@pytest.fixture(params=DESIGNS)
def case(request):
    design = DESIGNS[request.param]
    settings = default_settings(design)
    return begin(design), settings, trace(begin(design), settings)


def test_the_gradients_page(case):
    state, settings, traced = case
    for letter in ("h", "c")[: 1 + (state.design.cell == "lstm")]:
        flow = without_padding(gradient_flow(traced, state=letter), traced)
        assert not np.isnan(flow.log10_norm).any()
        for time_step in (1, 5, len(flow.norm)):
            plotted = flow.log10_norm[time_step - 1]
            place, check = check_point(state, settings, "", letter, time_step)
            assert place.log10_norm == pytest.approx(plotted, abs=1e-12)
            assert check.log10_analytic == pytest.approx(plotted, abs=1e-12)
            if check.resolved:
                assert check.relative_error < 1e-5


def test_the_lab(case):
    state, settings, traced = case
    for name, same in levels(traced).items():
        flow = flow_through(traced, [layer.name for layer in same], "h", sequence=SHOWN)
        for time_step in (1, len(flow.norm)):
            _, check = check_point(state, settings, name, "h", time_step)
            assert check.log10_analytic == pytest.approx(flow.log10_norm[time_step - 1], abs=1e-12)
            if check.resolved:
                assert check.relative_error < 1e-5


def test_one_sequence_in_any_layer(case):
    state, settings, traced = case
    for name, layer in traced.layers.items():
        last = int(layer.valid[:, 3].sum())
        check = check_one(state, settings, name, "h", last, 3)
        assert (check.layer, check.sequence, check.time_step) == (name, 3, last)
        assert check.analytic == pytest.approx(np.linalg.norm(layer.grad_h[last - 1, 3]), rel=1e-9)
        assert check.relative_error < 1e-5


def test_the_next_update_s_gradient_is_the_one_that_will_be_recorded():
    design = Design(task="temporal-order", cell="gru", hidden_size=6, batch_size=4)
    settings = Settings(length=12, clipping="off")
    state, _ = advance(begin(design), settings, 5)
    check = check_next_update(state, settings)
    _, records = advance(state, settings, 1)
    assert check.analytic == pytest.approx(records.grad_norm[0], rel=1e-4)
    assert check.relative_error < 1e-6


def test_what_the_chart_does_not_show_is_refused():
    design = Design(task="temporal-order", cell="gru", hidden_size=6)
    with pytest.raises(ValueError, match="time_step"):
        check_point(begin(design), Settings(length=12), "", "h", 13)
