"""What could happen to a gradient beside what does: the bound, the gains, predicted and measured decay."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.analysis.bounds import Envelope
from rnnlab.analysis.gains import MEASURED, Gains
from rnnlab.figures.gaps import with_gaps
from rnnlab.figures.lines import add_powers, fit_powers, fit_steps, missing, say_below
from rnnlab.figures.style import FORWARD, GRADIENT, QUIET, styled

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
    said = found.words.replace("gamma sigma_max", "γ σ<sub>max</sub>").replace(": ", ":<br>")
    say_below(figure, [*missing(found.time_steps, lines, "time step"), said])
    radius = f"spectral radius {found.spectral_radius:.3g}"
    title = f"Bound and gradient: γ σ<sub>max</sub> = {found.factor:.3g}, {radius}"
    return styled(figure, title, "time step t", "||dL/dh<sub>t</sub>||, last loss alone", dark)


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
    say_below(figure, missing(found.time_steps, zeros_are_drawn, "time step"))
    fit_steps(figure, found.time_steps)
    mean = factor(found.rates[MEASURED])
    title = f"Gain of each time step's Jacobian: on average {mean:.3g} along the gradient"
    return styled(figure, title, "time step t", "gain of the gradient's norm", dark)


def factor(log: Any) -> Any:
    """From a natural logarithm; infinite beyond what a float holds."""
    with np.errstate(over="ignore"):
        return np.exp(log)


def decay(found: Gains, *, dark: bool = False) -> go.Figure:
    """Predictions of the growth per time step beside the measured one, as factors."""
    names = [name for name in found.rates if np.isfinite(found.rates[name])][::-1]
    factors = [float(factor(found.rates[name])) for name in names]
    figure = go.Figure()
    figure.add_bar(
        x=factors,
        y=[wrapped(name) for name in names],
        orientation="h",
        text=[f"{factor:.3g}" for factor in factors],
        textposition="outside",
        marker={"color": [GRADIENT if name == MEASURED else FORWARD for name in names]},
        hoverinfo="skip",
    )
    figure.add_vline(x=1, line={"color": QUIET, "width": 2, "dash": "dash"})
    odd = {name: rate for name, rate in found.rates.items() if not np.isfinite(rate)}
    say_below(
        figure, [f"{name}: {'exactly 0' if rate == -np.inf else 'no number'}" for name, rate in odd.items()]
    )
    figure.update_layout(showlegend=False, bargap=0.35)
    figure.update_xaxes(range=[0, 1.15 * max([1.0, *factors])])
    title = "Decay of the gradient: predicted and measured"
    return styled(figure, title, "growth per time step", "", dark).update_yaxes(title="what predicts it")


def wrapped(name: str) -> str:
    """On two lines, broken before the explanation, with an index."""
    name = name.replace("J_t", "J<sub>t</sub>")
    return name.replace(": ", ",<br>").replace(", finite-time", ",<br>finite-time")
