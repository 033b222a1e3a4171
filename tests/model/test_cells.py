"""Each cell against torch.nn: outputs and every gradient, to 1e-10 in float64.

Shapes: T time steps, B sequences, X input size, H hidden size.
"""

from itertools import pairwise

import numpy as np
import pytest
import torch
from oracles import STATES, step
from torch import nn

from rnnlab.model.cells import CELLS
from rnnlab.model.cells.cell import ACTIVATIONS, Unrolled
from rnnlab.model.layer import LayerWeights, Tape, run_layer
from rnnlab.model.stack import Pass, run_stack

T, B, X, H = 9, 4, 3, 5
CLOSE = {"rtol": 1e-10, "atol": 1e-12}
BUILT_IN = [("rnn", "tanh"), ("rnn", "relu"), ("lstm", "tanh"), ("gru", "tanh")]
EVERY_RULE = [*BUILT_IN, ("rnn", "sigmoid"), ("rnn", "identity")]
every_rule = pytest.mark.parametrize(("cell", "activation"), EVERY_RULE)
built_in = pytest.mark.parametrize(("cell", "activation"), BUILT_IN)


def random(seed: int, *shape: int) -> torch.Tensor:
    drawn = np.random.default_rng(seed).standard_normal(shape)
    return torch.tensor(drawn, requires_grad=True)


def layer(cell: str, seed: int = 0, inputs: int = X, hidden: int = H) -> LayerWeights:
    rows = CELLS[cell].blocks * hidden
    shapes = [(rows, inputs), (rows, hidden), (rows,), (rows,)]
    return LayerWeights(*(random(seed + n, *shape) for n, shape in enumerate(shapes)))


def start_of(cell: str, seed: int = 20) -> tuple[torch.Tensor, ...]:
    return tuple(random(seed + n, B, H) for n in range(STATES[cell]))


def torch_module(cell: str, activation: str, layers: int = 1, directions: int = 1) -> nn.RNNBase:
    more = {"num_layers": layers, "bidirectional": directions == 2, "dtype": torch.float64}
    torch.manual_seed(1)
    if cell == "rnn":
        return nn.RNN(X, H, nonlinearity=activation, **more)
    return (nn.LSTM if cell == "lstm" else nn.GRU)(X, H, **more)


def weighted_sum(tensors, seed: int = 70) -> torch.Tensor:
    """A loss in which every number of every tensor has its own weight."""
    return sum((tensor * random(seed + n, *tensor.shape).detach()).sum() for n, tensor in enumerate(tensors))


def gradients(loss: torch.Tensor, leaves) -> list[torch.Tensor]:
    return list(torch.autograd.grad(loss, list(leaves), retain_graph=True))


def assert_all_close(found, wanted, **tolerance):
    assert len(found) == len(wanted)
    for n, (a, b) in enumerate(zip(found, wanted, strict=True)):
        torch.testing.assert_close(a, b, **(tolerance or CLOSE), msg=lambda text, n=n: f"tensor {n}: {text}")


def unrolled_by_steps(cell, activation, x_TBI, weights, start):
    named = dict(zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), weights, strict=True))
    curve, state = [], start
    for x_BI in x_TBI:
        state = step(cell, activation, named, x_BI, state)
        curve.append(state)
    return tuple(torch.stack(states) for states in zip(*curve, strict=True))


@every_rule
def test_states_and_gradients_equal_a_step_by_step_graph(cell, activation):
    x_TBI, weights, start = random(3, T, B, X), layer(cell), start_of(cell)
    found = run_layer(CELLS[cell], ACTIVATIONS[activation], 0, None, x_TBI, weights, start).states
    wanted = unrolled_by_steps(cell, activation, x_TBI, weights, start)
    assert_all_close(found, wanted)
    leaves = [x_TBI, *weights, *start]
    assert_all_close(gradients(weighted_sum(found), leaves), gradients(weighted_sum(wanted), leaves))


@every_rule
def test_a_loss_on_the_last_step_alone(cell, activation):
    x_TBI, weights, start = random(4, T, B, X), layer(cell), start_of(cell)
    leaves = [x_TBI, *weights, *start]
    found = run_layer(CELLS[cell], ACTIVATIONS[activation], 0, None, x_TBI, weights, start).states
    wanted = unrolled_by_steps(cell, activation, x_TBI, weights, start)
    assert_all_close(gradients(found[0][-1].sum(), leaves), gradients(wanted[0][-1].sum(), leaves))
    if len(found) > 1:  # the cell state's own derivative, with none attached to h
        assert_all_close(
            gradients(found[1][-1].sum(), leaves[:-1]), gradients(wanted[1][-1].sum(), leaves[:-1])
        )


@built_in
def test_one_layer_equals_torch_nn(cell, activation):
    module, x_TBI, start = torch_module(cell, activation), random(5, T, B, X), start_of(cell)
    weights = LayerWeights(*module.parameters())
    found = run_layer(CELLS[cell], ACTIVATIONS[activation], 0, None, x_TBI, weights, start).states
    given = tuple(state[None] for state in start)
    h_TBH, last = module(x_TBI, given if len(given) > 1 else given[0])
    last = last if isinstance(last, tuple) else (last,)
    mine, torchs = [found[0], *(state[-1:] for state in found)], [h_TBH, *last]
    assert_all_close(mine, torchs)
    leaves = [x_TBI, *weights, *start]
    assert_all_close(gradients(weighted_sum(mine), leaves), gradients(weighted_sum(torchs), leaves))


@built_in
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("lengths", [[T] * B, [T, 2, 1, 6]], ids=["equal lengths", "unequal lengths"])
def test_stacks_equal_torch_nn(cell, activation, layers, directions, lengths):
    module, x_TBI = torch_module(cell, activation, layers, directions), random(6, T, B, X)
    named = dict(module.named_parameters())
    this = Pass(CELLS[cell], layers, directions, named, activation)
    out = run_stack(this, "", x_TBI, torch.tensor(lengths), carry=True)
    packed = nn.utils.rnn.pack_padded_sequence(x_TBI, torch.tensor(lengths), enforce_sorted=False)
    h_packed, last = module(packed)
    h_TBD = nn.utils.rnn.pad_packed_sequence(h_packed, total_length=T)[0]
    valid_TB1 = (torch.arange(T)[:, None] < torch.tensor(lengths))[:, :, None]
    last = last if isinstance(last, tuple) else (last,)
    # torch orders its last states layer by layer, and within a layer forward before backward
    mine = [
        torch.stack([out.last[d][n][s] for n in range(layers) for d in range(directions)])
        for s in range(STATES[cell])
    ]
    found, wanted = [out.top_TBD * valid_TB1, *mine], [h_TBD, *last]
    assert_all_close(found, wanted)
    leaves = [x_TBI, *named.values()]
    assert_all_close(gradients(weighted_sum(found), leaves), gradients(weighted_sum(wanted), leaves))


@every_rule
@pytest.mark.parametrize("window", [0, 3])
def test_gradcheck(cell, activation, window):
    """Finite differences, by torch.autograd.gradcheck; a window as long as the sequence never cuts."""
    short, hidden = 3, 3
    x_TBI, weights = random(7, short, 2, 2), layer(cell, 8, 2, hidden)
    start = tuple(random(30 + n, 2, hidden) for n in range(STATES[cell]))

    def layer_of(x, *rest):
        held = LayerWeights(*rest[:4])
        read = run_layer(CELLS[cell], ACTIVATIONS[activation], window, None, x, held, rest[4:])
        return *read.states, *read.last

    assert torch.autograd.gradcheck(layer_of, (x_TBI, *weights, *start))


@built_in
def test_the_fused_kernels_equal_their_own(cell, activation):
    """PyTorch's kernels, which a GPU uses, give the same from the same arguments."""
    x_TBI, weights, start = random(9, T, B, X), layer(cell), start_of(cell)
    leaves, rule = [x_TBI, *weights, *start], ACTIVATIONS[activation]
    read = run_layer(CELLS[cell], rule, 0, None, x_TBI, weights, start)
    kernel = CELLS[cell].fused(x_TBI, start, weights, rule)
    own, fused = [read.states[0], *read.last], [kernel.h_TBH, *kernel.last]
    assert_all_close(own, fused)
    assert_all_close(gradients(weighted_sum(own), leaves), gradients(weighted_sum(fused), leaves))


def test_an_activation_that_pytorch_has_no_kernel_for():
    x_TBI, weights, start = random(9, T, B, X), layer("rnn"), start_of("rnn")
    assert CELLS["rnn"].fused(x_TBI, start, weights, ACTIVATIONS["sigmoid"]) is None


@every_rule
@pytest.mark.parametrize("window", [1, 2, 4])
def test_truncation_equals_detaching_by_hand(cell, activation, window):
    x_TBI, weights, start = random(10, T, B, X), layer(cell), start_of(cell)
    found = run_layer(CELLS[cell], ACTIVATIONS[activation], window, None, x_TBI, weights, start).states
    parts, state = [], start
    for first in range(0, T, window):
        if first:
            state = tuple(s.detach() for s in state)
        piece = unrolled_by_steps(cell, activation, x_TBI[first : first + window], weights, state)
        state = tuple(s[-1] for s in piece)
        parts.append(piece)
    wanted = [torch.cat(pieces) for pieces in zip(*parts, strict=True)]
    assert_all_close(found, wanted)
    leaves = [x_TBI, *weights, *start]
    assert_all_close(gradients(weighted_sum(found), leaves), gradients(weighted_sum(wanted), leaves))


@every_rule
def test_beyond_the_window_the_gradient_is_exactly_zero(cell, activation):
    x_TBI, weights, start = random(11, T, B, X), layer(cell), start_of(cell)
    tape = Tape("recurrent/0/forward", False, torch.full((B,), T), Unrolled((), {}))
    found = run_layer(CELLS[cell], ACTIVATIONS[activation], 4, tape, x_TBI, weights, start).states
    (grad_x,) = gradients(found[0][-1].sum(), [x_TBI])
    assert torch.equal(grad_x[:8], torch.zeros_like(grad_x[:8]))
    assert grad_x[8].abs().max() > 0
    for grad_TBH in tape.derivatives.states:
        assert torch.equal(grad_TBH[:8], torch.zeros_like(grad_TBH[:8]))
    uncut = run_layer(CELLS[cell], ACTIVATIONS[activation], 0, None, x_TBI, weights, start).states
    (whole_grad_x,) = gradients(uncut[0][-1].sum(), [x_TBI])
    assert whole_grad_x[0].abs().max() > 0, "without the window something does flow that far"


@every_rule
def test_gates_are_those_of_the_formula(cell, activation):
    """Gates as noted on the tape, against the textbook formula on the states before them."""
    x_TBI, weights, start = random(12, T, B, X), layer(cell), start_of(cell)
    tape = Tape("recurrent/0/forward", False, torch.full((B,), T), Unrolled((), {}))
    run_layer(CELLS[cell], ACTIVATIONS[activation], 0, tape, x_TBI, weights, start)
    gates, h_before = tape.unrolled.gates, tape.unrolled.states[0][:-1]
    assert set(CELLS[cell].gates) <= set(gates)
    from_input = x_TBI @ weights.w_ih_GI.T + weights.b_ih_G
    from_state = h_before @ weights.w_hh_GH.T + weights.b_hh_G
    rows = pairwise(range(0, CELLS[cell].blocks * H + 1, H))
    for name, (low, high) in zip(CELLS[cell].gates, rows, strict=False):
        own = from_state[..., low:high]
        if cell == "gru" and name == "n":
            own = gates["r"] * own
        squash = torch.tanh if name in CELLS[cell].signed_gates else torch.sigmoid
        torch.testing.assert_close(gates[name], squash(from_input[..., low:high] + own), **CLOSE)


def test_a_wrong_gate_order_would_be_noticed():
    """The comparison with torch.nn has teeth: input and forget gate exchanged gives other numbers."""
    module, x_TBI = torch_module("lstm", "tanh"), random(13, T, B, X)
    order = [1, 0, 2, 3]
    mixed = [torch.cat([p.chunk(4)[n] for n in order]) for p in module.parameters()]
    found = run_layer(
        CELLS["lstm"],
        ACTIVATIONS["tanh"],
        0,
        None,
        x_TBI,
        LayerWeights(*mixed),
        tuple(s * 0 for s in start_of("lstm")),
    ).states
    assert (found[0] - module(x_TBI)[0]).abs().max() > 1e-3
