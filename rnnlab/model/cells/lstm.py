"""The long short-term memory unit (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000).

With a = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh in four blocks, PyTorch's order i, f, g, o:

    i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)      g = tanh(a_g)
    c_t = f * c_{t-1} + i * g                               h_t = o * tanh(c_t)

Its derivative, with gh_t = dL/dh_t and gc_t = dL/dc_t in total:

    gh_t = direct_t + W_hh^T a'_{t+1}
    gc_t = gc_{t+1} * f_{t+1} + gh_t * o * (1 - tanh(c_t)^2)
    a'_t = [gc g i(1-i),  gc c_{t-1} f(1-f),  gc i (1-g^2),  gh tanh(c) o(1-o)]

In the loop sigmoid(a) = (1 + tanh(a/2)) / 2, so one tanh does for all gates; the weights' rows of
i, f and o are halved before it.
T time steps, B sequences, I inputs, H hidden size, G = 4H.
"""

from __future__ import annotations

from collections.abc import Mapping
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

SCALE, SHIFT = (0.5, 0.5, 1.0, 0.5), (0.5, 0.5, 0.0, 0.5)
"""Blocks i, f, g, o: a gate is scale * tanh(scale * a) + shift."""


def forward(x_TIB: Tensor, start: State, weights: LayerWeights, _: Activation) -> Unrolled:
    """States, gates and tanh(c) of all time steps, in place."""
    w_ih_GI, w_hh_GH, b_ih_G, b_hh_G = for_tanh(weights, SCALE)
    a_TGB = from_input(x_TIB, w_ih_GI, b_ih_G + b_hh_G)
    length, rows, batch = a_TGB.shape
    hidden = rows // 4
    h_THB, c_THB = (a_TGB.new_empty(length + 1, hidden, batch) for _ in range(2))
    h_THB[0], c_THB[0] = start
    tanh_c_THB = a_TGB.new_empty(length, hidden, batch)
    a_T4HB = a_TGB.view(length, 4, hidden, batch)
    gates = dict(zip("ifgo", a_T4HB.unbind(1), strict=True))
    ops = operations(a_TGB)
    w, u, d = (ops.array(x) for x in (w_hh_GH, a_TGB.new_empty(rows, batch), a_TGB.new_empty(hidden, batch)))
    scale, shift = (ops.array(a_TGB.new_tensor(x)[:, None, None]) for x in (SCALE, SHIFT))
    h, c, tanh_c, a, a4, i, f, g, o = (
        ops.steps(x) for x in (h_THB, c_THB, tanh_c_THB, a_TGB, a_T4HB, *gates.values())
    )
    for t in range(length):
        ops.dot(w, h[t], out=u)
        ops.add(a[t], u, out=a[t])
        ops.tanh(a[t], out=a[t])
        ops.multiply(a4[t], scale, out=a4[t])
        ops.add(a4[t], shift, out=a4[t])  # i, f, g and o
        ops.multiply(f[t], c[t], out=c[t + 1])
        ops.multiply(i[t], g[t], out=d)
        ops.add(c[t + 1], d, out=c[t + 1])
        ops.tanh(c[t + 1], out=tanh_c[t])
        ops.multiply(o[t], tanh_c[t], out=h[t + 1])
    return Unrolled((h_THB, c_THB), {**gates, "tanh c": tanh_c_THB})


def slopes(unrolled: Unrolled) -> Tensor:
    """(T, 4, H, B): what gc (first three blocks) and gh (the last) are multiplied by, for all time steps."""
    i, f, g, o, tanh_c = unrolled.gates.values()
    c_THB = unrolled.states[1]
    a_T4HB = i.new_empty(len(i), 4, *i.shape[1:])
    through_sigmoid(g, i, out=a_T4HB[:, 0])
    through_sigmoid(c_THB[:-1], f, out=a_T4HB[:, 1])
    through_tanh(i, g, out=a_T4HB[:, 2])
    through_sigmoid(tanh_c, o, out=a_T4HB[:, 3])
    return a_T4HB


def backward(unrolled: Unrolled, direct: State, w_hh_GH: Tensor, _: Activation, window: int) -> Derivatives:
    """Total derivatives from the direct ones, from the last time step to the first, by the rule above."""
    gh_THB, gc_THB = direct
    f, o, tanh_c = (unrolled.gates[name] for name in ("f", "o", "tanh c"))
    length, hidden, batch = f.shape
    into_c_THB, a_T4HB = through_tanh(o, tanh_c), slopes(unrolled)
    a_TGB = a_T4HB.flatten(1, 2)
    carried_h_HB, carried_c_HB = (gh_THB.new_zeros(hidden, batch) for _ in range(2))
    ops = operations(gh_THB)
    w_T, carried_h, carried_c, d = (
        ops.array(x)
        for x in (w_hh_GH.t().contiguous(), carried_h_HB, carried_c_HB, gh_THB.new_empty(hidden, batch))
    )
    gh, gc, a, a_ifg, a_o, into_c, keep = (
        ops.steps(x) for x in (gh_THB, gc_THB, a_TGB, a_T4HB[:, :3], a_T4HB[:, 3], into_c_THB, f)
    )
    for t in reversed(range(length)):
        ops.add(gh[t], carried_h, out=gh[t])
        ops.add(gc[t], carried_c, out=gc[t])
        ops.multiply(gh[t], into_c[t], out=d)
        ops.add(gc[t], d, out=gc[t])
        ops.multiply(a_ifg[t], gc[t], out=a_ifg[t])
        ops.multiply(a_o[t], gh[t], out=a_o[t])
        ops.dot(w_T, a[t], out=carried_h)
        ops.multiply(gc[t], keep[t], out=carried_c)
        if cut_here(t, window):
            carried_h[...] = 0
            carried_c[...] = 0
    return Derivatives(direct, (carried_h_HB, carried_c_HB), a_TGB, a_TGB)


def fused(x_TBI: Tensor, start: State, weights: LayerWeights, _: Activation) -> Fused:
    """PyTorch's own layer, which oneDNN makes fast on a CPU."""
    import torch

    before = [state[None] for state in start]
    h_TBH, h_1BH, c_1BH = torch.lstm(x_TBI, before, list(weights), *ONE_LAYER)
    return Fused(h_TBH, (h_1BH[0], c_1BH[0]))


def step(
    a: Doubles, states: States, w_hh_GH: Doubles, b_hh_G: Doubles, _: PlainActivation
) -> tuple[States, dict[str, Doubles]]:
    """One time step in NumPy."""
    h, c = states
    a_i, a_f, a_g, a_o = np.split(a + h @ w_hh_GH.T + b_hh_G, 4, axis=-1)
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
    c = f * c + i * g
    return (o * np.tanh(c), c), {"i": i, "f": f, "g": g, "o": o}


def settle(states: States, gates: Mapping[str, Doubles]) -> States:
    """h = o tanh(c), where c was changed by hand."""
    return gates["o"] * np.tanh(states[1]), states[1]


def pull_back(moment: Moment, grad: States, w_hh_GH: Doubles, b_hh_G: Doubles, _: PlainActivation) -> Pulled:
    """The rule above for one time step, in NumPy."""
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
    fused_on_cpu=True,
    settle=settle,
)
