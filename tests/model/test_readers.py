"""The convolution before the network: against loops over pixels, autograd and PyTorch's own module.

T time steps, B sequences, I pixels, F features.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnlab import Design, Settings, begin, trace
from rnnlab.analysis import check_gradient, check_weight_gradient, saliency
from rnnlab.analysis.forward import fed_to, forward
from rnnlab.model.readers import CHANNELS, PADDING, READERS, STRIDE, WIDTH
from rnnlab.tasks import TASKS
from rnnlab.topologies import TOPOLOGIES

CONV = READERS["conv"]


def random(seed: int = 0, steps: int = 3, batch: int = 2, side: int = 16):
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(size=shape) for name, shape in CONV.shapes.items()}
    return weights, rng.normal(size=(steps, batch, side * side))


def by_loops(weights, x_TBI, side: int = 16):
    """Sum of products under the filter at each place, pixel by pixel; nothing outside the image."""
    places = range(-PADDING, side + PADDING - WIDTH + 1, STRIDE)
    found = []
    for image in x_TBI.reshape(-1, side, side):
        maps = []
        for filter_, bias in zip(weights["reader.weight"], weights["reader.bias"], strict=True):
            for top in places:
                for left in places:
                    total = bias
                    for row in range(WIDTH):
                        for column in range(WIDTH):
                            y, x = top + row, left + column
                            if 0 <= y < side and 0 <= x < side:
                                total += filter_[0, row, column] * image[y, x]
                    maps.append(max(0.0, total))
        found.append(maps)
    return np.array(found).reshape(*x_TBI.shape[:2], -1)


def test_the_plain_convolution_is_the_sum_under_the_filter():
    weights, x_TBI = random()
    expected = by_loops(weights, x_TBI)
    assert expected.shape[2] == CONV.features(256)
    np.testing.assert_allclose(CONV.plain(weights, x_TBI), expected, atol=1e-12)


def test_the_trained_convolution_is_the_plain_one_and_pytorchs_module():
    weights, x_TBI = random(1)
    as_tensors = {name: torch.tensor(w) for name, w in weights.items()}
    read = CONV.read(as_tensors, torch.tensor(x_TBI)).numpy()
    np.testing.assert_allclose(read, CONV.plain(weights, x_TBI), atol=1e-12)
    module = torch.nn.Conv2d(1, CHANNELS, WIDTH, STRIDE, PADDING, dtype=torch.float64)
    module.load_state_dict({name.removeprefix("reader."): w for name, w in as_tensors.items()})
    maps = module(torch.tensor(x_TBI).reshape(-1, 1, 16, 16)).relu()
    np.testing.assert_allclose(read, maps.detach().numpy().reshape(read.shape), atol=1e-12)


def test_pulling_back_is_the_gradient_by_the_pixels():
    weights, x_TBI = random(2)
    asked_TBF = np.random.default_rng(3).normal(size=CONV.plain(weights, x_TBI).shape)
    x = torch.tensor(x_TBI, requires_grad=True)
    read = CONV.read({name: torch.tensor(w) for name, w in weights.items()}, x)
    (read * torch.tensor(asked_TBF)).sum().backward()
    np.testing.assert_allclose(CONV.pull_back(weights, x_TBI, asked_TBF), x.grad.numpy(), atol=1e-12)


def test_without_a_reader_inputs_go_through_as_they_are():
    _, x_TBI = random()
    none = READERS[""]
    assert none.plain({}, x_TBI) is x_TBI
    assert none.features(7) == 7
    assert not none.shapes
    np.testing.assert_array_equal(none.pull_back({}, x_TBI, x_TBI), x_TBI)


def test_the_first_weights_have_pytorchs_distribution():
    """U(-1/6, 1/6) for 36 pixels under the filter, as torch.nn.Conv2d draws them."""
    drawn = begin(Design(task="video")).weights
    values = np.concatenate([drawn["reader.weight"].ravel(), drawn["reader.bias"]])
    assert np.abs(values).max() <= 1 / WIDTH
    assert np.abs(values).max() > 0.9 / WIDTH
    assert values.std() == pytest.approx(1 / WIDTH / 3**0.5, rel=0.15)
    assert drawn["weight_ih_l0"].shape[1] == CONV.features(256)


def test_a_reader_is_named_by_a_task_that_does_not_write_its_own_inputs():
    for spec in TASKS.values():
        assert spec.reader in READERS
        assert not spec.reader or not any(TOPOLOGIES[name].generates for name in spec.topologies)


@pytest.fixture(scope="module", params=["rnn", "lstm", "gru"])
def traced(request):
    design = Design(task="video", cell=request.param, hidden_size=5, layers=2, bidirectional=True)
    return trace(begin(design), Settings(length=5), sequences=3)


def test_the_plain_forward_pass_reads_the_same_features(traced):
    np.testing.assert_allclose(forward(traced, range(3)).outputs_SBO, traced.outputs, atol=1e-12)
    (fed,) = fed_to(traced, 9, range(3))
    np.testing.assert_allclose(fed.x_TBI, by_loops(traced.weights, traced.inputs), atol=1e-12)


def test_gradients_of_states_and_of_the_filter_pass_the_check(traced):
    for check in (
        check_gradient(traced, time_step=2),
        check_weight_gradient(traced, "reader.weight"),
        check_weight_gradient(traced, "reader.bias"),
    ):
        assert check.resolved
        assert check.relative_error < 1e-5, check.words


def test_saliency_reaches_the_pixels(traced):
    from rnnlab.model.network import forward as passed
    from rnnlab.model.network import new_pass, tensors

    weights = {name: torch.tensor(w) for name, w in traced.weights.items()}
    batch = tensors(traced.batch, torch.device("cpu"), torch.float64)
    batch.inputs_TBI.requires_grad_()
    _, loss = passed(traced.design, new_pass(traced.design, weights), batch)
    loss.backward()
    expected = batch.inputs_TBI.grad.numpy()[:, 1]
    told = saliency(traced, sequence=1)
    np.testing.assert_allclose(told.gradient, expected, rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose(told.norm, np.linalg.norm(expected, axis=1), rtol=1e-8)
    np.testing.assert_array_equal(told.inputs, traced.inputs[:, 1])


def test_a_changed_filter_changes_the_features():
    traced = trace(begin(Design(task="video", hidden_size=3)), Settings(length=4), sequences=2)
    changed = {**traced.weights, "reader.bias": traced.weights["reader.bias"] + 1}
    first, second = (fed_to(replace(traced, weights=w), 9, [0])[0].x_TBI for w in (traced.weights, changed))
    assert (second > first).mean() > 0.9
