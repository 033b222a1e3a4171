"""A run that breaks: it comes back, says what broke and where, and hides nothing."""

from dataclasses import replace

import numpy as np
import pytest
from architectures import SHORT, all_designs, name_of

from rnnlab import Design, Settings, advance, begin
from rnnlab.config import default_settings
from rnnlab.model.topologies import WIRINGS

GROWING = {"recurrent_init": "identity", "recurrent_gain": 5.0}
OFF = Settings(clipping="off", learning_rate=1e-6)


def exploding(activation: str, **fields) -> Design:
    return Design(
        task="adding", cell="rnn", activation=activation, hidden_size=8, batch_size=4, **GROWING, **fields
    )


def assert_finite(state):
    assert all(np.isfinite(array).all() for array in state.weights.values())


@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_exploding_states_are_named_with_update_tensor_and_time_step(activation):
    """5^t x overflows float32 (3.4e38) near t = 55: the state, not the loss, is the first to go."""
    state, records = advance(begin(exploding(activation)), replace(OFF, length=200), 5)
    assert state.diverged_at == 1
    assert state.update == 0
    found = state.divergence
    assert found.tensor == "state h of recurrent/0/forward"
    assert 45 <= found.time_step <= 60
    assert f"update {found.update}" in found.words
    assert "state h of layer 1" in found.words
    assert f"time step {found.time_step}" in found.words
    assert "infinite" in found.words
    assert records.update.tolist() == [1]
    assert not np.isfinite(records.loss[0])
    assert_finite(state)


def test_the_time_step_is_the_first_that_is_not_finite():
    """Against a plain loop in NumPy, float32."""
    design = exploding("identity")
    state = begin(design)
    after, _ = advance(state, replace(OFF, length=150), 1)
    from rnnlab.training import training_batch

    batch = training_batch(design, replace(OFF, length=150), 1)
    w = state.weights
    h_BH = np.zeros((4, 8), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for t, x_BI in enumerate(batch.inputs_TBI.numpy(), start=1):  # noqa: B007 - used after the loop
            h_BH = x_BI @ w["weight_ih_l0"].T + w["bias_ih_l0"] + h_BH @ w["weight_hh_l0"].T + w["bias_hh_l0"]
            if not np.isfinite(h_BH).all():
                break
    assert after.divergence.time_step == t


def test_a_gradient_that_overflows_while_the_loss_is_finite():
    """State finite, squared error finite, its gradient through 5^T not."""
    design = exploding("identity")
    for length in range(20, 60):
        state, records = advance(begin(design), replace(OFF, length=length), 1)
        if state.divergence and np.isfinite(records.loss[0]):
            break
    assert np.isfinite(records.loss[0])
    assert not np.isfinite(records.grad_norm[0])
    assert state.divergence.tensor.startswith("gradient of ")
    assert_finite(state)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_a_huge_learning_rate_ends_in_words(optimizer):
    design = Design(
        task="adding", cell="rnn", activation="identity", hidden_size=8, batch_size=4, optimizer=optimizer
    )
    settings = Settings(length=20, clipping="off", learning_rate=10.0)
    state, records = advance(begin(design), settings, 200)
    assert state.diverged_at == state.update + 1
    assert records.update[-1] == state.diverged_at
    assert records.rows == state.diverged_at
    last = np.array([column[-1] for column in records[1:]])
    assert not np.isfinite(last).all()
    assert np.isfinite(np.array([column[:-1] for column in records])).all()
    assert f"update {state.diverged_at:,}" in state.divergence.words
    assert_finite(state)
    before, earlier = advance(begin(design), settings, state.update)
    assert before.divergence is None
    assert earlier.rows == state.update
    for name, array in before.weights.items():
        assert np.array_equal(array, state.weights[name])


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam"])
def test_the_optimizers_memory_is_of_the_moment_before(optimizer):
    """A diverged state is the state before it, marked: weights and memory alike."""
    design = Design(
        task="adding", cell="rnn", activation="identity", hidden_size=8, batch_size=4, optimizer=optimizer
    )
    settings = Settings(length=20, clipping="off", learning_rate=1e-3)
    before, _ = advance(begin(design), settings, 3)
    weights = {n: np.full_like(a, 3e38) if n == "readout.bias" else a for n, a in before.weights.items()}
    broken = replace(before, weights=weights)
    after, _ = advance(broken, settings, 1)
    assert after.diverged_at == 4
    assert list(after.optimizer) == list(before.optimizer)
    for slot, array in before.optimizer.items():
        assert np.array_equal(after.optimizer[slot], array), slot


def test_weights_that_would_become_infinite_are_not_kept():
    """Loss and gradient are finite, the step is not: weight decay times a huge weight."""
    design = Design(
        task="adding", cell="rnn", activation="tanh", hidden_size=4, batch_size=4, optimizer="sgd"
    )
    start = begin(design)
    weights = {name: array.copy() for name, array in start.weights.items()}
    weights["weight_ih_l0"][0, 0] = 2e38
    settings = Settings(length=4, clipping="off", learning_rate=10.0, weight_decay=1.0)
    state, records = advance(replace(start, weights=weights), settings, 3)
    assert state.diverged_at == 1
    assert np.isfinite(records.loss[0])
    assert np.isfinite(records.grad_norm[0])
    assert not np.isfinite(records.weight_norm[0])
    assert "weights" in state.divergence.tensor
    assert np.array_equal(state.weights["weight_ih_l0"], weights["weight_ih_l0"])


@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop", "adam"])
def test_a_refused_step_leaves_no_trace_in_the_memory(optimizer):
    design = Design(
        task="adding", cell="rnn", activation="tanh", hidden_size=4, batch_size=4, optimizer=optimizer
    )
    settings = Settings(length=4, clipping="off", learning_rate=10.0, weight_decay=1.0)
    before, _ = advance(begin(design), replace(settings, learning_rate=1e-3), 2)
    weights = {name: array.copy() for name, array in before.weights.items()}
    weights["weight_ih_l0"][0, 0] = 3e38
    after, _ = advance(replace(before, weights=weights), settings, 1)
    if after.divergence is None:  # some rules survive: their step is bounded
        assert optimizer in ("rmsprop", "adam")
        return
    for slot, array in before.optimizer.items():
        assert np.array_equal(after.optimizer[slot], array), slot


def test_a_diverged_run_does_not_go_on():
    state, _ = advance(begin(exploding("relu")), replace(OFF, length=200), 5)
    again, records = advance(state, replace(OFF, length=4), 5)
    assert again is state or again == state
    assert records.rows == 0
    revived, records = advance(replace(state, divergence=None), replace(OFF, length=4), 2)
    assert revived.update == 2
    assert records.rows == 2


@pytest.mark.parametrize("design", all_designs(optimizer="sgd"), ids=name_of)
def test_not_a_number_is_never_hidden_and_never_raised(design):
    """A NaN planted in each network: the run comes back at once, with words."""
    start = begin(design)
    weights = {name: array.copy() for name, array in start.weights.items()}
    part = next(iter(WIRINGS[design.topology].parts(3, 3)))
    weights[f"{part}bias_ih_l0"][-1] = np.nan
    settings = replace(default_settings(design), length=SHORT[design.task])
    state, records = advance(replace(start, weights=weights), settings, 3)
    assert state.diverged_at == 1
    assert np.isnan(records.loss[0])
    assert records.rows == 1
    assert state.divergence.time_step == 1
    assert state.divergence.tensor.startswith("state ")
    assert "NaN" in state.divergence.words


def test_the_autopsy_repeats_the_dropout_of_the_update_that_broke():
    """A state that dropout doubles overflows in the read-out; without dropout it would not."""
    settings, broke = Settings(length=10, learning_rate=1e-6), []
    for seed in range(8):
        design = Design(
            task="temporal-order", cell="rnn", activation="tanh", hidden_size=6, batch_size=1, seed=seed
        )
        start = begin(design)
        weights = {name: array.copy() for name, array in start.weights.items()}
        weights["bias_ih_l0"][0], weights["readout.weight"][0, 0] = 5.0, 2.5e38
        whole, _ = advance(replace(start, weights=weights), settings, 1)
        assert whole.divergence is None
        state, _ = advance(replace(start, weights=weights), replace(settings, dropout=0.5), 1)
        broke += [state.divergence.tensor] if state.divergence else []
    assert broke
    assert set(broke) == {"output"}


def test_the_autopsy_repeats_the_symbols_of_the_update_that_broke():
    """Fed its own symbol, the network reads a huge weight; the truth never holds that symbol."""
    design = Design(task="surname", cell="rnn", activation="identity", hidden_size=6, batch_size=8)
    start = begin(design)
    from rnnlab.training import training_batch

    settings = Settings(length=10, learning_rate=1e-6, teacher_forcing=0.0)
    classes = start.weights["readout.bias"].shape[0]
    seen = set(training_batch(design, settings, 1).targets.unique().tolist())
    unseen = next(symbol for symbol in range(classes) if symbol not in seen)
    weights = {name: array.copy() for name, array in start.weights.items()}
    weights["readout.bias"][unseen] = 100.0
    column = weights["weight_ih_l0"].shape[1] - classes + unseen
    weights["weight_ih_l0"][:, column] = 3e38
    weights["readout.weight"][0] = 10.0
    truthful, _ = advance(replace(start, weights=weights), replace(settings, teacher_forcing=1.0), 1)
    assert truthful.divergence is None
    state, _ = advance(replace(start, weights=weights), settings, 1)
    assert state.divergence.tensor in ("state h of recurrent/0/forward", "output")
    assert state.divergence.time_step in (2, 3)
