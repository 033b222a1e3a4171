"""The cliff against published arithmetic, autograd, finite differences and closed forms."""

from time import thread_time

import numpy as np
import pytest
import torch

from rnnlab.analysis import bifurcation, cliff_surface, descend
from rnnlab.analysis.cliff import CLIP_THRESHOLD, DESCENT_START, LEARNING_RATE, UPDATES

REFERENCE = [
    (0, 0, "0.04", "-0.05", "-0.1", "0"),
    (4, -2, "0.01673663294", "-1.044529405", "-1.787904154", "0.2844214271"),
    (5, -2, "0.05558549412", "0.0379183435", "0.04052119139", "2.678828806"),
    (5, -2.5, "0.02408886881", "0.08631166948", "0.1009250176", "1.776029458"),
    (5, -3, "0.404198103", "-0.007018837512", "-0.109269412", "-2.678828806"),
    (6, -3, "0.05256923509", "0.0462363954", "0.04975508398", "2.57567891"),
]


@pytest.mark.parametrize(("w", "b", "error", "by_w", "by_b", "last"), REFERENCE)
def test_reference_values_to_every_printed_digit(w, b, error, by_w, by_b, last):
    found = cliff_surface(w, b)
    numbers = (found.error, found.grad_w, found.grad_b, found.x_last)
    assert [f"{number.item():.10g}" for number in numbers] == [error, by_w, by_b, last]


def by_autograd(w: float, b: float, steps: int = 50, start: float = 0.5, target: float = 0.7):
    weights = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    x = torch.tensor(start, dtype=torch.float64)
    for _ in range(steps):
        x = weights[0] * torch.sigmoid(x) + weights[1]
    error = (torch.sigmoid(x) - target) ** 2
    error.backward()
    return error.item(), weights.grad.numpy()


@pytest.mark.parametrize(("steps", "start", "target"), [(50, 0.5, 0.7), (1, 0.0, 0.2), (7, -1.0, 0.9)])
def test_every_point_of_the_surface_equals_autograd(steps, start, target):
    w, b = np.linspace(-3, 8, 6), np.linspace(-5, 4, 7)
    found = cliff_surface(w, b, steps, start, target)
    assert found.error.shape == found.grad_w.shape == found.grad_b.shape == found.x_last.shape == (6, 7)
    for row, column in np.ndindex(6, 7):
        error, (by_w, by_b) = by_autograd(w[row], b[column], steps, start, target)
        assert found.error[row, column] == pytest.approx(error, rel=1e-12)
        assert found.grad_w[row, column] == pytest.approx(by_w, rel=1e-10)
        assert found.grad_b[row, column] == pytest.approx(by_b, rel=1e-10)


def test_the_gradient_is_the_surface_s_slope():
    w, b, h = np.array([4.2, 6.0]), np.array([-2.6, -1.0]), 1e-6
    found = cliff_surface(w, b)
    in_w = (cliff_surface(w + h, b).error - cliff_surface(w - h, b).error) / (2 * h)
    in_b = (cliff_surface(w, b + h).error - cliff_surface(w, b - h).error) / (2 * h)
    np.testing.assert_allclose(found.grad_w, in_w, rtol=1e-6)
    np.testing.assert_allclose(found.grad_b, in_b, rtol=1e-6)


def test_there_is_a_cliff_where_the_start_crosses_the_border_of_the_basins():
    """On b = 1/2 - w sigmoid(1/2) the start is the unstable fixed point; its gradient has no equal."""
    w = 5.0
    b = 0.5 - w / (1 + np.exp(-0.5))
    beside = cliff_surface(w, [b - 0.1, b + 0.1])
    on_it = cliff_surface(w, b + np.linspace(-1e-3, 1e-3, 101))
    assert on_it.log10_grad_norm.max() > beside.log10_grad_norm.max() + 2
    assert (beside.x_last[0, 0] < 0) & (beside.x_last[0, 1] > 0)


def test_the_logarithm_of_the_gradient_has_no_floor():
    """Where sigmoid' underflows the norm is 0 and its logarithm still right: |x| = 1000 - b here."""
    found = cliff_surface([2.0, 5.0], [-1000.0, -2.0, 900.0])
    np.testing.assert_allclose(
        found.log10_grad_norm[:, 1], np.log10(np.hypot(found.grad_w[:, 1], found.grad_b[:, 1])), rtol=1e-12
    )
    assert found.grad_b[0, 0] == 0
    # dE/db = 2 (0 - 0.7) e^-1000 (1 + w sigmoid' ...) with all further factors 1 there
    assert found.log10_grad_norm[0, 0] == pytest.approx((np.log(1.4) - 1000) / np.log(10), rel=1e-12)
    assert cliff_surface(0.0, np.log(0.7 / 0.3)).error.item() < 1e-30


def test_what_is_not_a_number_stays_one_and_nothing_warns():
    found = cliff_surface([np.nan, 1.0, np.inf], [0.0])
    assert np.isnan(found.error[0]).all()
    assert np.isfinite(found.error[1]).all()
    assert found.x_last[2, 0] == np.inf


def test_a_surface_of_200_by_200_takes_well_under_a_second():
    """Of a processor's time: what else the machine does meanwhile does not count."""
    before = thread_time()
    cliff_surface(np.linspace(0, 8, 200), np.linspace(-5, 0, 200))
    assert thread_time() - before < 0.5


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: cliff_surface(1, 1, steps=0), "The unit needs 1 time step or more, not 0"),
        (lambda: cliff_surface(np.zeros((2, 2)), 1), r"w must be one row of numbers, not an array of shape"),
        (lambda: cliff_surface(1, []), "b must be one row of numbers"),
        (lambda: descend(updates=-1), "The number of updates must be 0 or more, not -1"),
        (lambda: descend(clipping="both"), "clipping must be one of off, norm, value, not 'both'"),
        (lambda: descend(clip_threshold=0.0), "The clip threshold must be above 0, not 0"),
        (lambda: bifurcation([0.0], w=np.nan), "w must be a finite number, not nan"),
    ],
)
def test_bad_input_gets_one_sentence(ask, sentence):
    with pytest.raises(ValueError, match=sentence):
        ask()


def descend_with_torch(clip):
    """The same walk with torch's autograd, optimiser and clipping."""
    weights = torch.tensor(DESCENT_START, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=LEARNING_RATE)
    path = [weights.detach().numpy().copy()]
    for _ in range(24):
        optimizer.zero_grad()
        x = torch.tensor(0.5, dtype=torch.float64)
        for _ in range(50):
            x = weights[0] * torch.sigmoid(x) + weights[1]
        ((torch.sigmoid(x) - 0.7) ** 2).backward()
        clip([weights])
        optimizer.step()
        path.append(weights.detach().numpy().copy())
    return np.array(path)


@pytest.mark.parametrize(
    ("kind", "clip"),
    [
        ("off", lambda _: None),
        ("norm", lambda w: torch.nn.utils.clip_grad_norm_(w, CLIP_THRESHOLD)),
        ("value", lambda w: torch.nn.utils.clip_grad_value_(w, CLIP_THRESHOLD)),
    ],
)
def test_a_descent_is_the_one_that_torch_makes(kind, clip):
    found = descend(updates=24, clipping=kind)
    np.testing.assert_allclose(np.stack([found.w, found.b], axis=1), descend_with_torch(clip), atol=1e-4)


def test_without_clipping_the_cliff_throws_the_descent_off():
    free, clipped = descend(), descend(clipping="norm")
    for walk in (free, clipped):
        assert (walk.w[0], walk.b[0]) == DESCENT_START
        assert all(
            len(column) == UPDATES + 1
            for column in (
                walk.w,
                walk.b,
                walk.error,
                walk.grad_norm,
                walk.grad_norm_clipped,
                walk.clip_angle,
            )
        )
    np.testing.assert_array_equal(free.w[:20], clipped.w[:20])
    assert free.error[:19].max() == free.error[0] > 40 * free.error[18], "downhill until it meets the cliff"
    assert free.grad_norm[19] > 40 * free.grad_norm[:19].max()
    assert int(np.argmax(free.step_length)) == 19
    assert free.step_length[19] > 5
    assert free.error[-1] > 1.2 * free.error[0]
    assert free.grad_norm[20:].max() < 1e-3
    assert clipped.step_length.max() <= LEARNING_RATE * CLIP_THRESHOLD * (1 + 1e-12)
    assert clipped.error[-10:].max() < 0.1 * clipped.error[0]
    assert np.hypot(clipped.w[-1] - clipped.w[19], clipped.b[-1] - clipped.b[19]) > 0.1, "it walks on"
    assert (free.leaves(), clipped.leaves()) == (-1, -1), "the region shows both"


def test_the_story_does_not_hang_on_the_last_digit():
    """Of the starts around the default one most are thrown off; clipping saves every one."""
    starts = [(4.7 + dw, -1.2 + db) for dw in (-0.02, 0.0, 0.02) for db in (-0.02, 0.0, 0.02)]
    thrown = [descend(*start).error[-1] > 0.08 for start in starts]
    saved = [descend(*start, clipping="norm").error[-1] < 0.01 for start in starts]
    assert sum(thrown) > len(starts) / 2
    assert all(saved)


def test_clipping_by_norm_keeps_the_direction_and_by_value_turns_it():
    turned = descend(clipping="value", clip_threshold=0.01, updates=3)
    surface = [cliff_surface(w, b) for w, b in zip(turned.w, turned.b, strict=True)]
    raw = [np.degrees(np.arctan2(found.grad_w, found.grad_b)).item() for found in surface]
    np.testing.assert_allclose(turned.clip_angle, 45 - np.array(raw), rtol=1e-9)  # both cut: the diagonal
    kept = descend(clipping="norm", clip_threshold=0.01, updates=3)
    np.testing.assert_allclose(kept.clip_angle, 0, atol=1e-10)
    np.testing.assert_allclose(kept.grad_norm_clipped, 0.01, rtol=1e-12)


def test_a_runaway_is_kept_and_where_it_leaves_is_named():
    far = descend(5.0, -2.6, learning_rate=1e300, updates=4)
    assert far.leaves() == 1
    assert np.abs(far.w[-1]) > 1e250
    lost = descend(np.nan, 0.0, updates=2)
    assert np.isnan(lost.error).all()
    assert lost.leaves() == 0


def logistic(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("w", [-20.0, -3.0, 0.0, 3.0, 4.0, 4.01, 5.0, 8.0, 50.0])
def test_every_fixed_point_is_one_and_there_are_one_or_three(w):
    found = bifurcation(np.linspace(-60, 10, 1501), w)
    there = np.isfinite(found.x)
    assert set(found.count) <= ({1, 3} if w > 4 else {1})
    residual = w * logistic(np.where(there, found.x, 0.0)) + found.b - found.x
    assert np.abs(residual[there]).max() < 1e-12
    inside = (found.folds[0] < found.b) & (found.b < found.folds[1])
    np.testing.assert_array_equal(found.count == 3, inside)


@pytest.mark.parametrize("w", [4.5, 5.0, 9.0])
def test_folds_are_where_theory_puts_them(w):
    """w sigmoid' = 1 there: s (1 - s) = 1/w, x = logit(s), b = x - w s."""
    s = (1 + np.array([-1, 1]) * np.sqrt(1 - 4 / w)) / 2
    b = np.log(s / (1 - s)) - w * s
    found = bifurcation([0.0], w)
    np.testing.assert_allclose(found.folds, sorted(b), rtol=1e-12)
    assert np.isnan(bifurcation([0.0], 4.0).folds).all()


def test_stability_is_what_a_simulation_does():
    """From a little beside it the unit comes back to a stable fixed point and leaves an unstable one."""
    found = bifurcation([-2.6, -2.5, -2.4], 5.0)
    assert np.isfinite(found.stable).sum(axis=0).tolist() == [2, 2, 2]
    assert np.isfinite(found.unstable[1]).all(), "the middle one"
    near = found.x + np.array([-1e-4, 1e-4])[:, None, None]
    for _ in range(400):
        near = 5 * logistic(near) + found.b
    back = (np.abs(near - found.x) < 1e-5).all(axis=0)
    np.testing.assert_array_equal(back, np.isfinite(found.stable))


def test_the_border_of_the_basins_is_the_cliff():
    found = bifurcation(np.linspace(-4, -1, 3), 5.0)
    assert found.boundary == pytest.approx(0.5 - 5 * logistic(0.5), rel=1e-12)
    assert found.folds[0] < found.boundary < found.folds[1]
    x = cliff_surface(5.0, found.boundary + np.array([-1e-3, 1e-3])).x_last[0]
    assert x[0] < -0.9 < 0.9 < x[1]
    assert np.isnan(bifurcation([0.0], 5.0, start=2.0).boundary), "beyond the fold: in one basin throughout"
    np.testing.assert_array_equal(found.x_last, cliff_surface(5.0, found.b).x_last[0])


def test_the_walks_are_as_they_are_described():
    """The words beside `DESCENT_START`, number by number."""
    thrown, clipped = descend(), descend(clipping="norm")
    np.testing.assert_array_equal(thrown.w[:20], clipped.w[:20])
    assert thrown.error[[0, 18, 19]] == pytest.approx([0.07, 0.0015, 0.07], rel=0.07)
    assert thrown.grad_norm[19] == pytest.approx(5.5, abs=0.05)
    assert thrown.grad_norm[:19].max() == pytest.approx(0.12, abs=0.005)
    assert (thrown.w[20], thrown.b[20]) == pytest.approx((6.5, 2.9), abs=0.05)
    assert (thrown.error[20], thrown.grad_norm[20]) == pytest.approx((0.09, 7e-5), rel=0.05)
    assert clipped.error[20:].max() == pytest.approx(0.02, abs=0.003)


@pytest.mark.parametrize("w", [4.1, 4.2])
def test_below_4_26_the_cliff_is_the_lower_fold(w):
    b = np.linspace(-2.2, -2.0, 2001)
    found = bifurcation(b, w=w, steps=5000)
    assert np.isnan(found.boundary)
    jump = b[np.abs(np.diff(found.x_last)).argmax()]
    assert jump == pytest.approx(found.folds[0], abs=2e-4)
