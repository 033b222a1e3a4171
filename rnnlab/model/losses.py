"""Losses: link name to function. Means over the positions where the mask is True, in nats for entropies.

Shapes: S output time steps, B sequences, O output size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """`measure(outputs_SBO, targets, mask_SB)` is a scalar; `unit` says what it is counted in.

    `plain(outputs_SBO, targets)` is the loss at each position (S, B) in NumPy.
    """

    unit: str
    measure: Callable[[Tensor, Tensor, Tensor], Tensor]
    classes: bool
    plain: Callable[[Doubles, NDArray[Any]], Doubles]


def counted(outputs_SBO: Tensor, targets: Tensor, mask_SB: Tensor) -> tuple[Tensor, Tensor]:
    """Outputs (N, O) and targets (N,) or (N, O) at the N positions where the mask is True."""
    if bool(mask_SB.all()):  # picking them out is slow on the way back
        return outputs_SBO.flatten(0, 1), targets.flatten(0, 1)
    mask_SB = mask_SB.to(outputs_SBO.device)
    return outputs_SBO[mask_SB], targets[mask_SB]


def cross_entropy(outputs_SBO: Tensor, targets_SB: Tensor, mask_SB: Tensor) -> Tensor:
    """-log softmax(outputs)[target] in nats, its mean over the positions that count."""
    from torch.nn.functional import cross_entropy

    return cross_entropy(*counted(outputs_SBO, targets_SB, mask_SB))


def binary_cross_entropy(outputs_SBO: Tensor, targets_SBO: Tensor, mask_SB: Tensor) -> Tensor:
    """-(y log p + (1-y) log(1-p)) in nats with p = sigmoid(output), its mean over positions and outputs."""
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(*counted(outputs_SBO, targets_SBO, mask_SB))


def squared_error(outputs_SBO: Tensor, targets_SBO: Tensor, mask_SB: Tensor) -> Tensor:
    """(output - target)^2, its mean over the positions that count and the outputs."""
    from torch.nn.functional import mse_loss

    return mse_loss(*counted(outputs_SBO, targets_SBO, mask_SB))


def plain_cross_entropy(outputs_SBO: Doubles, targets_SB: NDArray[Any]) -> Doubles:
    """log sum_k exp(o_k) - o_target at each position (S, B), with the largest output taken out first."""
    largest_SB1 = outputs_SBO.max(axis=2, keepdims=True)
    log_sum_SB = np.log(np.exp(outputs_SBO - largest_SB1).sum(axis=2)) + largest_SB1[..., 0]
    return np.asarray(log_sum_SB - np.take_along_axis(outputs_SBO, targets_SB[..., None], axis=2)[..., 0])


def plain_binary_cross_entropy(outputs_SBO: Doubles, targets_SBO: NDArray[Any]) -> Doubles:
    """max(o, 0) - o y + log(1 + exp(-|o|)), which does not overflow; its mean over outputs (S, B)."""
    both = np.maximum(outputs_SBO, 0) - outputs_SBO * targets_SBO + np.log1p(np.exp(-np.abs(outputs_SBO)))
    return np.asarray(both.mean(axis=2))


def plain_squared_error(outputs_SBO: Doubles, targets_SBO: NDArray[Any]) -> Doubles:
    """The mean over the outputs at each position (S, B)."""
    return np.asarray(((outputs_SBO - targets_SBO) ** 2).mean(axis=2))


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss("nats", cross_entropy, True, plain_cross_entropy),
    "binary_cross_entropy": Loss("nats", binary_cross_entropy, False, plain_binary_cross_entropy),
    "squared_error": Loss("squared error", squared_error, False, plain_squared_error),
}
