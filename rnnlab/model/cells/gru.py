"""The gated recurrent unit (Cho et al. 2014), in PyTorch's form: reset after the product.

Blocks in PyTorch's order r, z, n; z = 1 keeps the old state:

    r, z = sigmoid(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)
    n = tanh(W_in x_t + b_in + r * q)        q = W_hn h_{t-1} + b_hn
    h_t = (1 - z) * n + z * h_{t-1}

Its derivative, with g_t = dL/dh_t in total:

    n' = g (1-z)(1-n^2)      z' = g (h_{t-1} - n) z (1-z)      r' = n' q r (1-r)
    g_{t-1} = direct_{t-1} + g z + W_hh^T [r', z', n' r]

In the loop sigmoid(a) = (1 + tanh(a/2)) / 2: the weights' rows of r and z are halved before it.
T time steps, B sequences, I inputs, H hidden size, G = 3H.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
    for_tanh,
    from_input,
    through_sigmoid,
    through_tanh,
)
from rnnlab.model.cells.operations import operations
from rnnlab.model.cells.plain import Doubles, Moment, PlainActivation, Pulled, States, sigmoid

if TYPE_CHECKING:
    from torch import Tensor

SCALE = (0.5, 0.5, 1.0)
"""What the blocks r, z and n of the weights are multiplied by for the loop."""


def forward(x_TIB: Tensor, start: State, weights: LayerWeights, _: Activation) -> Unrolled:
    """States and gates of all time steps, in place."""
    w_ih_GI, w_hh_GH, b_ih_G, b_hh_G = for_tanh(weights, SCALE)
    hidden = w_hh_GH.shape[1]
    rz = slice(0, 2 * hidden)
    b_ih_G[rz] += b_hh_G[rz]
    a_TGB = from_input(x_TIB, w_ih_GI, b_ih_G)
    length, rows, batch = a_TGB.shape
    h_THB = a_TGB.new_empty(length + 1, hidden, batch)
    q_THB = b_hh_G[2 * hidden :, None].repeat(length, 1, batch)
    h_THB[0] = start[0]
    gates = dict(zip("rzn", a_TGB.chunk(3, dim=1), strict=True))
    ops = operations(a_TGB)
    w, u, d = (ops.array(x) for x in (w_hh_GH, a_TGB.new_empty(rows, batch), a_TGB.new_empty(hidden, batch)))
    half = ops.array(a_TGB.new_full((1, 1), 0.5))
    h, q, r, z, n, both = (ops.steps(x) for x in (h_THB, q_THB, *gates.values(), a_TGB[:, rz]))
    u_rz, u_n = u[rz], u[2 * hidden :]
    for t in range(length):
        ops.dot(w, h[t], out=u)
        ops.add(both[t], u_rz, out=both[t])
        ops.tanh(both[t], out=both[t])
        ops.multiply(both[t], half, out=both[t])
        ops.add(both[t], half, out=both[t])  # r and z
        ops.add(q[t], u_n, out=q[t])
        ops.multiply(r[t], q[t], out=d)
        ops.add(n[t], d, out=n[t])
        ops.tanh(n[t], out=n[t])
        ops.subtract(h[t], n[t], out=d)
        ops.multiply(z[t], d, out=d)
        ops.add(n[t], d, out=h[t + 1])  # n + z (h - n)
    return Unrolled((h_THB,), {**gates, "q": q_THB})


def backward(unrolled: Unrolled, direct: State, w_hh_GH: Tensor, _: Activation, window: int) -> Derivatives:
    """Total derivatives from the direct ones, from the last time step to the first, by the rule above."""
    (g_THB,), h_THB = direct, unrolled.states[0]
    r, z, n, q = unrolled.gates.values()
    length, hidden, batch = r.shape
    into_n_THB = through_tanh(1 - z, n)
    # what g is multiplied by in each block of the recurrent part, for all time steps at once
    a_T3HB = g_THB.new_empty(length, 3, hidden, batch)
    through_sigmoid(into_n_THB * q, r, out=a_T3HB[:, 0])
    through_sigmoid(h_THB[:-1] - n, z, out=a_T3HB[:, 1])
    a_T3HB[:, 2] = into_n_THB * r
    a_TGB = a_T3HB.flatten(1, 2)
    carried_HB, kept_HB = g_THB.new_zeros(hidden, batch), g_THB.new_empty(hidden, batch)
    ops = operations(g_THB)
    w_T, carried, kept = (ops.array(x) for x in (w_hh_GH.t().contiguous(), carried_HB, kept_HB))
    g, a3, a, keep = (ops.steps(x) for x in (g_THB, a_T3HB, a_TGB, z))
    for t in reversed(range(length)):
        ops.add(g[t], carried, out=g[t])
        ops.multiply(a3[t], g[t], out=a3[t])
        ops.dot(w_T, a[t], out=carried)
        ops.multiply(g[t], keep[t], out=kept)
        ops.add(carried, kept, out=carried)
        if cut_here(t, window):
            carried[...] = 0
    # the reset gate acts on the state's part of n alone
    into_a_TGB = a_TGB.clone()
    into_a_TGB[:, 2 * hidden :] = g_THB * into_n_THB
    return Derivatives(direct, (carried_HB,), into_a_TGB, a_TGB)


def fused(x_TBI: Tensor, start: State, weights: LayerWeights, _: Activation) -> Fused:
    """PyTorch's own layer."""
    import torch

    h_TBH, h_1BH = torch.gru(x_TBI, start[0][None], list(weights), *ONE_LAYER)
    return Fused(h_TBH, (h_1BH[0],))


def step(
    a: Doubles, states: States, w_hh_GH: Doubles, b_hh_G: Doubles, _: PlainActivation
) -> tuple[States, dict[str, Doubles]]:
    """One time step in NumPy."""
    (h,) = states
    (a_r, a_z, a_n), (u_r, u_z, q) = (np.split(x, 3, axis=-1) for x in (a, h @ w_hh_GH.T + b_hh_G))
    r, z = sigmoid(a_r + u_r), sigmoid(a_z + u_z)
    n = np.tanh(a_n + r * q)
    return ((1 - z) * n + z * h,), {"r": r, "z": z, "n": n}


def pull_back(moment: Moment, grad: States, w_hh_GH: Doubles, b_hh_G: Doubles, _: PlainActivation) -> Pulled:
    """The rule above for one time step, in NumPy."""
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
    fused=fused,
)
