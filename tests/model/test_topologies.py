"""The five topologies against hand-written loops of torch.nn's cells, one sequence at a time.

Shapes: T input time steps, S output time steps, B sequences, I input size, O output size.
"""

import pytest
import torch
from architectures import (
    INPUTS,
    OUTPUTS,
    every_architecture,
    every_recurrent_architecture,
    small_batch,
    small_weights,
)
from oracles import BY_HAND, Network, loss_of, read_out, run_alone, step, unroll
from torch import nn

from rnnlab.config import Design
from rnnlab.model.cells import CELLS
from rnnlab.model.feedback import most_likely, sampled
from rnnlab.model.losses import LOSSES
from rnnlab.model.network import new_pass
from rnnlab.model.stack import Pass
from rnnlab.model.topologies import WIRINGS, TensorBatch
from rnnlab.model.weights import directions, initial_weights, shapes
from rnnlab.topologies import TOPOLOGIES

CLOSE = {"rtol": 1e-10, "atol": 1e-12}
LENGTHS, STEPS = [7, 2, 5, 1], [3, 6, 1, 4]


def network(design: Design, weights) -> Network:
    return Network(
        design.cell, design.activation, design.layers, directions(design), weights, design.attention
    )


def loss_on(design: Design, this: Pass, batch: TensorBatch) -> torch.Tensor:
    outputs_SBO = WIRINGS[design.topology].run(this, batch)
    return LOSSES["cross_entropy"].measure(outputs_SBO, batch.targets, batch.mask_SB)


def by_name(loss: torch.Tensor, weights) -> dict[str, torch.Tensor]:
    return dict(zip(weights, torch.autograd.grad(loss, list(weights.values())), strict=True))


def assert_same_gradients(found, wanted):
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, **CLOSE, msg=lambda text, n=name: f"{n}: {text}")


@every_architecture
def test_equals_a_loop_of_torch_cells(design):
    """Unequal lengths: outputs, loss and every gradient equal those of each sequence run alone."""
    weights, batch = small_weights(design), small_batch(design.topology, LENGTHS, STEPS)
    outputs_SBO = WIRINGS[design.topology].run(new_pass(design, weights), batch)
    runs = run_alone(design.topology, network(design, weights), batch)
    for b, run in enumerate(runs):
        torch.testing.assert_close(outputs_SBO[: len(run.outputs_SO), b], run.outputs_SO, **CLOSE)
    loss = LOSSES["cross_entropy"].measure(outputs_SBO, batch.targets, batch.mask_SB)
    wanted = loss_of("cross_entropy", runs, batch)
    torch.testing.assert_close(loss, wanted, **CLOSE)
    assert_same_gradients(by_name(loss, weights), by_name(wanted, weights))


@every_recurrent_architecture
def test_padding_changes_nothing(design):
    """Longer padding full of garbage: the same loss, states and gradients, bit for bit."""
    weights, batch = small_weights(design), small_batch(design.topology, LENGTHS, STEPS)
    padded = garbage_behind(batch, design.topology)
    losses, gradients, states = [], [], []
    for given in (batch, padded):
        tapes = []
        loss = loss_on(design, new_pass(design, weights, tapes=tapes), given)
        losses.append(loss)
        gradients.append(by_name(loss, weights))
        states.append([valid_states(tape) for tape in tapes])
    torch.testing.assert_close(losses[1], losses[0], rtol=1e-14, atol=0)
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, rtol=1e-12, atol=1e-15)
    for before, after in zip(*states, strict=True):
        assert all(torch.allclose(a, b, rtol=1e-13, atol=1e-15) for a, b in zip(before, after, strict=True))


def valid_states(tape) -> list[torch.Tensor]:
    """States and total derivatives of each sequence's own time steps."""
    kinds = [*(s[1:] for s in tape.unrolled.states), *tape.derivatives.states]
    return [x_TBH[:length, b] for x_TBH in kinds for b, length in enumerate(tape.lengths_B.tolist())]


def garbage_behind(batch: TensorBatch, topology: str) -> TensorBatch:
    """The same sequences with huge numbers in the padding, and more padding."""
    length, steps = len(batch.inputs_TBI), len(batch.mask_SB)
    more = 0 if topology in ("one-to-many",) else 4
    extra = 4 if steps > 1 else 0
    inputs_TBI = torch.full((length + more, *batch.inputs_TBI.shape[1:]), 1e6, dtype=torch.float64)
    inside = torch.arange(length)[:, None, None] < batch.lengths_B[:, None]
    inputs_TBI[:length] = torch.where(inside, batch.inputs_TBI, torch.tensor(-3e5, dtype=torch.float64))
    targets_SB = torch.full((steps + extra, batch.targets.shape[1]), OUTPUTS - 1)
    targets_SB[:steps] = torch.where(batch.mask_SB, batch.targets, torch.tensor(1))
    mask_SB = torch.zeros(steps + extra, batch.targets.shape[1], dtype=torch.bool)
    mask_SB[:steps] = batch.mask_SB
    return TensorBatch(inputs_TBI, targets_SB, mask_SB, batch.lengths_B)


@every_architecture
def test_learns_a_tiny_fixed_batch(design):
    weights, batch = small_weights(design), small_batch(design.topology, LENGTHS, STEPS)
    optimizer = torch.optim.Adam(weights.values(), lr=0.06)
    losses = []
    for _ in range(30):
        loss = loss_on(design, new_pass(design, weights), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]


@every_recurrent_architecture
def test_every_weight_takes_part(design):
    """No parameter is left without a gradient, and shapes are PyTorch's."""
    weights, batch = small_weights(design), small_batch(design.topology, LENGTHS, STEPS)
    for name, gradient in by_name(loss_on(design, new_pass(design, weights), batch), weights).items():
        assert gradient.abs().max() > 0, name


@pytest.mark.parametrize("cell", CELLS)
def test_one_to_one_has_no_recurrence(cell):
    """The recurrent weights meet a zero state only: their gradient is exactly zero."""
    design = Design(task="digits", topology="one-to-one", cell=cell, hidden_size=5)
    weights, batch = small_weights(design), small_batch("one-to-one", [1] * 3, [1] * 3)
    gradients = by_name(loss_on(design, new_pass(design, weights), batch), weights)
    recurrent = gradients["weight_hh_l0"]
    assert torch.equal(recurrent, torch.zeros_like(recurrent))
    assert gradients["weight_ih_l0"].abs().max() > 0


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_bidirectional_joins_the_right_last_states(cell, layers):
    """Forward's last and backward's first time step, as torch.nn's h_n; `output[-1]` is the mistake."""
    design = Design(
        task="temporal-order", cell=cell, layers=layers, bidirectional=True, hidden_size=5, activation="tanh"
    )
    weights, batch = small_weights(design), small_batch("many-to-one", LENGTHS, STEPS)
    outputs_1BO = WIRINGS["many-to-one"].run(new_pass(design, weights), batch)
    module = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](
        INPUTS, 5, layers, bidirectional=True, dtype=torch.float64
    )
    module.load_state_dict({n: w.detach() for n, w in weights.items() if not n.startswith("readout")})
    packed = nn.utils.rnn.pack_padded_sequence(batch.inputs_TBI, batch.lengths_B, enforce_sorted=False)
    h_TBD, last = module(packed)
    h_n = last[0] if isinstance(last, tuple) else last
    net = network(design, weights)
    right_BO = read_out(net, torch.cat([h_n[-2], h_n[-1]], dim=1))
    torch.testing.assert_close(outputs_1BO[0], right_BO, **CLOSE)
    top_TBD = nn.utils.rnn.pad_packed_sequence(h_TBD)[0]
    mistaken_BO = read_out(net, top_TBD[batch.lengths_B - 1, torch.arange(len(LENGTHS))])
    longer = torch.tensor(LENGTHS) > 1
    assert (mistaken_BO - outputs_1BO[0])[longer].abs().max() > 1e-3
    torch.testing.assert_close(mistaken_BO[~longer], outputs_1BO[0][~longer], **CLOSE)


@pytest.mark.parametrize("cell", CELLS)
def test_an_output_does_not_depend_on_later_inputs(cell):
    """Causality: exactly no derivative of output t by input s > t; read in both directions, there is one."""
    for both in (False, True):
        design = Design(
            task="copy", cell=cell, layers=2, bidirectional=both, hidden_size=5, activation="tanh"
        )
        weights, batch = small_weights(design), small_batch("many-to-many", [6, 6], [6, 6])
        x_TBI = batch.inputs_TBI.clone().requires_grad_()
        outputs_SBO = WIRINGS["many-to-many"].run(new_pass(design, weights), batch._replace(inputs_TBI=x_TBI))
        for t in range(6):
            (grad_x,) = torch.autograd.grad(outputs_SBO[t].sum(), x_TBI, retain_graph=True)
            assert grad_x[: t + 1].abs().amax(dim=(1, 2)).min() > 0
            later = grad_x[t + 1 :].abs()
            assert bool((later.amax(dim=(1, 2)) > 0).all()) if both else float(later.sum()) == 0


@pytest.mark.parametrize("cell", CELLS)
def test_only_both_directions_learn_to_look_ahead(cell):
    """Target at t is input t+1, drawn alike from V symbols: a causal network cannot beat 1/V."""
    symbols, length, accuracy = OUTPUTS, 6, {}
    for both in (False, True):
        design = Design(
            task="copy", cell=cell, bidirectional=both, hidden_size=12, activation="tanh", recurrent_gain=0.3
        )
        weights = small_weights(design, symbols, symbols)
        optimizer = torch.optim.Adam(weights.values(), lr=0.05)
        this = new_pass(design, weights)
        for update in range(61):
            seed = torch.Generator().manual_seed(update)
            drawn_TB = torch.randint(symbols, (length + 1, 40 if update < 60 else 600), generator=seed)
            batch = look_ahead(drawn_TB)
            outputs_SBO = WIRINGS["many-to-many"].run(this, batch)
            loss = LOSSES["cross_entropy"].measure(outputs_SBO, batch.targets, batch.mask_SB)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        right_SB = outputs_SBO.argmax(dim=2) == batch.targets
        accuracy[both] = float(right_SB[batch.mask_SB].double().mean())
    assert accuracy[False] < 1 / symbols + 0.04
    assert accuracy[True] > 0.95


def look_ahead(drawn_TB: torch.Tensor) -> TensorBatch:
    inputs_TBI = nn.functional.one_hot(drawn_TB[:-1], OUTPUTS).double()
    mask_SB = torch.ones_like(drawn_TB[:-1], dtype=torch.bool)
    mask_SB[-1] = False  # the last target is not among the inputs
    return TensorBatch(inputs_TBI, drawn_TB[1:], mask_SB, torch.full((drawn_TB.shape[1],), len(inputs_TBI)))


GENERATING = [(name, cell, "none") for name in WIRINGS if TOPOLOGIES[name].generates for cell in CELLS]
GENERATING += [("encoder-decoder", "lstm", "dot"), ("encoder-decoder", "gru", "additive")]
generating = pytest.mark.parametrize(("topology", "cell", "attention"), GENERATING)


def generating_design(topology: str, cell: str, attention: str, layers: int = 2) -> Design:
    task = {"one-to-many": "surname", "encoder-decoder": "dates"}[topology]
    more = {"attention": attention, "context_size": 4 if attention != "none" else 0}
    return Design(
        task=task, topology=topology, cell=cell, layers=layers, hidden_size=5, activation="tanh", **more
    )


def own_symbols_by_hand(
    design: Design, weights, batch: TensorBatch, steps: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Free running with the oracle: guess the targets symbol by symbol until they are its own outputs."""
    net, written, outputs = network(design, weights), [], []
    for b, length in enumerate(batch.lengths_B.tolist()):
        x_T1I = [batch.inputs_TBI[t, b : b + 1] for t in range(length)]
        symbols = torch.zeros(steps, dtype=torch.long)
        for s in range(steps):
            run = BY_HAND[design.topology](net, x_T1I, symbols)
            symbols[s] = run.outputs_SO[s].argmax()
        written.append(symbols)
        outputs.append(run.outputs_SO)
    return torch.stack(outputs, dim=1), torch.stack(written, dim=1)


@generating
def test_free_running_feeds_its_own_symbols(topology, cell, attention):
    design = generating_design(topology, cell, attention)
    weights, batch = small_weights(design, gain=2.0), small_batch(topology, LENGTHS, [5] * 4)
    outputs_SBO = WIRINGS[topology].free_run(new_pass(design, weights), batch)
    wanted_SBO, symbols_SB = own_symbols_by_hand(design, weights, batch, 5)
    torch.testing.assert_close(outputs_SBO, wanted_SBO.detach(), **CLOSE)
    forced_SBO = WIRINGS[topology].run(new_pass(design, weights), batch)
    torch.testing.assert_close(forced_SBO[0], outputs_SBO[0], **CLOSE)
    assert (forced_SBO[1:] - outputs_SBO[1:]).abs().max() > 1e-3, "the truth should have led elsewhere"
    other = batch._replace(targets=(batch.targets + 1) % OUTPUTS)
    torch.testing.assert_close(
        WIRINGS[topology].free_run(new_pass(design, weights), other), outputs_SBO, rtol=0, atol=0
    )
    prompt_TBI = batch.inputs_TBI[: int(batch.lengths_B[0]), :1]
    alone = WIRINGS[topology].generate(new_pass(design, weights), prompt_TBI, 5, most_likely)
    assert torch.equal(alone[:, 0], symbols_SB[:, 0])


@generating
def test_without_teacher_forcing_it_trains_on_its_own_symbols(topology, cell, attention):
    """Loss and gradients equal those of a hand-written loop that is fed its own outputs."""
    design = generating_design(topology, cell, attention)
    weights, batch = small_weights(design, gain=2.0), small_batch(topology, LENGTHS, [5] * 4)
    this = new_pass(design, weights)
    this.teacher_forcing, this.generator = 0.0, torch.Generator().manual_seed(0)
    found = loss_on(design, this, batch)
    _, symbols_SB = own_symbols_by_hand(design, weights, batch, 5)
    fed = batch._replace(targets=symbols_SB)  # what the oracle is fed, not what it should answer
    runs = run_alone(topology, network(design, weights), fed)
    wanted = loss_of("cross_entropy", runs, batch)
    torch.testing.assert_close(found, wanted, **CLOSE)
    assert_same_gradients(by_name(found, weights), by_name(wanted, weights))
    forced = loss_on(design, new_pass(design, weights), batch)
    assert abs(float((forced - found).detach())) > 1e-6


@generating
def test_teacher_forcing_mixes_truth_and_own_symbols(topology, cell, attention):
    """At one half some losses differ from both extremes, and the draw decides alone."""
    design = generating_design(topology, cell, attention, layers=1)
    weights, batch = small_weights(design, gain=2.0), small_batch(topology, [4] * 6, [6] * 6)

    def loss_with(share: float, seed: int) -> float:
        this = new_pass(design, weights)
        this.teacher_forcing, this.generator = share, torch.Generator().manual_seed(seed)
        return float(loss_on(design, this, batch).detach())

    mixed = {loss_with(0.5, seed) for seed in range(6)}
    assert len(mixed) > 3
    assert loss_with(0.5, 1) == loss_with(0.5, 1)
    assert len({loss_with(0.0, seed) for seed in range(4)}) == 1
    assert len({loss_with(1.0, seed) for seed in range(4)}) == 1


@pytest.mark.parametrize("cell", CELLS)
def test_a_language_model_goes_on_from_a_prompt(cell):
    """Many-to-many generation: the prompt is read, then each symbol is the next input."""
    design = Design(task="language-model", cell=cell, layers=2, hidden_size=5, activation="tanh")
    size = OUTPUTS
    weights = small_weights(design, size, size, gain=3.0)
    drawn_T = torch.tensor([2, 0, 3])
    prompt_TBI = nn.functional.one_hot(drawn_T, size).double()[:, None]
    written = WIRINGS["many-to-many"].generate(new_pass(design, weights), prompt_TBI, 4, most_likely)[:, 0]
    symbols = drawn_T.tolist()
    net = network(design, weights)
    for symbol in written.tolist():
        xs = [nn.functional.one_hot(torch.tensor([s]), size).double() for s in symbols]
        assert symbol == int(read_out(net, unroll(net, "", xs).joined()).argmax())
        symbols.append(symbol)


@pytest.mark.parametrize("cell", CELLS)
def test_a_window_slides_over_what_was_written(cell):
    """Many-to-one generation: a window of fixed length, read anew from a zero state for every symbol."""
    design = Design(task="next-character", cell=cell, hidden_size=5, activation="tanh")
    size = OUTPUTS
    weights = small_weights(design, size, size, gain=3.0)
    window = [2, 0, 3]
    prompt_TBI = nn.functional.one_hot(torch.tensor(window), size).double()[:, None]
    net = network(design, weights)
    for symbol in (
        WIRINGS["many-to-one"].generate(new_pass(design, weights), prompt_TBI, 5, most_likely)[:, 0].tolist()
    ):
        xs = [nn.functional.one_hot(torch.tensor([s]), size).double() for s in window]
        assert symbol == int(read_out(net, unroll(net, "", xs).joined()).argmax())
        window = [*window[1:], symbol]


def test_sampling_follows_the_probabilities():
    outputs_BO = torch.log(torch.tensor([0.5, 0.3, 0.2])).expand(20000, 3)
    warm = sampled(torch.Generator().manual_seed(0), 1.0)(outputs_BO)
    shares = torch.bincount(warm, minlength=3) / len(warm)
    torch.testing.assert_close(shares, torch.tensor([0.5, 0.3, 0.2]), atol=0.015, rtol=0)
    cold = sampled(torch.Generator().manual_seed(0), 0.5)(outputs_BO)
    sharper = torch.tensor([0.25, 0.09, 0.04]) / 0.38
    torch.testing.assert_close(torch.bincount(cold, minlength=3) / len(cold), sharper, atol=0.015, rtol=0)


@every_architecture
def test_weights_have_torchs_names_and_shapes(design):
    """Each stack's parameters load into torch.nn by name, so a run can leave for PyTorch."""
    kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[design.cell]
    drawn = initial_weights(design, INPUTS, OUTPUTS)
    assert list(drawn) == list(shapes(design, INPUTS, OUTPUTS))
    for part, inputs in WIRINGS[design.topology].parts(INPUTS, OUTPUTS).items():
        module = kind(inputs, design.hidden_size, design.layers, bidirectional=design.bidirectional)
        held = {n.removeprefix(part): torch.tensor(w) for n, w in drawn.items() if n.startswith(part)}
        missing, extra = module.load_state_dict(
            {n: w for n, w in held.items() if "readout" not in n and "." not in n}
        )
        assert not missing
        assert not extra


def test_one_step_more_is_refused_one_to_one():
    design = Design(task="digits", topology="one-to-one")
    batch = small_batch("many-to-one", [2, 2], [1, 1])
    with pytest.raises(ValueError, match="1 time step, not 2"):
        WIRINGS["one-to-one"].run(new_pass(design, small_weights(design)), batch)


@pytest.mark.parametrize("cell", CELLS)
def test_one_step_at_a_time_equals_the_whole_sequence(cell):
    """The state carried over from step to step is the whole state: cell state included."""
    design = Design(task="language-model", cell=cell, layers=2, hidden_size=5, activation="tanh")
    weights, batch = small_weights(design), small_batch("many-to-many", [6] * 3, [6] * 3)
    whole_SBO = WIRINGS["many-to-many"].run(new_pass(design, weights), batch)
    net = network(design, weights)
    states = [net.zero(3) for _ in range(2)]
    for t in range(6):
        below = batch.inputs_TBI[t]
        for layer in range(2):
            states[layer] = step(cell, "tanh", net.of_layer("", layer, 0), below, states[layer])
            below = states[layer][0]
        torch.testing.assert_close(whole_SBO[t], read_out(net, below), **CLOSE)
