"""What the page says of a gradient's flow."""

import numpy as np
import pytest

from rnnlab import Design, Settings, begin, default_settings, trace
from rnnlab.analysis import GradientFlow, gradient_flow
from rnnlab.analysis.flow import verdict as kind_of
from rnnlab.live.verdict import pace, portion, power_of_ten, verdict


def flow_of(norm) -> GradientFlow:
    return flow_of_logs(np.log10(np.array(norm, np.float64)))


def flow_of_logs(log10) -> GradientFlow:
    there = np.isfinite(log10)
    line = np.polyfit(np.flatnonzero(there), log10[there], 1) if there.sum() > 1 else (np.nan,)
    rate = -float(line[0] * np.log(10))
    with np.errstate(invalid="ignore"):
        ratio = float(log10[0] - log10[-1])
    return GradientFlow(
        ("recurrent/0/forward",), (len(log10),), "h", log10, log10, log10, rate, ratio, kind_of(ratio), False
    )


def a_trace(task="nationality"):
    design = Design(task=task, hidden_size=4)
    return trace(begin(design), default_settings(design), sequences=4)


@pytest.mark.parametrize(
    ("factor", "kind", "title", "part"),
    [
        (0.5, "vanishing", "Gradient vanishes.", "halves every time step"),
        (0.8, "healthy", "Gradient shrinks, but arrives.", "1 % of its size"),
        (0.99, "healthy", "Gradient reaches the start.", "83 % of its size at the last."),
        (1.2, "healthy", "Gradient grows on its way back.", "doubles every 3.8 time steps"),
        (2.0, "exploding", "Gradient explodes.", "524,288 times its size"),
    ],
)
def test_an_even_decay_over_twenty_time_steps(factor, kind, title, part):
    said = verdict(flow_of(factor ** np.arange(20)[::-1]), a_trace())
    assert (said["kind"], said["title"]) == (kind, title)
    assert part in said["text"]


def test_no_half_life_where_the_decay_is_not_even():
    assert pace(flow_of([40_000, 300, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])) == ""


def test_no_judgement_where_each_time_step_has_its_own_loss():
    traced = a_trace("language-model")
    said = verdict(gradient_flow(traced, sequence=0), traced)
    assert said["kind"] == "none"
    assert said["title"] == "Each time step has its own loss."


def test_a_last_time_step_without_a_loss_is_not_taken_for_all():
    traced = a_trace("look-ahead")
    flow = gradient_flow(traced)
    assert flow.log10_norm[-1] == -np.inf
    assert np.isfinite(flow.log10_norm[0])
    assert verdict(flow, traced)["title"] == "Each time step has its own loss."


def test_exactly_0_is_said_as_such():
    said = verdict(flow_of_logs(np.array([-np.inf, -3.0, -1.0, 0.0])), a_trace())
    assert said["title"] == "Gradient vanishes."
    assert said["text"] == "At the first time step it is exactly 0."
    assert verdict(flow_of_logs(np.full(4, -np.inf)), a_trace())["text"] == "The gradient is exactly 0."


def test_an_encoder_is_judged_by_what_comes_from_the_decoder():
    traced = a_trace("dates")
    assert verdict(gradient_flow(traced, sequence=0), traced)["kind"] != "none"


def test_how_ratios_are_written():
    logs = np.log10([0.5, 3e-12, 41_125.0, 2e30])
    assert [portion(log10) for log10 in logs] == [
        "50 % of",
        "3 × 10⁻¹² of",
        "41,125 times",
        "2 × 10³⁰ times",
    ]
    assert power_of_ten(-308) == "1 × 10⁻³⁰⁸"
    assert power_of_ten(-433.7) == "2 × 10⁻⁴³⁴"
    assert power_of_ten(np.log10(9.99) - 12) == "1 × 10⁻¹¹"


def test_a_gradient_too_small_for_a_float_has_its_size_told():
    said = verdict(flow_of_logs(np.linspace(-522.4, 0, 1000)), a_trace())
    assert said["title"] == "Gradient vanishes."
    assert (
        said["text"]
        == "At the first time step: 4 × 10⁻⁵²³ of its size at the last; halves every 0.58 time steps."
    )


def test_a_gradient_that_is_cut_has_not_vanished():
    design = Design(task="temporal-order", cell="gru", hidden_size=4)
    settings = Settings(length=20, tbptt_window=5)
    cut = trace(begin(design), settings, sequences=4)
    said = verdict(gradient_flow(cut), cut)
    assert (said["kind"], said["title"]) == ("none", "Gradient is cut.")
    assert "after 5 time steps" in said["text"]
    whole = trace(begin(design), Settings(length=20, tbptt_window=40), sequences=4)
    assert verdict(gradient_flow(whole), whole)["title"] != "Gradient is cut."
