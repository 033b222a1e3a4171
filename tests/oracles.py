"""Networks built a second time, step by step, from torch.nn's cells: what the fast code is measured by.

Nothing here uses the code under test. Every sequence of a batch is run alone, at its own length, so
that there is no padding and no mask to get wrong; every state keeps its gradient, so `state.grad` is
the total derivative that autograd finds.
Shapes: T input time steps, S output time steps, B sequences, I input size, O output size, H hidden size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn import functional as F

State = tuple[Tensor, ...]
CurveOfStates = list[State]
KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"sigmoid": torch.sigmoid, "identity": lambda a: a}
STATES = {"rnn": 1, "gru": 1, "lstm": 2}


def step(cell: str, activation: str, weights: dict[str, Tensor], x_BI: Tensor, state: State) -> State:
    """One time step of torch.nn's cell; of two lines of our own where torch.nn has no such activation."""
    if cell == "rnn" and activation in ACTIVATIONS:
        a_BH = F.linear(x_BI, weights["weight_ih"], weights["bias_ih"])
        a_BH = a_BH + F.linear(state[0], weights["weight_hh"], weights["bias_hh"])
        return (ACTIVATIONS[activation](a_BH),)
    rows, inputs = weights["weight_ih"].shape
    hidden = weights["weight_hh"].shape[1]
    double = {"dtype": x_BI.dtype}
    module: torch.nn.Module
    if cell == "lstm":
        module = torch.nn.LSTMCell(inputs, hidden, **double)
        return tuple(functional_call(module, weights, (x_BI, state)))
    if cell == "gru":
        module = torch.nn.GRUCell(inputs, hidden, **double)
    else:
        assert rows == hidden
        module = torch.nn.RNNCell(inputs, hidden, nonlinearity=activation, **double)
    return (functional_call(module, weights, (x_BI, state[0])),)


class Network(NamedTuple):
    """What an architecture is made of; `weights` by PyTorch's names, stacks by prefix."""

    cell: str
    activation: str
    layers: int
    directions: int
    weights: dict[str, Tensor]
    attention: str = "none"

    def of_layer(self, part: str, layer: int, direction: int) -> dict[str, Tensor]:
        end = f"_l{layer}" + "_reverse" * direction
        return {kind: self.weights[f"{part}{kind}{end}"] for kind in KINDS}

    def zero(self, batch: int) -> State:
        weight = next(w for name, w in self.weights.items() if "weight_hh" in name)
        return tuple(weight.new_zeros(batch, weight.shape[1]) for _ in range(STATES[self.cell]))


class Unrolled(NamedTuple):
    """`states[layer][direction]` in the order of time; `last[direction][layer]` after the last read."""

    states: list[list[CurveOfStates]]
    last: list[list[State]]

    def top(self, t: int) -> Tensor:
        return torch.cat([curve[t][0] for curve in self.states[-1]], dim=1)

    def joined(self) -> Tensor:
        """Forward's last state beside backward's first, which is the last one that backward reads."""
        return torch.cat([layers[-1][0] for layers in self.last], dim=1)


def unroll(net: Network, part: str, xs: list[Tensor], starts: list[list[State]] | None = None) -> Unrolled:
    """A stack over a list of inputs (B, I), one time step after the other."""
    states: list[list[CurveOfStates]] = []
    last: list[list[State]] = [[] for _ in range(net.directions)]
    below = xs
    for layer in range(net.layers):
        curves = []
        for direction in range(net.directions):
            state = starts[direction][layer] if starts else net.zero(len(below[0]))
            order = reversed(range(len(below))) if direction else range(len(below))
            curve: list[Any] = [None] * len(below)
            for t in order:
                state = step(net.cell, net.activation, net.of_layer(part, layer, direction), below[t], state)
                curve[t] = tuple(keep(s) for s in state)
            last[direction].append(state)
            curves.append(curve)
        states.append(curves)
        below = [torch.cat([curve[t][0] for curve in curves], dim=1) for t in range(len(below))]
    return Unrolled(states, last)


def keep(state: Tensor) -> Tensor:
    if state.requires_grad:
        state.retain_grad()
    return state


def read_out(net: Network, h_BD: Tensor) -> Tensor:
    return F.linear(h_BD, net.weights["readout.weight"], net.weights["readout.bias"])


class Run(NamedTuple):
    """One sequence: outputs (S, O), and its stacks by the name of their part."""

    outputs_SO: Tensor
    parts: dict[str, Unrolled]


def last_state(net: Network, x_T1I: list[Tensor], targets: Tensor) -> Run:
    found = unroll(net, "", x_T1I)
    return Run(read_out(net, found.joined()), {"recurrent": found})


def every_state(net: Network, x_T1I: list[Tensor], targets: Tensor) -> Run:
    found = unroll(net, "", x_T1I)
    outputs = [read_out(net, found.top(t)) for t in range(len(x_T1I))]
    return Run(torch.cat(outputs), {"recurrent": found})


def fed_back(net: Network, x_T1I: list[Tensor], targets: Tensor) -> Run:
    size, x_1I = len(net.weights["readout.bias"]), x_T1I[0]
    fed = [F.one_hot(symbol, size).to(x_1I)[None] for symbol in targets[:-1]]
    xs = [torch.cat([x_1I, x_1I.new_zeros(1, size)], dim=1)]
    xs += [torch.cat([torch.zeros_like(x_1I), symbol_1O], dim=1) for symbol_1O in fed]
    found = unroll(net, "", xs)
    return Run(torch.cat([read_out(net, found.top(t)) for t in range(len(xs))]), {"recurrent": found})


def through_context(net: Network, x_T1I: list[Tensor], targets: Tensor) -> Run:
    size = len(net.weights["readout.bias"])
    read = unroll(net, "encoder.", x_T1I)
    nothing_1O = x_T1I[0].new_zeros(1, size)
    xs = [nothing_1O, *(F.one_hot(symbol, size).to(nothing_1O)[None] for symbol in targets[:-1])]
    written = unroll(net, "decoder.", xs, through_narrow_place(net, read.last))
    keys = [read.top(t) for t in range(len(x_T1I))]
    outputs = torch.cat([read_out(net, beside(net, written.top(t), keys)) for t in range(len(xs))])
    return Run(outputs, {"encoder": read, "decoder": written})


def through_narrow_place(net: Network, last: list[list[State]]) -> list[list[State]]:
    """The last states of one direction's layers, squeezed into a context where the network has one."""
    if "context.reduce.weight" not in net.weights:
        return last
    flat = [state for states in last[0] for state in states]
    context = torch.tanh(linear(net, "context.reduce", torch.cat(flat, dim=1)))
    wide, hidden = linear(net, "context.expand", context), flat[0].shape[1]
    pieces = [wide[:, n * hidden : (n + 1) * hidden] for n in range(len(flat))]
    each = STATES[net.cell]
    return [[tuple(pieces[layer * each : (layer + 1) * each]) for layer in range(net.layers)]]


def linear(net: Network, name: str, x: Tensor) -> Tensor:
    return F.linear(x, net.weights[f"{name}.weight"], net.weights[f"{name}.bias"])


def beside(net: Network, h_1H: Tensor, keys: list[Tensor]) -> Tensor:
    """A decoder's state with the mean of the encoder's that attention makes, one key after the other."""
    if net.attention == "none":
        return h_1H
    weights = torch.stack([score(net, h_1H[0], key_1H[0]) for key_1H in keys]).softmax(dim=0)
    mean_1H = torch.stack([weight * key_1H for weight, key_1H in zip(weights, keys, strict=True)]).sum(dim=0)
    return torch.cat([h_1H, mean_1H], dim=1)


def score(net: Network, h_H: Tensor, key_H: Tensor) -> Tensor:
    """Luong's dot product, or Bahdanau's small network."""
    if net.attention == "dot":
        return (h_H * key_H).sum()
    query, key, out = (net.weights[f"attention.{name}.weight"] for name in ("query", "key", "score"))
    return (out[0] * torch.tanh(query @ h_H + key @ key_H)).sum()


BY_HAND: dict[str, Callable[[Network, list[Tensor], Tensor], Run]] = {
    "one-to-one": last_state,
    "one-to-many": fed_back,
    "many-to-one": last_state,
    "many-to-many": every_state,
    "encoder-decoder": through_context,
}

LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": F.cross_entropy,
    "squared_error": F.mse_loss,
    "binary_cross_entropy": F.binary_cross_entropy_with_logits,
}


def run_alone(topology: str, net: Network, batch: Any) -> list[Run]:
    """Each sequence of a batch (tensors) by itself, at its own lengths, teacher forced."""
    runs = []
    for b, length in enumerate(batch.lengths_B.tolist()):
        x_T1I = [batch.inputs_TBI[t, b : b + 1] for t in range(length)]
        steps = int(batch.mask_SB[:, b].sum())
        runs.append(BY_HAND[topology](net, x_T1I, batch.targets[:steps, b]))
    return runs


def loss_of(kind: str, runs: list[Run], batch: Any) -> Tensor:
    """The mean over all outputs of all sequences together."""
    outputs = torch.cat([run.outputs_SO for run in runs])
    targets = torch.cat([batch.targets[: len(run.outputs_SO), b] for b, run in enumerate(runs)])
    return LOSSES[kind](outputs, targets)
