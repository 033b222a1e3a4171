"""Gradient flow: closed forms first, then what happens at the edges.

Shapes: T time steps, B sequences, H hidden size.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnlab import Design, Settings, begin, default_settings, trace
from rnnlab.analysis import gradient_flow
from rnnlab.analysis.flow import verdict
from rnnlab.analysis.norms import stable_norm
from rnnlab.tasks.spec import Batch


def linear(gain: float, **fields) -> Design:
    more = {"hidden_size": 8, "recurrent_init": "orthogonal", "recurrent_gain": gain, **fields}
    return Design(task="adding", cell="rnn", activation="identity", **more)


def float64_rotation(state, gain: float):
    """The state with a recurrent matrix that is gain x orthogonal to float64's precision."""
    q, _ = np.linalg.qr(np.asarray(state.weights["weight_hh_l0"], np.float64))
    return replace(state, weights={**state.weights, "weight_hh_l0": gain * q})


@pytest.mark.parametrize("gain", [0.5, 0.9, 1.0, 1.1])
def test_a_linear_rotation_shrinks_gradients_by_its_gain_exactly(gain):
    """||dL/dh_{t-1}|| = gain ||dL/dh_t||: rate ln gain per time step, half-life ln 2 / -ln gain."""
    length = 40
    flow = gradient_flow(trace(float64_rotation(begin(linear(gain)), gain), Settings(length=length)))
    for curve in (flow.norm, flow.low, flow.high):
        assert curve.shape == (length,)
        np.testing.assert_allclose(curve[:-1] / curve[1:], gain, rtol=1e-10)
    assert flow.rate == pytest.approx(np.log(gain), abs=1e-9)
    assert flow.ratio == pytest.approx(gain ** (length - 1), rel=1e-9)
    if gain < 1:
        assert flow.half_life == pytest.approx(np.log(2) / -np.log(gain), rel=1e-7)
    if gain > 1:
        assert flow.half_life == np.inf


@pytest.mark.parametrize(
    ("gain", "length", "words"),
    [
        (1.0, 100, "healthy"),
        (0.99, 100, "healthy"),
        (0.9, 100, "vanishing"),
        (1.1, 100, "exploding"),
        (0.9, 10, "healthy"),
        (5.0, 150, "exploding"),
        (0.1, 200, "vanishing"),
    ],
)
def test_the_verdict_compares_the_far_end_with_the_near_one(gain, length, words):
    flow = gradient_flow(trace(float64_rotation(begin(linear(gain)), gain), Settings(length=length)))
    assert flow.verdict == words
    assert np.isfinite(flow.norm).all()


def test_squares_neither_overflow_nor_underflow():
    g = np.array([[[3e-200, 4e-200]], [[3e200, 4e200]], [[0.0, 0.0]], [[3.0, -4.0]]])
    np.testing.assert_allclose(stable_norm(g)[:, 0], [5e-200, 5e200, 0, 5], rtol=1e-15)
    assert stable_norm(np.array([[[np.inf, 1.0]]]))[0, 0] == np.inf
    assert np.isnan(stable_norm(np.array([[[np.nan, 1.0]]]))[0, 0])


def test_numbers_that_are_not_finite_are_kept_without_a_warning():
    g = np.array([[[np.inf, 1e200]], [[np.nan, 1e200]], [[np.inf, np.nan]]])
    found = stable_norm(g)[:, 0]
    assert found[0] == np.inf
    assert np.isnan(found[1:]).all()
    broken = gradient_flow(trace(float64_rotation(begin(linear(5.0)), 5.0), Settings(length=400)))
    assert not np.isfinite(broken.norm).all()
    assert broken.verdict != "healthy"


def test_norm_and_band_are_over_the_sequences():
    design = Design(task="adding", cell="gru", hidden_size=6)
    found = trace(begin(design), Settings(length=12), sequences=11)
    norms = np.linalg.norm(found.layers["recurrent/0/forward"].grad_h, axis=2)
    flow = gradient_flow(found)
    np.testing.assert_allclose(flow.norm, np.median(norms, axis=1), rtol=1e-12)
    np.testing.assert_allclose(flow.low, np.sort(norms, axis=1)[:, 1], rtol=1e-12)
    np.testing.assert_allclose(flow.high, np.sort(norms, axis=1)[:, 9], rtol=1e-12)
    assert (flow.low <= flow.norm).all()
    assert (flow.norm <= flow.high).all()


def test_the_cell_state_has_a_flow_of_its_own():
    design = Design(task="adding", cell="lstm", hidden_size=6)
    start = begin(design)
    silent = {n: np.zeros_like(w) if n.startswith("weight") else w for n, w in start.weights.items()}
    found = trace(replace(start, weights=silent), Settings(length=30))
    flow = gradient_flow(found, state="c")
    assert flow.rate == pytest.approx(np.log(0.7310585786), abs=1e-8)
    assert flow.state == "c"
    assert gradient_flow(found).ratio == 0, "h has no way back but through the recurrent weights"


def test_unequal_lengths_are_aligned_at_the_loss():
    """A name of 3 letters stands under the last 3 time steps: one point is one distance from the loss."""
    design = Design(task="nationality", cell="rnn", activation="identity", hidden_size=8)
    state = float64_rotation(begin(design), 0.5)
    length, lengths = 7, np.array([7, 3, 5])
    inputs = np.zeros((length, 3, state.weights["weight_ih_l0"].shape[1]), np.float32)
    batch = Batch(inputs, np.zeros((1, 3), np.int64), np.ones((1, 3), bool), lengths)
    flow = gradient_flow(trace(state, Settings(length=length), batch))
    np.testing.assert_allclose(flow.norm[:-1] / flow.norm[1:], 0.5, rtol=0.3)
    assert flow.rate == pytest.approx(np.log(0.5), abs=0.1)
    alone = gradient_flow(trace(state, Settings(length=length), batch), quantiles=(0.0, 1.0))
    assert np.isfinite(alone.low).all()


def test_encoder_and_decoder_stand_on_one_axis():
    design = Design(task="dates", cell="gru", hidden_size=6, layers=2)
    found = trace(begin(design), Settings(length=14), sequences=5)
    flow = gradient_flow(found)
    assert flow.layers == ("encoder/1/forward", "decoder/1/forward")
    assert flow.parts == (14, 10)
    assert flow.norm.shape == (24,)
    alone = gradient_flow(found, "encoder/0/forward")
    assert alone.parts == (14,)


def test_backward_layers_lead_the_other_way():
    """Read from the end, the loss attaches at the first time step, and the far end is the last."""
    design = linear(0.5, bidirectional=True)
    state = begin(design)
    q, _ = np.linalg.qr(np.asarray(state.weights["weight_hh_l0_reverse"], np.float64))
    state = replace(state, weights={**state.weights, "weight_hh_l0_reverse": 0.5 * q})
    flow = gradient_flow(trace(state, Settings(length=20)), "recurrent/0/backward")
    assert flow.reverse
    np.testing.assert_allclose(flow.norm[1:] / flow.norm[:-1], 0.5, rtol=1e-10)
    assert flow.rate == pytest.approx(np.log(0.5), abs=1e-9)


def test_no_gradient_no_verdict():
    """A read-out of zeros: nothing comes back, and nothing is claimed."""
    design = Design(task="adding", cell="rnn", hidden_size=4)
    state = begin(design)
    mute = {n: np.zeros_like(w) if n == "readout.weight" else w for n, w in state.weights.items()}
    flow = gradient_flow(trace(replace(state, weights=mute), Settings(length=8)))
    assert not flow.norm.any()
    assert flow.verdict == verdict(float("nan")) == "none"
    assert np.isnan(flow.rate)
    assert flow.half_life == np.inf


def test_one_time_step_has_no_slope():
    flow = gradient_flow(trace(begin(Design(task="digits", topology="one-to-one")), Settings(), sequences=3))
    assert flow.norm.shape == (1,)
    assert np.isnan(flow.rate)
    assert flow.verdict == "none"


def test_asking_for_what_is_not_there():
    found = trace(begin(Design(task="adding", cell="gru")), Settings(length=5), sequences=2)
    with pytest.raises(ValueError, match="layer must be one of recurrent/0/forward, not 'top'"):
        gradient_flow(found, "top")
    with pytest.raises(ValueError, match="state must be one that recurrent/0/forward has, not 'c'"):
        gradient_flow(found, state="c")


def test_a_gradient_that_overflows_keeps_its_place_in_time():
    """Gain 1e4 over 100 steps leaves float64: far time steps have no number, near ones keep theirs."""
    flow = gradient_flow(trace(float64_rotation(begin(linear(1.0)), 1e4), Settings(length=150)), sequence=0)
    assert flow.norm.shape == (150,)
    assert not flow.finite
    assert flow.verdict in ("exploding", "none")
    broken = np.flatnonzero(~np.isfinite(flow.norm))
    assert broken.tolist() == list(range(broken[-1] + 1))
    assert np.isfinite(flow.norm[broken[-1] + 1 :]).all()


def test_a_nan_is_not_left_out_of_the_median():
    state = begin(Design(task="nationality", hidden_size=4))
    broken = {**state.weights, "weight_hh_l0": state.weights["weight_hh_l0"] * np.nan}
    flow = gradient_flow(trace(replace(state, weights=broken), Settings()))
    assert np.isnan(flow.norm[:-1]).any()
    assert flow.verdict == "none"
    assert not flow.finite


def quiet_rotation(gain: float, length: int, sequences: int = 3, **settings):
    """A linear rotation that reads nothing: h = 0, so that only the gradient runs away."""
    state = float64_rotation(begin(linear(1.0)), gain)
    silent = {
        n: 0 * w if n in ("weight_ih_l0", "bias_ih_l0", "bias_hh_l0") else w for n, w in state.weights.items()
    }
    return trace(replace(state, weights=silent), Settings(length=100, **settings), numbers(length, sequences))


def numbers(length: int, sequences: int) -> Batch:
    rng = np.random.default_rng(0)
    x_TBI = rng.standard_normal((length, sequences, 2)).astype(np.float32)
    targets = rng.standard_normal((1, sequences, 1)).astype(np.float32)
    return Batch(x_TBI, targets, np.ones((1, sequences), bool), np.full(sequences, length))


@pytest.mark.parametrize("gain", [0.3, 3.0])
def test_a_thousand_time_steps_underflow_no_logarithm(gain):
    found = quiet_rotation(gain, 1000)
    flow = gradient_flow(found)
    lag = np.arange(1000)[::-1]
    for curve in (flow.log10_norm, flow.log10_low, flow.log10_high):
        np.testing.assert_allclose(curve - curve[-1], lag * np.log10(gain), rtol=1e-9, atol=1e-10)
    assert flow.log10_ratio == pytest.approx(999 * np.log10(gain), rel=1e-9)
    assert flow.rate == pytest.approx(np.log(gain), rel=1e-9)
    assert flow.verdict == ("vanishing" if gain < 1 else "exploding")
    assert flow.finite
    if gain < 1:
        assert flow.norm[0] == flow.ratio == 0, "what a float holds of it"
        assert flow.half_life == pytest.approx(np.log(2) / -np.log(gain), rel=1e-9)


def test_an_lstm_that_forgets_all_for_a_thousand_time_steps():
    """Against torch's own cell, one vector-Jacobian product at a time, brought to length 1 after each."""
    state = begin(Design(task="adding", cell="lstm", hidden_size=5, forget_bias=-10.0))
    found = trace(state, Settings(length=100), numbers(1000, 2), weight_gradients=False)
    cell = torch.nn.LSTMCell(2, 5, dtype=torch.float64)
    cell.load_state_dict({name: torch.tensor(found.weights[f"{name}_l0"]) for name in cell.state_dict()})
    layer, b = found.layers["recurrent/0/forward"], 1
    h, c, x = (torch.tensor(np.array(a[:, b])) for a in (layer.h, layer.c, found.inputs))
    g = torch.tensor(found.grad_outputs[0, b]) @ torch.tensor(found.weights["readout.weight"])
    g, scale, expected = (g, torch.zeros(5).double()), 0.0, np.zeros(1000)
    for t in reversed(range(1000)):
        expected[t] = scale + float(g[0].norm().log10())
        if t:
            before = h[t - 1].clone().requires_grad_(), c[t - 1].clone().requires_grad_()
            g = torch.autograd.grad(cell(x[t], before), before, g)
            size = torch.cat(g).norm()
            g, scale = tuple(part / size for part in g), scale + float(size.log10())
    flow = gradient_flow(
        trace(state, Settings(length=100), one_sequence(numbers(1000, 2), b), weight_gradients=False)
    )
    assert expected[0] < -1000
    np.testing.assert_allclose(flow.log10_norm + np.log10(0.5), expected, rtol=1e-9)


def one_sequence(batch: Batch, b: int) -> Batch:
    only = slice(b, b + 1)
    return Batch(
        batch.inputs_TBI[:, only], batch.targets[:, only], batch.mask_SB[:, only], batch.lengths_B[only]
    )


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("task", ["nationality", "dates", "copy"])
def test_the_way_with_exponents_equals_the_way_without(cell, task, monkeypatch):
    """Whatever the architecture: made to doubt everything, the flow computes all anew and finds the same."""
    both = task == "copy"
    design = Design(task=task, cell=cell, hidden_size=4, layers=2, bidirectional=both)
    found = trace(begin(design), default_settings(design), sequences=4)
    for name, layer in found.layers.items():
        for state in ("h", "c")[: 1 + (layer.c is not None)]:
            usual = gradient_flow(found, name, state)
            monkeypatch.setattr("rnnlab.analysis.norms.DOUBTFUL", np.inf)
            anew = gradient_flow(found, name, state)
            monkeypatch.undo()
            np.testing.assert_allclose(anew.log10_norm, usual.log10_norm, atol=1e-10)
            assert anew.rate == pytest.approx(usual.rate, rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("length", [39, 40, 41])
def test_behind_a_cut_the_gradient_is_exactly_0_and_nothing_is_computed_anew(length, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("computed anew")

    monkeypatch.setattr("rnnlab.analysis.norms.reverse", refuse)
    flow = gradient_flow(quiet_rotation(0.9, length, tbptt_window=8))
    first = (length - 1) // 8 * 8
    assert (flow.log10_norm[:first] == -np.inf).all()
    assert np.isfinite(flow.log10_norm[first:]).all()
    assert flow.log10_ratio == -np.inf
    assert flow.verdict == "cut"


def test_underflow_before_a_cut_is_told_from_the_zeros_behind_it():
    flow = gradient_flow(quiet_rotation(1e-20, 60, tbptt_window=40))
    assert (flow.log10_norm[:40] == -np.inf).all()
    np.testing.assert_allclose(np.diff(flow.log10_norm[40:]), 20, rtol=1e-9)
    assert flow.norm[40] == 0


def test_dead_units_pass_exactly_nothing():
    state = begin(Design(task="adding", cell="rnn", activation="relu", hidden_size=4))
    dead = {n: w - 100 if n == "bias_hh_l0" else w for n, w in state.weights.items()}
    flow = gradient_flow(trace(replace(state, weights=dead), Settings(length=12), sequences=3))
    assert (flow.log10_norm[:-1] == -np.inf).all()
    assert np.isfinite(flow.log10_norm[-1])
    assert (flow.ratio, flow.verdict, flow.finite) == (0, "vanishing", True)


def test_an_underflow_in_the_decoder_crosses_the_bridge():
    state = begin(Design(task="dates", cell="rnn", activation="identity", hidden_size=4))
    q, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))
    gains = {"encoder.weight_hh_l0": 0.5, "decoder.weight_hh_l0": 1e-40}
    weights = {**state.weights, **{name: gain * q for name, gain in gains.items()}}
    flow = gradient_flow(trace(replace(state, weights=weights), Settings(length=14), sequences=1))
    steps = np.diff(flow.log10_norm[~np.isnan(flow.log10_norm)])
    np.testing.assert_allclose(steps[:-10], np.log10(2), rtol=1e-9)
    assert flow.log10_norm[13] - flow.log10_norm[14] == pytest.approx(-40, rel=1e-9)
