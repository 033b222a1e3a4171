"""The long short-term memory unit (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000).

With a = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh in four blocks, PyTorch's order i, f, g, o:

    i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)      g = tanh(a_g)
    c_t = f * c_{t-1} + i * g                               h_t = o * tanh(c_t)

Its derivative, with gh_t = dL/dh_t and gc_t = dL/dc_t in total:

    gh_t = direct_t + W_hh^T a'_{t+1}
    gc_t = gc_{t+1} * f_{t+1} + gh_t * o * (1 - tanh(c_t)^2)
    a'_t = [gc g i(1-i),  gc c_{t-1} f(1-f),  gc i (1-g^2),  gh tanh(c) o(1-o)]

T time steps, B sequences, H hidden size, G = 4H.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from rnnlab.model.cells.cell import Activation, Cell, Derivatives, State, Unrolled, cut_here
from rnnlab.model.cells.plain import Doubles, Moment, PlainActivation, Pulled, States, sigmoid

if TYPE_CHECKING:
    from torch import Tensor


def forward(a_TBG: Tensor, start: State, w_hh_GH: Tensor, b_hh_G: Tensor, _: Activation) -> Unrolled:
    length, batch, rows = a_TBG.shape
    hidden = rows // 4
    h_TBH, c_TBH = (a_TBG.new_empty(length + 1, batch, hidden) for _ in range(2))
    h_TBH[0], c_TBH[0] = start
    a_TBG += b_hh_G
    w_HG = w_hh_GH.t()
    h, c, gates = h_TBH.unbind(0), c_TBH.unbind(0), a_TBG.unbind(0)
    for t in range(length):
        a = gates[t].addmm_(h[t], w_HG)
        i, f, g, o = a.chunk(4, dim=1)
        a[:, : 2 * hidden].sigmoid_()
        g.tanh_()
        o.sigmoid_()
        c[t + 1].copy_(c[t]).mul_(f).addcmul_(i, g)
        h[t + 1].copy_(c[t + 1]).tanh_().mul_(o)
    return Unrolled((h_TBH, c_TBH), dict(zip("ifgo", a_TBG.chunk(4, dim=2), strict=True)))


def backward(
    unrolled: Unrolled,
    direct: tuple[Tensor | None, ...],
    w_hh_GH: Tensor,
    b_hh_G: Tensor,
    _: Activation,
    window: int,
) -> Derivatives:
    c_TBH = unrolled.states[1]
    tanh_c_TBH = c_TBH[1:].tanh()
    i, f, g, o = unrolled.gates.values()
    gh_TBH, gc_TBH = (c_TBH.new_zeros(i.shape) if d is None else d.clone() for d in direct)
    into_c_TBH = o * (1 - tanh_c_TBH * tanh_c_TBH)
    # what gc (first three blocks) and gh (the last) are multiplied by, for all time steps at once
    slope_TB4H = c_TBH.new_empty(*i.shape[:2], 4, i.shape[2])
    slope_TB4H[:, :, 0] = g * i * (1 - i)
    slope_TB4H[:, :, 1] = c_TBH[:-1] * f * (1 - f)
    slope_TB4H[:, :, 2] = i * (1 - g * g)
    slope_TB4H[:, :, 3] = tanh_c_TBH * o * (1 - o)
    gh, gc, a, into_c, keep = (x.unbind(0) for x in (gh_TBH, gc_TBH, slope_TB4H, into_c_TBH, f))
    carried_h = carried_c = c_TBH.new_zeros(gh_TBH.shape[1:])
    for t in reversed(range(len(gh))):
        gh[t].add_(carried_h)
        gc[t].add_(carried_c).addcmul_(gh[t], into_c[t])
        a[t][:, :3].mul_(gc[t].unsqueeze(1))
        a[t][:, 3].mul_(gh[t])
        carried_h = a[t].flatten(1) @ w_hh_GH
        carried_c = gc[t] * keep[t]
        if cut_here(t, window):
            carried_h, carried_c = carried_h.zero_(), carried_c.zero_()
    a_TBG = slope_TB4H.flatten(2)
    return Derivatives((gh_TBH, gc_TBH), (carried_h, carried_c), a_TBG, a_TBG)


def fused(x_TBI: Tensor, weights: tuple[Tensor, ...], start: State) -> State:
    """PyTorch's own LSTM, whose kernel is two to four times faster but keeps its gates to itself."""
    import torch

    before = [state[None] for state in start]
    h_TBH, _, c_1BH = torch.lstm(x_TBI, before, list(weights), True, 1, 0.0, True, False, False)
    return h_TBH, c_1BH


def step(
    a: Doubles, states: States, w_hh_GH: Doubles, b_hh_G: Doubles, _: PlainActivation
) -> tuple[States, dict[str, Doubles]]:
    h, c = states
    a_i, a_f, a_g, a_o = np.split(a + h @ w_hh_GH.T + b_hh_G, 4, axis=-1)
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
    c = f * c + i * g
    return (o * np.tanh(c), c), {"i": i, "f": f, "g": g, "o": o}


def settle(states: States, gates: Mapping[str, Doubles]) -> States:
    return gates["o"] * np.tanh(states[1]), states[1]


def pull_back(moment: Moment, grad: States, w_hh_GH: Doubles, b_hh_G: Doubles, _: PlainActivation) -> Pulled:
    (i, f, g, o), (gh, gc) = (moment.gates[name] for name in "ifgo"), grad
    tanh_c = np.tanh(moment.after[1])
    gc = gc + gh * (o * (1 - tanh_c * tanh_c))
    blocks = gc * (g * i * (1 - i)), gc * (moment.before[1] * f * (1 - f)), gc * (i * (1 - g * g))
    a = np.concatenate([*blocks, gh * (tanh_c * o * (1 - o))], axis=-1)
    return Pulled((gh, gc), (a @ w_hh_GH, gc * f), a, a)


CELL = Cell(
    label="LSTM",
    states=("h", "c"),
    gates={"i": "input gate i", "f": "forget gate f", "g": "candidate g", "o": "output gate o"},
    signed_gates=("g",),
    keep="f",
    has_activation=False,
    formula="c_t = f c_{t-1} + i g,  h_t = o tanh(c_t)",
    forward=forward,
    backward=backward,
    step=step,
    pull_back=pull_back,
    fused=fused,
    settle=settle,
)
