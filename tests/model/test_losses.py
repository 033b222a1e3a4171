"""Losses are means over the positions that count, whether that is all of them or some."""

import pytest
import torch
from torch.nn import functional

from rnnlab.model.losses import LOSSES

S, B, OUTPUTS = 4, 3, 5
THEIRS = {
    "cross_entropy": functional.cross_entropy,
    "binary_cross_entropy": functional.binary_cross_entropy_with_logits,
    "squared_error": functional.mse_loss,
}


@pytest.mark.parametrize("share", ["all", "some"])
@pytest.mark.parametrize("name", LOSSES)
def test_only_what_the_mask_names_counts(name, share):
    torch.manual_seed(0)
    outputs_SBO = torch.randn(S, B, OUTPUTS, dtype=torch.float64, requires_grad=True)
    classes = LOSSES[name].classes
    targets = torch.randint(OUTPUTS, (S, B)) if classes else torch.rand(S, B, OUTPUTS, dtype=torch.float64)
    mask_SB = torch.ones(S, B, dtype=torch.bool)
    if share == "some":
        mask_SB[1] = mask_SB[2:, 0] = False
    places = [(s, b) for s in range(S) for b in range(B) if mask_SB[s, b]]
    picked = [torch.stack([x[place] for place in places]) for x in (outputs_SBO, targets)]
    found, wanted = LOSSES[name].measure(outputs_SBO, targets, mask_SB), THEIRS[name](*picked)
    torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-12)
    (by_found,), (by_wanted,) = (
        torch.autograd.grad(x, outputs_SBO, retain_graph=True) for x in (found, wanted)
    )
    torch.testing.assert_close(by_found, by_wanted, rtol=1e-12, atol=1e-14)
