"""Attention, the context and the bridge in a trace: against autograd and at the ends of float64.

That trace, reverse, contributions, saliency and the checks are right with attention is tested where
they are, on the designs of `architectures`.
Shapes: T time steps read, S written, B sequences, H hidden size.
"""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import HIDDEN
from oracles import STATES, Network, beside, linear, loss_of, read_out, run_alone, unroll
from torch.nn.functional import cross_entropy, one_hot

from rnnlab import Design, Settings
from rnnlab.analysis import attention_map, bridge, check_gradient, check_weight_gradient, gradient_flow
from rnnlab.export import trace_npz
from rnnlab.model.network import load_task, tensors
from rnnlab.tracing import trace
from rnnlab.training import begin

LENGTH = 16
CROSSING = [("none", 0), ("none", 3), ("dot", 0), ("additive", 0), ("dot", 3), ("additive", 3)]
every_crossing = pytest.mark.parametrize(("attention", "size"), CROSSING)


def state_of(attention: str, size: int = 0, gain: float = 1.5, **fields):
    design = Design(
        **{"task": "dates", "cell": "gru", "hidden_size": HIDDEN, "layers": 2, **fields},
        attention=attention,
        context_size=size,
    )
    state = begin(design)
    return replace(state, weights={name: np.float32(gain) * w for name, w in state.weights.items()})


def traced(attention: str, size: int = 0, **fields):
    return trace(state_of(attention, size, **fields), Settings(length=LENGTH), sequences=4)


def by_hand(found):
    """The oracle's runs, sequence by sequence, after its way back."""
    design = found.design
    weights = {name: torch.tensor(w, requires_grad=True) for name, w in found.weights.items()}
    net = Network(design.cell, design.activation, design.layers, 1, weights, design.attention)
    given = tensors(found.batch, torch.device("cpu"), torch.float64)
    runs = run_alone(design.topology, net, given)
    loss_of(load_task(design).loss, runs, given).backward()
    return runs


@every_crossing
def test_the_traces_gradient_is_that_of_both_ways(attention, size):
    """At the encoder's top what comes through time and what comes through attention add up to autograd's."""
    found = traced(attention, size)
    top = found.layers["encoder/1/forward"]
    for b, run in enumerate(by_hand(found)):
        curve = run.parts["encoder"].states[-1][0]
        wanted = torch.stack([state[0].grad[0] for state in curve]).numpy()
        np.testing.assert_allclose(top.grad_h[: len(curve), b], wanted, rtol=1e-7, atol=1e-14)


def crossing_by_hand(found, b: int):
    """Gradients of one sequence by its context and by the keys, as leaves of the oracle's own decoder."""
    weights = {name: torch.tensor(w) for name, w in found.weights.items()}
    design = found.design
    net = Network(design.cell, design.activation, design.layers, 1, weights, design.attention)
    xs = [torch.tensor(x_I)[None] for x_I in found.inputs[: found.lengths[b], b]]
    read = unroll(net, "encoder.", xs)
    keys = [read.top(t).requires_grad_() for t in range(len(xs))]
    context = flat = torch.cat([state for states in read.last[0] for state in states], dim=1)
    if design.context_size:
        context = torch.tanh(linear(net, "context.reduce", flat))
    context.requires_grad_()
    wide = linear(net, "context.expand", context) if design.context_size else context
    pieces, each = list(wide.split(HIDDEN, dim=1)), STATES[design.cell]
    starts = [[tuple(pieces[layer * each : (layer + 1) * each]) for layer in range(design.layers)]]
    targets, size = torch.tensor(found.targets[:, b]), found.outputs.shape[2]
    fed = [torch.zeros(1, size).double(), *(one_hot(symbol, size).double()[None] for symbol in targets[:-1])]
    written = unroll(net, "decoder.", fed, starts)
    outputs = torch.cat([read_out(net, beside(net, written.top(s), keys)) for s in range(len(fed))])
    loss = cross_entropy(outputs, targets, reduction="sum") / found.mask.sum()
    return torch.autograd.grad(loss, [context, *keys], allow_unused=True)


@every_crossing
def test_the_bridge_is_autograds(attention, size):
    """By the context, all states and layers together; by the keys, on the way through attention alone."""
    found = traced(attention, size, cell="lstm")
    told = bridge(found)
    assert told.size == (size or 2 * 2 * HIDDEN)
    for b in range(4):
        by_context, *by_keys = crossing_by_hand(found, b)
        np.testing.assert_allclose(found.grad_context[b], by_context[0], rtol=1e-9, atol=1e-15)
        assert told.context[b] == pytest.approx(float(by_context.norm()), rel=1e-9)
        if attention == "none":
            assert told.attention is None
            continue
        wanted = torch.cat(by_keys)
        np.testing.assert_allclose(found.grad_attention[: len(wanted), b], wanted, rtol=1e-9, atol=1e-15)
        assert told.attention[b] == pytest.approx(float(wanted.norm()), rel=1e-9)


def test_without_a_context_of_its_own_the_bridge_is_the_decoders_start():
    found = traced("none", layers=1, cell="rnn", activation="tanh")
    last_B, every_B = found.lengths - 1, np.arange(4)
    g_BH = found.layers["encoder/0/forward"].grad_h[last_B, every_B]
    np.testing.assert_allclose(bridge(found).context, np.linalg.norm(g_BH, axis=1), rtol=1e-12)


@pytest.mark.parametrize("size", [0, 3])
def test_the_bridge_does_not_underflow(size):
    """A decoder that forgets all but 10^-80 a time step, in which only the last output counts."""
    state = state_of("none", size, layers=1, cell="rnn", activation="identity")
    weights = {**state.weights, "decoder.weight_hh_l0": 1e-40 * np.eye(HIDDEN)}
    whole = trace(replace(state, weights=weights), Settings(length=LENGTH), sequences=3)
    last = np.zeros_like(whole.grad_outputs)
    last[-1] = whole.grad_outputs[-1]
    alone = replace(whole, grad_outputs=last, grad_context=np.zeros_like(whole.grad_context))
    told = bridge(alone)
    assert (told.context == 0).all()
    assert (told.log10_context < -380).all()
    assert (told.log10_context > -440).all()


def test_only_networks_with_both_have_a_bridge_or_attention():
    found = trace(begin(Design(task="adding", hidden_size=3)), Settings(length=5), sequences=2)
    with pytest.raises(ValueError, match="A network many-to-one has no encoder and decoder"):
        bridge(found)
    with pytest.raises(ValueError, match="This network has no attention"):
        attention_map(found)
    with pytest.raises(ValueError, match="sequence must be a whole number from 0 to 3, not 4"):
        attention_map(traced("dot"), 4)


@pytest.mark.parametrize("attention", ["dot", "additive"])
def test_the_map_has_a_row_for_each_output_and_no_padding(attention):
    found = traced(attention)
    assert found.attention.shape == (10, 4, LENGTH)
    for b, length in enumerate(found.lengths):
        told = attention_map(found, b)
        assert told.weights.shape == (10, length)
        np.testing.assert_allclose(told.weights.sum(axis=1), 1, rtol=1e-12)
        assert not found.attention[:, b, length:].any()
        assert ((told.strongest >= 1) & (told.strongest <= length)).all()


@every_crossing
@pytest.mark.parametrize("window", [0, 3])
def test_check_this_number_agrees(attention, size, window):
    """Nudged states of encoder and decoder, and nudged weights, those of attention and context among them."""
    state = state_of(attention, size)
    found = trace(state, Settings(length=LENGTH, tbptt_window=window), sequences=3)
    for layer, t in (("encoder/1/forward", 4), ("encoder/0/forward", 9), ("decoder/1/forward", 3)):
        told = check_gradient(found, layer, t, "h", 1)
        assert told.resolved
        assert told.relative_error < 1e-5, told.words
    if not window:
        for name in [key for key in found.gradients if key.startswith(("attention", "context", "readout"))]:
            assert check_weight_gradient(found, name).relative_error < 1e-6, name


@pytest.mark.parametrize("attention", ["dot", "additive"])
def test_a_gradient_too_small_for_floats_is_checked_in_more_digits(attention):
    """The lower of two layers, with hardly any way up or across: no difference of losses can see it."""
    state = state_of(attention, 2, hidden_size=3, gain=1.0)
    ways = ("encoder.weight_ih_l1", "context.reduce.weight")
    small = {n: w * np.float32(1e-19) if n in ways else w for n, w in state.weights.items()}
    found = trace(replace(state, weights=small), Settings(length=12), sequences=1)
    told = check_gradient(found, "encoder/0/forward", 5)
    assert told.digits is not None
    assert told.log10_analytic < -18
    assert told.relative_error < 1e-9, told.words


def test_attention_is_a_short_way_back_to_the_first_input():
    """A vanilla encoder that forgets: through time nothing arrives, through attention it does."""
    for attention, arrives in (("none", False), ("dot", True)):
        state = state_of(attention, layers=1, cell="rnn", activation="tanh", gain=1.0)
        weights = {n: w * np.float32(0.01) if "weight_hh" in n else w for n, w in state.weights.items()}
        flow = gradient_flow(trace(replace(state, weights=weights), Settings(length=LENGTH), sequences=4))
        assert (flow.log10_norm[0] > -6) == arrives


def test_a_trace_in_a_file_has_what_crossed():

    archive = np.load(io.BytesIO(trace_npz(state_of("dot", 3), Settings(length=LENGTH))))
    assert archive["attention"].shape == (10, 32, LENGTH)
    assert archive["context"].shape == archive["grad_context"].shape == (32, 3)
    assert archive["grad_attention"].shape == (LENGTH, 32, HIDDEN)


def test_an_output_that_is_not_written_looks_at_nothing():
    design = Design(task="relative-time", cell="gru", hidden_size=4, attention="dot")
    found = trace(begin(design), Settings(length=14), sequences=6)
    written_SB = np.arange(len(found.mask))[:, None] < found.mask.sum(axis=0)
    assert not written_SB.all()
    assert not found.attention[~written_SB].any()
    np.testing.assert_allclose(found.attention[written_SB].sum(axis=1), 1, rtol=1e-12)
    assert [len(attention_map(found, b).weights) for b in range(6)] == found.mask.sum(axis=0).tolist()


def test_where_it_is_looked_back_at_an_encoders_flow_begins_at_its_first_input():
    """Without attention sequences meet at their ends, where all that they learn comes in."""
    for attention in ("none", "dot"):
        found = traced(attention, layers=1)
        assert len(set(found.lengths.tolist())) > 1
        norm_TB = np.linalg.norm(found.layers["encoder/0/forward"].grad_h, axis=2)
        flow, ends = gradient_flow(found), norm_TB[found.lengths - 1, np.arange(4)]
        met = norm_TB[0] if attention == "dot" else ends
        where = 0 if attention == "dot" else LENGTH - 1
        assert flow.norm[where] == pytest.approx(np.quantile(met, 0.5, method="lower"))
