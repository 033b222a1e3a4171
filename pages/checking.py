"""Check this number: a plotted gradient beside finite differences, on the spot, in a dialog."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from pages.literal import literally
from rnnlab.analysis import GradientCheck
from rnnlab.analysis.checked import AGREES
from rnnlab.layers import layer_words
from rnnlab.live.checking import Place, check_next_update, check_one, check_point
from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun

WEIGHTS = "weights"
FORMULA = (
    r"\frac{L(h_t + \varepsilon u) - L(h_t - \varepsilon u)}{2\varepsilon}"
    r"\;\approx\; \left\lVert \frac{dL}{dh_t} \right\rVert"
    r"\qquad u = \frac{dL}{dh_t} \Big/ \left\lVert \frac{dL}{dh_t} \right\rVert"
)


def ask(token: str, label: str, asked: Mapping[str, Any]) -> None:
    """A person pressed the button: the run pauses, so that what is checked is what is shown."""
    with suppress(UnknownRun):
        engine().pause(token)
    st.session_state["check"] = (token, label, dict(asked))


def answer() -> None:
    """Open the dialog, where somebody asked."""
    if asked := st.session_state.pop("check", None):
        dialog(*asked)


@st.dialog("Check this number", width="large")
def dialog(token: str, label: str, asked: Mapping[str, Any]) -> None:
    try:
        state, settings = engine().state(token), engine().snapshot(token).settings
    except UnknownRun as gone:
        st.info(str(gone))
        return
    if state is None:
        st.info("The run has no weights yet: wait for its first picture.")
        return
    try:
        with st.spinner("Nudging, and running the network again…"):
            if asked["state"] == WEIGHTS:
                show_next_update(label, state.update, engine().compute(check_next_update, state, settings))
                return
            where = (asked.get("layer", ""), asked["state"], int(asked["time_step"]))
            if "sequence" in asked:
                one = engine().compute(check_one, state, settings, *where, int(asked["sequence"]))
                show_one(label, state.update, one)
                return
            place, check = engine().compute(check_point, state, settings, *where)
        show_point(label, state.update, where[2], place, check)
    except (ValueError, KeyError, TypeError) as wrong:
        st.error(literally(wrong))


def show_point(label: str, update: int, time_step: int, place: Place, check: GradientCheck) -> None:
    st.markdown(
        f"The norm of **dL/d{check.state}** at time step **{time_step}**, {label}, update {update:,}. "
        f"The chart shows the median of the held-out sequences; at this time step it is that of sequence "
        f"{place.sequence + 1}{own_time(time_step, place)}."
    )
    show_state(check)


def own_time(time_step: int, place: Place) -> str:
    """How a sequence counts a time step of the chart, where a shorter one or a decoder begins later."""
    return "" if place.time_step == time_step else f", which counts it as time step {place.time_step}"


def show_one(label: str, update: int, check: GradientCheck) -> None:
    assert check.layer is not None
    assert check.sequence is not None
    st.markdown(
        f"The norm of **dL/d{check.state}** at time step **{check.time_step}** in "
        f"{layer_words(check.layer)}, {label}, update {update:,}, of held-out sequence "
        f"{check.sequence + 1}: along every path, from all losses together."
    )
    show_state(check)


def show_state(check: GradientCheck) -> None:
    show_values(check, "running the network again with the state nudged")
    st.caption("What was done: the state is nudged along its own gradient, forth and back.")
    st.latex(FORMULA.replace("h_t", f"{check.state}_t"))


def show_next_update(label: str, update: int, check: GradientCheck) -> None:
    st.markdown(
        f"The norm of the **whole gradient** of {label} for update {update + 1:,}, on that update's own "
        "training batch." + (" Press One update, and it stands on the chart." if check.resolved else "")
    )
    show_values(check, "running the network again with all weights nudged")
    st.caption("What was done: all weights are nudged along the gradient, forth and back.")
    st.latex(FORMULA.replace("h_t", r"\theta"))


def show_values(check: GradientCheck, how: str) -> None:
    """The two values and the relative error, side by side."""
    plotted, nudged, error = st.columns(3)
    plotted.metric("by backpropagation", number(check.analytic, check.log10_analytic))
    nudged.metric(
        f"by {how}", number(check.numeric, check.log10_numeric) if check.resolved else "not resolved"
    )
    error.metric("relative error", shown_error(check.relative_error) if check.resolved else "–")
    (st.success if check.resolved and check.relative_error <= AGREES else st.info)(check.words)


def shown_error(error: float) -> str:
    """Below 1e-15 the two are the same number to all the digits that float64 has."""
    return f"{error:.1e}" if error > 1e-15 else "< 1e-15"


def number(value: float, log10: float) -> str:
    """Seven figures; a power of ten where float64 has no such number any more."""
    if value == 0 and log10 > float("-inf"):
        return f"10^{log10:.2f}"
    return f"{value:.7g}"
