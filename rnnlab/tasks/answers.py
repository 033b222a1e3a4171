"""Reading class outputs as a person would: labels, probabilities and confidence.

Shapes: S output time steps, B sequences, O output classes, N targets. Outputs are logits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.spec import Baseline, Batch


def probabilities(outputs_SO: NDArray[Any]) -> NDArray[np.float64]:
    """Softmax over the classes, each row summing to one."""
    shifted_SO = np.asarray(outputs_SO, np.float64)
    exponentials_SO = np.exp(shifted_SO - shifted_SO.max(axis=-1, keepdims=True))
    return np.asarray(exponentials_SO / exponentials_SO.sum(axis=-1, keepdims=True))


def confidence(outputs_SO: NDArray[Any]) -> float:
    """The probability that the network gives to its own answer at all S time steps together."""
    return float(probabilities(outputs_SO).max(axis=-1).prod())


def predicted(labels: Sequence[str], batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
    """The most probable class at each of the S time steps; empty text where no loss attaches."""
    best_S, mask_S = outputs_SO.argmax(axis=-1), batch.mask_SB[:, index]
    return [labels[best] if valid else "" for best, valid in zip(best_S, mask_S, strict=True)]


def wanted(labels: Sequence[str], batch: Batch, index: int) -> list[str]:
    """The target class at each of the S time steps; empty text where no loss attaches."""
    target_S, mask_S = batch.targets[:, index], batch.mask_SB[:, index]
    return [labels[target] if valid else "" for target, valid in zip(target_S, mask_S, strict=True)]


def frequencies(counts_O: NDArray[Any]) -> NDArray[np.float64]:
    """Shares of the classes, each counted once more than seen, so that none is impossible."""
    smoothed_O = np.asarray(counts_O, np.float64) + 1
    return np.asarray(smoothed_O / smoothed_O.sum())


def by_frequency(shares_O: NDArray[np.float64], asked_N: NDArray[Any], words: str) -> Baseline:
    """Loss in nats and accuracy of always giving the classes the shares (O,) that they had in training.

    `asked_N` are the targets (N,), class indices; no share may be zero (see `frequencies`).
    """
    right = float((asked_N == shares_O.argmax()).mean())
    return Baseline(float(-np.log(shares_O)[asked_N].mean()), right, words, exact=False)
