"""What came of checking a gradient, as numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnlab.analysis.norms import DOUBTFUL

RESOLVED = 1e-3
"""A difference says nothing while it may be off by more than this share."""

AGREES = 1e-4
"""Up to this relative error the two are said to agree."""


@dataclass(frozen=True)
class GradientCheck:
    """A gradient's norm as plotted, and as found by nudging.

    `analytic` is the plotted norm, `log10_analytic` its logarithm, which does not underflow.
    `numeric` is the slope of the loss along that gradient by central differences, right to
    `uncertainty`, the last of them with `step_size`. `relative_error` is |analytic - numeric|
    over the larger of the two, NaN where `resolved` is False: then the difference is lost in
    rounding, and neither confirms nor refutes. `digits` is how many decimal digits the numbers had
    where float64 was not enough, else None; `log10_numeric` does not underflow. Of a truncated
    gradient `numeric` keeps the cuts, and `every_path` is the slope without them; else it is None.
    `words` say it in a sentence or two.
    `layer`, `state`, `time_step` (from 1) and `sequence` are None for a gradient of weights.
    """

    name: str
    analytic: float
    log10_analytic: float
    numeric: float
    relative_error: float
    uncertainty: float
    step_size: float
    resolved: bool
    log10_numeric: float
    digits: int | None
    every_path: float | None
    loss: float
    words: str
    layer: str | None = None
    time_step: int | None = None
    state: str | None = None
    sequence: int | None = None


def verdict(check: GradientCheck) -> str:
    """What was found, in a sentence or two."""
    if np.isnan(check.log10_analytic) or np.isnan(check.numeric) or check.log10_analytic == np.inf:
        return f"The loss or {check.name} is not a finite number: there is nothing to compare."
    if not check.resolved:
        return unresolved(check)
    if check.log10_analytic == -np.inf and check.numeric == 0:
        return f"{check.name} is exactly 0, and nudging does not change the loss at all."
    values = f"{check.name} is {check.analytic:.6g}; nudging gives {check.numeric:.6g}."
    return f"{values} {agreement(check.relative_error)}"


def agreement(error: float) -> str:
    """How close the two are, by their relative error."""
    if error <= AGREES:
        return f"They agree to {max(error, 1e-15):.1e} of their size."
    return f"They differ by {error:.1e} of their size: one of them is wrong."


def unresolved(check: GradientCheck) -> str:
    """Why no difference of losses says anything here."""
    told = f"{check.name} is {magnitude(check.log10_analytic)}"
    if check.log10_analytic > 8:
        seen = "the loss bends so soon here that nudges small enough are lost in rounding to 16 digits"
        return f"{told}; {seen}. No difference of losses confirms or refutes it."
    if check.uncertainty < np.inf and check.uncertainty >= RESOLVED * check.analytic:
        found = f"nudging gives {check.numeric:.2g}, right to {check.uncertainty:.1g} only"
        return f"{told}; {found}. That neither confirms nor refutes it: the loss is rounded to 16 digits."
    return f"{told}; the loss is too uneven around it for a finite difference."


def magnitude(log10: float) -> str:
    """A number by its logarithm, as a power of ten where no float holds it."""
    if log10 == -np.inf:
        return "exactly 0"
    return f"{10**log10:.6g}" if abs(log10) < -np.log10(DOUBTFUL) else f"10^{log10:.1f}"


def of_truncation(check: GradientCheck, window: int) -> list[str]:
    """What a cut gradient leaves out; nothing where none is cut."""
    if check.every_path is None:
        return []
    cut = f"The plotted gradient is cut every {window} time steps (truncated BPTT), and so is this check"
    return [f"{cut}; along every path the slope is {check.every_path:.6g}."]
