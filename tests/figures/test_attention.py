"""The attention map as data."""

from __future__ import annotations

import numpy as np
import pytest

from rnnlab import figures
from rnnlab.analysis import AttentionMap
from rnnlab.figures import style

FOUND = AttentionMap(0, np.array([[0.7, 0.2, 0.1], [0.0, 0.25, 0.75]]))


def test_outputs_go_down_and_inputs_across():
    figure = figures.attention_map(FOUND, inputs=["a", "b", "c"], outputs=["x", "<y>"])
    (heat,) = figure.data
    assert heat.z[1][2] == 0.75
    assert (heat.zmin, heat.zmax) == (0, 1)
    assert figure.layout.yaxis.autorange == "reversed"
    assert list(figure.layout.xaxis.ticktext) == ["a", "b", "c"]
    assert list(figure.layout.yaxis.ticktext) == ["x", "<y>"]
    assert heat.customdata[1][0] == "2 “<y>” looks at 1 “a”"
    assert [colour for _, colour in heat.colorscale] == style.SEQUENTIAL


def test_without_names_time_steps_are_numbered():
    figure = figures.attention_map(FOUND)
    assert figure.layout.xaxis.ticktext is None
    assert figure.layout.xaxis.dtick == figure.layout.yaxis.dtick == 1
    assert figure.data[0].customdata[0][2] == "1 looks at 3"


def test_what_is_no_number_is_said_and_not_drawn():
    weights = FOUND.weights.copy()
    weights[0] = np.nan
    figure = figures.attention_map(AttentionMap(0, weights))
    assert list(figure.data[0].z[0]) == [None] * 3
    assert "3 of 6 weights are no numbers: grey" in [one.text for one in figure.layout.annotations]


def test_names_are_one_for_each():
    with pytest.raises(ValueError, match="inputs must be 3, one for each time step, not 2"):
        figures.attention_map(FOUND, inputs=["a", "b"])
    with pytest.raises(ValueError, match="outputs must be 2, one for each time step, not 3"):
        figures.attention_map(FOUND, outputs=["a", "b", "c"])
