"""Exposure bias: a network that generates, fed the truth and fed its own symbols.

In training with teacher forcing it only ever reads right symbols; when it writes by itself, it reads
its own, and one mistake leads to places it has never seen (Bengio et al. 2015; Ranzato et al. 2016).
It is measured where an input has one right text; among many right ones the gap would say nothing.

Shapes: S output time steps, B sequences, O output size.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from rnnlab.metrics import METRICS, Metric, accuracy, exact_match, written_right
from rnnlab.state import Measure

Array = NDArray[Any]
END = "■"
"""The label of the symbol with which a text ends, in tasks whose texts are not all equally long."""

LOSS = Metric("loss", accuracy, higher_is_better=False, percent=False)
NOTABLE = 0.02
"""A gap below two symbols in a hundred is not spoken of."""


def measures(
    forced_SBO: Array,
    forced_loss: float,
    free_SBO: Array,
    free_loss: float,
    targets_SB: Array,
    mask_SB: Array,
    end: int | None,
) -> tuple[Measure, ...]:
    """What it names and what it writes; `end` is the class of END, None where there is none."""
    share = METRICS["exact_match"]
    named = accuracy(forced_SBO, targets_SB, mask_SB)
    wrote = written_right(free_SBO, targets_SB, mask_SB, end)
    exact = exact_match(free_SBO, targets_SB, mask_SB)
    rows = (
        ("forced_accuracy", "symbols right, fed the truth", share, named),
        ("free_accuracy", "symbols right, fed its own", share, wrote),
        ("free_exact", "texts right, fed its own", share, exact),
        ("forced_loss", "loss, fed the truth", LOSS, forced_loss),
        ("free_loss", "loss, fed its own", LOSS, free_loss),
    )
    return tuple(Measure(name, label, value, kind.text(value)) for name, label, kind, value in rows)


def exposure(found: tuple[Measure, ...]) -> str:
    """The gap in a sentence; empty where nothing was measured."""
    if not found:
        return ""
    forced, free = (
        next(one for one in found if one.name == name) for name in ("forced_accuracy", "free_accuracy")
    )
    named, wrote = (f"{100 * one.value:.0f} %" for one in (forced, free))
    bias = "exposure bias" if forced.value - free.value >= NOTABLE else "hardly any exposure bias"
    return f"Fed the truth it names {named} of the symbols, fed its own {wrote}: {bias}."
