"""The vanilla (Elman) recurrent unit.

    h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)

Its derivative, with g_t = dL/dh_t in total and d_t through the read-out at t alone:

    g_t = d_t + W_hh^T (f'(a_{t+1}) g_{t+1})

T time steps, B sequences, H hidden size (one block of weights: G = H).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlab.model.cells.cell import Activation, Cell, Derivatives, State, Unrolled, cut_here
from rnnlab.model.cells.plain import Doubles, Moment, PlainActivation, Pulled, States

if TYPE_CHECKING:
    from torch import Tensor


def forward(a_TBH: Tensor, start: State, w_hh_HH: Tensor, b_hh_H: Tensor, f: Activation) -> Unrolled:
    length, batch, hidden = a_TBH.shape
    h_TBH = a_TBH.new_empty(length + 1, batch, hidden)
    h_TBH[0] = start[0]
    a_TBH += b_hh_H
    w_T = w_hh_HH.t()
    states, inputs = h_TBH.unbind(0), a_TBH.unbind(0)
    for t in range(length):
        states[t + 1].copy_(f.apply(inputs[t].addmm_(states[t], w_T)))
    return Unrolled((h_TBH,), {})


def backward(
    unrolled: Unrolled,
    direct: tuple[Tensor | None, ...],
    w_hh_HH: Tensor,
    b_hh_H: Tensor,
    f: Activation,
    window: int,
) -> Derivatives:
    h_TBH = unrolled.states[0][1:]
    g_TBH = h_TBH.new_zeros(h_TBH.shape) if direct[0] is None else direct[0].clone()
    a_TBH = g_TBH.new_empty(g_TBH.shape)
    slope_TBH = f.slope(h_TBH)
    carried = g_TBH.new_zeros(g_TBH.shape[1:])
    g, a, slope = g_TBH.unbind(0), a_TBH.unbind(0), slope_TBH.unbind(0)
    for t in reversed(range(len(g))):
        g[t].add_(carried)
        carried = a[t].copy_(g[t]).mul_(slope[t]) @ w_hh_HH
        if cut_here(t, window):
            carried.zero_()
    return Derivatives((g_TBH,), (carried,), a_TBH, a_TBH)


def step(
    a: Doubles, states: States, w_hh_HH: Doubles, b_hh_H: Doubles, f: PlainActivation
) -> tuple[States, dict[str, Doubles]]:
    return (f.apply(a + states[0] @ w_hh_HH.T + b_hh_H),), {}


def pull_back(moment: Moment, g: States, w_hh_HH: Doubles, b_hh_H: Doubles, f: PlainActivation) -> Pulled:
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
)
