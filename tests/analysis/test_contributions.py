"""Contributions of each loss against autograd, loss by loss, and the laws they obey.

Shapes: T time steps, S loss steps, B sequences, H hidden size.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import SHORT, all_designs, every_architecture, name_of

from rnnlab.analysis import gradient_flow, loss_contributions, reach
from rnnlab.analysis.reverse import top_layers
from rnnlab.config import Design, Settings
from rnnlab.model.network import new_pass
from rnnlab.model.stack import run_stack
from rnnlab.state import Trace
from rnnlab.tracing import trace
from rnnlab.training import begin


def traced(design, window=0, sequences=3, length=None) -> Trace:
    settings = Settings(length=length or SHORT[design.task], tbptt_window=window)
    return trace(begin(design), settings, sequences=sequences)


def states_of(found: Trace) -> list[tuple[str, str]]:
    return [
        (name, s) for name, layer in found.layers.items() for s in ("h", "c")[: 1 + (layer.c is not None)]
    ]


@pytest.mark.parametrize("window", [0, 3])
@every_architecture
def test_the_losses_add_up_to_the_traces_gradient(design, window):
    found, sequence = traced(design, window), 1
    for name, state in states_of(found):
        one = loss_contributions(found, name, sequence, state)
        layer = found.layers[name]
        g_TBH = layer.grad_h if state == "h" else layer.grad_c
        g_TH = g_TBH[layer.valid[:, sequence], sequence]
        expected = np.linalg.norm(g_TH, axis=1)
        np.testing.assert_allclose(one.flow, expected, rtol=1e-9, atol=1e-15)
        there = expected > 0
        np.testing.assert_allclose(one.shares.sum(axis=0)[there], 1, rtol=1e-9)
        assert np.isnan(one.shares[:, ~there]).all()
        assert (one.norm.sum(axis=0) >= one.flow * (1 - 1e-9)).all(), "the triangle inequality"
        assert not one.norm[~one.has_loss].any()


@pytest.mark.parametrize("design", all_designs(), ids=name_of)
def test_each_loss_alone_equals_the_trace_with_that_loss_alone(design):
    """The same trace with a mask of one position: its loss is a mean over 1, not over all of them."""
    state, settings = begin(design), Settings(length=SHORT[design.task])
    found, sequence = trace(state, settings, sequences=3), 2
    for i in {0, int(found.mask[:, sequence].sum()) - 1}:
        mask = np.zeros_like(found.mask)
        mask[i, sequence] = True
        if found.design.topology in ("one-to-many", "encoder-decoder"):
            continue  # their mask is also how long they write
        alone = trace(state, settings, batch=found.batch._replace(mask_SB=mask))
        for name, which in states_of(found):
            one = loss_contributions(found, name, sequence, which)
            layer = alone.layers[name]
            g_TH = (layer.grad_h if which == "h" else layer.grad_c)[layer.valid[:, sequence], sequence]
            expected = np.linalg.norm(g_TH, axis=1) / found.mask.sum()
            row = one.norm[-1 if one.single else i]
            np.testing.assert_allclose(row, expected, rtol=1e-9, atol=1e-17)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_decoders_losses_reach_the_encoder_as_autograd_says(cell):
    """dL_i/d(encoder's h_j) by autograd: the encoder runs to j, gets a leaf, and goes on."""
    design = Design(task="dates", cell=cell, hidden_size=4)
    found, sequence = traced(design), 0
    one = loss_contributions(found, "encoder/0/forward", sequence)
    weights = {name: torch.tensor(w) for name, w in found.weights.items()}
    this = new_pass(design, weights)
    x_TBI = torch.tensor(found.inputs[: found.lengths[sequence], [sequence]])
    fed_SBO = torch.nn.functional.one_hot(torch.tensor(found.targets[:, [sequence]]), found.outputs.shape[2])
    fed_SBO = torch.cat([torch.zeros_like(fed_SBO[:1]), fed_SBO[:-1]]).double()
    steps_S = torch.tensor([len(fed_SBO)])
    for j in (1, len(x_TBI) - 2):
        before = run_stack(this, "encoder.", x_TBI[: j + 1], torch.tensor([j + 1]), carry=True).last
        h = before[0][0][0].clone().requires_grad_()
        start = (((h, *before[0][0][1:]),),)
        rest = run_stack(
            this, "encoder.", x_TBI[j + 1 :], torch.tensor([len(x_TBI) - j - 1]), start, carry=True
        )
        top = run_stack(this, "decoder.", fed_SBO, steps_S, rest.last).top_TBD
        outputs = top @ weights["readout.weight"].T + weights["readout.bias"]
        for i in (0, len(outputs) - 1):
            loss = torch.nn.functional.cross_entropy(outputs[i], torch.tensor(found.targets[i, [sequence]]))
            (g,) = torch.autograd.grad(loss / found.mask.sum(), h, retain_graph=True)
            assert one.norm[i, j] == pytest.approx(float(g.norm()), rel=1e-9)


def test_nothing_flows_to_time_steps_after_the_loss_or_before_the_cut():
    length, window = 21, 4
    for cell in ("rnn", "lstm", "gru"):
        found = traced(Design(task="copy", cell=cell, hidden_size=4), window, length=length)
        log10 = loss_contributions(found).log10_norm
        i, j = np.indices(log10.shape)
        there = (j <= i) & (j // window == i // window)
        assert (log10[~there] == -np.inf).all()
        assert np.isfinite(log10[there]).all()


def test_a_backward_layer_reads_from_the_other_end():
    found = traced(Design(task="copy", cell="gru", hidden_size=4, bidirectional=True), length=21)
    log10 = loss_contributions(found, "recurrent/0/backward").log10_norm
    i, j = np.indices(log10.shape)
    assert (log10[j < i] == -np.inf).all()
    assert np.isfinite(log10[j >= i]).all()


def test_padding_is_no_time_step():
    design = Design(task="nationality", cell="lstm", hidden_size=4)
    found = trace(begin(design), Settings(length=9), sequences=8)
    for sequence, length in enumerate(found.lengths):
        one = loss_contributions(found, sequence=sequence)
        assert one.log10_norm.shape == one.shares.shape == (length, length)
        assert (one.norm[:-1] == 0).all()
        assert one.has_loss.tolist() == [False] * (length - 1) + [True]


def test_losses_in_several_passes_are_the_same(monkeypatch):
    found = traced(Design(task="copy", cell="lstm", hidden_size=4, layers=2), length=21)
    for name in found.layers:
        whole = loss_contributions(found, name)
        monkeypatch.setattr("rnnlab.analysis.contributions.CHUNK_NUMBERS", 21 * 4 * 5 * 2 * 4)
        parts = loss_contributions(found, name)
        monkeypatch.undo()
        np.testing.assert_allclose(parts.log10_norm, whole.log10_norm, rtol=1e-12)
        np.testing.assert_allclose(parts.shares, whole.shares, rtol=1e-9, atol=1e-15)


def rotation(gain: float, length: int, window: int = 0) -> Trace:
    """A linear network whose recurrent weights are gain x orthogonal, with nothing to read: h = 0."""
    state = begin(Design(task="copy", cell="rnn", activation="identity", hidden_size=4))
    q, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))
    quiet = {n: w if n.startswith("readout") else 0 * w for n, w in state.weights.items()}
    settings = Settings(length=length, tbptt_window=window)
    return trace(replace(state, weights={**quiet, "weight_hh_l0": gain * q}), settings, sequences=2)


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.5])
def test_a_rotations_contributions_are_powers_of_its_gain(gain):
    one = loss_contributions(rotation(gain, 61))
    i, j = np.indices(one.log10_norm.shape)
    expected = np.diag(one.log10_norm)[:, None] + (i - j) * np.log10(gain)
    np.testing.assert_allclose(one.log10_norm[j <= i], expected[j <= i], atol=1e-11)
    told = reach(one)
    np.testing.assert_allclose(told.log10_median, told.lag * np.log10(gain), atol=1e-11)
    np.testing.assert_allclose(told.log10_fit, told.log10_median, atol=1e-10)
    assert told.losses.tolist() == list(range(61, 0, -1))
    assert told.rate == pytest.approx(np.log(gain), abs=1e-10)
    assert told.verdict == {0.5: "vanishing", 1.0: "healthy", 1.5: "exploding"}[gain]
    assert told.half_life == (pytest.approx(1) if gain == 0.5 else np.inf) or gain == 1.0


def test_the_longest_lag_is_right_where_floats_end():
    found = rotation(0.01, 200)
    one = loss_contributions(found)
    far = one.log10_norm[-1, 0] - one.log10_norm[-1, -1]
    assert far == pytest.approx(-2 * 199, rel=1e-12)
    assert one.norm[-1, 0] == 0
    told = reach(one)
    assert told.log10_ratio == pytest.approx(-2 * 199, rel=1e-9)
    assert told.rate == pytest.approx(np.log(0.01), rel=1e-9)


def test_one_loss_at_the_end_reaches_as_the_gradient_flows():
    found = traced(Design(task="adding", cell="gru", hidden_size=5), sequences=1)
    told, flow = reach(loss_contributions(found)), gradient_flow(found)
    assert told.rate == pytest.approx(flow.rate, rel=1e-9)
    assert told.log10_ratio == pytest.approx(flow.log10_ratio, rel=1e-9)
    assert told.verdict == flow.verdict


def test_a_backward_layers_reach_begins_at_the_first_time_step():
    found = traced(Design(task="adding", cell="gru", hidden_size=5, bidirectional=True), sequences=1)
    name = "recurrent/0/backward"
    told, flow = reach(loss_contributions(found, name)), gradient_flow(found, name)
    assert told.rate == pytest.approx(flow.rate, rel=1e-9)
    assert told.log10_ratio == pytest.approx(flow.log10_ratio, rel=1e-9)
    assert len(told.lag) == SHORT["adding"]


@pytest.mark.parametrize("gain", [0.01, 100.0])
def test_shares_add_up_to_1_where_floats_end(gain):
    one = loss_contributions(rotation(gain, 200))
    np.testing.assert_allclose(one.shares.sum(axis=0), 1, rtol=1e-9)
    assert np.abs(one.shares).max() < 1.1


def test_the_reach_from_a_decoder_into_its_encoder_begins_at_the_encoders_end():
    found = traced(Design(task="dates", cell="gru", hidden_size=5))
    one = loss_contributions(found, "encoder/0/forward")
    told = reach(one)
    assert not one.one_part
    assert len(told.lag) == found.lengths[0]
    assert told.losses[0] == found.mask[:, 0].sum()
    assert told.log10_median[0] == 0


def test_an_underflow_in_the_decoder_crosses_the_bridge():
    state = begin(Design(task="dates", cell="rnn", activation="identity", hidden_size=4))
    weights = {**state.weights, "decoder.weight_hh_l0": 1e-40 * np.eye(4)}
    found = trace(replace(state, weights=weights), Settings(length=14), sequences=1)
    near_S = loss_contributions(found, "encoder/0/forward").log10_norm[:, -1]
    np.testing.assert_allclose(np.diff(near_S), -40, atol=1)


def test_a_cut_gradient_reaches_no_further_than_its_window():
    told = reach(loss_contributions(rotation(1.0, 61, window=5)))
    assert (told.log10_median[5:] == -np.inf).all()
    assert told.log10_high[:5] == pytest.approx(0, abs=1e-12)
    assert told.verdict == "cut", "a rotation keeps every gradient: nothing has vanished"


def test_nan_weights_are_named():
    state = begin(Design(task="copy", hidden_size=4))
    broken = {n: w * np.nan if n == "weight_hh_l0" else w for n, w in state.weights.items()}
    one = loss_contributions(trace(replace(state, weights=broken), Settings(length=21), sequences=2))
    assert np.isnan(one.log10_norm).any()
    told = reach(one)
    assert (told.verdict, told.finite) == ("none", False)
    assert np.isnan(told.log10_median).all()


def test_no_gradient_at_all_is_exactly_0():
    state = begin(Design(task="copy", cell="lstm", hidden_size=4))
    mute = {n: 0 * w if n == "readout.weight" else w for n, w in state.weights.items()}
    one = loss_contributions(trace(replace(state, weights=mute), Settings(length=21), sequences=2), state="c")
    assert (one.log10_norm == -np.inf).all()
    assert np.isnan(one.shares).all()
    assert reach(one).verdict == "none"
    assert reach(one).finite


def test_one_time_step_and_one_unit():
    one = loss_contributions(traced(Design(task="digits", topology="one-to-one", hidden_size=1)))
    assert one.norm.shape == (1, 1)
    assert one.shares[0, 0] == pytest.approx(1)
    assert reach(one).verdict == "none"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"layer": "top"}, "layer must be one of recurrent/0/forward, not 'top'."),
        ({"state": "c"}, "state must be one that recurrent/0/forward has, not 'c'."),
        ({"sequence": 3}, "sequence must be a whole number from 0 to 2."),
        ({"sequence": -1}, "sequence must be a whole number from 0 to 2."),
    ],
)
def test_what_the_trace_does_not_have_is_refused(asked, words):
    found = traced(Design(task="adding", cell="gru", hidden_size=3))
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        loss_contributions(found, **asked)
    assert str(refused.value) == words


def test_by_default_it_is_the_layer_that_is_read_out():
    found = traced(Design(task="dates", cell="gru", hidden_size=3, layers=2))
    assert loss_contributions(found).layer == "decoder/1/forward" == top_layers(found)[0]
