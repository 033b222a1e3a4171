"""trace against step-by-step autograd, finite differences and closed forms.

Shapes: T input time steps, S output time steps, B sequences, H hidden size.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import SHORT, every_architecture, every_recurrent_architecture
from oracles import Network, loss_of, run_alone
from torch import nn

from rnnlab import Design, RunState, Settings, begin, trace
from rnnlab.config import default_settings
from rnnlab.evaluation import held_out_batch
from rnnlab.model.cells import CELLS
from rnnlab.model.network import load_task, tensors
from rnnlab.model.weights import directions
from rnnlab.tasks.spec import Batch

DIRECTIONS = ("forward", "backward")


def settings_of(design: Design, **fields) -> Settings:
    return replace(default_settings(design), **{"length": SHORT[design.task], **fields})


def uneven_batch(design: Design, sequences: int = 4) -> Batch:
    """A held-out batch of the design's task, cut to unequal lengths."""
    batch = held_out_batch(design, settings_of(design), sequences)
    steps, length = len(batch.mask_SB), len(batch.inputs_TBI)
    lengths_B = np.minimum(batch.lengths_B, [length, 2, 5, 1])
    inside_TB = np.arange(length)[:, None] < lengths_B
    mask_SB = batch.mask_SB
    if steps == length:
        mask_SB = mask_SB & inside_TB
    elif steps > 1:
        mask_SB = mask_SB & (np.arange(steps)[:, None] < [steps, 1, 3, 2])
    return Batch(batch.inputs_TBI * inside_TB[:, :, None], batch.targets, mask_SB, lengths_B)


def by_steps(state: RunState, batch: Batch):
    """Loss, runs and weights of the oracle, after its backward pass."""
    design = state.design
    weights = {n: torch.tensor(w, dtype=torch.float64, requires_grad=True) for n, w in state.weights.items()}
    net = Network(
        design.cell, design.activation, design.layers, directions(design), weights, design.attention
    )
    given = tensors(batch, torch.device("cpu"), torch.float64)
    runs = run_alone(design.topology, net, given)
    loss = loss_of(load_task(design).loss, runs, given)
    loss.backward()
    return loss, runs, weights


def relative(found: np.ndarray, wanted: np.ndarray) -> float:
    """Largest error at any time step, relative to the largest derivative at that very time step."""
    per_step = np.abs(found - wanted).reshape(len(found), -1).max(axis=1)
    size = np.abs(wanted).reshape(len(wanted), -1).max(axis=1)
    return float((per_step / np.where(size > 0, size, 1)).max())


def assert_equals_autograd(state: RunState, settings: Settings, batch: Batch):
    found = trace(state, settings, batch)
    loss, runs, weights = by_steps(state, batch)
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    seen = set()
    for b, run in enumerate(runs):
        for part, unrolled in run.parts.items():
            for layer, curves in enumerate(unrolled.states):
                for direction, curve in enumerate(curves):
                    name = f"{part}/{layer}/{DIRECTIONS[direction]}"
                    seen.add(name)
                    assert_layer_equals(found.layers[name], curve, b)
        np.testing.assert_allclose(
            found.outputs[: len(run.outputs_SO), b], run.outputs_SO.detach(), rtol=1e-9, atol=1e-12
        )
    assert set(found.layers) == seen
    for name, weight in weights.items():
        gradient = np.zeros(weight.shape) if weight.grad is None else weight.grad.numpy()
        np.testing.assert_allclose(found.gradients[name], gradient, rtol=1e-6, atol=1e-13, err_msg=name)


def assert_layer_equals(layer, curve, b: int):
    steps = len(curve)
    assert layer.valid[:, b].sum() == steps
    for n, (values, gradients) in enumerate([(layer.h, layer.grad_h), (layer.c, layer.grad_c)]):
        if n >= len(curve[0]):
            assert values is None
            assert gradients is None
            continue
        wanted = torch.stack([state[n][0].detach() for state in curve]).numpy()
        totals = [state[n].grad for state in curve]
        wanted_grad = np.stack([np.zeros(wanted.shape[1]) if g is None else g[0].numpy() for g in totals])
        assert values.dtype == gradients.dtype == np.float64
        np.testing.assert_allclose(values[:steps, b], wanted, rtol=1e-9, atol=1e-12)
        assert relative(gradients[:steps, b], wanted_grad) < 1e-6
        assert not values[steps:, b].any()
        assert not gradients[steps:, b].any()


@every_architecture
def test_total_derivatives_equal_step_by_step_autograd(design):
    """Unequal lengths, each sequence alone in the oracle; through layers, directions and the context."""
    assert_equals_autograd(begin(design), settings_of(design), uneven_batch(design))


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize(("cell", "layers"), [("lstm", 1), ("rnn", 1), ("gru", 2)])
def test_a_loss_on_the_last_of_200_time_steps(cell, layers, both):
    """Derivatives fall by many orders of magnitude and stay right at every one of them."""
    design = Design(
        task="adding", cell=cell, activation="tanh", hidden_size=12, layers=layers, bidirectional=both
    )
    settings = Settings(length=200)
    state = begin(design)
    assert_equals_autograd(state, settings, held_out_batch(design, settings, 2))
    if not both:
        layer = trace(state, settings, sequences=2).layers["recurrent/0/forward"]
        sizes = np.abs(layer.grad_h).max(axis=(1, 2))
        assert 0 < sizes[0] < 1e-12 * sizes[-1]


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "identity"])
def test_other_activations_through_the_context(activation):
    design = Design(
        task="dates", cell="rnn", activation=activation, hidden_size=6, layers=2, recurrent_init="orthogonal"
    )
    assert_equals_autograd(begin(design), settings_of(design), uneven_batch(design))


@every_recurrent_architecture
def test_gates_and_states_obey_the_cells_equations(design):
    """In the order of time, for both directions: each state follows from the one that was read before."""
    found = trace(begin(design), settings_of(design), uneven_batch(design))
    for layer in found.layers.values():
        assert list(layer.gates) == list(CELLS[design.cell].gates)
        for b in range(layer.h.shape[1]):
            steps = int(layer.valid[:, b].sum())
            before = [start[b] for start in layer.start]
            for t in reversed(range(steps)) if layer.reverse else range(steps):
                gates = {name: values[t, b] for name, values in layer.gates.items()}
                if design.cell == "lstm":
                    c = gates["f"] * before[1] + gates["i"] * gates["g"]
                    np.testing.assert_allclose(layer.c[t, b], c, rtol=1e-10, atol=1e-13)
                    np.testing.assert_allclose(layer.h[t, b], gates["o"] * np.tanh(c), rtol=1e-10, atol=1e-13)
                    before = [layer.h[t, b], c]
                elif design.cell == "gru":
                    h = (1 - gates["z"]) * gates["n"] + gates["z"] * before[0]
                    np.testing.assert_allclose(layer.h[t, b], h, rtol=1e-10, atol=1e-13)
                    before = [h]
            assert all(not values[steps:, b].any() for values in layer.gates.values())


@pytest.mark.parametrize("cell", CELLS)
def test_the_trap_is_not_what_is_reported(cell):
    """`output.grad` of torch.nn is the direct derivative: 0 before the last step. The trace's is not."""
    design = Design(task="adding", cell=cell, activation="tanh", hidden_size=8)
    state, settings = begin(design), Settings(length=12)
    batch = held_out_batch(design, settings, 3)
    kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell]
    module = kind(2, 8, dtype=torch.float64)
    module.load_state_dict(
        {n: torch.tensor(w, dtype=torch.float64) for n, w in state.weights.items() if "readout" not in n}
    )
    h_TBH, _ = module(torch.tensor(batch.inputs_TBI, dtype=torch.float64))
    h_TBH.retain_grad()
    weight, bias = (
        torch.tensor(state.weights[f"readout.{n}"], dtype=torch.float64) for n in ("weight", "bias")
    )
    loss = nn.functional.mse_loss(h_TBH[-1] @ weight.T + bias, torch.tensor(batch.targets[0]).double())
    loss.backward()
    found = trace(state, settings, batch)
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    direct, total = h_TBH.grad.numpy(), found.layers["recurrent/0/forward"].grad_h
    assert not direct[:-1].any()
    assert (np.abs(total).max(axis=(1, 2)) > 0).all()
    np.testing.assert_allclose(total[-1], direct[-1], rtol=1e-10)


def nudged(state: RunState, name: str, index: tuple[int, ...], by: float) -> RunState:
    """The state with one weight moved, in float64 so that small nudges are not rounded away."""
    weights = {n: np.asarray(w, np.float64).copy() for n, w in state.weights.items()}
    weights[name][index] += by
    return replace(state, weights=weights)


@every_architecture
def test_gradients_are_the_losss_finite_differences(design):
    state, settings, batch = begin(design), settings_of(design), uneven_batch(design)
    found, rng, step = trace(state, settings, batch), np.random.default_rng(1), 1e-5
    for name, gradient in found.gradients.items():
        index = tuple(int(rng.integers(n)) for n in gradient.shape)
        up, down = (trace(nudged(state, name, index, by), settings, batch).loss for by in (step, -step))
        assert (up - down) / (2 * step) == pytest.approx(gradient[index], rel=1e-4, abs=1e-9), name


@pytest.mark.parametrize("cell", CELLS)
def test_grad_h_is_a_finite_difference_too(cell):
    """An input weight from a marker that fires at one time step alone moves the state there alone."""
    design = Design(task="adding", cell=cell, activation="identity", hidden_size=5)
    settings, state = Settings(length=9), begin(design)
    batch = held_out_batch(design, settings, 2)
    t, unit, step = 4, 2, 1e-6
    layer = trace(state, settings, batch).layers["recurrent/0/forward"]
    net_loss = loss_after_nudge(state, batch, t, unit, +step) - loss_after_nudge(state, batch, t, unit, -step)
    assert net_loss / (2 * step) == pytest.approx(layer.grad_h[t, 0, unit], rel=1e-5)


def loss_after_nudge(state: RunState, batch: Batch, t: int, unit: int, by: float) -> float:
    """The loss where h_t of the first sequence is moved, c_t is not: the oracle, by hand."""
    from oracles import read_out, step

    design = state.design
    weights = {n: torch.tensor(w, dtype=torch.float64) for n, w in state.weights.items()}
    net = Network(design.cell, design.activation, 1, 1, weights)
    held, count = net.zero(2), torch.tensor(batch.inputs_TBI, dtype=torch.float64)
    for s, x_BI in enumerate(count):
        held = step(design.cell, design.activation, net.of_layer("", 0, 0), x_BI, held)
        if s == t:
            moved = held[0].clone()
            moved[0, unit] += by
            held = (moved, *held[1:])
    return float(nn.functional.mse_loss(read_out(net, held[0]), torch.tensor(batch.targets[0]).double()))


def test_along_the_cell_path_alone_the_gradient_shrinks_by_the_forget_gate():
    """No weights into the gates, forget bias 1: dL/dc_t = 0.7310585786 dL/dc_{t+1}, which is sigmoid(1)."""
    design = Design(task="adding", cell="lstm", hidden_size=6, forget_bias=1.0)
    start = begin(design)
    silent = {n: np.zeros_like(w) if n.startswith("weight") else w for n, w in start.weights.items()}
    layer = trace(replace(start, weights=silent), Settings(length=30)).layers["recurrent/0/forward"]
    factor = layer.grad_c[:-1] / layer.grad_c[1:]
    np.testing.assert_allclose(factor, 0.7310585786, rtol=1e-9)
    np.testing.assert_allclose(layer.gates["f"], 0.7310585786, rtol=1e-9)
    assert not layer.grad_h[:-1].any()


def test_without_recurrent_weights_the_factor_is_each_steps_own_forget_gate():
    design = Design(task="adding", cell="lstm", hidden_size=6, recurrent_gain=0)
    layer = trace(begin(design), Settings(length=30)).layers["recurrent/0/forward"]
    np.testing.assert_allclose(layer.grad_c[:-1], layer.grad_c[1:] * layer.gates["f"][1:], rtol=1e-12)
    assert layer.gates["f"].std() > 1e-3


@pytest.mark.parametrize("cell", CELLS)
def test_truncation_shows_in_the_trace(cell):
    """With a window of 5 and a loss at the end of 13 steps, nothing reaches step 10 and before: exactly 0."""
    design = Design(task="adding", cell=cell, activation="tanh", hidden_size=5)
    state = begin(design)
    cut = trace(state, Settings(length=13, tbptt_window=5)).layers["recurrent/0/forward"]
    whole = trace(state, Settings(length=13)).layers["recurrent/0/forward"]
    assert not cut.grad_h[:10].any()
    np.testing.assert_allclose(cut.grad_h[10:], whole.grad_h[10:], rtol=1e-12)
    np.testing.assert_array_equal(cut.h, whole.h)
    assert np.abs(whole.grad_h[:10]).min(axis=(1, 2)).max() > 0


@every_architecture
def test_a_trace_is_a_repeatable_look_that_changes_nothing(design):
    state, settings = begin(design), settings_of(design)
    for array in state.weights.values():
        array.flags.writeable = False
    one = trace(state, settings, sequences=3)
    two = trace(state, replace(settings, dropout=0.5, teacher_forcing=0.2, learning_rate=1.0), sequences=3)
    assert one.loss == two.loss
    for name, layer in one.layers.items():
        np.testing.assert_array_equal(layer.grad_h, two.layers[name].grad_h)
    assert one.design == design
    assert one.update == 0
    assert one.inputs.shape[1] == one.outputs.shape[1] == one.mask.shape[1] == 3
    assert one.inputs.dtype == one.outputs.dtype == np.float64


def test_layers_are_named_from_the_input_upwards():
    design = Design(task="digits", topology="many-to-one", cell="gru", layers=2, bidirectional=True)
    names = list(trace(begin(design), Settings(), sequences=2).layers)
    assert names == [f"recurrent/{n}/{d}" for n in (0, 1) for d in DIRECTIONS]
    design = Design(task="dates", cell="lstm", layers=2)
    names = list(trace(begin(design), Settings(length=20), sequences=2).layers)
    assert names == ["encoder/0/forward", "encoder/1/forward", "decoder/0/forward", "decoder/1/forward"]


def test_a_diverged_network_is_traced_with_its_infinities():
    design = Design(
        task="adding", cell="rnn", activation="identity", recurrent_init="identity", recurrent_gain=5.0
    )
    found = trace(begin(design), Settings(length=200), sequences=2)
    assert np.isfinite(found.loss), "5^200 squared still fits into float64"
    assert found.loss > 1e250
    weights = {n: w * np.float32(1e30) for n, w in begin(design).weights.items()}
    with np.errstate(all="ignore"):
        found = trace(replace(begin(design), weights=weights), Settings(length=400), sequences=2)
    assert not np.isfinite(found.loss)


def test_a_length_that_the_task_does_not_have():
    with pytest.raises(ValueError, match="length must be from 4 to 400 time steps"):
        trace(begin(Design(task="adding")), Settings(length=500))


@pytest.mark.parametrize(
    ("task", "topology"),
    [("dates", "encoder-decoder"), ("surname", "one-to-many"), ("adding", "many-to-one")],
)
def test_the_states_derivatives_do_not_need_the_weights(task, topology):
    design = Design(task=task, topology=topology, cell="lstm", hidden_size=6, layers=2)
    state, settings = begin(design), default_settings(design)
    whole, light = trace(state, settings), trace(state, settings, weight_gradients=False)
    assert whole.gradients
    assert light.gradients == {}
    for name, layer in whole.layers.items():
        np.testing.assert_array_equal(light.layers[name].grad_h, layer.grad_h)
        np.testing.assert_array_equal(light.layers[name].grad_c, layer.grad_c)
        assert np.abs(layer.grad_h).max() > 0
