"""What could happen to a gradient beside what does: the bound, the gains, predicted and measured decay."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.analysis.bounds import Envelope
from rnnlab.analysis.gains import MEASURED, Gains
from rnnlab.figures.gaps import with_gaps
from rnnlab.figures.lines import add_powers, fit_powers, fit_steps, missing, say
from rnnlab.figures.style import FORWARD, GRADIENT, QUIET, styled, wrapped

Array = NDArray[Any]

BOUND = {"color": QUIET, "width": 3, "dash": "dash"}
REAL = {"color": GRADIENT, "width": 4}


def envelope(found: Envelope, *, dark: bool = False) -> go.Figure:
    """The bound of Pascanu et al. and the measured gradient, with what the bound proves."""
    lines = {"bound": found.log10_bound, "measured": found.log10_measured}
    figure = go.Figure()
    for (name, values), line in zip(lines.items(), (BOUND, REAL), strict=True):
        add_powers(figure, found.time_steps, values, name, line, list(lines.values()))
    fit_powers(figure, list(lines.values()))
    fit_steps(figure, found.time_steps)
    say(figure, missing(found.time_steps, lines, "time step"))
    said = found.words.replace("gamma sigma_max", "γ σ<sub>max</sub>").rstrip(".")
    said = f"{said}; spectral radius {found.spectral_radius:.3g}"
    y = "‖dL/dh<sub>t</sub>‖, last loss alone"
    return styled(figure, "The bound and the gradient", "time step t", y, dark, said)


def gains(found: Gains, *, dark: bool = False) -> go.Figure:
    """The factor by which each time step's Jacobian grows the gradient, and the most it could."""
    logs = {"the most it could": found.largest, "the gradient itself": found.along}
    figure = go.Figure()
    for (name, log), line in zip(logs.items(), (BOUND, REAL), strict=True):
        factors = factor(log)
        style = {"name": name, "line": line, "mode": "lines+markers" if len(log) < 20 else "lines"}
        figure.add_scatter(x=found.time_steps, y=with_gaps(factors), hovertemplate="%{y:.4g}", **style)
    figure.add_hline(y=1, line={"color": QUIET, "width": 1})
    figure.update_yaxes(rangemode="tozero")
    zeros_are_drawn = {name: np.where(log == -np.inf, 0.0, log) for name, log in logs.items()}
    say(figure, missing(found.time_steps, zeros_are_drawn, "time step"))
    fit_steps(figure, found.time_steps)
    mean = factor(found.rates[MEASURED])
    said = f"on average {mean:.3g} along the gradient" if np.isfinite(mean) else ""
    title = "Gain of each time step's Jacobian"
    return styled(figure, title, "time step t", "gain of the gradient's norm", dark, said)


LABEL = 22
"""Letters in one line of a bar's name."""


def factor(log: Any) -> Any:
    """From a natural logarithm; infinite beyond what a float holds."""
    with np.errstate(over="ignore"):
        return np.exp(log)


def decay(found: Gains, *, dark: bool = False) -> go.Figure:
    """Predictions of the growth per time step beside the measured one, as factors."""
    names = list(found.rates)[::-1]
    factors = [float(factor(found.rates[name])) for name in names]
    lengths = [value if np.isfinite(value) else 0.0 for value in factors]
    figure = go.Figure()
    figure.add_bar(
        x=lengths,
        y=[in_lines(name) for name in names],
        orientation="h",
        text=[in_words(value) for value in factors],
        textposition=["auto" if length > 0 else "outside" for length in lengths],
        insidetextanchor="end",
        insidetextfont={"color": "#ffffff", "size": 15},
        textangle=0,
        marker={"color": [GRADIENT if name == MEASURED else FORWARD for name in names]},
        hoverinfo="skip",
    )
    figure.add_vline(x=1, line={"color": QUIET, "width": 2, "dash": "dash"}, layer="below")
    figure.update_layout(showlegend=False, bargap=0.35)
    figure.update_xaxes(range=[0, 1.15 * max([1.0, *lengths])])
    said = "factor of the gradient's norm per time step back; 1 keeps it"
    return styled(figure, "Decay, predicted and measured", "growth per time step", "prediction", dark, said)


def in_words(value: float) -> str:
    """The factor beside its bar; where there is no bar, why."""
    if np.isfinite(value):
        return f"{value:.3g}" if value else "exactly 0"
    return "no number" if np.isnan(value) else "infinite"


def in_lines(name: str) -> str:
    """On lines short enough to stand beside a bar, with an index."""
    name = name.replace("J_t", "J<sub>t</sub>")
    return "<br>".join(wrapped(name.replace(":", ","), LABEL))
