"""The cliff: the error surface of one unit, two walks down it, and the unit's fixed points."""

from typing import Any

import streamlit as st

from pages import teacher
from pages.literal import literally
from rnnlab import figures
from rnnlab.analysis import cliff
from rnnlab.walks import fixed_points, surface, told, walks

CHARTS = {"toImageButtonOptions": {"format": "png", "scale": 2}, "displaylogo": False}

FORMULA = (
    r"x_t = w\,\sigma(x_{t-1}) + b, \quad x_0 = 0.5, \quad E = (\sigma(x_{50}) - 0.7)^2"
    r"\qquad\text{clip: } g \leftarrow g \min\!\left(1, \frac{\theta}{\lVert g \rVert}\right)"
)
"""Pascanu, Mikolov and Bengio 2013, section 2.3 and figure 6."""


def cliff_view() -> None:
    """Start both walks from the same point and see what one long step does."""
    asked = controls()
    head()
    fixed_w = asked.pop("fixed_w")
    try:
        both = walks(**asked)
    except ValueError as wrong:
        st.error(literally(wrong))
        return
    dark = st.context.theme.type == "dark"
    left, right = st.columns([3, 2])
    with left:
        drawn = figures.cliff(surface(), descents=both, animated=True, dark=dark)
        with st.container(key="chart-cliff"):
            st.plotly_chart(drawn, theme=None, key="cliff", config=CHARTS, height="stretch")
    with right:
        drawn = figures.bifurcation(fixed_points(fixed_w), dark=dark)
        with st.container(key="chart-bifurcation"):
            st.plotly_chart(drawn, theme=None, key="bifurcation", config=CHARTS, height="stretch")
        for name, walk in both.items():
            st.markdown(f"**{name}**: {told(walk)}")


def head() -> None:
    """What is seen, in words, and its formula on demand."""
    with st.container(horizontal=True, vertical_alignment="center", key="cliff-head"):
        st.markdown(
            "One unit without input, unrolled over 50 time steps: the height is its error over its weight "
            "*w* and bias *b*. At the cliff the gradient is many times what it is beside it: **one step "
            "without clipping is thrown off, with clipping it stays near and comes down.** Play shows both.",
            help="Where w is well above 4, the cliff is where the start state changes its basin of "
            "attraction; the walk meets its beginning. The start was chosen so that this is seen; most "
            "others are not thrown off.",
        )
        with st.popover("Formula"):
            st.latex(FORMULA)


def controls() -> dict[str, Any]:
    """Where both walks start, and how they step."""
    w, b = cliff.DESCENT_START
    with st.sidebar:
        if teacher.shown("cliff_start"):
            st.markdown("**Both walks start at**")
        with st.container(horizontal=True):
            start_w = number("cliff_start", "w", cliff.W_RANGE, w, key="cliff w", step=0.1)
            start_b = number("cliff_start", "b", cliff.B_RANGE, b, key="cliff b", step=0.1)
        rate, threshold = cliff.LEARNING_RATE, cliff.CLIP_THRESHOLD
        return {
            "w": start_w,
            "b": start_b,
            "learning_rate": number("learning_rate", "Learning rate", (0.01, 10.0), rate, key="cliff rate"),
            "clipping": kind_control(),
            "clip_threshold": number(
                "clip_threshold",
                "Clip threshold",
                (0.001, 10.0),
                threshold,
                key="cliff threshold",
                format="%g",
            ),
            "updates": slider("cliff_updates", "Updates", (10, 200), cliff.UPDATES, key="cliff updates"),
            "fixed_w": slider(
                "fixed_w", "Fixed points at w =", (3.0, 8.0), 5.0, key="cliff fixed w", step=0.1
            ),
        }


def number(name: str, label: str, between: tuple[float, float], first: float, **more: Any) -> float:
    """A number that a person sets; the first, where it is hidden."""
    if not teacher.shown(name):
        return float(first)
    return float(st.number_input(label, *between, first, **teacher.ways(name), **more))


def slider(name: str, label: str, between: tuple[float, float], first: float, **more: Any) -> Any:
    return st.slider(label, *between, first, **teacher.ways(name), **more) if teacher.shown(name) else first


def kind_control() -> str:
    kinds = ["norm", "value"]
    if not teacher.shown("clipping"):
        return kinds[0]
    return str(st.selectbox("Clip by", kinds, key="cliff kind", **teacher.ways("clipping")))
