"""Figures of answers, as data."""

from __future__ import annotations

import numpy as np
import pytest
from titles import read

from rnnlab.figures import probing as drawn
from rnnlab.figures import probing_forecast, probing_text, style
from rnnlab.probing import Tracked


def remarks(figure):
    return [annotation.text for annotation in figure.layout.annotations if annotation.name == "remark"]


def named(figure, name):
    (found,) = [one for one in figure.data if one.name == name]
    return found


CHANCES_TO = np.array([[0.2, 0.5, 0.05, 0.05, 0.1, 0.1], [0.1, 0.1, 0.65, 0.0, 0.05, 0.1]])
TRACKED = [
    Tracked("brackets", "recurrent/0/forward", 4, 0.9, "h", 0.2, 400, 8),
    Tracked("vowel", "recurrent/1/forward", 0, -0.1, "c", 0.15, 400, 8),
]


def all_figures(dark=False):
    return [
        drawn.label_probabilities(CHANCES_TO, list("abcdef"), dark=dark),
        drawn.likely([[("a", 0.9)], [("b", 0.5)]], dark=dark),
        drawn.tracked_units(TRACKED, dark=dark),
        probing_text.mattered(np.array([0.1, 2.0]), dark=dark),
        probing_text.unit_values(np.array([0.1, -0.4]), unit=2, layer="encoder/0/forward", dark=dark),
        probing_text.downstream({"recurrent/0/forward": np.arange(3.0)}, np.array([0.5]), dark=dark),
        probing_forecast.forecast(np.arange(4.0), np.arange(2.0), {"network": np.ones(2)}, dark=dark),
    ]


@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_is_titled_and_follows_the_theme(dark):
    for figure in all_figures(dark):
        assert read(figure)
        assert figure.layout.paper_bgcolor == style.SURFACES[dark][0]
        assert figure.to_json()


def luminance(colour):
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", drawn.LABEL_COLOURS)
@pytest.mark.parametrize("dark", [False, True])
def test_colours_of_labels_stand_out_from_both_backgrounds(colour, dark):
    low, high = sorted([luminance(colour), luminance(style.SURFACES[dark][0])])
    assert (high + 0.05) / (low + 0.05) >= 3


def test_the_five_labels_with_the_highest_peaks_are_drawn():
    figure = drawn.label_probabilities(CHANCES_TO, list("abcdef"), characters=["x", "y"])
    assert [line.name for line in figure.data] == ["c", "b", "a", "e", "f"]
    assert list(named(figure, "b").y) == [0.5, 0.1]
    assert remarks(figure) == ["the 5 most probable of 6 labels"]
    assert figure.layout.xaxis.ticktext == ("x", "y")
    assert remarks(drawn.label_probabilities(CHANCES_TO[:, :2], ["a", "b"])) == []


def test_characters_are_one_for_each_time_step():
    for draw in (
        lambda c: drawn.label_probabilities(CHANCES_TO, list("abcdef"), characters=c),
        lambda c: drawn.likely([[], []], characters=c),
        lambda c: probing_text.mattered(np.ones(2), characters=c),
        lambda c: probing_text.unit_values(np.ones(2), unit=0, layer="recurrent/0/forward", characters=c),
    ):
        with pytest.raises(ValueError, match="characters must be 2, one for each time step, not 3"):
            draw(["a", "b", "c"])
    many = probing_text.mattered(np.ones(80), characters=["a"] * 80)
    assert many.layout.xaxis.ticktext is None
    assert list(many.data[0].customdata) == ["a"] * 80


def test_likely_labels_stand_in_their_fields():
    figure = drawn.likely([[("a", 0.9), ("b", 0.1)], [("c", 1.0)]])
    assert [list(row) for row in figure.data[0].text] == [["a", "c"], ["b", ""]]
    assert [list(row) for row in figure.data[0].z] == [[0.9, 1.0], [0.1, None]]
    assert remarks(drawn.likely([])) == ["no probabilities: the outputs are numbers"]


def test_tracked_units_have_a_bar_and_a_mark_for_chance():
    figure = drawn.tracked_units(TRACKED, names={"brackets": "Bracket depth"})
    bar = named(figure, "correlation")
    assert (list(bar.x), list(bar.y)) == ([0.9], ["Bracket depth: unit 5 of layer 1"])
    chance = named(figure, "no more than by chance")
    assert (list(chance.x), list(chance.y)) == ([-0.1], ["vowel: c of unit 1 of layer 2"])
    assert list(named(figure, "what chance reaches").x) == [0.15, 0.2, -0.15, -0.2]
    assert remarks(figure) == ["400 time steps of 8 held-out sequences"]
    assert remarks(drawn.tracked_units([])) == ["nothing known varies in the held-out sequences"]


def test_what_mattered():
    figure = probing_text.mattered(np.array([0.5, np.nan, 2.0]), characters=list("abc"))
    assert list(figure.data[0].y) == [0.5, None, 2.0]
    assert figure.data[0].marker.color == style.GRADIENT
    assert remarks(figure) == ["NaN at time step 2: not drawn"]
    assert remarks(probing_text.mattered(np.zeros(2))) == ["exactly 0 everywhere: no input matters"]


def test_a_unit_is_coloured_as_in_the_map_of_states():
    figure = probing_text.unit_values(
        np.array([0.5, -2.0]), unit=2, layer="recurrent/1/forward", quantity="c"
    )
    bar = figure.data[0]
    assert (bar.marker.cmin, bar.marker.cmax) == (-2, 2)
    assert read(figure).startswith("c of unit 3 of layer 2")
    gate = probing_text.unit_values(np.array([0.5]), unit=0, layer="recurrent/0/forward", quantity="f")
    assert (gate.data[0].marker.cmin, gate.data[0].marker.cmax) == (0, 1)
    candidate = probing_text.unit_values(np.array([0.5]), unit=0, layer="recurrent/0/forward", quantity="g")
    assert candidate.data[0].marker.cmin == -1


def test_downstream_has_the_states_above_and_the_outputs_below():
    states = {
        "recurrent/0/forward": np.array([0.0, 1.0, 2.0]),
        "recurrent/1/forward": np.array([0.0, 3.0, 1.0]),
    }
    figure = probing_text.downstream(states, np.array([0.25]), characters=list("abc"), changed=[1])
    assert list(named(figure, "layer 2").y) == [0, 3, 1]
    assert list(named(figure, "probability that moved").y) == [0.25]
    assert figure.layout.shapes[0].x0 == 2
    assert figure.layout.xaxis.ticktext == ("a", "b", "c")
    still = probing_text.downstream({"recurrent/0/forward": np.zeros(3)}, np.zeros(1))
    assert remarks(still) == ["nothing changes"]


def test_a_forecast_goes_on_from_the_last_value_known():
    figure = probing_forecast.forecast(
        np.array([1.0, 2.0, 3.0]),
        np.array([4.0, np.nan]),
        {"network": np.array([3.5, 4.5]), "persistence": np.array([3.0, 3.0])},
        unit="°C",
        errors={"network": 0.5, "persistence": 1.25},
    )
    assert list(named(figure, "known").x) == [-2, -1, 0]
    assert list(named(figure, "what came").y) == [3, 4, None]
    network = named(figure, "network, off by 0.5 °C")
    assert (list(network.x), list(network.y)) == ([0, 1, 2], [3, 3.5, 4.5])
    assert network.line.color == style.PREDICTION
    assert named(figure, "persistence: the last value again, off by 1.25 °C").line.color == style.QUIET
    assert figure.layout.yaxis.title.text == "°C"
    exploded = probing_forecast.forecast(np.ones(2), np.ones(1), {"network": np.array([np.inf])})
    assert remarks(exploded) == ["infinite at network: time step 1: not drawn"]
