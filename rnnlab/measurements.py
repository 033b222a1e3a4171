"""The registry of measurements: what can be asked of a network at one update, with words and a formula.

A measurement is taken in a worker and is NumPy; its figures are drawn from it anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rnnlab import analysis
from rnnlab.analysis import Basis
from rnnlab.analysis.flow import layers_of_flow
from rnnlab.config import Design, Settings
from rnnlab.model.attention import ATTENTIONS
from rnnlab.model.cells import CELLS
from rnnlab.state import RunState, Trace

if TYPE_CHECKING:
    import plotly.graph_objects as go

SEQUENCES = 32
"""Held-out sequences that a measurement is taken on, those of the live charts."""

STARTS = 40
"""States from which fixed points are searched: enough for a picture, in a second or two."""

MOST_PATHS = 8
"""Sequences whose path is drawn: more lines are a tangle."""


class Look(NamedTuple):
    """Where to look. `basis`, where given, keeps the directions of an earlier picture."""

    layer: str = ""
    sequence: int = 0
    basis: Basis | None = None


class Found(NamedTuple):
    """The arguments of one figure, by name of the figure."""

    figure: str
    data: Any
    options: dict[str, Any]


@dataclass(frozen=True)
class Measurement:
    """`words` say in two sentences what one is looking at; `formula` is LaTeX.

    `take(trace, look)` gives what the figures are drawn from, and may raise ValueError
    for a network that it does not apply to; `fits(design)` says so beforehand. `checkable`: the chart shows
    gradients that can be checked by nudging.
    """

    label: str
    words: str
    formula: str
    take: Callable[[Trace, Look], list[Found]]
    fits: Callable[[Design], bool] = lambda design: True
    checkable: bool = False


def measure(name: str, state: RunState, settings: Settings, look: Look) -> list[Found]:
    """Take one measurement of a run. Raises ValueError, in a sentence, where it does not apply.

    An unknown layer, or none, is the uppermost forward one of the first part.
    """
    from rnnlab.tracing import trace

    traced = trace(state, settings, sequences=SEQUENCES, weight_gradients=False)
    layer = look.layer if look.layer in traced.layers else layers_of_flow(traced)[0]
    with np.errstate(all="ignore"):  # what is no number is named by the figures
        return MEASUREMENTS[name].take(traced, look._replace(layer=layer))


def figures(found: list[Found], dark: bool) -> list[go.Figure]:
    """What was found, drawn."""
    from rnnlab.figures import FIGURES

    return [FIGURES[one.figure](one.data, **one.options, dark=dark) for one in found]


def contributions(trace: Trace, look: Look) -> list[Found]:
    state = CELLS[trace.design.cell].states[-1]
    each = analysis.loss_contributions(trace, look.layer, look.sequence, state)
    reach = Found("reach", analysis.reach(each), {})
    return [reach] if each.single else [Found("loss_contributions", each, {}), reach]  # one loss: one row


def spectrum(trace: Trace, look: Look) -> list[Found]:
    length = len(analysis.jacobians(trace, look.layer, look.sequence))
    some = sorted({1, (length + 1) // 2, length})
    found = analysis.eigenvalues(trace, look.layer, time_steps=some, sequence=look.sequence)
    return [Found("eigenvalues", found, {})]


def products(trace: Trace, look: Look) -> list[Found]:
    j_TSS = analysis.jacobians(trace, look.layer, look.sequence)
    along = analysis.singular_values(j_TSS, from_end=True)
    exponents = analysis.lyapunov_exponents(j_TSS)
    return [
        Found("singular_values", along, {"from_end": True}),
        Found("lyapunov", exponents, {"time_steps": len(j_TSS)}),
    ]


def decay(trace: Trace, look: Look) -> list[Found]:
    measured = analysis.gains(trace, look.layer, look.sequence)
    found = [Found("decay", measured, {}), Found("gains", measured, {})]
    if not CELLS[trace.design.cell].has_activation:
        return found
    return [Found("envelope", analysis.envelope(trace, look.layer, look.sequence), {}), *found]


def carousel(trace: Trace, look: Look) -> list[Found]:
    kept = analysis.memory(trace, look.layer, look.sequence)
    return [Found("memory", kept, {}), Found("time_constants", kept, {})]


def saturated(trace: Trace, look: Look) -> list[Found]:
    return [Found("saturation", analysis.saturation(trace, look.layer), {})]


def inputs(trace: Trace, look: Look) -> list[Found]:
    from rnnlab.model.network import load_task

    found = analysis.saliency(trace, look.sequence)
    labels = load_task(trace.design).input_labels(trace.batch, look.sequence)
    options = {"labels": labels} if len(labels) == len(found.gradient) else {}
    return [Found("saliency", found, options)]


def looks(trace: Trace, look: Look) -> list[Found]:
    from rnnlab.model.network import load_task

    found, task = analysis.attention_map(trace, look.sequence), load_task(trace.design)
    written, read = found.weights.shape
    given = task.input_labels(trace.batch, look.sequence)[:read]
    said = task.output_labels(trace.batch, look.sequence, trace.outputs[:, look.sequence])[:written]
    return [Found("attention_map", found, {"inputs": given, "outputs": said})]


def paths(trace: Trace, look: Look) -> list[Found]:
    found = analysis.trajectories(trace.layers[look.layer], look.basis)
    resting = analysis.fixed_points(trace, look.layer, starts=STARTS)
    options = {"fixed": resting, "sequences": range(MOST_PATHS)}
    return [Found("trajectories", found, options), Found("fixed_points", resting, {})]


MEASUREMENTS: dict[str, Measurement] = {
    "contributions": Measurement(
        label="Contributions",
        words="How strongly each loss alone depends on the state at each time step: a row for every loss, a "
        "column for every time step. The curve is their median by distance in time: how far back a "
        "loss reaches.",
        formula=r"A_{ij} = \frac{dL_i}{ds_j}, \qquad \sum_i A_{ij} = \frac{dL}{ds_j}, \qquad "
        r"s = c \text{ in an LSTM, else } h",
        take=contributions,
        checkable=True,
    ),
    "spectrum": Measurement(
        label="Eigenvalues",
        words="Every point is an eigenvalue in the complex plane; powers of a matrix shrink what lies inside "
        "the unit circle and grow what lies outside. The weights alone do not decide: saturation and "
        "gates make the Jacobian of a time step another matrix.",
        formula=r"J_t = \frac{\partial s_t}{\partial s_{t-1}}, \qquad \rho(M) = \max_i |\lambda_i(M)|",
        take=spectrum,
    ),
    "products": Measurement(
        label="Singular values and Lyapunov exponents",
        words="A gradient that goes back over many time steps is multiplied by all their Jacobians; the "
        "singular values of that product say how much each direction keeps. The exponents say it per "
        "time step, of this one sequence: below 0 a direction is forgotten, above 0 it grows.",
        formula=r"\frac{dL_T}{ds_k} = (J_T \cdots J_{k+1})^{\mathsf T} \frac{dL_T}{ds_T}, \qquad "
        r"\lambda_i = \frac1T \sum_t \ln |R_{t,ii}|, \quad J_t Q_{t-1} = Q_t R_t",
        take=products,
    ),
    "decay": Measurement(
        label="Predicted and measured decay",
        words="What each time step could do to a gradient, and what it does. For the vanilla cell the bound "
        "of Pascanu, Mikolov and Bengio lies above: below 1 it proves vanishing, above 1 it proves "
        "nothing.",
        formula=r"\lVert g_k \rVert \le \lVert g_T \rVert \, (\gamma\, \sigma_{\max}(W_{hh}))^{T-k}",
        take=decay,
        checkable=True,
    ),
    "carousel": Measurement(
        label="Gates and the carousel",
        words="One gate decides what a unit keeps from one time step to the next; its product over time is "
        "the path past the weights on which an LSTM's or GRU's gradient travels. Beside it stands the "
        "whole gradient.",
        formula=r"\frac{\partial c_T}{\partial c_k}\Big|_{\text{cell path}} = \prod_{t=k+1}^{T} f_t, \qquad "
        r"\tau = \frac{-1}{\ln f} \qquad (\text{in a GRU } h \text{ and } z)",
        take=carousel,
        fits=lambda design: bool(CELLS[design.cell].keep),
        checkable=True,
    ),
    "saturation": Measurement(
        label="Saturation",
        words="Each point is one unit: how often it sits at the low end of its range, and how often at the "
        "high end. There the nonlinearity is nearly flat, and little gradient passes; a relu that is "
        "always 0 is dead.",
        formula=r"\tanh'(a) = 1 - h^2 \to 0 \text{ for } |h| \to 1, \qquad \sigma'(a) = f(1-f), "
        r"\qquad \mathrm{relu}'(a) = 0 \text{ for } a \le 0",
        take=saturated,
    ),
    "inputs": Measurement(
        label="Saliency of the inputs",
        words="How strongly the loss depends on the input at each time step, along every path. Where the "
        "gradient has vanished, changing an early input a little changes nothing.",
        formula=r"\frac{dL}{dx_t} = W_{ih}^{\mathsf T}\, \frac{dL}{da_t}",
        take=inputs,
    ),
    "attention": Measurement(
        label="Attention",
        words="Which inputs the decoder looks back at while it writes: a row for every output, a column for "
        "every input, the darker the more. It is fed the true symbol before, as in training; what it "
        "would have written stands beside the rows.",
        formula=r"a_{st} = \frac{\exp e_{st}}{\sum_u \exp e_{su}}, \qquad m_s = \sum_t a_{st} h_t, \qquad "
        r"e_{st} = h_s^{\mathsf T} h_t \ \text{(dot)}, \quad v^{\mathsf T} \tanh(W_q h_s + W_k h_t) \ "
        r"\text{(additive)}",
        take=looks,
        fits=lambda design: ATTENTIONS[design.attention] is not None,
    ),
    "paths": Measurement(
        label="Trajectories and fixed points",
        words="The hidden states of the held-out sequences through time, seen along the directions in which "
        "they vary most. Each line is one sequence; what the network keeps apart, it remembers.",
        formula=r"h_t \mapsto P (h_t - \bar h), \qquad P \text{ from the singular value decomposition}",
        take=paths,
    ),
}
