"""Figures as data: what is drawn where, in which colour, and what is said where nothing can be drawn."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
import state_space
from spectra import SPECTRA
from titles import read
from triangles import salient, triangle

from rnnlab import figures
from rnnlab.analysis import AttentionMap, GradientFlow, reach
from rnnlab.figures import style
from rnnlab.figures.gaps import runs
from rnnlab.layers import layer_words
from rnnlab.state import LayerTrace, Records

T, B, H = 6, 3, 4


def flow(norm=(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1), **changed) -> GradientFlow:
    with np.errstate(divide="ignore"):
        log10_T = np.log10(np.array(norm))
    made = GradientFlow(
        layers=("recurrent/0/forward",),
        parts=(len(log10_T),),
        state="h",
        log10_norm=log10_T,
        log10_low=log10_T - np.log10(2),
        log10_high=log10_T + np.log10(2),
        rate=-float(np.log(10)),
        log10_ratio=-5.0,
        verdict="vanishing",
        reverse=False,
    )
    return replace(made, **changed)


def layer(**changed) -> LayerTrace:
    h = np.linspace(-0.9, 0.9, T * B * H).reshape(T, B, H)
    valid = np.ones((T, B), bool)
    valid[4:, 1] = False
    made = LayerTrace(
        name="recurrent/0/forward",
        reverse=False,
        valid=valid,
        h=h,
        c=3 * h,
        gates={"i": (h + 1) / 2, "g": h},
        grad_h=h / 1000,
        grad_c=None,
        start=(),
    )
    return replace(made, **changed)


def records(loss=(3.0, 2.0, 1.0), norm=(4.0, 2.0, 0.5), clipped=(1.0, 1.0, 0.5)) -> Records:
    rows = [
        (u, a, b, c, 0.0, 1.0, 0.1) for u, (a, b, c) in enumerate(zip(loss, norm, clipped, strict=True), 1)
    ]
    return Records.from_rows(rows)


SAMPLES = {
    **state_space.SAMPLES,
    "gradient_flow": flow(),
    "hidden_states": layer(),
    "loss": records(),
    "gradient_norm": records(),
    "loss_contributions": triangle(),
    "reach": reach(triangle()),
    "saliency": salient([-2.0, -1.0, 0.0]),
    "attention_map": AttentionMap(0, np.array([[0.7, 0.2, 0.1], [0.0, 0.25, 0.75]])),
    **SPECTRA,
}


def remarks(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def trace(figure: go.Figure, name: str):
    (found,) = [drawn for drawn in figure.data if drawn.name == name]
    return found


@pytest.mark.parametrize("name", list(figures.FIGURES))
@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_is_data_first_titled_and_follows_the_theme(name, dark):
    figure = figures.FIGURES[name](SAMPLES[name], dark=dark)
    assert figure.layout.title.text
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
    assert figure.layout.paper_bgcolor == style.SURFACES[dark][0]
    assert getattr(figures, name) is figures.FIGURES[name]
    figure.to_json()


def test_colours_of_the_series_are_the_same_in_light_and_dark():
    for name, sample in SAMPLES.items():
        light, dark = (without_maps(figures.FIGURES[name](sample, dark=dark)) for dark in (False, True))
        assert light == dark


def without_maps(figure: go.Figure) -> list[str]:
    """The series of a figure as text; a map's colours follow the page."""
    drawn = [series.to_plotly_json() | {"colorscale": None} for series in figure.data]
    return [str(sorted(series.items())) for series in drawn]


def test_long_titles_and_remarks_are_broken_into_lines_that_a_narrow_chart_holds():
    figure = go.Figure(go.Scatter(x=[1], y=[1]))
    style.note(figure, "remark " * 30)
    style.note(figure, "another")
    styled = style.styled(figure, "title " * 20, "x", "y", dark=True, said="what is said " * 12)
    lines = styled.layout.title.text.split("<br>")
    assert all(style.letters(line) <= 72 for line in lines)
    assert len(lines) == 3 + 3
    first, second = styled.layout.annotations
    assert max(map(len, first.text.split("<br>"))) <= 66
    assert second.yshift == 4 * style.LINE[12], "above the four lines of the first"
    assert styled.layout.margin.t > 3 * style.LINE[16] + 3 * style.LINE[13] + 5 * style.LINE[12]


def test_where_nothing_is_drawn_the_remark_stands_in_the_middle_without_scales():
    figure = go.Figure(go.Scatter(x=[1, 2], y=[None, None], name="line"))
    style.note(figure, "exactly 0 everywhere")
    style.styled(figure, "title", "x", "y", dark=False)
    (remark,) = figure.layout.annotations
    assert (remark.text, remark.x, remark.y, remark.yshift) == ("exactly 0 everywhere", 0.5, 0.5, 0)
    assert not figure.layout.yaxis.showticklabels
    assert not figure.layout.showlegend


def test_a_legend_has_room_below_the_axis():
    def below(names):
        figure = go.Figure([go.Scatter(x=[1], y=[1], name=name) for name in names])
        return style.styled(figure, "title", "x", "y", dark=False).layout.margin.b

    assert below(["only"]) < below(["one", "two"]) < below(["a line with a very long name"] * 5)


@pytest.mark.parametrize("dark", [False, True])
def test_words_beside_the_matter_can_be_read(dark):
    low, high = sorted([luminance(style.MUTED[dark]), luminance(style.SURFACES[dark][0])])
    assert (high + 0.05) / (low + 0.05) >= 4.5
    assert (
        figures.loss_contributions(triangle(), dark=dark).layout.annotations[0].font.color
        == style.MUTED[dark]
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("recurrent/0/forward", "layer 1"),
        ("recurrent/1/backward", "layer 2 backward"),
        ("encoder/1/backward", "encoder layer 2 backward"),
    ],
)
def test_layers_are_called_as_a_person_calls_them(name, words):
    assert layer_words(name) == words


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("colour", [style.FORWARD, style.GRADIENT, style.PREDICTION, style.QUIET])
def test_colours_stand_out_from_both_backgrounds(colour, dark):
    low, high = sorted([luminance(colour), luminance(style.SURFACES[dark][0])])
    assert (high + 0.05) / (low + 0.05) >= 3


def test_maps_keep_their_order_without_hues():
    sequential = [luminance(colour) for colour in style.SEQUENTIAL]
    assert sequential == sorted(sequential, reverse=True)
    diverging = [luminance(colour) for colour in style.DIVERGING]
    middle = len(diverging) // 2
    assert diverging[: middle + 1] == sorted(diverging[: middle + 1])
    assert diverging[middle:] == sorted(diverging[middle:], reverse=True)


def test_maps_on_a_dark_page_glow_where_values_are_large():
    sequential = [luminance(colour) for colour in style.DARK_SEQUENTIAL]
    assert sequential == sorted(sequential)
    diverging = [luminance(colour) for colour in style.DARK_DIVERGING]
    middle = len(diverging) // 2
    assert diverging[: middle + 1] == sorted(diverging[: middle + 1], reverse=True)
    assert diverging[middle:] == sorted(diverging[middle:])


def test_gradient_flow_draws_the_median_on_a_log_axis_and_says_the_verdict():
    figure = figures.gradient_flow(flow())
    median = trace(figure, "median")
    assert list(median.x) == [1, 2, 3, 4, 5, 6]
    assert list(median.y) == pytest.approx([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1], rel=1e-12)
    assert median.line.color == style.GRADIENT
    assert figure.layout.yaxis.type == "log"
    assert read(figure) == "Gradient flow: vanishing halves every 0.301 time steps on its way back"
    assert remarks(figure) == []


def test_gradient_flow_band_outlines_both_quantiles():
    (band,) = [drawn for drawn in figures.gradient_flow(flow()).data if drawn.legendgroup == "band"]
    assert list(band.x) == [1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1]
    assert list(band.y[:6]) == pytest.approx([2e-6, 2e-5, 2e-4, 2e-3, 2e-2, 2e-1], rel=1e-12)
    assert list(band.y[6:]) == pytest.approx([5e-2, 5e-3, 5e-4, 5e-5, 5e-6, 5e-7], rel=1e-12)


def test_gradient_flow_says_where_the_norm_is_exactly_zero():
    figure = figures.gradient_flow(flow([0, 0, 1e-3, 1e-2, 1e-1, 1]))
    assert list(trace(figure, "median").y[:3]) == [None, None, pytest.approx(1e-3)]
    assert remarks(figure) == ["exactly 0 at time steps 1–2"]
    (mark,) = figure.layout.annotations
    assert (mark.x, mark.xanchor) == (1, "left")
    (bar,) = figure.layout.shapes
    assert (bar.x0, bar.x1) == (0.6, 2.4)


def test_gradient_flow_all_zero_is_drawn_with_words_only():
    figure = figures.gradient_flow(flow([0] * 6, rate=np.nan, verdict="none"))
    assert read(figure) == "Gradient flow: none through time"
    assert remarks(figure) == ["exactly 0 at time steps 1–6"]
    assert set(trace(figure, "median").y) == {None}


def test_gradient_flow_breaks_at_what_is_not_a_number_and_says_so():
    figure = figures.gradient_flow(flow([np.nan, 1e-5, np.inf, 1e-3, 1e-2, 1e-1]))
    assert list(trace(figure, "median").y[:4]) == [None, pytest.approx(1e-5), None, pytest.approx(1e-3)]
    assert remarks(figure) == [
        "no number at time step 1: not drawn",
        "infinite at time step 3: not drawn",
    ]
    assert sum(drawn.legendgroup == "band" for drawn in figure.data) == 2


def test_gradient_flow_band_with_a_lower_edge_of_zero_ends_at_the_axis():
    low = np.array([-np.inf, -np.inf, -5, -4, -3, -2])
    figure = figures.gradient_flow(flow(log10_low=low))
    (band,) = [drawn for drawn in figure.data if drawn.legendgroup == "band"]
    assert min(band.y) > 0
    assert "the band reaches exactly 0 at 2 time steps" in remarks(figure)


def test_gradient_flow_below_the_smallest_float_is_drawn_by_its_logarithms():
    log10 = np.linspace(-520, 0, 6)
    figure = figures.gradient_flow(flow(log10_norm=log10, log10_low=log10 - 1, log10_high=log10 + 1))
    assert list(trace(figure, "median").y) == list(log10)
    axis = figure.layout.yaxis
    assert axis.type == "linear"
    assert dict(zip(axis.tickvals, axis.ticktext, strict=True))[-500] == "10<sup>−500</sup>"
    assert trace(figure, "median").customdata[0] == "1.0 × 10<sup>−520</sup>"
    assert remarks(figure) == []


def test_gradient_flow_names_encoder_and_decoder():
    two = flow(layers=("encoder/0/forward", "decoder/0/forward"), parts=(4, 2), verdict="healthy")
    figure = figures.gradient_flow(two)
    assert remarks(figure) == ["encoder layer 1", "decoder layer 1"]
    assert figure.layout.shapes[0].x0 == 4.5


def test_hidden_states_are_units_by_valid_time_steps():
    figure = figures.hidden_states(layer(), sequence=1)
    (heat,) = figure.data
    np.testing.assert_array_equal(np.array(heat.z, float), layer().h[:4, 1].T)
    assert list(heat.x) == [1, 2, 3, 4]
    assert list(heat.y) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("quantity", "low", "high", "colours"),
    [
        ("h", -1, 1, style.DIVERGING),
        ("c", -2.7, 2.7, style.DIVERGING),
        ("g", -1, 1, style.DIVERGING),
        ("i", 0, 1, style.SEQUENTIAL),
        ("grad_h", -0.0009, 0.0009, style.DIVERGING),
    ],
)
def test_signed_values_are_centred_on_zero_and_gates_are_not(quantity, low, high, colours):
    symmetric = layer(h=np.where(layer().valid[:, :, None], layer().h, 0))
    whole = replace(symmetric, valid=np.ones((T, 1), bool))
    (heat,) = figures.hidden_states(whole, quantity=quantity).data
    assert (heat.zmin, heat.zmax) == pytest.approx((low, high))
    assert [colour for _, colour in heat.colorscale] == colours


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"quantity": "grad_c"}, "quantity must be one of h, c, i, g, grad_h, not 'grad_c'."),
        ({"sequence": 3}, "sequence must be a whole number from 0 to 2, not 3."),
    ],
)
def test_hidden_states_refuse_what_the_trace_does_not_have(asked, words):
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        figures.hidden_states(layer(), **asked)
    assert str(refused.value) == words


def test_hidden_states_leave_what_is_not_finite_blank_and_say_so():
    h = layer().h.copy()
    h[0, 0, 0], h[1, 0, 2] = np.nan, np.inf
    figure = figures.hidden_states(layer(h=h))
    assert figure.data[0].z[0][0] is None
    assert figure.data[0].z[2][1] is None
    assert remarks(figure) == ["2 of 24 values are not finite: grey"]


def test_loss_has_its_baseline_and_breaks_at_nan():
    figure = figures.loss(records(loss=(3.0, np.nan, 1.0)), baseline=2.5)
    assert list(trace(figure, "training loss").y) == [3.0, None, 1.0]
    assert trace(figure, "training loss").line.color == style.FORWARD
    assert list(trace(figure, "baseline 2.5").y) == [2.5, 2.5]
    assert remarks(figure) == ["NaN at update 2: not drawn"]


def test_gradient_norm_says_how_many_updates_were_clipped():
    figure = figures.gradient_norm(records(), threshold=1.0)
    assert list(trace(figure, "before clipping").y) == [4.0, 2.0, 0.5]
    assert list(trace(figure, "after clipping").y) == [1.0, 1.0, 0.5]
    assert list(trace(figure, "threshold 1").x) == [1, 3]
    assert read(figure) == "Gradient norm 66.7 % of 3 updates clipped"
    assert figure.layout.yaxis.type == "log"


def test_many_stretches_of_zeros_are_told_in_one_remark():
    norm = np.tile([0.0, 1.0], 5)
    figure = figures.gradient_norm(records(norm, norm, norm))
    assert remarks(figure) == ["exactly 0 at updates 1, 3, 5 and 2 more stretches: not drawn"]


@pytest.mark.parametrize("name", ["loss", "gradient_norm"])
def test_a_run_without_updates_is_said_to_have_none(name):
    figure = figures.FIGURES[name](Records.empty())
    assert remarks(figure) == ["no updates yet"]


def test_runs_are_the_unbroken_stretches():
    assert runs(np.array([True, True, False, True])) == [slice(0, 2), slice(3, 4)]
    assert runs(np.array([], bool)) == []


def test_figures_load_no_torch_and_no_streamlit_and_their_package_no_plotly():
    script = (
        "import sys, rnnlab; rnnlab.figures; assert 'plotly' not in sys.modules; "
        "assert len(rnnlab.figures.FIGURES) >= 4; "
        "print([name for name in ('torch', 'streamlit') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
