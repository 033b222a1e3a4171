"""Every number of the Unroll page against PyTorch's own cells and autograd, in double precision.

Each time step of the oracle has its own copy of the weights, so that autograd itself tells what a
time step adds to the gradient. T time steps, I inputs, H hidden units.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from rnnlab.model.cells import CELLS
from rnnlab.model.cells.cell import ACTIVATIONS as MODEL_ACTIVATIONS
from rnnlab.unroll import Tiny, compute, updated
from rnnlab.unroll.activations import ACTIVATIONS
from rnnlab.unroll.blocks import blocks
from rnnlab.unroll.cells import TINY_CELLS

CELL_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class ElmanCell(nn.RNNCell):
    """PyTorch has only tanh and relu."""

    def forward(self, x, h):
        f = {"sigmoid": torch.sigmoid, "identity": lambda a: a}[self.nonlinearity]
        return f(F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh))


def torch_cell(tiny: Tiny) -> nn.Module:
    sizes = (tiny.input_size, tiny.hidden_size)
    if tiny.cell == "lstm":
        return nn.LSTMCell(*sizes).double()
    if tiny.cell == "gru":
        return nn.GRUCell(*sizes).double()
    own = tiny.activation in ("tanh", "relu")
    made = (nn.RNNCell if own else ElmanCell)(*sizes, nonlinearity="tanh").double()
    made.nonlinearity = tiny.activation
    return made


def oracle(tiny: Tiny) -> SimpleNamespace:
    """Autograd's loss, states, derivatives, and for each time step the gradients of its own copies."""
    cell, readout = torch_cell(tiny), nn.Linear(tiny.hidden_size, 1).double()
    with torch.no_grad():
        for name in CELL_NAMES:
            getattr(cell, name).copy_(torch.tensor(tiny.numbers[name]))
        readout.weight.copy_(torch.tensor(tiny.numbers["readout.weight"]))
        readout.bias.copy_(torch.tensor(tiny.numbers["readout.bias"]))
    cells = [copy.deepcopy(cell) for _ in range(tiny.length)]
    readouts = [copy.deepcopy(readout) for _ in range(tiny.length)]
    h = torch.zeros(tiny.hidden_size, dtype=torch.float64)
    state = (h, h) if tiny.cell == "lstm" else h
    found = SimpleNamespace(h=[], c=[], y=[], losses={}, cells=cells, readouts=readouts)
    for t in range(tiny.length):
        state = cells[t](torch.tensor(tiny.numbers["x"][t]), state)
        if tiny.cell == "lstm":
            found.c.append(state[1])
        h = state[0] if tiny.cell == "lstm" else state
        h.retain_grad()
        found.h.append(h)
        found.y.append(readouts[t](h))
        found.y[-1].retain_grad()
        if tiny.loss_at == "every" or t == tiny.length - 1:
            found.losses[t + 1] = 0.5 * (found.y[-1] - tiny.numbers["target"][t]).square().sum()
    found.loss = sum(found.losses.values())
    found.loss.backward()
    return found


def cell_state_derivatives(tiny: Tiny) -> list[torch.Tensor]:
    """dL/dc_t of an LSTM by autograd; PyTorch's own cell hides that h_t comes from c_t."""
    w_ih, w_hh, b_ih, b_hh = (torch.tensor(tiny.numbers[name]) for name in CELL_NAMES)
    h = c = torch.zeros(tiny.hidden_size, dtype=torch.float64, requires_grad=True)
    kept, loss = [], 0.0
    for t in range(tiny.length):
        a = F.linear(torch.tensor(tiny.numbers["x"][t]), w_ih, b_ih) + F.linear(h, w_hh, b_hh)
        i, f, g, o = a.chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        c.retain_grad()
        kept.append(c)
        h = torch.sigmoid(o) * torch.tanh(c)
        if t + 1 in tiny.loss_times:
            y = F.linear(h, *(torch.tensor(tiny.numbers[f"readout.{name}"]) for name in ("weight", "bias")))
            loss = loss + 0.5 * (y - tiny.numbers["target"][t]).square().sum()
    loss.backward()
    return [c.grad for c in kept]


def copies(found: SimpleNamespace, name: str) -> list[np.ndarray]:
    """The gradients of each time step's copy of one weight; zeros where no loss depends on it."""
    holders = found.readouts if name.startswith("readout") else found.cells
    weights = [getattr(holder, name.removeprefix("readout.")) for holder in holders]
    return [np.zeros(w.shape) if w.grad is None else w.grad.numpy() for w in weights]


def close(ours, theirs) -> None:
    if isinstance(theirs, torch.Tensor):
        theirs = theirs.detach().numpy()
    np.testing.assert_allclose(np.ravel(ours), np.ravel(theirs), rtol=1e-9, atol=1e-12)


def check_states(tiny, ours, found) -> None:
    for t in range(1, tiny.length + 1):
        close(ours.line("h", t).value, found.h[t - 1])
        close(ours.line("y", t).value, found.y[t - 1])
        close(ours.line("grad h", t).value, found.h[t - 1].grad)
        if found.c:
            close(ours.line("c", t).value, found.c[t - 1])
        if t in found.losses:
            close(ours.line("L", t).value, found.losses[t])
            close(ours.line("grad y", t).value, found.y[t - 1].grad)
    if found.c:
        for t, derivative in enumerate(cell_state_derivatives(tiny), start=1):
            close(ours.line("grad c", t).value, derivative)
    close(ours.loss, found.loss)


def check_parts(tiny, ours, found) -> None:
    """Contributions, their sums; δ is what autograd says of the biases' copies."""
    for block in blocks(tiny.cell, tiny.hidden_size):
        theirs = [grad[block.rows] for grad in copies(found, block.name)]
        for t in range(1, tiny.length + 1):
            lines = [
                line
                for stage in ours.stages
                for line in stage.lines
                if line.time_step == t and f"part {block.key}" in line.shows
            ]
            if lines:
                (line,) = lines
                close(line.value, theirs[t - 1])
            else:
                assert not theirs[t - 1].any()
        close(ours.line(f"grad {block.key}").value, sum(theirs))
        close(ours.gradients[block.name][block.rows], sum(theirs))
    for t in range(1, tiny.length + 1):
        for place, gate in enumerate(TINY_CELLS[tiny.cell].gates):
            rows = slice(place * tiny.hidden_size, (place + 1) * tiny.hidden_size)
            delta = ours.line(f"delta_{gate}" if gate else "delta", t).value
            close(delta, copies(found, "bias_ih")[t - 1][rows])


def check_update(tiny, ours, found) -> None:
    """PyTorch's own clipping and its own optimiser."""
    parameters = {name: nn.Parameter(torch.tensor(array)) for name, array in tiny.weights.items()}
    for name, parameter in parameters.items():
        parameter.grad = torch.tensor(sum(copies(found, name)))
    if tiny.clip_threshold:
        norm = nn.utils.clip_grad_norm_(parameters.values(), tiny.clip_threshold)
        close(ours.line("norm").value, norm)
    torch.optim.SGD(parameters.values(), lr=tiny.learning_rate).step()
    for name, parameter in parameters.items():
        close(ours.weights[name], parameter)
    after = updated(tiny)
    close(ours.line("loss after").value, oracle(after).loss)
    close(after.numbers["weight_hh"], parameters["weight_hh"])


def check_all(tiny: Tiny) -> None:
    ours, found = compute(tiny), oracle(tiny)
    check_states(tiny, ours, found)
    check_parts(tiny, ours, found)
    check_update(tiny, ours, found)


NETWORKS = [("rnn", activation) for activation in ACTIVATIONS] + [("lstm", "tanh"), ("gru", "tanh")]


@pytest.mark.parametrize("loss_at", ["last", "every"])
@pytest.mark.parametrize("hidden_size", [1, 2, 3, 4])
@pytest.mark.parametrize(("cell", "activation"), NETWORKS)
def test_every_number_is_autograds(cell, activation, hidden_size, loss_at):
    for length in (2, 3, 6):
        fields = {"hidden_size": hidden_size, "input_size": 1 + length % 3, "length": length}
        check_all(Tiny(cell=cell, activation=activation, loss_at=loss_at, seed=length, **fields))


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Tiny,
        cell=st.sampled_from(list(TINY_CELLS)),
        activation=st.sampled_from(list(ACTIVATIONS)),
        hidden_size=st.integers(1, 4),
        input_size=st.integers(1, 3),
        length=st.integers(2, 6),
        loss_at=st.sampled_from(["last", "every"]),
        learning_rate=st.sampled_from([0.001, 0.1, 1.0]),
        clip_threshold=st.sampled_from([0.0, 0.01, 1.0, 100.0]),
        seed=st.integers(0, 1000),
    )
)
def test_any_network_is_autograds(tiny):
    check_all(tiny)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gates_are_those_of_pytorchs_formulas(cell):
    tiny = Tiny(cell=cell, hidden_size=3, input_size=2, length=4, seed=3)
    ours, h = compute(tiny), np.zeros(3)
    for t in range(1, 5):
        from_x = tiny.numbers["weight_ih"] @ tiny.numbers["x"][t - 1] + tiny.numbers["bias_ih"]
        from_h = tiny.numbers["weight_hh"] @ h + tiny.numbers["bias_hh"]
        both = torch.tensor(from_x + from_h)
        names = TINY_CELLS[cell].gates
        for name, a in zip(names, both.chunk(len(names)), strict=True):
            if name in "ifozr":
                close(ours.line(name, t).value, torch.sigmoid(a))
            elif name == "g":
                close(ours.line(name, t).value, torch.tanh(a))
        if cell == "gru":
            close(ours.line("q", t).value, from_h[6:])
            reset = ours.line("r", t).value[:, 0]
            close(ours.line("n", t).value, np.tanh(from_x[6:] + reset * from_h[6:]))
        h = ours.line("h", t).value[:, 0]


@pytest.mark.parametrize("cell", TINY_CELLS)
def test_the_line_with_numbers_gives_the_value(cell):
    """Read as arithmetic by Python itself, the numbers of every line give what it says."""
    names = {
        "tanh": np.tanh,
        "σ": lambda a: torch.sigmoid(torch.tensor(a)).numpy(),
        "min": np.minimum,
        "sqrt": np.sqrt,
    }
    for hidden_size in (1, 3):
        tiny = Tiny(
            cell=cell, hidden_size=hidden_size, input_size=2, seed=5, loss_at="every", clip_threshold=0.5
        )
        for stage in compute(tiny).stages:
            for line in stage.lines:
                values = [token for token in line.numbers if not isinstance(token, str)]
                text, place = "", iter(range(99))
                for token in line.numbers:
                    text += token if isinstance(token, str) else f"v[{next(place)}]"
                text = text.replace("] v[", "] @ v[").replace("v[0] (", "v[0] @ (")
                for sign, python in {
                    "−": "-",
                    "·": "*",
                    "⊙": "*",
                    "½": "0.5",
                    "²": "**2",
                    "√": "sqrt",
                    "10⁻⁶": "1e-6",
                }.items():
                    text = text.replace(sign, python)
                close(eval(text, {"v": values, **names}), line.value)


def test_registries_agree():
    assert set(TINY_CELLS) == set(CELLS)
    assert set(ACTIVATIONS) == set(MODEL_ACTIVATIONS)
    for name, cell in TINY_CELLS.items():
        assert cell.states == CELLS[name].states
        assert tuple(gate for gate in cell.gates if gate) == tuple(CELLS[name].gates)


def test_parameters_do_not_grow_with_the_length():
    counts = {sum(a.size for a in Tiny(length=length).weights.values()) for length in range(2, 7)}
    assert counts == {2 * 1 + 2 * 2 + 2 + 2 + 2 + 1}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("cell", TINY_CELLS)
def test_numbers_that_are_none_are_kept_and_never_crash(cell, bad):
    tiny = Tiny(cell=cell, length=6, loss_at="every", clip_threshold=1.0)
    broken = np.array(tiny.numbers["weight_hh"])
    broken[0, 0] = bad
    computed = compute(replace(tiny, numbers={**tiny.numbers, "weight_hh": broken}))
    if np.isnan(bad):
        assert np.isnan(computed.loss)
        assert np.isnan(oracle(replace(tiny, numbers={**tiny.numbers, "weight_hh": broken})).loss.item())
        assert np.isnan(computed.line("grad h", 1).value).any()


def test_a_network_computes_without_touching_its_numbers():
    tiny = Tiny(cell="lstm")
    before = {name: array.copy() for name, array in tiny.numbers.items()}
    updated(tiny)
    for name, array in tiny.numbers.items():
        np.testing.assert_array_equal(array, before[name])
