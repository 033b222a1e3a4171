"""The cliff, its walks and the unit's fixed points, as data."""

import numpy as np
import pytest
from state_space import surface

from rnnlab import figures
from rnnlab.analysis import bifurcation, cliff_surface, descend
from rnnlab.figures import style
from rnnlab.figures.landscape import LIFT, VIOLET


def remarks(figure):
    return [annotation.text for annotation in figure.layout.annotations]


def walks(**changed):
    return {"without clipping": descend(**changed), "clipped by norm": descend(clipping="norm", **changed)}


def test_the_surface_is_drawn_as_computed():
    found = surface()
    (drawn,) = figures.cliff(found).data
    np.testing.assert_array_equal(np.array(drawn.z, float), found.error.T)
    np.testing.assert_array_equal(np.array(drawn.surfacecolor, float), found.log10_grad_norm.T)
    assert (len(drawn.x), len(drawn.y)) == (9, 10)
    by_error = figures.cliff(found, colour="error").data[0]
    np.testing.assert_array_equal(np.array(by_error.surfacecolor, float), found.error.T)
    with pytest.raises(ValueError, match="colour must be one of gradient, error, not 'red'"):
        figures.cliff(found, colour="red")


def test_every_walk_is_there_by_name_in_its_colour_just_above_the_surface():
    both = walks()
    figure = figures.cliff(surface(), descents=both)
    _, free, clipped = figure.data
    assert [free.name, clipped.name] == list(both)
    assert (free.line.color, clipped.line.color) == (style.GRADIENT, VIOLET)
    for drawn, walk in zip((free, clipped), both.values(), strict=True):
        np.testing.assert_allclose(drawn.x, walk.w)
        np.testing.assert_allclose(drawn.y, walk.b)
        np.testing.assert_allclose(drawn.z, walk.error + LIFT * surface().error.max())
        np.testing.assert_array_equal(drawn.customdata[:, 1], walk.error)
    assert remarks(figure) == []


def test_what_leaves_the_picture_is_said_and_not_drawn():
    narrow = cliff_surface(np.linspace(3.5, 5, 6), np.linspace(-3, 0, 6))
    figure = figures.cliff(narrow, descents=walks())
    assert remarks(figure) == [
        "without clipping: outside the picture from update 20 on, at (w, b)<br>= (6.46, 2.9)"
    ]
    free = figure.data[1]
    assert free.x[20:] == (None,) * 41
    assert None not in free.x[:20]
    far = figures.cliff(surface(), descents={"far": descend(5.0, -2.6, learning_rate=1e300, updates=3)})
    assert "far: outside the picture from update 1 on" in remarks(far)[0]


def test_holes_are_said():
    found = cliff_surface([np.nan, 4.0, 5.0], [-2.0, -1.0])
    figure = figures.cliff(found)
    assert list(figure.data[0].z[0]) == [None, *found.error[1:, 0]]
    assert remarks(figure) == ["no finite error at 2 of 6 points: not drawn"]


def test_an_animation_walks_all_descents_update_by_update():
    both = walks(updates=5)
    figure = figures.cliff(surface(), descents=both, animated=True)
    assert len(figure.frames) == 6
    assert [step.label for step in figure.layout.sliders[0].steps] == list("012345")
    assert [button.label for button in figure.layout.updatemenus[0].buttons] == ["▶ Play", "❚❚ Pause"]
    for last, frame in enumerate(figure.frames):
        assert frame.traces == (1, 2)
        for drawn, walk in zip(frame.data, both.values(), strict=True):
            np.testing.assert_allclose(drawn.x, walk.w[: last + 1])
    assert len(figure.data[1].x) == 6, "before Play all is seen"


def test_a_shorter_walk_waits_at_its_end():
    figure = figures.cliff(
        surface(), descents={"long": descend(updates=4), "short": descend(updates=2)}, animated=True
    )
    assert [len(frame.data[1].x) for frame in figure.frames] == [1, 2, 3, 3, 3]


def test_branches_are_solid_where_stable_and_dashed_where_not():
    found = bifurcation(np.linspace(-4, -1, 301))
    figure = figures.bifurcation(found)
    stable = [drawn for drawn in figure.data if drawn.legendgroup == "stable"]
    (unstable,) = [drawn for drawn in figure.data if drawn.legendgroup == "unstable"]
    assert [drawn.line.dash for drawn in stable] == ["solid", "solid"]
    assert unstable.line.dash == "dash"
    np.testing.assert_array_equal(np.array(unstable.y, float), found.unstable[1])
    np.testing.assert_array_equal(np.array(stable[0].y, float), found.stable[0])
    assert [drawn.showlegend for drawn in stable] == [True, False]
    assert remarks(figure) == [
        "fold<br>b₂ = -2.656",
        "fold<br>b₁ = -2.344",
        "the cliff: x<sub>0</sub> changes<br>its basin at -2.612",
    ]
    assert [shape.x0 for shape in figure.layout.shapes] == [*found.folds, found.boundary]


def test_without_folds_there_is_one_branch_and_no_mark():
    figure = figures.bifurcation(bifurcation(np.linspace(-4, 0, 11), 3.0))
    assert {drawn.legendgroup for drawn in figure.data[1:]} == {"stable"}
    assert remarks(figure) == []
