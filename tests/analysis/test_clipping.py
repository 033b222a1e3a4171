"""Clipping against torch's own, and over a run against what the run recorded."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import rnnlab
from rnnlab import Design, Settings
from rnnlab.analysis import clip, clipping
from rnnlab.state import Records

GRADIENT = {"weight": np.array([[3.0, -0.2], [0.0, 1.0]]), "bias": np.array([-4.0, 0.5])}
FLAT = np.array([3.0, -0.2, 0.0, 1.0, -4.0, 0.5])


def in_torch(clipper, threshold: float) -> np.ndarray:
    weights = [torch.nn.Parameter(torch.zeros(part.shape, dtype=torch.float64)) for part in GRADIENT.values()]
    for weight, part in zip(weights, GRADIENT.values(), strict=True):
        weight.grad = torch.tensor(part)
    clipper(weights, threshold)
    return np.concatenate([weight.grad.numpy().ravel() for weight in weights])


@pytest.mark.parametrize("threshold", [0.01, 1.0, 5.0, 100.0])
def test_by_value_is_torch_s(threshold):
    found = clip(GRADIENT, "value", threshold)
    np.testing.assert_array_equal(found.gradient, in_torch(torch.nn.utils.clip_grad_value_, threshold))


@pytest.mark.parametrize("threshold", [0.01, 1.0, 5.0, 100.0])
def test_by_norm_is_torch_s_but_for_its_millionth(threshold):
    """torch divides by norm + 1e-6; the norm here is about 5, so they differ by 2e-7 of it."""
    found = clip(GRADIENT, "norm", threshold)
    theirs = in_torch(torch.nn.utils.clip_grad_norm_, threshold)
    np.testing.assert_allclose(found.gradient, theirs, rtol=3e-7)
    exact = theirs if found.norm <= threshold else theirs * (1 + 1e-6 / found.norm)
    np.testing.assert_allclose(found.gradient, exact, rtol=1e-14)


def test_both_kinds_side_by_side():
    norm, value = clip(GRADIENT, "norm", 1.0), clip(GRADIENT, "value", 1.0)
    assert norm.norm == value.norm == pytest.approx(np.linalg.norm(FLAT))
    assert norm.norm_clipped == pytest.approx(1.0, rel=1e-14)
    assert norm.angle_degrees == pytest.approx(0, abs=1e-10)
    np.testing.assert_array_equal(value.gradient, [1, -0.2, 0, 1, -1, 0.5])
    cosine = value.gradient @ FLAT / np.linalg.norm(value.gradient) / np.linalg.norm(FLAT)
    assert value.angle_degrees == pytest.approx(np.degrees(np.arccos(cosine)), rel=1e-10)


def test_off_and_below_the_threshold_nothing_changes():
    for kind in ("off", "norm", "value"):
        found = clip(GRADIENT, kind, 1e-3 if kind == "off" else 10.0)
        np.testing.assert_array_equal(found.gradient, FLAT)
        assert (found.norm_clipped, found.angle_degrees) == (found.norm, 0.0)


def test_small_angles_are_right():
    """1 against (1, e): atan(e), where arccos of a rounded cosine would say 0."""
    found = clip([1.0 + 1e-9, 1.0], "value", 1.0)
    assert found.angle_degrees == pytest.approx(np.degrees(0.5e-9), rel=1e-6)


@settings(max_examples=60)
@given(
    gradient=arrays(np.float64, st.integers(1, 6), elements=st.floats(-1e200, 1e200)),
    kind=st.sampled_from(["norm", "value"]),
    threshold=st.floats(1e-6, 1e6),
)
def test_clipping_never_lengthens_and_never_turns_by_a_right_angle(gradient, kind, threshold):
    found = clip(gradient, kind, threshold)
    assert found.norm_clipped <= found.norm * (1 + 1e-12)
    assert 0 <= found.angle_degrees < 90
    limit = threshold if kind == "norm" else threshold * np.sqrt(len(gradient))
    assert found.norm_clipped <= limit * (1 + 1e-12)


def test_what_is_not_finite_cannot_be_rescued():
    infinite = clip([np.inf, 1.0], "norm", 1.0)
    assert infinite.norm == np.inf
    assert np.isnan(infinite.gradient[0])
    assert infinite.gradient[1] == 0
    assert np.isnan(infinite.angle_degrees)
    assert clip([np.inf, 1.0], "value", 1.0).norm_clipped == pytest.approx(np.sqrt(2))
    assert np.isnan(clip([np.nan, 1.0], "value", 1.0).norm_clipped)


def test_a_gradient_of_zero_stays_one():
    for kind in ("off", "norm", "value"):
        assert clip([0.0, 0.0], kind, 1.0).angle_degrees == 0.0


def test_a_trace_s_gradients_can_be_clipped():
    found = rnnlab.trace(rnnlab.begin(Design(task="adding", hidden_size=4)), Settings(length=8), sequences=3)
    norm = np.sqrt(sum((part**2).sum() for part in found.gradients.values()))
    clipped = clip(found.gradients, "norm", norm / 2)
    assert clipped.norm == pytest.approx(norm, rel=1e-12)
    assert clipped.norm_clipped == pytest.approx(norm / 2, rel=1e-12)


def run(kind: str, threshold: float) -> Records:
    settings = Settings(length=10, clipping=kind, clip_threshold=threshold, learning_rate=0.01)
    design = Design(task="adding", hidden_size=6, optimizer="sgd", batch_size=8)
    return rnnlab.advance(rnnlab.begin(design), settings, 12)[1]


def test_a_run_is_told_as_recorded():
    records = run("norm", 0.3)
    found = clipping(records, "norm", 0.3)
    np.testing.assert_array_equal(found.before, records.grad_norm)
    np.testing.assert_array_equal(found.after, records.grad_norm_clipped)
    np.testing.assert_array_equal(found.clipped, records.grad_norm > 0.3)
    assert found.share == pytest.approx((records.grad_norm > 0.3).mean())
    assert found.share > 0
    np.testing.assert_allclose(found.after[found.clipped], 0.3, rtol=1e-5)


def test_by_value_a_run_turns_its_gradients():
    found = clipping(run("value", 0.01), "value", 0.01)
    assert found.clipped.any()
    assert (found.angle_degrees[found.clipped] > 0).all()


def test_the_share_is_of_the_last_updates():
    rows = [(u, 1.0, 2.0, 2.0 if u <= 6 else 1.0, 0.0, 1.0, 1.0) for u in range(1, 11)]
    records = Records.from_rows(rows)
    assert clipping(records, "norm", 1.0).share == pytest.approx(0.4)
    newest = clipping(records, "norm", 1.0, window=5)
    assert (newest.share, newest.window) == (pytest.approx(0.8), 5)
    assert clipping(records, "off", 1.0).threshold is None


def test_a_run_without_updates_and_one_that_diverged():
    none = clipping(Records.empty(), "norm", 1.0)
    assert np.isnan(none.share)
    assert none.window == 0
    lost = clipping(Records.from_rows([(1, 1.0, np.inf, np.nan, np.nan, 1.0, np.nan)]), "norm", 1.0)
    assert not lost.clipped.any(), "an infinite gradient is not clipped: nothing came of it"


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: clip([1.0], "both", 1.0), "clipping must be one of off, norm, value, not 'both'"),
        (lambda: clip([1.0], "norm", 0.0), "The clip threshold must be above 0, not 0"),
        (lambda: clip([1.0], "norm", np.nan), "The clip threshold must be above 0, not nan"),
        (lambda: clip({}, "norm", 1.0), "There is no gradient to clip"),
        (lambda: clipping(Records.empty(), "half"), "clipping must be one of off, norm, value, not 'half'"),
        (lambda: clipping(Records.empty(), window=0), "The window must be 1 update or more, not 0"),
    ],
)
def test_bad_input_gets_one_sentence(ask, sentence):
    with pytest.raises(ValueError, match=sentence):
        ask()
