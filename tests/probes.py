"""Questions to small networks, and networks unrolled by hand with a unit or a gate interfered with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from architectures import SHORT, all_designs
from torch import Tensor

from rnnlab.asking import Question
from rnnlab.config import Design, Settings
from rnnlab.model.network import load_task
from rnnlab.state import RunState
from rnnlab.training import begin

KINDS = [
    design
    for design in all_designs()
    if design.layers == 2 and design.attention == "none" and not design.context_size
]
"""Every cell in every topology, two layers deep, in one direction and in two."""

ATTENTIVE = [
    Design(task="dates", cell=cell, hidden_size=5, attention=score, context_size=size)
    for cell in ("lstm", "gru")
    for score, size in (("dot", 0), ("additive", 0), ("additive", 3))
]
"""Networks that look back at what they have read, and one that squeezes it besides."""


def settings_of(design: Design) -> Settings:
    return Settings(length=SHORT[design.task], tbptt_window=3)


def question_of(design: Design, seed: int = 0, known: bool = True) -> Question:
    """A held-out sequence as if somebody had typed it."""
    task = load_task(design)
    batch = task.held_out(np.random.default_rng(seed), 1, SHORT[design.task])
    batch = batch._replace(inputs_TBI=batch.inputs_TBI[: int(batch.lengths_B[0])])
    characters = tuple(task.input_labels(batch, 0))
    return Question(batch, known, "".join(characters), characters)


def strong(design: Design, gain: float = 3.0) -> RunState:
    """An untrained network whose weights are large enough for everything to matter."""
    state = begin(design)
    return replace(state, weights={name: gain * array for name, array in state.weights.items()})


class Clamp:
    """One recurrent layer, time step by time step with torch's own functions, one gate or unit held."""

    def __init__(self, unit: int | None = None, gate: str = "", value: float = 0.0) -> None:
        self.unit, self.gate, self.value = unit, gate, value

    def on_gate(self, name: str, gate_BH: Tensor) -> Tensor:
        if name != self.gate:
            return gate_BH
        gate_BH = gate_BH.clone()
        gate_BH[:, slice(None) if self.unit is None else self.unit] = self.value
        return gate_BH

    def on_state(self, state_BH: Tensor) -> Tensor:
        if self.gate or self.unit is None:
            return state_BH
        kept = torch.ones_like(state_BH)
        kept[:, self.unit] = 0
        return state_BH * kept


def rnn(a: Tensor, u: Tensor, state: Any, held: Clamp) -> Any:
    return (held.on_state(torch.tanh(a + u)),)


def lstm(a: Tensor, u: Tensor, state: Any, held: Clamp) -> Any:
    i, f, g, o = (a + u).chunk(4, dim=1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    i, f, g, o = (held.on_gate(name, gate) for name, gate in zip("ifgo", (i, f, g, o), strict=True))
    c = held.on_state(f * state[1] + i * g)
    return held.on_state(o * c.tanh()), c


def gru(a: Tensor, u: Tensor, state: Any, held: Clamp) -> Any:
    (a_r, a_z, a_n), (u_r, u_z, u_n) = a.chunk(3, dim=1), u.chunk(3, dim=1)
    r, z = held.on_gate("r", (a_r + u_r).sigmoid()), held.on_gate("z", (a_z + u_z).sigmoid())
    n = held.on_gate("n", (a_n + r * u_n).tanh())
    return (held.on_state((1 - z) * n + z * state[0]),)


STEPS: dict[str, Callable[[Tensor, Tensor, Any, Clamp], Any]] = {"rnn": rnn, "lstm": lstm, "gru": gru}
STATES = {"rnn": 1, "lstm": 2, "gru": 1}


class ByHand:
    """A network in float64, unrolled by a loop: forward layers only."""

    def __init__(self, state: RunState, layer: str = "", held: Clamp | None = None) -> None:
        self.design = state.design
        self.weights = {name: torch.tensor(w, dtype=torch.float64) for name, w in state.weights.items()}
        self.layer, self.held = layer, held or Clamp()

    def zero(self) -> list[Any]:
        nothing = torch.zeros(1, self.design.hidden_size, dtype=torch.float64)
        return [(nothing,) * STATES[self.design.cell] for _ in range(self.design.layers)]

    def step(self, part: str, x: Tensor, states: list[Any]) -> list[Any]:
        """All layers' next states."""
        after = []
        prefix = "" if part == "recurrent" else f"{part}."
        for number, state in enumerate(states):
            w = {kind: self.weights[f"{prefix}{kind}_l{number}"] for kind in ("weight_ih", "weight_hh")}
            b = {kind: self.weights[f"{prefix}{kind}_l{number}"] for kind in ("bias_ih", "bias_hh")}
            a = x @ w["weight_ih"].T + b["bias_ih"]
            u = state[0] @ w["weight_hh"].T + b["bias_hh"]
            here = self.layer == f"{part}/{number}/forward"
            after.append(STEPS[self.design.cell](a, u, state, self.held if here else Clamp()))
            x = after[-1][0]
        return after

    def linear(self, name: str, x: Tensor) -> Tensor:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def out(self, states: list[Any], keys: list[Tensor] | None = None) -> Tensor:
        """The read-out of a state, beside the mean of `keys` weighted by their scores where there are any."""
        h = states[-1][0]
        if keys is None or self.design.attention == "none":
            return self.linear("readout", h)
        scores = torch.stack([self.score(h, key) for key in keys])
        mean = sum(a * key for a, key in zip(scores.softmax(dim=0), keys, strict=True))
        return self.linear("readout", torch.cat([h, mean], dim=1))

    def score(self, h: Tensor, key: Tensor) -> Tensor:
        if self.design.attention == "dot":
            return (h * key).sum()
        w = {name: self.weights[f"attention.{name}.weight"] for name in ("query", "key", "score")}
        return (torch.tanh(h @ w["query"].T + key @ w["key"].T) @ w["score"].T).sum()

    def squeezed(self, states: list[Any]) -> list[Any]:
        """An encoder's last states through a context of its own size, where there is one."""
        if not self.design.context_size:
            return states
        row = torch.cat([part for state in states for part in state], dim=1)
        row = self.linear("context.expand", torch.tanh(self.linear("context.reduce", row)))
        pieces = iter(row.split(self.design.hidden_size, dim=1))
        return [tuple(next(pieces) for _ in state) for state in states]

    def read_in(self, inputs: list[Tensor]) -> tuple[list[Any], list[Tensor]]:
        """An encoder's last states and all its uppermost ones."""
        states, keys = self.zero(), []
        for x in inputs:
            states = self.step("encoder", x, states)
            keys.append(states[-1][0])
        return states, keys

    def over(self, part: str, inputs: list[Tensor]) -> Tensor:
        """The read-out of every time step (T, O)."""
        states, outputs = self.zero(), []
        for x in inputs:
            states = self.step(part, x, states)
            outputs.append(self.out(states))
        return torch.cat(outputs)

    def written(
        self, part: str, first: Tensor, later: Callable[[int], Tensor], begin: Any, steps: int
    ) -> tuple[list[int], Tensor]:
        """Greedy symbols, and the outputs (S, O) they come from. `begin`: start states, and keys or None."""
        (states, keys), x = begin, first
        symbols: list[int] = []
        outputs: list[Tensor] = []
        for _ in range(steps):
            states = self.step(part, x, states)
            outputs.append(self.out(states, keys))
            symbols.append(int(outputs[-1].argmax()))
            x = later(symbols[-1])
        return symbols, torch.cat(outputs)


def inputs_of(question: Question) -> list[Tensor]:
    return [torch.tensor(x_BI, dtype=torch.float64) for x_BI in question.batch.inputs_TBI]


def unit_vector(index: int, size: int) -> Tensor:
    return torch.eye(size, dtype=torch.float64)[index][None]


def greedy(net: ByHand, question: Question, steps: int) -> tuple[list[int], Tensor]:
    """What a generating network writes, by hand, in either topology that does."""
    size = len(net.weights["readout.bias"])
    inputs = inputs_of(question)
    if net.design.topology == "one-to-many":
        nothing, none = torch.zeros_like(inputs[0]), torch.zeros(1, size, dtype=torch.float64)
        first = torch.cat([inputs[0], none], dim=1)
        later = lambda s: torch.cat([nothing, unit_vector(s, size)], dim=1)  # noqa: E731
        return net.written("recurrent", first, later, (net.zero(), None), steps)
    states, keys = net.read_in(inputs)
    begin = net.squeezed(states), keys
    first = torch.zeros(1, size, dtype=torch.float64)
    return net.written("decoder", first, lambda s: unit_vector(s, size), begin, steps)
