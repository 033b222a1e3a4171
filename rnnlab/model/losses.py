"""Losses: link name to function. Means over the positions where the mask is True, in nats for entropies.

Shapes: S output time steps, B sequences, O output size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Loss:
    """`measure(outputs_SBO, targets, mask_SB)` is a scalar; `unit` says what it is counted in."""

    unit: str
    measure: Callable[[Tensor, Tensor, Tensor], Tensor]
    classes: bool


def cross_entropy(outputs_SBO: Tensor, targets_SB: Tensor, mask_SB: Tensor) -> Tensor:
    from torch.nn.functional import cross_entropy

    return cross_entropy(outputs_SBO[mask_SB], targets_SB[mask_SB])


def binary_cross_entropy(outputs_SBO: Tensor, targets_SBO: Tensor, mask_SB: Tensor) -> Tensor:
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(outputs_SBO[mask_SB], targets_SBO[mask_SB])


def squared_error(outputs_SBO: Tensor, targets_SBO: Tensor, mask_SB: Tensor) -> Tensor:
    return ((outputs_SBO - targets_SBO)[mask_SB] ** 2).mean()


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss("nats", cross_entropy, classes=True),
    "binary_cross_entropy": Loss("nats", binary_cross_entropy, classes=False),
    "squared_error": Loss("squared error", squared_error, classes=False),
}
