"""Trajectories against scikit-learn's principal components."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.decomposition import PCA

import rnnlab
from rnnlab import Design, Settings
from rnnlab.analysis import trajectories


def states(seed=0, shape=(9, 5, 6)):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) @ np.diag(np.arange(1.0, shape[-1] + 1)) + rng.normal(size=shape[-1])


def layers(length=12, **fields):
    design = Design(**{"task": "adding", "cell": "gru", "hidden_size": 6, **fields})
    return rnnlab.trace(rnnlab.begin(design), Settings(length=length), sequences=7).layers


def test_directions_shares_and_points_are_scikit_learn_s_up_to_sign():
    h = states()
    found = trajectories(h)
    pca = PCA(3).fit(h.reshape(-1, 6))
    sign = np.sign((found.basis.directions * pca.components_).sum(axis=1))
    np.testing.assert_allclose(found.basis.directions, sign[:, None] * pca.components_, atol=1e-12)
    np.testing.assert_allclose(found.explained, pca.explained_variance_ratio_, rtol=1e-12)
    np.testing.assert_allclose(found.mean, pca.mean_, rtol=1e-12)
    np.testing.assert_allclose(
        found.points[0].reshape(-1, 3), sign * pca.transform(h.reshape(-1, 6)), atol=1e-10
    )


def test_the_sign_is_a_rule():
    """The largest number of each direction is positive, whatever the data's own sign."""
    for h in (states(), -states(), states(3)):
        directions = trajectories(h).basis.directions
        assert (directions[np.arange(3), np.abs(directions).argmax(axis=1)] > 0).all()
    np.testing.assert_allclose(
        trajectories(states()).basis.directions, trajectories(-states()).basis.directions, atol=1e-12
    )


def test_a_basis_that_is_passed_on_stays():
    first, later = states(0), states(0) @ np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]
    basis = trajectories(first).basis
    found = trajectories(later, basis)
    assert found.basis is basis
    np.testing.assert_allclose(found.points[0], (later - basis.mean) @ basis.directions.T)
    assert found.explained.sum() < trajectories(later).explained.sum()


def test_several_traces_share_one_basis():
    parts = [states(0), states(1, (4, 2, 6))]
    found = trajectories(parts)
    assert [points.shape for points in found.points] == [(9, 5, 3), (4, 2, 3)]
    everything = np.concatenate([part.reshape(-1, 6) for part in parts])
    np.testing.assert_allclose(found.explained, PCA(3).fit(everything).explained_variance_ratio_, rtol=1e-12)


def test_padding_is_neither_seen_nor_drawn():
    (layer,) = layers(7, task="nationality", cell="lstm").values()
    assert not layer.valid.all()
    found = trajectories(layer)
    np.testing.assert_array_equal(np.isnan(found.points[0]).all(axis=2), ~layer.valid)
    spoilt = replace(layer, h=np.where(layer.valid[:, :, None], layer.h, 1e6))
    np.testing.assert_array_equal(trajectories(spoilt).points[0], found.points[0])


def test_fewer_units_than_components():
    found = trajectories(states(shape=(5, 3, 1)))
    assert found.points[0].shape == (5, 3, 1)
    np.testing.assert_allclose(found.explained, 1.0)
    assert found.basis.directions.tolist() == [[1.0]]


def test_one_time_step_and_states_that_do_not_move():
    assert trajectories(states(shape=(1, 4, 3))).points[0].shape == (1, 4, 3)
    still = trajectories(np.ones((3, 2, 4)))
    assert not still.points[0].any()
    assert np.isnan(still.explained).all()


def test_what_is_not_a_number_is_named_or_shown_as_a_gap():
    broken = states()
    broken[2, 1, 0] = np.nan
    with pytest.raises(ValueError, match="hold a NaN or an infinity"):
        trajectories(broken)
    seen = trajectories(broken, trajectories(states()).basis)
    assert np.isnan(seen.points[0][2, 1]).all()
    assert np.isfinite(seen.points[0][2, 0]).all()


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: trajectories(states(shape=(1, 1, 4))), "need two states or more, not 1"),
        (lambda: trajectories([]), "need two states or more, not 0"),
        (lambda: trajectories(states(), components=0), "must be 1 or more, not 0"),
        (lambda: trajectories(np.ones((3, 4))), r"not of shape \(3, 4\)"),
        (lambda: trajectories([states(), states(shape=(2, 2, 5))]), "different hidden sizes"),
        (
            lambda: trajectories(states(shape=(3, 3, 4)), trajectories(states()).basis),
            "hidden size of 6, the states have 4",
        ),
    ],
)
def test_bad_input_gets_one_sentence(ask, sentence):
    with pytest.raises(ValueError, match=sentence):
        ask()
