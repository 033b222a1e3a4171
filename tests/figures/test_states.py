"""Trajectories, saturation, fixed points and clipping, as data."""

from dataclasses import replace

import numpy as np
import pytest
from state_space import clipped, moving, resting, saturated
from titles import read

from rnnlab import figures
from rnnlab.analysis import clipping, trajectories
from rnnlab.figures import style
from rnnlab.state import Records


def remarks(figure):
    return [annotation.text for annotation in figure.layout.annotations if annotation.name == "remark"]


def named(figure, name):
    return [drawn for drawn in figure.data if drawn.name == name]


def test_paths_are_the_points_with_both_ends_marked():
    found = moving()
    figure = figures.trajectories(found)
    paths = named(figure, "state h<sub>t</sub>")
    assert len(paths) == 4
    for b, path in enumerate(paths):
        np.testing.assert_allclose(path.x, found.points[0][:, b, 0])
        np.testing.assert_allclose(path.y, found.points[0][:, b, 1])
        assert list(path.customdata) == [1, 2, 3, 4, 5, 6, 7]
    first, last = named(figure, "first time step"), named(figure, "last time step")
    assert [mark.x[0] for mark in first] == list(found.points[0][0, :, 0])
    assert [mark.x[0] for mark in last] == list(found.points[0][-1, :, 0])
    assert first[0].marker.symbol == "circle-open"
    assert sum(drawn.showlegend for drawn in figure.data) == 3
    share = round(100 * found.explained[0])
    assert figure.layout.xaxis.title.text == f"component 1 ({share} %)"


def test_three_dimensions_and_chosen_sequences():
    figure = figures.trajectories(moving(), dimensions=3, sequences=[2])
    assert len(named(figure, "state h<sub>t</sub>")) == 1
    assert figure.data[0].type == "scatter3d"
    assert figure.layout.scene.zaxis.title.text.startswith("component 3")
    assert remarks(figure) == ["1 of 4 sequences"]


def test_one_component_is_drawn_over_time():
    figure = figures.trajectories(moving(1))
    assert figure.layout.xaxis.title.text == "time step t"
    assert figure.layout.yaxis.title.text == "component 1 (100 %)"
    assert list(figure.data[0].x) == [1, 2, 3, 4, 5, 6, 7]


def test_padding_is_left_out_and_states_that_stand_still_are_said():
    found = moving()
    points = found.points[0].copy()
    points[5:, 1] = np.nan
    path = named(figures.trajectories(replace(found, points=(points,))), "state h<sub>t</sub>")[1]
    assert list(path.customdata) == [1, 2, 3, 4, 5]
    assert remarks(figures.trajectories(trajectories(np.ones((3, 2, 4))))) == [
        "the states do not vary at all"
    ]


@pytest.mark.parametrize("dimensions", [2, 3])
def test_fixed_points_lie_in_the_same_picture(dimensions):
    found, fixed = moving(), resting()
    figure = figures.trajectories(found, fixed=fixed, dimensions=dimensions)
    marks = {
        name: named(figure, name)[0] for name in ("stable fixed point", "unstable fixed point", "slow point")
    }
    expected = found.basis.project(fixed.h)
    for n, (mark, symbol) in enumerate(
        zip(marks.values(), ("diamond", "diamond-open", "cross"), strict=True)
    ):
        assert mark.marker.symbol == symbol
        assert (mark.x[0], mark.y[0]) == pytest.approx((expected[n, 0], expected[n, 1]))
    assert marks["unstable fixed point"].text[0].startswith("unstable directions: 1")


def test_fixed_points_show_which_directions_lead_away():
    figure = figures.fixed_points(resting())
    assert read(figure) == "Fixed points: 2, of them stable: 1"
    assert figure.data[1].marker.color[:2] == (style.GRADIENT, style.FORWARD)
    assert list(figure.data[1].y)[:2] == [1.5, 0.3]
    assert figure.layout.xaxis.ticktext == ("1<br>stable", "2<br>unstable", "3<br>slow")
    assert figure.layout.shapes[0].y0 == 1
    some = resting()
    none = {name: getattr(some, name)[:0] for name in ("states", "q", "fixed", "eigenvalues")}
    empty = replace(some, **none)
    assert remarks(figures.fixed_points(empty)) == ["no fixed point found"]


def test_saturation_has_a_panel_for_each_signal():
    figure = figures.saturation(saturated())
    (gate,) = named(figure, "forget gate f")
    assert (list(gate.x), list(gate.y)) == ([0.9, 0.1, 0.0], [0.05, 0.6, 0.0])
    assert [a.text for a in figure.layout.annotations[:2]] == ["forget gate f", "hidden state h"]
    assert figure.layout.xaxis.title.text == "left-saturated"
    assert figure.layout.yaxis.title.text == "right-saturated"


def test_saturation_says_dead_units_and_nans():
    found = saturated(dead=np.array([True, False, False]), always_on=np.array([False, True, True]))
    shares = {"h": replace(found.shares["h"], left=np.array([np.nan, 1.0, 0.0]))}
    figure = figures.saturation(replace(found, shares=shares))
    assert remarks(figure) == [
        "1 of 3 units dead: 0 throughout this batch",
        "2 of 3 units always on: above 0 throughout this batch",
        "hidden state h: units with NaN, not drawn: 1",
    ]
    assert named(figure, "hidden state h")[0].x[0] is None


def test_clipping_draws_both_norms_the_threshold_and_the_angle_below():
    figure = figures.clipping(clipped(angle_degrees=np.array([0.0, 10.0, 0.0, 20.0])))
    before, after, threshold, angle = (
        named(figure, name)[0] for name in ("before clipping", "after clipping", "threshold 1", "angle")
    )
    assert list(before.y) == [4, 2, 0.5, 3]
    assert list(after.y) == [1, 1, 0.5, 1]
    assert list(threshold.y) == [1, 1]
    assert list(angle.y) == [0, 10, 0, 20]
    assert (before.yaxis, angle.yaxis) == (None, "y2")
    assert figure.layout.yaxis2.domain[1] < figure.layout.yaxis.domain[0]
    assert figure.layout.yaxis2.range[1] == pytest.approx(23)
    assert read(figure) == "Clipping 75 % of the last 4 updates shortened"


def test_clipping_by_value_has_no_line_and_says_so():
    figure = figures.clipping(clipped("value", 0.5))
    assert remarks(figure) == ["clipped by value: each number of the gradient at ±0.5"]
    assert read(figures.clipping(clipped("off"))) == "Clipping off"
    empty = figures.clipping(clipping(Records.empty()))
    assert read(empty) == "Clipping no updates yet"
    assert remarks(empty) == ["no updates yet"]


def test_clipping_names_what_it_cannot_draw():
    figure = figures.clipping(clipped(before=np.array([np.inf, 2.0, 0.0, np.nan])))
    assert list(named(figure, "before clipping")[0].y) == [None, 2.0, None, None]
    assert remarks(figure) == [
        "NaN at update 4: not drawn",
        "infinite at update 1: not drawn",
        "exactly 0 at update 3: not drawn",
    ]
