"""The vanilla (Elman) recurrent unit.

    h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)

Its derivative, with g_t = dL/dh_t in total and d_t through the read-out at t alone:

    g_t = d_t + W_hh^T (f'(a_{t+1}) g_{t+1})

T time steps, B sequences, I inputs, H hidden size (one block of weights: G = H).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlab.model.cells.cell import (
    ONE_LAYER,
    Activation,
    Cell,
    Derivatives,
    Fused,
    LayerWeights,
    State,
    Unrolled,
    cut_here,
    from_input,
)
from rnnlab.model.cells.operations import operations
from rnnlab.model.cells.plain import Doubles, Moment, PlainActivation, Pulled, States

if TYPE_CHECKING:
    from torch import Tensor


def forward(x_TIB: Tensor, start: State, weights: LayerWeights, f: Activation) -> Unrolled:
    """h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), the inputs' part for all time steps at once."""
    a_THB = from_input(x_TIB, weights.w_ih_GI, weights.b_ih_G + weights.b_hh_G)
    length, hidden, batch = a_THB.shape
    h_THB = a_THB.new_empty(length + 1, hidden, batch)
    h_THB[0] = start[0]
    ops = operations(h_THB)
    h, w = ops.steps(h_THB), ops.array(weights.w_hh_GH)
    for before, after, a in zip(h, h[1:], ops.steps(a_THB), strict=False):
        ops.dot(w, before, out=after)
        ops.add(after, a, out=after)
        f.apply(ops, after)
    return Unrolled((h_THB,), {})


def backward(unrolled: Unrolled, direct: State, w_hh_HH: Tensor, f: Activation, window: int) -> Derivatives:
    """g_{t-1} += W_hh^T (f' g_t), from the last time step to the first."""
    (g_THB,) = direct
    a_THB = f.slope(unrolled.states[0][1:]).contiguous()
    carried_HB = g_THB.new_zeros(g_THB.shape[1:])
    ops = operations(g_THB)
    w_T, carried = ops.array(w_hh_HH.t().contiguous()), ops.array(carried_HB)
    g, a = ops.steps(g_THB), ops.steps(a_THB)
    for t in reversed(range(len(g))):
        ops.add(g[t], carried, out=g[t])
        ops.multiply(a[t], g[t], out=a[t])
        ops.dot(w_T, a[t], out=carried)
        if cut_here(t, window):
            carried[...] = 0
    return Derivatives(direct, (carried_HB,), a_THB, a_THB)


def fused(x_TBI: Tensor, start: State, weights: LayerWeights, f: Activation) -> Fused | None:
    """PyTorch's own layer, which it has for tanh and relu."""
    import torch

    if not f.kernel:
        return None
    h_TBH, h_1BH = getattr(torch, f.kernel)(x_TBI, start[0][None], list(weights), *ONE_LAYER)
    return Fused(h_TBH, (h_1BH[0],))


def step(
    a: Doubles, states: States, w_hh_HH: Doubles, b_hh_H: Doubles, f: PlainActivation
) -> tuple[States, dict[str, Doubles]]:
    """One time step in NumPy."""
    return (f.apply(a + states[0] @ w_hh_HH.T + b_hh_H),), {}


def pull_back(moment: Moment, g: States, w_hh_HH: Doubles, b_hh_H: Doubles, f: PlainActivation) -> Pulled:
    """g_{t-1} = W_hh^T (f' g_t), in NumPy."""
    a = g[0] * f.slope(moment.after[0])
    return Pulled(g, (a @ w_hh_HH,), a, a)


CELL = Cell(
    label="vanilla RNN",
    states=("h",),
    gates={},
    signed_gates=(),
    keep="",
    has_activation=True,
    formula="h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)",
    forward=forward,
    backward=backward,
    step=step,
    pull_back=pull_back,
    fused=fused,
)
