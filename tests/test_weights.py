"""How weights start: PyTorch's distribution, and the inits that the design offers."""

import numpy as np
import pytest

from rnnlab import Design, begin
from rnnlab.model.cells import CELLS

H = 64


def weights(**fields):
    return begin(Design(**{"task": "adding", "hidden_size": H, **fields})).weights


@pytest.mark.parametrize("cell", CELLS)
def test_uniform_as_pytorch(cell):
    """U(-1/sqrt(H), 1/sqrt(H)) everywhere; the forget gate's bias is the one exception."""
    drawn = weights(cell=cell, layers=2)
    bound = 1 / np.sqrt(H)
    for name, array in drawn.items():
        rows = np.ones(len(array), bool)
        if cell == "lstm" and "bias" in name and "readout" not in name:
            rows[H : 2 * H] = False
        values = array[rows].ravel()
        assert np.abs(values).max() <= bound
        if values.size > 100:
            assert distance_from_uniform(values / bound) < 2.2 / np.sqrt(values.size), name


def distance_from_uniform(values: np.ndarray) -> float:
    """Kolmogorov and Smirnov's: 2.2 / sqrt(n) is exceeded by chance once in 8,000 times."""
    expected = (np.sort(values) + 1) / 2
    return float(np.abs(np.arange(1, len(values) + 1) / len(values) - expected).max())


@pytest.mark.parametrize("bias", [-2.0, 0.0, 1.0, 3.0])
def test_the_forget_bias_is_the_sum_of_torchs_two(bias):
    drawn = weights(cell="lstm", layers=2, bidirectional=True, forget_bias=bias)
    for end in ("_l0", "_l0_reverse", "_l1", "_l1_reverse"):
        total = drawn[f"bias_ih{end}"] + drawn[f"bias_hh{end}"]
        assert (total[H : 2 * H] == bias).all()
        assert (total[:H] != bias).all()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("gain", [0.0, 0.5, 1.0, 1.7])
def test_orthogonal_and_identity_blocks(cell, gain):
    for init in ("orthogonal", "identity"):
        w_hh = weights(cell=cell, recurrent_init=init, recurrent_gain=gain)["weight_hh_l0"]
        for block in np.split(w_hh.astype(float), CELLS[cell].blocks):
            np.testing.assert_allclose(block @ block.T, gain**2 * np.eye(H), atol=1e-6)
            if init == "identity":
                np.testing.assert_allclose(block, gain * np.eye(H), atol=1e-7)


def test_rotations_are_uniform_in_sign():
    """Both determinants occur: signs are fixed by R, not left to LAPACK."""
    signs = {
        round(
            float(
                np.linalg.det(
                    weights(cell="rnn", hidden_size=3, recurrent_init="orthogonal", seed=seed)["weight_hh_l0"]
                )
            )
        )
        for seed in range(12)
    }
    assert signs == {-1, 1}


def test_spectral_radii_of_the_random_inits():
    """Circular law: g for N(0, g^2/H); 1/sqrt(3) = 0.577 for U(-1/sqrt(H), 1/sqrt(H))."""
    for init, radius in (("normal", 1.0), ("uniform", 3**-0.5)):
        w = weights(cell="rnn", hidden_size=128, recurrent_init=init)["weight_hh_l0"]
        assert np.abs(np.linalg.eigvals(w)).max() == pytest.approx(radius, rel=0.15)


def test_numbers_of_parameters():
    """RNN H(I+H)+2H, GRU three times, LSTM four times, and the read-out."""
    for cell, blocks in (("rnn", 1), ("gru", 3), ("lstm", 4)):
        state = begin(Design(task="adding", cell=cell, hidden_size=H))
        assert state.parameters == blocks * (H * (2 + H) + 2 * H) + H + 1


def test_a_first_loss_is_that_of_knowing_nothing():
    """Small weights at the start: about ln V for a language model of V characters."""
    from rnnlab import Settings, evaluate
    from rnnlab.model.network import load_task

    design = Design(task="language-model")
    size = load_task(design).output_size
    assert evaluate(begin(design), Settings(length=50)).loss == pytest.approx(np.log(size), rel=0.02)
