"""Spectra: eigenvalues in the complex plane, singular values of products, Lyapunov exponents.

T time steps, S state size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from rnnlab.analysis.eigen import Spectrum
from rnnlab.figures.lines import add_powers, fit_powers, fit_steps, missing, say, whole_ticks
from rnnlab.figures.powers import number
from rnnlab.figures.style import FORWARD, GRADIENT, QUIET, faint, note, styled

Array = NDArray[Any]

SYMBOLS = ("circle", "diamond", "square", "cross", "triangle-up", "x")

SHARES = {"largest": 0.0, "upper quarter": 0.25, "median": 0.5, "lower quarter": 0.75, "smallest": 1.0}
"""Which of the sorted singular values are drawn, by their place from the largest to the smallest."""


def eigenvalues(spectra: Spectrum | Sequence[Spectrum], *, dark: bool = False) -> go.Figure:
    """Eigenvalues of one or more matrices in the complex plane with the unit circle.

    Blue for weights, orange for Jacobians. The legend gives each spectral radius.
    """
    found = [spectra] if isinstance(spectra, Spectrum) else list(spectra)
    figure = go.Figure()
    figure.add_shape(type="circle", x0=-1, x1=1, y0=-1, y1=1, line={"color": QUIET, "width": 2})
    for symbol, spectrum in zip(SYMBOLS * len(found), found, strict=False):
        add_points(figure, spectrum, symbol)
    say_special(figure, found)
    reach = 1.12 * max([1.0, *(s.radius for s in found if np.isfinite(s.radius))])
    styled(figure, title_of_radii(found), "real part", "imaginary part", dark, first_growth(found))
    beside = {"orientation": "v", "x": 1.02, "xref": "paper", "y": 1, "yref": "paper", "yanchor": "top"}
    beside |= {"itemsizing": "constant"}
    figure.update_layout(hovermode="closest", legend=beside, showlegend=True, margin={"b": 58})
    figure.update_xaxes(range=[-reach, reach], constrain="domain")
    return figure.update_yaxes(range=[-reach, reach], scaleanchor="x", constrain="domain")


def add_points(figure: go.Figure, spectrum: Spectrum, symbol: str) -> None:
    good = spectrum.eigenvalues[np.isfinite(spectrum.eigenvalues)]
    colour = GRADIENT if spectrum.name.startswith("J") else FORWARD
    figure.add_scatter(
        x=good.real,
        y=good.imag,
        customdata=np.abs(good),
        hovertemplate="%{x:.3g} %{y:+.3g} i, modulus %{customdata:.3g}",
        mode="markers",
        name=in_legend(spectrum),
        marker={
            "symbol": symbol,
            "size": 10,
            "color": faint(colour, 0.55),
            "line": {"color": colour, "width": 1.5},
        },
    )


def in_legend(spectrum: Spectrum) -> str:
    sigma_max = f"σ<sub>max</sub> {spectrum.sigma_max:.3g}"
    return f"{pretty(spectrum.name)}: radius {spectrum.radius:.3g}, {sigma_max}"


def pretty(name: str) -> str:
    """W_hh as it is printed, with an index."""
    letter, _, index = name.partition("_")
    return f"{letter}<sub>{index}</sub>" if index else letter or "matrix"


def title_of_radii(found: Sequence[Spectrum]) -> str:
    if len(found) == 1:
        return f"Eigenvalues of {pretty(found[0].name)}: spectral radius {found[0].radius:.3g}"
    return f"Eigenvalues of {', '.join(pretty(s.name) for s in found)}"


def first_growth(found: Sequence[Spectrum]) -> str:
    """What a radius below 1 does not promise."""
    if any(s.radius < 1 < s.sigma_max for s in found):
        return "radius < 1: powers shrink in the end; σ<sub>max</sub> > 1: they may grow first"
    return ""


def say_special(figure: go.Figure, found: Sequence[Spectrum]) -> None:
    broken = [pretty(s.name) for s in found if not np.isfinite(s.radius)]
    if broken:
        note(figure, f"{', '.join(broken)}: not all entries are finite numbers, so there are no eigenvalues")


def singular_values(log_sigma_TS: Array, *, from_end: bool = False, dark: bool = False) -> go.Figure:
    """Singular values (natural logarithms) of products of T Jacobians against their number.

    Largest, quartiles and smallest. `from_end` as in the analysis, for the axis title.
    """
    log10_TS = np.asarray(log_sigma_TS) / np.log(10)
    distance, last = np.arange(1, len(log10_TS) + 1), log10_TS.shape[1] - 1
    lines = {name: log10_TS[:, round(share * last)] for name, share in SHARES.items()}
    figure = go.Figure()
    looks = ((4, "solid"), (2, "dot"), (3, "dash"), (2, "dot"), (2, "solid"))
    for (name, values), (width, dash) in zip(lines.items(), looks, strict=True):
        line = {"color": GRADIENT if name == "largest" else FORWARD, "width": width, "dash": dash}
        add_powers(figure, distance, values, name, line, list(lines.values()))
    fit_powers(figure, list(lines.values()))
    say(figure, missing(distance, lines, "distance"))
    fit_steps(figure, distance)
    said = f"of all {len(distance)} together the largest is {number(log10_TS[-1, 0])}"
    way = "back from the last" if from_end else "on from the first"
    title = "Singular values of products of Jacobians"
    return styled(figure, title, f"time steps {way}", "singular value", dark, said)


def lyapunov(exponents_S: Array, *, time_steps: int | None = None, dark: bool = False) -> go.Figure:
    """Lyapunov exponents, largest first, with the zero line; `time_steps` that they were measured over.

    Orange above 0, where small differences grow, blue below.
    """
    values = np.asarray(exponents_S, float)
    place, good = np.arange(1, len(values) + 1), np.isfinite(values)
    colours = [GRADIENT if value > 0 else FORWARD for value in values[good]]
    figure = go.Figure()
    figure.add_bar(
        x=place[good],
        y=values[good],
        marker={"color": colours, "line": {"width": 0}},
        hovertemplate="%{y:.4g}",
        name="exponent",
    )
    if good.any():
        figure.add_hline(y=0, line={"color": QUIET, "width": 2})
    say_not_drawn(figure, values)
    over = "finite-time" if time_steps is None else f"finite-time, over {time_steps:,} time steps"
    figure.update_layout(bargap=0.15, showlegend=False)
    figure.update_xaxes(range=[0.4, len(values) + 0.6], dtick=whole_ticks(len(values)))
    said = f"{over}: {what_the_largest_says(values[0])}"
    y = "ln of the growth per time step"
    return styled(figure, "Lyapunov exponents", "exponent, largest first", y, dark, said)


def what_the_largest_says(largest: float) -> str:
    if np.isnan(largest):
        return "no numbers"
    if largest == -np.inf:
        return "all is forgotten at once"
    if largest < 0:
        return f"largest {largest:.3g}, memory {-1 / largest:.3g} time steps"
    return f"largest {largest:+.3g}, differences {'grow' if largest > 0 else 'neither grow nor shrink'}"


def say_not_drawn(figure: go.Figure, values: Array) -> None:
    if np.isnan(values).any():
        note(figure, "the Jacobians are not all finite numbers: nothing to draw")
    gone = int((values == -np.inf).sum())
    if gone:
        note(
            figure,
            f"{gone} of {len(values)} are −∞, not drawn: directions that are mapped to exactly nothing",
        )
