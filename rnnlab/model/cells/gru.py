"""The gated recurrent unit (Cho et al. 2014), in PyTorch's form: reset after the product.

Blocks in PyTorch's order r, z, n; z = 1 keeps the old state:

    r, z = sigmoid(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)
    n = tanh(W_in x_t + b_in + r * q)        q = W_hn h_{t-1} + b_hn
    h_t = (1 - z) * n + z * h_{t-1}

Its derivative, with g_t = dL/dh_t in total:

    n' = g (1-z)(1-n^2)      z' = g (h_{t-1} - n) z (1-z)      r' = n' q r (1-r)
    g_{t-1} = direct_{t-1} + g z + W_hh^T [r', z', n' r]

T time steps, B sequences, H hidden size, G = 3H.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnlab.model.cells.cell import Activation, Cell, Derivatives, State, Unrolled, cut_here
from rnnlab.model.cells.plain import Doubles, Moment, PlainActivation, Pulled, States, sigmoid

if TYPE_CHECKING:
    from torch import Tensor


def forward(a_TBG: Tensor, start: State, w_hh_GH: Tensor, b_hh_G: Tensor, _: Activation) -> Unrolled:
    length, batch, rows = a_TBG.shape
    hidden = rows // 3
    h_TBH = a_TBG.new_empty(length + 1, batch, hidden)
    h_TBH[0] = start[0]
    q_TBG = b_hh_G.expand(length, batch, rows).clone()
    w_HG = w_hh_GH.t()
    h, a, q = h_TBH.unbind(0), a_TBG.unbind(0), q_TBG.unbind(0)
    for t in range(length):
        q[t].addmm_(h[t], w_HG)
        rz = a[t][:, : 2 * hidden].add_(q[t][:, : 2 * hidden]).sigmoid_()
        n = a[t][:, 2 * hidden :].addcmul_(rz[:, :hidden], q[t][:, 2 * hidden :]).tanh_()
        h[t + 1].copy_(h[t]).sub_(n).mul_(rz[:, hidden:]).add_(n)
    gates = dict(zip("rzn", a_TBG.chunk(3, dim=2), strict=True))
    return Unrolled((h_TBH,), {**gates, "q": q_TBG[:, :, 2 * hidden :]})


def backward(
    unrolled: Unrolled,
    direct: tuple[Tensor | None, ...],
    w_hh_GH: Tensor,
    b_hh_G: Tensor,
    _: Activation,
    window: int,
) -> Derivatives:
    h_TBH = unrolled.states[0]
    r, z, n, q = unrolled.gates.values()
    g_TBH = h_TBH.new_zeros(r.shape) if direct[0] is None else direct[0].clone()
    into_n_TBH = (1 - z) * (1 - n * n)
    # what g is multiplied by in each block of the recurrent part, for all time steps at once
    slope_TB3H = h_TBH.new_empty(*r.shape[:2], 3, r.shape[2])
    slope_TB3H[:, :, 0] = into_n_TBH * q * r * (1 - r)
    slope_TB3H[:, :, 1] = (h_TBH[:-1] - n) * z * (1 - z)
    slope_TB3H[:, :, 2] = into_n_TBH * r
    g, a, keep = g_TBH.unbind(0), slope_TB3H.unbind(0), z.unbind(0)
    carried = g_TBH.new_zeros(g_TBH.shape[1:])
    for t in reversed(range(len(g))):
        g[t].add_(carried)
        carried = (g[t] * keep[t]).addmm_(a[t].mul_(g[t].unsqueeze(1)).flatten(1), w_hh_GH)
        if cut_here(t, window):
            carried.zero_()
    recurrent_TBG = slope_TB3H.flatten(2)
    input_TBG = recurrent_TBG.clone()
    input_TBG[:, :, 2 * r.shape[2] :] = g_TBH * into_n_TBH  # the reset gate acts on the state's part alone
    return Derivatives((g_TBH,), (carried,), input_TBG, recurrent_TBG)


def step(
    a: Doubles, states: States, w_hh_GH: Doubles, b_hh_G: Doubles, _: PlainActivation
) -> tuple[States, dict[str, Doubles]]:
    (h,) = states
    (a_r, a_z, a_n), (u_r, u_z, q) = (np.split(x, 3, axis=-1) for x in (a, h @ w_hh_GH.T + b_hh_G))
    r, z = sigmoid(a_r + u_r), sigmoid(a_z + u_z)
    n = np.tanh(a_n + r * q)
    return ((1 - z) * n + z * h,), {"r": r, "z": z, "n": n}


def pull_back(moment: Moment, grad: States, w_hh_GH: Doubles, b_hh_G: Doubles, _: PlainActivation) -> Pulled:
    (r, z, n), (g,), (h,) = (moment.gates[name] for name in "rzn"), grad, moment.before
    q = h @ w_hh_GH[2 * h.shape[-1] :].T + b_hh_G[2 * h.shape[-1] :]
    into_n = g * ((1 - z) * (1 - n * n))
    into_r, into_z = into_n * (q * r * (1 - r)), g * ((h - n) * z * (1 - z))
    recurrent = np.concatenate([into_r, into_z, into_n * r], axis=-1)
    before = (recurrent @ w_hh_GH + g * z,)
    return Pulled(grad, before, np.concatenate([into_r, into_z, into_n], axis=-1), recurrent)


CELL = Cell(
    label="GRU",
    states=("h",),
    gates={"r": "reset gate r", "z": "update gate z (1 keeps)", "n": "candidate n"},
    signed_gates=("n",),
    keep="z",
    has_activation=False,
    formula="h_t = (1 - z) n + z h_{t-1}",
    forward=forward,
    backward=backward,
    step=step,
    pull_back=pull_back,
)
