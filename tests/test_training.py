"""The laws of begin and advance, over the real tasks, and an independent training loop beside them."""

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import LOOKING_BACK, SHORT, all_designs, every_architecture, name_of
from torch import nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from rnnlab import Design, Records, Settings, advance, begin, evaluate
from rnnlab.config import default_settings
from rnnlab.model.cells import CELLS
from rnnlab.model.network import load_task
from rnnlab.model.optimizers import OPTIMIZERS
from rnnlab.training import chance, clip

OPTIMIZED = list(OPTIMIZERS)
CLIPPINGS = ["off", "norm", "value"]


def settings_of(design: Design, **fields) -> Settings:
    chosen = {"length": design.lengths.low if design.lengths.fixed else SHORT[design.task], **fields}
    return replace(default_settings(design), **chosen)


def assert_same_state(one, other):
    assert one.update == other.update
    assert one.design == other.design
    assert one.divergence == other.divergence
    for held, wanted in ((one.weights, other.weights), (one.optimizer, other.optimizer)):
        assert list(held) == list(wanted)
        for name, array in wanted.items():
            assert held[name].dtype == array.dtype
            assert np.array_equal(held[name], array), name


def assert_same_records(one: Records, other: Records):
    for name, column in other._asdict().items():
        assert np.array_equal(getattr(one, name), column, equal_nan=True), name


def frozen(state):
    """The state with arrays that refuse to be written to."""
    for array in (*state.weights.values(), *state.optimizer.values()):
        array.flags.writeable = False
    return state


@every_architecture
def test_slicing_purity_and_branching(design):
    """advance(s, 5) is advance(advance(s, 2), 3), bit for bit; nothing that goes in is written to."""
    settings = settings_of(design)
    start = frozen(begin(design))
    first, records_1 = advance(start, settings, 2)
    kept = pickle.dumps(frozen(first))
    then, records_2 = advance(first, settings, 3)
    other, _ = advance(first, replace(settings, learning_rate=0.5), 3)  # another future of the same moment
    again, records_again = advance(first, settings, 3)
    whole, records = advance(start, settings, 5)
    assert pickle.dumps(first) == kept
    assert_same_state(then, whole)
    assert_same_state(again, whole)
    assert_same_records(Records.concat([records_1, records_2]), records)
    assert_same_records(records_again, records_2)
    assert not np.array_equal(other.weights["readout.weight"], then.weights["readout.weight"])
    assert whole.update == 5
    assert records.update.tolist() == [1, 2, 3, 4, 5]
    assert all(np.isfinite(column).all() for column in records)


@pytest.mark.parametrize("clipping", CLIPPINGS)
@pytest.mark.parametrize("optimizer", OPTIMIZED)
def test_slicing_with_every_optimizer_and_clipping(optimizer, clipping):
    design = Design(task="copy", cell="gru", hidden_size=6, batch_size=4, optimizer=optimizer)
    settings = settings_of(
        design, clipping=clipping, clip_threshold=0.05, weight_decay=1e-3, learning_rate=1e-2
    )
    whole, records = advance(begin(design), settings, 7)
    state, parts = begin(design), []
    for _ in range(7):
        state, part = advance(state, settings, 1)
        parts.append(part)
    assert_same_state(state, whole)
    assert_same_records(Records.concat(parts), records)


def test_a_spawned_process_gives_the_same_bits():
    light = ("copy", "temporal-order")  # tasks whose data the process need not gather first
    designs = [d for d in all_designs() if d.layers == 2 and d.task in light][::2]
    context = multiprocessing.get_context("spawn")
    initializer = {"initializer": torch.set_num_threads, "initargs": (1,)}
    with ProcessPoolExecutor(1, mp_context=context, **initializer) as pool:
        there = [pool.submit(advance, begin(d), settings_of(d, dropout=0.2), 4) for d in designs]
        for design, future in zip(designs, there, strict=True):
            state, records = future.result()
            wanted, wanted_records = advance(begin(design), settings_of(design, dropout=0.2), 4)
            assert_same_state(state, wanted)
            assert_same_records(records, wanted_records)


@every_architecture
def test_begin_is_a_function_of_the_design(design):
    assert_same_state(begin(design), begin(design))
    other = begin(replace(design, seed=design.seed + 1))
    weights = begin(design).weights
    assert not np.array_equal(other.weights["readout.weight"], weights["readout.weight"])
    assert all(array.dtype == np.float32 for array in weights.values())
    assert begin(design).parameters == sum(array.size for array in weights.values())
    assert begin(design).update == 0
    assert begin(design).diverged_at is None


@pytest.mark.parametrize("cell", CELLS)
def test_length_and_settings_change_while_it_trains(cell):
    """The network's size knows nothing of T; a change applies from the next update, sliced or not."""
    design = Design(task="adding", cell=cell, hidden_size=6, batch_size=4)
    short = settings_of(design, length=8)
    long = replace(short, length=21, learning_rate=1e-3, clipping="value", tbptt_window=5)
    state, _ = advance(begin(design), short, 3)
    changed, records = advance(state, long, 2)
    one, _ = advance(state, long, 1)
    two, _ = advance(one, long, 1)
    assert_same_state(two, changed)
    assert records.update.tolist() == [4, 5]
    assert {n: a.shape for n, a in changed.weights.items()} == {n: a.shape for n, a in state.weights.items()}
    back, _ = advance(changed, short, 1)
    assert back.update == 6


def test_the_batch_depends_on_seed_and_update_alone():
    """Two designs with other weights see the same data: a fair comparison."""
    losses = []
    for hidden_size in (3, 7):
        design = Design(
            task="adding",
            cell="rnn",
            hidden_size=hidden_size,
            batch_size=4,
            activation="relu",
            recurrent_gain=0,
        )
        settings = settings_of(design, length=4, clipping="off")
        state = begin(design)
        silent = {name: np.zeros_like(array) for name, array in state.weights.items()}
        _, records = advance(replace(state, weights=silent), replace(settings, learning_rate=1e-6), 3)
        losses.append(records.loss)
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
    task = load_task(design)
    first = task.train(np.random.default_rng([design.seed, 2, 1]), 4, 4)
    assert losses[0][0] == pytest.approx(float((first.targets**2).mean()), rel=1e-6)


def plain_model(design: Design, sizes: tuple[int, int]):
    """The same network as a torch.nn module, with a read-out of its own."""
    kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[design.cell]
    model = nn.ModuleDict(
        {
            "recurrent": kind(sizes[0], design.hidden_size, design.layers),
            "readout": nn.Linear(design.hidden_size, sizes[1]),
        }
    )
    state = begin(design)
    renamed = {
        (n if n.startswith("readout") else f"recurrent.{n}"): torch.tensor(w)
        for n, w in state.weights.items()
    }
    model.load_state_dict(renamed)
    return model


def plain_optimizer(name: str, model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    more = {"lr": settings.learning_rate, "weight_decay": settings.weight_decay}
    if name == "momentum":
        return torch.optim.SGD(model.parameters(), momentum=0.9, **more)
    rule = {"sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}[name]
    return rule(model.parameters(), **more)


@pytest.mark.parametrize("clipping", CLIPPINGS)
@pytest.mark.parametrize("optimizer", OPTIMIZED)
@pytest.mark.parametrize("cell", CELLS)
def test_equals_a_plain_torch_loop(cell, optimizer, clipping):
    """nn.RNN/LSTM/GRU, torch's losses, clipping and optimisers, nothing of ours but the data."""
    design = Design(
        task="temporal-order",
        cell=cell,
        hidden_size=8,
        layers=2,
        batch_size=6,
        optimizer=optimizer,
        activation="tanh",
    )
    settings = Settings(
        length=12, learning_rate=1e-2, clipping=clipping, clip_threshold=0.02, weight_decay=1e-2
    )
    task = load_task(design)
    model = plain_model(design, (task.input_size, task.output_size))
    rule = plain_optimizer(optimizer, model, settings)
    rows = []
    for update in range(1, 9):
        batch = task.train(np.random.default_rng([design.seed, 2, update]), design.batch_size, 12)
        before = nn.utils.parameters_to_vector(model.parameters()).detach()
        h_TBH, _ = model["recurrent"](torch.tensor(batch.inputs_TBI))
        loss = nn.functional.cross_entropy(model["readout"](h_TBH[-1]), torch.tensor(batch.targets[0]))
        rule.zero_grad()
        loss.backward()
        raw = torch.cat([p.grad.flatten() for p in model.parameters()]).double()
        if clipping == "norm":
            clip_grad_norm_(model.parameters(), settings.clip_threshold)
        if clipping == "value":
            clip_grad_value_(model.parameters(), settings.clip_threshold)
        cut = torch.cat([p.grad.flatten() for p in model.parameters()]).double()
        rule.step()
        after = nn.utils.parameters_to_vector(model.parameters()).detach()
        angle = np.degrees(np.arccos(min(1.0, float(raw @ cut / (raw.norm() * cut.norm())))))
        turned = float(angle) if clipping == "value" else 0.0
        rows.append(
            (update, loss.item(), raw.norm(), cut.norm(), turned, after.norm(), (after - before).norm())
        )
    state, records = advance(begin(design), settings, 8)
    wanted = Records.from_rows([tuple(map(float, row)) for row in rows])
    np.testing.assert_allclose(records.loss, wanted.loss, rtol=2e-5)
    np.testing.assert_allclose(records.grad_norm, wanted.grad_norm, rtol=3e-4)
    np.testing.assert_allclose(records.grad_norm_clipped, wanted.grad_norm_clipped, rtol=3e-4)
    np.testing.assert_allclose(records.clip_angle, wanted.clip_angle, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(records.weight_norm, wanted.weight_norm, rtol=2e-5)
    np.testing.assert_allclose(records.update_norm, wanted.update_norm, rtol=3e-4)
    theirs = {n.removeprefix("recurrent."): p.detach().numpy() for n, p in model.named_parameters()}
    for name, array in state.weights.items():
        np.testing.assert_allclose(array, theirs[name], rtol=0, atol=5e-5, err_msg=name)


def test_a_tiny_threshold_bounds_every_update():
    """Clipping acts on the gradient that is applied: under SGD the update is as long as lr x threshold."""
    design = Design(task="adding", cell="lstm", hidden_size=6, optimizer="sgd")
    settings = settings_of(design, length=10, clipping="norm", clip_threshold=1e-3, learning_rate=5.0)
    _, records = advance(begin(design), settings, 6)
    assert (records.grad_norm > 1e-3).all()
    np.testing.assert_allclose(records.grad_norm_clipped, 1e-3, rtol=1e-5)
    np.testing.assert_allclose(records.update_norm, 5e-3, rtol=1e-3)
    assert (records.clip_angle == 0).all()
    _, unclipped = advance(begin(design), replace(settings, clipping="off"), 1)
    assert unclipped.update_norm[0] == pytest.approx(5.0 * unclipped.grad_norm[0], rel=1e-4)
    assert unclipped.grad_norm_clipped[0] == unclipped.grad_norm[0]


def test_a_gradient_below_the_threshold_is_left_alone():
    design = Design(task="adding", cell="gru", hidden_size=6)
    results = [
        advance(begin(design), settings_of(design, length=10, clipping=clipping, clip_threshold=1e4), 3)
        for clipping in CLIPPINGS
    ]
    for state, records in results[1:]:
        assert_same_state(state, results[0][0])
        assert_same_records(records, results[0][1])


def test_the_angle_by_hand():
    """(3, 4) cut at 3.5 is (3, 3.5): the angle between them is 3.73 degrees."""
    gradient = torch.tensor([3.0, 4.0])
    clipped_norm, angle = clip(gradient, 5.0, Settings(clipping="value", clip_threshold=3.5))
    assert gradient.tolist() == [3.0, 3.5]
    assert clipped_norm == pytest.approx(np.hypot(3, 3.5))
    assert angle == pytest.approx(np.degrees(np.arctan2(4, 3) - np.arctan2(3.5, 3)), abs=1e-6)
    gradient = torch.tensor([3.0, -4.0])
    assert clip(gradient, 5.0, Settings(clipping="norm", clip_threshold=2.0)) == (pytest.approx(2.0), 0.0)
    torch.testing.assert_close(gradient, torch.tensor([1.2, -1.6]))


@pytest.mark.parametrize("clipping", ["norm", "value"])
def test_clipping_holds_for_the_largest_numbers_there_are(clipping):
    """A gradient near the end of float32: the threshold is still met, not zero and not infinity."""
    gradient = torch.tensor([3e38, -2e38, 1e30])
    raw = gradient.double()
    clipped_norm, _ = clip(gradient, float(raw.norm()), Settings(clipping=clipping, clip_threshold=1e-4))
    assert clipped_norm == pytest.approx(1e-4 * (1 if clipping == "norm" else 3**0.5), rel=1e-3)


@pytest.mark.parametrize("topology", ["many-to-one", "one-to-many"])
def test_dropout_and_own_symbols_are_repeatable(topology):
    """Chance belongs to the update, not to the process: the same again, and other from update to update."""
    design = next(d for d in all_designs() if d.topology == topology and d.layers == 2)
    settings = settings_of(design, dropout=0.3, teacher_forcing=0.5)
    whole, records = advance(begin(design), settings, 6)
    torch.manual_seed(12345)
    np.random.seed(1)  # noqa: NPY002 - global chance must not matter
    half, first = advance(begin(design), settings, 3)
    torch.rand(7)
    rest, second = advance(half, settings, 3)
    assert_same_state(rest, whole)
    assert_same_records(Records.concat([first, second]), records)
    plain, _ = advance(begin(design), replace(settings, dropout=0.0, teacher_forcing=1.0), 6)
    assert not np.array_equal(plain.weights["readout.weight"], whole.weights["readout.weight"])


def test_chance_is_another_in_every_update_and_for_every_seed():
    design = Design(task="adding", hidden_size=4)
    settings = settings_of(design, dropout=0.5)
    drawn = {
        chance(replace(design, seed=seed), settings, update).initial_seed()
        for seed in (0, 1)
        for update in (1, 2, 3)
    }
    assert len(drawn) == 6
    assert chance(design, settings_of(design), 1) is None


def test_training_leaves_the_global_generator_alone():
    torch.manual_seed(7)
    before = torch.get_rng_state()
    design = all_designs()[0]
    advance(begin(design), settings_of(design, dropout=0.5), 2)
    assert torch.equal(torch.get_rng_state(), before)


DROPPED = 0.4


def test_dropout_keeps_the_mean_and_the_share():
    from rnnlab.model.stack import Pass, drop

    this = Pass(CELLS["rnn"], 1, 1, {}, dropout=DROPPED, generator=torch.Generator().manual_seed(0))
    ones = torch.ones(100, 20, 20)
    dropped = drop(this, ones)
    assert float((dropped == 0).double().mean()) == pytest.approx(DROPPED, abs=0.01)
    assert float(dropped.mean()) == pytest.approx(1.0, abs=0.02)
    this.generator = None
    assert drop(this, ones) is ones


def test_dropout_is_off_where_it_is_measured():
    design = next(d for d in all_designs() if d.topology == "many-to-one" and d.layers == 2)
    state = begin(design)
    assert evaluate(state, settings_of(design, dropout=0.9)) == evaluate(state, settings_of(design))


@pytest.mark.parametrize("window", [1, 3])
def test_truncation_reaches_the_update(window):
    """Adding over 12 steps: with a window the gradient is another one, and what is cut lies before it."""
    design = Design(task="adding", cell="rnn", activation="tanh", hidden_size=5, recurrent_init="orthogonal")
    settings = settings_of(design, length=12, clipping="off")
    _, whole = advance(begin(design), settings, 1)
    _, cut = advance(begin(design), replace(settings, tbptt_window=window), 1)
    _, never = advance(begin(design), replace(settings, tbptt_window=12), 1)
    assert cut.loss[0] == whole.loss[0]
    assert cut.grad_norm[0] != whole.grad_norm[0]
    assert never.grad_norm[0] == pytest.approx(whole.grad_norm[0], rel=1e-5)


def test_no_updates_is_no_change():
    design = all_designs()[0]
    state = begin(design)
    after, records = advance(state, settings_of(design), 0)
    assert_same_state(after, state)
    assert records.rows == 0


def test_refused_with_one_sentence():
    state = begin(all_designs()[0])
    with pytest.raises(ValueError, match="updates must be 0 or more, not -1"):
        advance(state, settings_of(state.design), -1)
    with pytest.raises(ValueError, match="length must be exactly 1 time steps"):
        advance(state, Settings(length=2), 1)


def test_progress_is_told_of_each_update():
    design, seen = all_designs()[0], []
    advance(begin(design), settings_of(design), 4, progress=seen.append)
    assert seen == [1, 1, 1, 1]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("option", ["question", "symbols"])
def test_task_options_reach_the_data(cell, option):
    task, value = {"question": ("digits", "even"), "symbols": ("copy", "5")}[option]
    for options in ({}, {option: value}):
        design = Design(task=task, cell=cell, hidden_size=4, batch_size=3, task_options=options)
        _, records = advance(begin(design), settings_of(design), 1)
        assert np.isfinite(records.loss).all()
    assert begin(design).weights["readout.weight"].shape[0] == (1 if task == "digits" else 9)


def test_every_design_of_the_matrix_is_another():
    names = [name_of(design) for design in all_designs()]
    assert len(set(names)) == len(names) == 3 * 2 * (2 * 3 + 2) + len(LOOKING_BACK)


RECORD_FIELDS = [
    "update",
    "loss",
    "grad_norm",
    "grad_norm_clipped",
    "clip_angle",
    "weight_norm",
    "update_norm",
]


def test_records_as_a_table():
    design = all_designs()[0]
    _, records = advance(begin(design), settings_of(design), 3)
    table = records.frame()
    assert list(table.columns) == RECORD_FIELDS
    assert len(table) == records.rows == 3
    assert table["update"].tolist() == [1, 2, 3]
    assert table["loss"].tolist() == records.loss.tolist()
    assert Records.empty().frame().shape == (0, 7)
    assert Records.concat([]).rows == 0
