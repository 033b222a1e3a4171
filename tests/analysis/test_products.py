"""Long products and Lyapunov exponents against closed forms, the SVD, and values from the literature.

T time steps, S state size.
"""

from fractions import Fraction

import numpy as np
import pytest

from rnnlab import Design, Settings, begin, trace
from rnnlab.analysis import jacobians, lyapunov_exponents, singular_values
from rnnlab.model.cells import CELLS


def rotation(rng, size):
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))


def turning(log_scales_TS, seed=0):
    """J_t = V_t diag(e^s_t) V_{t-1}^T: the product's singular values are the sums, however long it is."""
    rng = np.random.default_rng(seed)
    v = [rotation(rng, log_scales_TS.shape[1]) for _ in range(len(log_scales_TS) + 1)]
    return np.stack([v[t + 1] @ np.diag(np.exp(s)) @ v[t].T for t, s in enumerate(log_scales_TS)])


@pytest.mark.parametrize("rho", [0.5, 1.0, 1.2])
def test_scaled_rotations_have_one_exponent(rho):
    rng = np.random.default_rng(0)
    j = np.stack([rho * rotation(rng, 6) for _ in range(1000)])
    np.testing.assert_allclose(lyapunov_exponents(j), np.log(rho), atol=1e-12)
    expected = np.log(rho) * np.arange(1, 1001)[:, None] * np.ones(6)
    np.testing.assert_allclose(singular_values(j), expected, atol=1e-9)


def test_a_normal_matrix_has_the_logarithms_of_its_eigenvalues():
    rng = np.random.default_rng(1)
    q, scales = rotation(rng, 5), np.array([1.1, -0.9, 0.6, 0.3, -0.05])
    j = np.repeat((q @ np.diag(scales) @ q.T)[None], 4000, axis=0)
    expected = np.log(np.abs(scales))
    np.testing.assert_allclose(lyapunov_exponents(j, warm_up=200), expected, atol=1e-10)
    np.testing.assert_allclose(singular_values(j)[-1], 4000 * expected, rtol=1e-9)


@pytest.mark.parametrize("from_end", [False, True])
def test_products_far_outside_float64_are_exact(from_end):
    """ln sigma from +900 to -4500 after 300 time steps: float64 ends at +709 and -745."""
    s = np.random.default_rng(2).uniform(-0.5, 0.5, (300, 8)) + np.linspace(3, -15, 8)
    expected = np.cumsum(s[::-1] if from_end else s, axis=0)
    np.testing.assert_allclose(singular_values(turning(s), from_end=from_end), expected, atol=1e-7)


def exact_product(j_TSS):
    """In rational numbers, without rounding."""
    product = [[Fraction(int(a == b)) for b in range(len(j_TSS[0]))] for a in range(len(j_TSS[0]))]
    for j in j_TSS:
        rows = [[Fraction(float(x)) for x in row] for row in j]
        product = [
            [sum(map(lambda x, y: x * y, row, column)) for column in zip(*product, strict=True)]
            for row in rows
        ]
    return product


def test_random_products_of_two_against_rational_numbers():
    """sigma_1 sigma_2 = |det| and sigma_1^2 + sigma_2^2 = ||P||^2, both exact."""
    j = np.random.default_rng(3).standard_normal((60, 2, 2))
    (a, b), (c, d) = exact_product(j)
    det, square = abs(a * d - b * c), a * a + b * b + c * c + d * d
    largest = np.log(float(square)) / 2  # sigma_2 is 1e-20 of it and more
    found = singular_values(j)[-1]
    assert float(det) / float(square) < 1e-12
    np.testing.assert_allclose(found, [largest, np.log(float(det)) - largest], atol=1e-9)


@pytest.mark.parametrize("size", [1, 2, 5, 24])
@pytest.mark.parametrize("from_end", [False, True])
def test_short_products_equal_the_svd(size, from_end):
    """To six digits within 1e-10 of the largest, which is all that float64 knows of a formed product."""
    j = np.random.default_rng(size).standard_normal((12, size, size))
    product, found = np.eye(size), singular_values(j, from_end=from_end)
    for t, row in enumerate(found):
        product = product @ j[-1 - t] if from_end else j[t] @ product
        exact = np.log(np.linalg.svd(product, compute_uv=False))
        there = exact > exact[0] - np.log(1e9)
        np.testing.assert_allclose(row[there], exact[there], atol=1e-6)
        assert (np.diff(row) <= 1e-12).all()


def test_estimates_below_keep_the_determinant_and_the_order_of_magnitude():
    """Random matrices: values far below the largest, in clusters, against a product of their inverses."""
    j = np.random.default_rng(4).standard_normal((40, 16, 16)) / 4
    inverse = np.linalg.inv(j)[::-1]  # the smallest values are the largest of the inverse
    found, other = singular_values(j)[-1], -singular_values(inverse)[-1][::-1]
    assert found[0] - found[-1] > np.log(1e10)
    np.testing.assert_allclose(found, other, atol=np.log(2))
    np.testing.assert_allclose(found[-1], other[-1], atol=1e-6)
    assert found.sum() == pytest.approx(np.linalg.slogdet(j)[1].sum(), abs=0.5)


def test_the_henon_map():
    """a = 1.4, b = 0.3: the largest exponent is 0.41922 (Sprott 2003), and their sum is ln b exactly."""
    steps, x, y = 100_000, 0.1, 0.1
    j = np.tile([[0.0, 1.0], [0.3, 0.0]], (steps, 1, 1))
    for t in range(steps):
        j[t, 0, 0] = -2.8 * x
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
    found = lyapunov_exponents(j, warm_up=1000)
    assert found[0] == pytest.approx(0.41922, abs=0.003)
    assert found.sum() == pytest.approx(np.log(0.3), abs=1e-12)


def test_a_contracting_network_without_input_ends_at_zero():
    """h_t = tanh(W h_{t-1}) goes to 0 with gain 0.8, so J goes to W: the exponents are ln|eig W|."""
    rng = np.random.default_rng(5)
    w, h, j = rng.standard_normal((8, 8)) * 0.8 / np.sqrt(8), rng.standard_normal(8), []
    for _ in range(2000):
        h = np.tanh(w @ h)
        j.append((1 - h * h)[:, None] * w)
    expected = np.sort(np.log(np.abs(np.linalg.eigvals(w))))[::-1]
    np.testing.assert_allclose(lyapunov_exponents(np.stack(j), warm_up=200), expected, atol=0.002)


@pytest.mark.parametrize("cell", CELLS)
def test_there_are_as_many_as_states_and_their_sum_is_that_of_the_determinants(cell):
    traced = trace(begin(Design(task="adding", cell=cell, hidden_size=6)), Settings(length=30), sequences=2)
    j = jacobians(traced)
    found = lyapunov_exponents(j)
    assert found.shape == (6 * len(CELLS[cell].states),)
    assert (np.diff(found) <= 0).all()
    assert found.sum() == pytest.approx(np.linalg.slogdet(j)[1].mean(), rel=1e-9)
    np.testing.assert_allclose(lyapunov_exponents(j, seed=1)[0], found[0], atol=0.1)


def test_what_is_mapped_to_nothing_is_minus_infinity():
    rng = np.random.default_rng(6)
    dead = np.array([1, 1, 0, 1, 0.0])[:, None] * rng.standard_normal((50, 5, 5))
    found = lyapunov_exponents(dead)
    assert np.isfinite(found[:3]).all()
    assert (found[3:] == -np.inf).all()
    assert (singular_values(dead)[:, 3:] == -np.inf).all()
    assert (lyapunov_exponents(np.zeros((4, 3, 3))) == -np.inf).all()
    assert (singular_values(np.zeros((4, 3, 3))) == -np.inf).all()


def test_units_that_die_one_after_the_other():
    """A product of diagonals is known: what one time step switches off stays off."""
    masks = np.array([[1, 0, 1, 1], [0, 1, 1, 1], [1, 1, 1, 0.0]])
    found = singular_values(np.stack([2 * np.diag(mask) for mask in masks]))
    ln2 = np.log(2)
    expected = [[ln2, ln2, ln2, -np.inf], [2 * ln2, 2 * ln2, -np.inf, -np.inf], [3 * ln2, *[-np.inf] * 3]]
    np.testing.assert_allclose(found, expected)


def test_a_shift_forgets_one_direction_in_each_time_step():
    found = singular_values(np.repeat(np.eye(4, k=1)[None], 5, axis=0))
    expected = np.where(np.arange(4) < 3 - np.arange(5)[:, None], 0, -np.inf)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_numbers_that_are_not_finite_are_named():
    j = np.random.default_rng(7).standard_normal((6, 3, 3))
    j[4, 1, 1] = np.nan
    assert np.isnan(lyapunov_exponents(j)).all()
    found = singular_values(j)
    assert np.isfinite(found[:4]).all()
    assert np.isnan(found[4:]).all()
    j[0, 0, 0] = np.inf
    assert np.isnan(singular_values(j)).all()


def test_one_time_step_and_one_unit():
    np.testing.assert_allclose(lyapunov_exponents(np.array([[[-0.5]]])), [np.log(0.5)])
    np.testing.assert_allclose(singular_values(np.array([[[-0.5]], [[0.1]]])), np.log([[0.5], [0.05]]))


def test_entries_at_the_ends_of_float64():
    j = np.stack([1e300 * np.eye(2), 1e-300 * np.eye(2), 1e-310 * np.eye(2)])
    found = singular_values(j)[:, 0] / np.log(10)
    np.testing.assert_allclose(found, [300, 0, -310], atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 2), (0, 2, 2), (3, 2, 4)])
def test_what_are_no_jacobians_is_refused(shape):
    for ask in (lyapunov_exponents, singular_values):
        with pytest.raises(ValueError, match="Jacobians are time steps x states x states, at least one; not"):
            ask(np.zeros(shape))


@pytest.mark.parametrize("warm_up", [-1, 5])
def test_a_warm_up_leaves_something(warm_up):
    with pytest.raises(ValueError, match=f"warm_up must be from 0 to 4 time steps, not {warm_up}"):
        lyapunov_exponents(np.zeros((5, 2, 2)), warm_up=warm_up)


def test_values_are_the_same_whatever_the_size_of_the_entries():
    """Matrices that are multiplied as they are, and the same ones scaled anew because one of them is huge."""
    j = np.random.default_rng(8).standard_normal((30, 6, 6))
    huge = j * np.where(np.arange(30) == 7, 1e200, 1.0)[:, None, None]
    extra = np.where(np.arange(30) >= 7, np.log(1e200), 0.0)[:, None]
    np.testing.assert_allclose(singular_values(huge) - extra, singular_values(j), atol=1e-9)
    np.testing.assert_allclose(
        lyapunov_exponents(huge) - np.log(1e200) / 30, lyapunov_exponents(j), atol=1e-11
    )
