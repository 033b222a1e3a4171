"""Figures of spectra, bounds, gains and memories, as data."""

import numpy as np
import pytest
from spectra import envelope, gains, gate_memory, spectrum
from titles import read

from rnnlab import figures
from rnnlab.analysis.gains import EXPONENT, LARGEST, MEAN, MEASURED, REST
from rnnlab.figures import style


def texts(figure):
    return [annotation.text for annotation in figure.layout.annotations]


def named(figure, name):
    (found,) = [drawn for drawn in figure.data if drawn.name == name]
    return found


def test_eigenvalues_stand_in_the_plane_with_the_unit_circle_at_equal_scales():
    figure = figures.eigenvalues(spectrum())
    (points,) = figure.data
    np.testing.assert_array_equal(points.x, [0.3, 0.3, -0.2])
    np.testing.assert_array_equal(points.y, [0.6, -0.6, 0])
    (circle,) = figure.layout.shapes
    assert (circle.type, circle.x0, circle.x1, circle.y0, circle.y1) == ("circle", -1, 1, -1, 1)
    assert figure.layout.yaxis.scaleanchor == "x"
    assert read(figure) == "Eigenvalues of W<sub>hh</sub>: spectral radius 0.67"
    assert texts(figure) == []


def test_weights_are_blue_and_jacobians_orange_with_a_symbol_each():
    figure = figures.eigenvalues([spectrum(), spectrum(name="J_5", radius=2.0)])
    weights, jacobian = figure.data
    assert weights.marker.line.color == style.FORWARD
    assert jacobian.marker.line.color == style.GRADIENT
    assert weights.marker.symbol != jacobian.marker.symbol
    assert jacobian.name == "J<sub>5</sub>: radius 2, σ<sub>max</sub> 0.9"
    assert figure.layout.xaxis.range == (-2.24, 2.24)


def test_what_one_time_step_may_grow_and_what_has_no_eigenvalues_is_said():
    nan = float("nan")
    broken = spectrum(name="J_2", eigenvalues=np.full(3, complex(nan, nan)), radius=nan, sigma_max=nan)
    figure = figures.eigenvalues([broken, spectrum(sigma_max=1.4)])
    assert len(figure.data[0].x) == 0
    assert texts(figure)[0].startswith("J<sub>2</sub>: not all entries are finite numbers")
    assert "they may grow first" in read(figure)
    assert figure.layout.xaxis.range == (-1.12, 1.12)


def test_singular_values_are_drawn_from_their_logarithms():
    log = np.log(10) * np.array([[0.0, -1, -2, -3, -4], [-1, -2, -4, -6, -8], [-2, -4, -8, -12, -16]])
    figure = figures.singular_values(log, from_end=True)
    assert [line.name for line in figure.data] == [
        "largest",
        "upper quarter",
        "median",
        "lower quarter",
        "smallest",
    ]
    np.testing.assert_allclose(named(figure, "largest").y, [1, 0.1, 0.01])
    np.testing.assert_allclose(named(figure, "smallest").y, [1e-4, 1e-8, 1e-16])
    assert named(figure, "largest").line.color == style.GRADIENT
    assert figure.layout.xaxis.title.text == "time steps back from the last"


def test_values_that_no_float_holds_have_their_place():
    log = np.log(10) * np.array([[0.0, -300.0], [-1.0, -600.0]])
    figure = figures.singular_values(log)
    assert figure.layout.yaxis.type == "linear"
    np.testing.assert_allclose(named(figure, "smallest").y, [-300, -600])
    assert named(figure, "smallest").customdata[1] == "1.0 × 10<sup>−600</sup>"


def test_singular_values_of_exactly_zero_are_said():
    figure = figures.singular_values(np.array([[0.0, -1.0], [-1.0, -np.inf]]))
    assert named(figure, "smallest").y[1] is None
    assert "smallest: exactly 0 at distance 2, not drawn" in texts(figure)[0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([-0.5, -1.0], "largest -0.5, memory 2 time steps"),
        ([0.3, -1.0], "largest +0.3, differences grow"),
        ([0.0, -1.0], "largest +0, differences neither grow nor shrink"),
        ([-np.inf, -np.inf], "all is forgotten at once"),
        ([np.nan, np.nan], "no numbers"),
    ],
)
def test_the_largest_exponent_is_told_with_the_time_it_was_measured_over(values, words):
    figure = figures.lyapunov(np.array(values), time_steps=1000)
    assert read(figure) == f"Lyapunov exponents finite-time, over 1,000 time steps: {words}"


def test_what_all_lines_lack_is_said_once():
    figure = figures.singular_values(np.full((3, 2), -np.inf))
    assert texts(figure) == ["all: exactly 0 at distances 1–3, not drawn"]


def test_exponents_are_bars_orange_where_differences_grow():
    figure = figures.lyapunov(np.array([0.3, -1.0, -np.inf]))
    (bars,) = figure.data
    assert list(bars.x) == [1, 2]
    assert list(bars.y) == [0.3, -1.0]
    assert list(bars.marker.color) == [style.GRADIENT, style.FORWARD]
    assert texts(figure) == ["1 of 3 are −∞, not drawn: directions that are mapped to exactly<br>nothing"]


def test_the_bound_and_the_gradient_share_a_log_axis_with_what_is_proved():
    figure = figures.envelope(envelope())
    np.testing.assert_allclose(named(figure, "bound").y, [1000, 100, 10, 1])
    np.testing.assert_allclose(named(figure, "measured").y, [1e-6, 1e-4, 1e-2, 1])
    assert named(figure, "measured").line.color == style.GRADIENT
    assert figure.layout.yaxis.type == "log"
    words = "γ σ<sub>max</sub> = 10 > 1: necessary, not sufficient; spectral radius 0.5"
    assert read(figure) == f"The bound and the gradient {words}"


def test_the_envelope_says_where_the_gradient_is_exactly_zero():
    figure = figures.envelope(envelope(log10_measured=np.array([-np.inf, -np.inf, -2.0, 0.0])))
    assert list(named(figure, "measured").y[:2]) == [None, None]
    assert texts(figure) == ["measured: exactly 0 at time steps 1–2, not drawn"]


def test_gains_are_factors_with_a_line_at_one():
    figure = figures.gains(gains())
    np.testing.assert_allclose(named(figure, "the gradient itself").y, [0.5, 0.6, 0.7, 0.8])
    np.testing.assert_allclose(named(figure, "the most it could").y, [1.1, 1.2, 1.3, 1.4])
    assert figure.layout.shapes[0].y0 == 1
    assert read(figure).endswith("on average 0.7 along the gradient")


def test_a_gain_of_zero_is_drawn_and_one_that_is_none_is_said():
    figure = figures.gains(gains(along=np.array([np.nan, -np.inf, 0.0, 0.0])))
    assert list(named(figure, "the gradient itself").y) == [None, 0, 1, 1]
    assert texts(figure) == ["the gradient itself: no number at time step 1, not drawn"]


def test_predictions_stand_beside_what_was_measured():
    (bars,) = figures.decay(gains()).data
    assert len(bars.y) == 5
    assert bars.y[-1].replace("<br>", " ") == MEASURED, "uppermost"
    np.testing.assert_allclose(bars.x, [0.5, 0.65, 0.6, 1.3, 0.7])
    assert list(bars.marker.color) == [style.FORWARD] * 4 + [style.GRADIENT]


def test_predictions_that_are_no_numbers_are_said():
    figure = figures.decay(
        gains(rates={MEASURED: -np.inf, LARGEST: 0.0, EXPONENT: np.nan, MEAN: 0.0, REST: 0.0})
    )
    (bars,) = figure.data
    assert list(bars.x) == [1, 1, 0, 1, 0]
    assert list(bars.text) == ["1", "1", "no number", "1", "exactly 0"]


def test_memory_shows_the_gates_path_beside_the_whole_gradient():
    figure = figures.memory(gate_memory())
    np.testing.assert_allclose(np.log10(list(named(figure, "along f alone").y)), [-0.3, -0.2, -0.1, 0])
    np.testing.assert_allclose(
        np.log10(list(named(figure, "whole dL/dc<sub>t</sub>").y)), [-0.2, -0.15, -0.1, 0]
    )
    np.testing.assert_allclose(np.log10(list(named(figure, "most lasting unit").y)), [-0.15, -0.1, -0.05, 0])
    np.testing.assert_allclose(np.log10(list(named(figure, "least lasting unit").y)), [-0.9, -0.6, -0.3, 0])
    assert read(figure).endswith("halves in 3.79 time steps")


def test_time_constants_go_from_the_longest_with_the_units_name():
    figure = figures.time_constants(gate_memory())
    points, length = figure.data
    assert list(points.y) == [9.49, 1.44]
    assert [row[0] for row in points.customdata] == [2, 1]
    assert list(length.y) == [4, 4]
    assert figure.layout.yaxis.type == "log"


def test_units_that_never_forget_are_counted():
    figure = figures.time_constants(gate_memory(time_constant=np.array([np.inf, 2.0])))
    assert list(figure.data[0].y) == [2.0]
    assert texts(figure) == ["1 of 2 units are not drawn: 0, infinite or no number"]
    assert read(figure).endswith("median infinite")
    broken = figures.time_constants(gate_memory(time_constant=np.array([np.nan, np.nan])))
    assert read(broken).endswith("median no number")


@pytest.mark.parametrize("name", ["envelope", "gains", "decay", "memory", "time_constants"])
def test_a_single_time_step_and_nothing_but_nan_are_drawn_without_a_warning(name):
    made = {
        "envelope": envelope,
        "gains": gains,
        "decay": gains,
        "memory": gate_memory,
        "time_constants": gate_memory,
    }
    sample = made[name]()
    fields = {field: value for field, value in vars(sample).items() if isinstance(value, np.ndarray)}
    per_step = {field: value for field, value in fields.items() if len(value) == len(sample.time_steps)}
    figures.FIGURES[name](made[name](**{field: value[:1] for field, value in per_step.items()})).to_json()
    empty = {field: value * np.nan for field, value in fields.items() if field != "time_steps"}
    figures.FIGURES[name](made[name](**empty)).to_json()
