"""Saliency: how strongly the loss depends on each input.

T time steps, I input size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.flow import power
from rnnlab.analysis.forward import fed_to
from rnnlab.analysis.reverse import parts_of, reverse
from rnnlab.analysis.scaled import Exponents, Scaled, add, log10_norm
from rnnlab.model.weights import reader
from rnnlab.state import Trace

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Saliency:
    """Derivatives of the trace's loss by one sequence's inputs to one stack, along every path.

    `gradient` (T, I) is dL/dx_t; `norm` (T,) its norm at each time step, `log10_norm` that one's
    logarithm, -inf only where the gradient is exactly 0. `input_times_gradient` (T, I) is each
    input times its derivative: what it adds to the loss to first order, beside an input of 0.
    """

    part: str
    sequence: int
    inputs: Doubles
    gradient: Doubles
    log10_norm: Doubles

    @property
    def norm(self) -> Doubles:
        """||dL/dx_t|| (T,); below 1e-308 it may be 0 where `log10_norm` is not."""
        return power(self.log10_norm)

    @property
    def input_times_gradient(self) -> Doubles:
        """x_t * dL/dx_t (T, I)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.inputs * self.gradient


def saliency(trace: Trace, sequence: int = 0, part: str | None = None) -> Saliency:
    """dL/dx_t of one sequence, for the inputs of the first stack: `part` names another, as a decoder.

    Raises ValueError for a sequence or a part that the trace does not have.
    """
    parts = parts_of(trace)
    name = parts[0] if part is None else part
    if name not in parts:
        raise ValueError(f"part must be one of {', '.join(parts)}, not {part!r}.")
    if not 0 <= sequence < trace.mask.shape[1]:
        raise ValueError(f"sequence must be a whole number from 0 to {trace.mask.shape[1] - 1}.")
    found = reverse(trace, trace.grad_outputs[:, [sequence]], [sequence])
    lowest = [key for key in found if key.startswith(f"{name}/0/")]
    first, *others = (Scaled((found[key].inputs,), found[key].exponent) for key in lowest)
    for other in others:
        first = add(first, other)
    steps = int(trace.layers[lowest[0]].valid[:, sequence].sum())
    gradient_TI, exponent_T = first.states[0][:steps, 0], first.exponent[:steps, 0]
    fed = fed_to(trace, len(trace.weights["readout.bias"]), [sequence])[parts.index(name)]
    inputs_TI = fed.x_TBI[:steps, 0]
    if name == parts[0]:
        inputs_TI, gradient_TI = before_reader(trace, sequence, inputs_TI, gradient_TI)
    return Saliency(
        part=name,
        sequence=sequence,
        inputs=inputs_TI,
        gradient=as_floats(gradient_TI, exponent_T),
        log10_norm=log10_norm(gradient_TI, exponent_T),
    )


def before_reader(
    trace: Trace, sequence: int, fed_TF: Doubles, gradient_TF: Doubles
) -> tuple[Doubles, Doubles]:
    """What entered (T, I) and the gradient by it, where a reader made features of it."""
    between = reader(trace.design)
    if not between.shapes:
        return fed_TF, gradient_TF
    x_T1I = np.asarray(trace.inputs[: len(fed_TF), [sequence]], np.float64)
    return x_T1I[:, 0], between.pull_back(trace.weights, x_T1I, gradient_TF[:, None])[:, 0]


def as_floats(rows_TI: Doubles, exponent_T: Exponents) -> Doubles:
    """Rows times powers of two; infinite or 0 where float64 has no such number."""
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.ldexp(rows_TI, exponent_T[:, None]))
