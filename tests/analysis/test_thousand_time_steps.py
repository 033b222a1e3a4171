"""A thousand time steps, over which a gradient leaves what float64 can hold, in every analysis."""

import numpy as np
import pytest

from rnnlab import Design, Settings, begin, trace
from rnnlab.analysis import (
    check_gradient,
    fixed_points,
    loss_contributions,
    reach,
    saliency,
    trajectories,
)
from rnnlab.evaluation import held_out_batch


def thousand_steps(gain: float):
    """A linear rotation with a gain over 1,000 time steps; 1.5 leaves float64 on its way back, 0.3 too."""
    design = Design(
        task="adding",
        cell="rnn",
        activation="identity",
        hidden_size=6,
        recurrent_init="orthogonal",
        recurrent_gain=gain,
        seed=1,
    )
    batch = held_out_batch(design, Settings(length=250), 2)
    long = batch._replace(
        inputs_TBI=np.tile(batch.inputs_TBI, (4, 1, 1)), lengths_B=np.full_like(batch.lengths_B, 1000)
    )
    return trace(begin(design), Settings(length=250), long)


@pytest.mark.parametrize("gain", [0.3, 1.5])
def test_a_thousand_time_steps_overflow_or_underflow_without_a_warning(gain):
    """What no float holds is 0 or infinite there; its logarithm is right everywhere."""
    found = thousand_steps(gain)
    expected = 999 * np.log10(gain)
    one = loss_contributions(found)
    assert one.log10_norm[-1, 0] - one.log10_norm[-1, -1] == pytest.approx(expected, rel=1e-6)
    assert reach(one).median[-1] == pytest.approx(10.0**expected if abs(expected) < 308 else 0.0, rel=1e-3)
    assert one.norm[-1, 0] == one.flow[0] == (0 if gain < 1 else np.inf)
    felt = saliency(found)
    assert felt.log10_norm[0] - felt.log10_norm[-1] == pytest.approx(expected, abs=1), "W_ih turns"
    assert felt.norm[0] == (0 if gain < 1 else np.inf)
    assert felt.input_times_gradient.shape == (1000, 2)
    words = check_gradient(found, "recurrent/0/forward", 1).words
    assert ("They agree" in words) == (gain < 1), "the other loss is infinite: nothing to compare"


def test_states_beyond_all_squares_have_no_fixed_points_and_no_shares():
    found = thousand_steps(1.5)
    with pytest.raises(ValueError, match="too large to be squared"):
        fixed_points(found)
    assert np.isnan(trajectories(found.layers["recurrent/0/forward"]).explained).all()
