"""The triangle, the reach and the saliency as data."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
from titles import read
from triangles import salient, triangle

from rnnlab import figures
from rnnlab.analysis import reach
from rnnlab.figures import style
from rnnlab.figures.powers import number, power_ticks


def remarks(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def test_the_triangle_has_losses_down_and_time_steps_across():
    figure = figures.loss_contributions(triangle())
    (heat,) = figure.data
    assert heat.z[3][1] == pytest.approx(-2)
    assert heat.z[1][3] is None
    assert list(heat.x) == list(heat.y) == [1, 2, 3, 4, 5, 6]
    assert figure.layout.yaxis.autorange == "reversed"
    assert (heat.zmin, heat.zmax) == (-5, 0)
    assert heat.colorbar.ticktext[-1] == "10<sup>0</sup>"
    assert remarks(figure) == ["grey: exactly 0"]
    assert [colour for _, colour in heat.colorscale] == style.SEQUENTIAL


def test_shares_are_signed_and_centred_on_zero():
    figure = figures.loss_contributions(triangle(), mode="shares")
    (heat,) = figure.data
    assert (heat.zmin, heat.zmax) == (-1, 1)
    assert [colour for _, colour in heat.colorscale] == style.DIVERGING
    assert heat.z[0][0] == pytest.approx(triangle().shares[0, 0])
    assert heat.z[0][1] is None


def test_norms_beyond_the_colours_are_said_to_be_there():
    figure = figures.loss_contributions(triangle(1e-60))
    (heat,) = figure.data
    assert (heat.zmin, heat.zmax) == (-16, 0)
    assert heat.z[5][0] == -300
    assert any(remark.startswith("palest: 16 powers of ten below") for remark in remarks(figure))


def test_what_is_no_number_and_what_has_no_loss_is_said():
    log10 = triangle().log10_norm.copy()
    log10[2, 1] = np.nan
    has_loss = np.array([False, True, True, True, True, True])
    figure = figures.loss_contributions(triangle(log10_norm=log10, has_loss=has_loss))
    assert figure.data[0].z[2][1] is None
    assert "1 of 36 are no finite numbers: not drawn" in remarks(figure)
    assert "1 of 6 outputs have no loss" in remarks(figure)


def test_a_long_triangle_is_thinned_and_says_so():
    figure = figures.loss_contributions(triangle(0.99, 600))
    assert list(figure.data[0].x)[:3] == [1, 4, 7]
    assert len(figure.data[0].z) == 200
    assert "one in 3 time steps is drawn" in remarks(figure)


def test_no_gradient_at_all_and_one_loss():
    nothing = triangle(log10_norm=np.full((6, 6), -np.inf), shares=np.full((6, 6), np.nan))
    for mode in ("norm", "shares"):
        assert remarks(figures.loss_contributions(nothing, mode=mode)) == ["grey: exactly 0"]
    one = triangle(log10_norm=np.zeros((1, 6)), shares=np.ones((1, 6)), has_loss=np.array([True]))
    assert figures.loss_contributions(one).layout.yaxis.dtick == 1


def test_a_mode_there_is_not():
    with pytest.raises(ValueError, match="mode must be one of norm, shares, not 'log'"):
        figures.loss_contributions(triangle(), mode="log")


def test_reach_draws_the_median_by_lag_with_its_line():
    figure = figures.reach(reach(triangle(0.5)))
    by_name = {drawn.name: drawn for drawn in figure.data}
    assert list(by_name["median"].y) == pytest.approx([1, 0.5, 0.25, 0.125, 0.0625, 0.03125])
    assert list(by_name["straight line"].y) == pytest.approx(list(by_name["median"].y))
    assert by_name["median"].line.color == style.GRADIENT
    assert figure.layout.yaxis.type == "log"
    assert read(figure) == "Reach: healthy each loss's gradient halves every 1 time steps"


def test_reach_below_the_smallest_float_is_drawn_by_its_logarithms():
    figure = figures.reach(reach(triangle(1e-80)))
    by_name = {drawn.name: drawn for drawn in figure.data}
    assert by_name["median"].y[5] == pytest.approx(-400)
    assert figure.layout.yaxis.type == "linear"
    assert "10<sup>−400</sup>" in figure.layout.yaxis.ticktext


def test_reach_of_nothing_has_words():
    one = triangle(length=1)
    assert remarks(figures.reach(reach(one))) == ["one time step: nothing to reach back to"]
    nothing = triangle(log10_norm=np.full((6, 6), -np.inf))
    assert read(figures.reach(reach(nothing))) == "Reach: none through time"


def test_a_cut_is_said_to_be_exactly_0():
    log10 = triangle().log10_norm.copy()
    log10[3:, :3] = -np.inf
    figure = figures.reach(reach(triangle(log10_norm=log10)))
    assert any(remark.startswith("exactly 0 at lags 2") for remark in remarks(figure))


def test_saliency_is_bars_with_the_inputs_below():
    figure = figures.saliency(salient([-2, -1, 0]), labels=["A", "n", "n"])
    (bars,) = figure.data
    assert isinstance(bars, go.Bar)
    assert list(bars.y) == pytest.approx([0.01, 0.1, 1])
    assert list(figure.layout.xaxis.ticktext) == ["A", "n", "n"]
    with pytest.raises(ValueError, match="labels must be 3, one for each time step, not 2"):
        figures.saliency(salient([-2, -1, 0]), labels=["A", "n"])


def test_saliency_over_many_powers_of_ten_is_points_on_a_log_axis():
    figure = figures.saliency(salient([-12, -np.inf, -1, 0]))
    (points,) = figure.data
    assert points.y[1] is None
    assert figure.layout.yaxis.type == "log"
    assert "exactly 0 at time step 2" in remarks(figure)
    tiny = figures.saliency(salient([-400, -200, 0]))
    assert list(tiny.data[0].y) == [-400, -200, 0]


def test_ticks_and_numbers_in_powers_of_ten():
    values, texts = power_ticks(-520, 3)
    assert values == [-500, -400, -300, -200, -100, 0]
    assert texts[0] == "10<sup>−500</sup>"
    values, texts = power_ticks(-0.4, 0.8)
    assert texts == ["0.5", "1", "2", "5"]
    for low, high in [(0.0, 0.05), (-6.31, -6.3), (-0.1, 0.1), (2.9, 3.4)]:
        values, texts = power_ticks(low, high)
        assert len(values) > 2
        assert low <= min(values)
        assert max(values) <= high
        assert len(set(texts)) == len(texts), "no two ticks with the same words"
    assert [number(v) for v in (0.5, -433.7, -np.inf, np.nan, np.log10(9.99) - 12)] == [
        "3.16",
        "2.0 × 10<sup>−434</sup>",
        "0",
        "no number",
        "1.0 × 10<sup>−11</sup>",
    ]
