"""Metrics of a prediction: link name to function, NumPy in, a number out.

Shapes: S output time steps, B sequences, O output size. Only masked-in positions count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Metric:
    """`measure(outputs_SBO, targets, mask_SB)`; `percent` says how a person reads the number."""

    label: str
    measure: Callable[[Array, Array, Array], float]
    higher_is_better: bool
    percent: bool
    free_running: bool = False

    def text(self, value: float) -> str:
        if not np.isfinite(value):
            return "NaN" if np.isnan(value) else "∞"
        return f"{100 * value:.1f} %" if self.percent else f"{value:.3g}"


def accuracy(outputs_SBO: Array, targets_SB: Array, mask_SB: Array) -> float:
    """Share of positions whose largest output is the target's."""
    return float((outputs_SBO.argmax(axis=2) == targets_SB)[mask_SB].mean())


def recall(outputs_SBO: Array, targets_SB: Array, mask_SB: Array) -> float:
    """Share of right answers where the target is not the blank, class 0."""
    asked_SB = mask_SB & (targets_SB != 0)
    return float((outputs_SBO.argmax(axis=2) == targets_SB)[asked_SB].mean())


def exact_match(outputs_SBO: Array, targets_SB: Array, mask_SB: Array) -> float:
    """Share of sequences that are right at every position."""
    right_SB = (outputs_SBO.argmax(axis=2) == targets_SB) | ~mask_SB
    return float(right_SB.all(axis=0).mean())


def last_but_one(outputs_SBO: Array, targets_SB: Array, mask_SB: Array) -> float:
    """Share of sequences that are right at the last position but one, or at the only one."""
    places_B = np.maximum(mask_SB.sum(axis=0) - 2, 0)
    right_SB = outputs_SBO.argmax(axis=2) == targets_SB
    counted_B = mask_SB.any(axis=0)
    return float(right_SB[places_B, np.arange(len(places_B))][counted_B].mean())


def exact_sets(outputs_SBO: Array, targets_SBO: Array, mask_SB: Array) -> float:
    """Share of sequences with every output on the right side of one half everywhere (outputs are logits)."""
    right_SB = ((outputs_SBO > 0) == (targets_SBO > 0.5)).all(axis=2) | ~mask_SB
    return float(right_SB.all(axis=0).mean())


def binary_accuracy(outputs_SBO: Array, targets_SBO: Array, mask_SB: Array) -> float:
    """Share of positions on the right side of probability one half (outputs are logits)."""
    return float(((outputs_SBO > 0) == (targets_SBO > 0.5))[mask_SB].mean())


def mean_squared_error(outputs_SBO: Array, targets_SBO: Array, mask_SB: Array) -> float:
    error = (outputs_SBO.astype(np.float64) - targets_SBO)[mask_SB]
    return float((error**2).mean())


def root_mean_squared_error(outputs_SBO: Array, targets_SBO: Array, mask_SB: Array) -> float:
    """The usual size of an error, in the unit of the targets."""
    return float(np.sqrt(mean_squared_error(outputs_SBO, targets_SBO, mask_SB)))


def bits_per_symbol(outputs_SBO: Array, targets_SB: Array, mask_SB: Array) -> float:
    """Cross entropy in base two: bits needed to name the next symbol, given the prediction."""
    outputs_NO, targets_N = outputs_SBO[mask_SB].astype(np.float64), targets_SB[mask_SB]
    outputs_NO -= outputs_NO.max(axis=1, keepdims=True)
    chosen_N = np.take_along_axis(outputs_NO, targets_N[:, None], axis=1)[:, 0]
    total_N = np.exp(outputs_NO, out=outputs_NO).sum(axis=1)
    return float((np.log(total_N) - chosen_N).mean() / np.log(2))


def written_right(outputs_SBO: Array, targets_SB: Array, mask_SB: Array, end: int | None) -> float:
    """Share of a target's symbols that a network wrote at their place, the END symbol `end` among them.

    What comes after its first END was not written, so nothing there is right; a text that goes on where
    the target ends is wrong at the place of the target's END. `end` is None where all texts are equally long.
    """
    named_SB = outputs_SBO.argmax(axis=2)
    right_SB = named_SB == targets_SB
    if end is not None:
        ends_SB = (named_SB == end).cumsum(axis=0) - (named_SB == end)  # Ends before this place
        right_SB &= ends_SB == 0
    return float(right_SB[mask_SB].mean())


METRICS: dict[str, Metric] = {
    "accuracy": Metric("accuracy", accuracy, higher_is_better=True, percent=True),
    "binary_accuracy": Metric("accuracy", binary_accuracy, higher_is_better=True, percent=True),
    "recall": Metric("recalled symbols", recall, higher_is_better=True, percent=True),
    "exact_match": Metric("exact match", exact_match, higher_is_better=True, percent=True, free_running=True),
    "last_but_one": Metric("last but one right", last_but_one, higher_is_better=True, percent=True),
    "exact_sets": Metric("sequences all right", exact_sets, higher_is_better=True, percent=True),
    "mean_squared_error": Metric(
        "mean squared error", mean_squared_error, higher_is_better=False, percent=False
    ),
    "root_mean_squared_error": Metric(
        "root mean squared error", root_mean_squared_error, higher_is_better=False, percent=False
    ),
    "bits_per_symbol": Metric("bits per character", bits_per_symbol, higher_is_better=False, percent=False),
}
