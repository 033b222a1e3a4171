"""Check a plotted gradient: nudge the state, or the weights, and see what the loss does.

The norm ||g|| of a gradient is the slope of the loss along g/||g||, the direction in which it
grows fastest. That slope is found by central differences of an independent forward pass.
T time steps, B sequences, N numbers that are nudged, K nudges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import chain, named, states_of
from rnnlab.analysis.digits import LongSlope, affordable, long_slope
from rnnlab.analysis.forward import Nudge, forward
from rnnlab.analysis.norms import DOUBTFUL, log10_norms, stable_norm
from rnnlab.analysis.reverse import reverse
from rnnlab.analysis.slopes import Slope, shrinking, slope
from rnnlab.state import Trace

Doubles = NDArray[np.float64]
RESOLVED = 1e-3
"""A difference says nothing while it may be off by more than this share."""

LARGEST_NUDGE = 0.1
"""Of the size of what is nudged, or of 1: where the search for a step begins."""

STATE_STEPS, WEIGHT_STEPS = 20, 10
"""How many steps are tried: all nudges of a state take one pass, each of the weights its own."""

ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""What a number of size 1 may be off by after a forward pass: some units in its last place."""

AGREES = 1e-4
"""Up to this relative error the two are said to agree."""

LIMIT = 512
"""Of so many numbers each is nudged alone where their gradient is 0; of more, some directions are."""


class Experiment(NamedTuple):
    """`losses(by_KN, held)` are the losses (K,) after nudges, with or without the cuts of truncation.

    `along_N` is the unit vector to nudge along, or zeros where there is none; `share` is what
    part of the trace's positions these losses count. `size` is that of what is nudged, or 1. Without
    `step`, so many are tried.
    """

    losses: Callable[[Doubles, bool], Doubles]
    along_N: Doubles
    step: float | None
    tries: int
    share: float
    size: float = 1.0


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


def check_gradient(
    trace: Trace,
    layer: str | None = None,
    time_step: int = 1,
    state: str = "h",
    sequence: int = 0,
    step: float | None = None,
) -> GradientCheck:
    """||dL/dh_t|| of one sequence beside the slope of the loss when h_t (or c_t) is nudged.

    `time_step` counts from 1; `layer` is the uppermost forward one by default. The size of the
    nudge is searched for unless `step` gives it. Raises ValueError for a layer, state, sequence
    or time step that the trace does not have, or a step that is not above 0.
    """
    name = [key for key in trace.layers if key.endswith("/forward")][-1] if layer is None else layer
    link, found = chain(trace, name, [sequence]), named(trace, name)
    last, t = int(link.valid_TB.sum()), time_step - 1
    if not 0 <= t < last:
        raise ValueError(f"time_step must be a whole number from 1 to {last}, not {time_step!r}.")
    log10 = float(log10_norms(trace, found, state)[t, sequence])
    which = "hc".index(state)
    position = int(np.flatnonzero(link.time_TB[:, 0] == t)[0])

    def losses(by_KN: Doubles, held: bool) -> Doubles:
        nudge = Nudge(name, which, position, by_KN)
        return forward(trace, [sequence] * len(by_KN), nudge=nudge, held=held).loss_B

    along_N = direction(trace, name, which, t, sequence, log10)
    size = float(stable_norm(states_of(found)[which][t, sequence]))
    share = float(trace.mask[:, sequence].sum() / trace.mask.sum())
    experiment = Experiment(losses, along_N, step, STATE_STEPS, share, max(1.0, size) if size < np.inf else 1)
    check = compare(trace, f"‖dL/d{state}_{time_step}‖", log10, experiment)
    if not check.resolved and -np.inf < log10 < 0 and affordable(trace):
        nudge = Nudge(name, which, position, along_N[None])
        check = in_more_digits(check, long_slope(trace, sequence, nudge, log10, held=trace.window > 0), trace)
    return replace(check, layer=name, time_step=time_step, state=state, sequence=sequence)


def check_weight_gradient(trace: Trace, name: str | None = None, step: float | None = None) -> GradientCheck:
    """The norm of one weight's gradient, or of all together, beside the slope of the loss.

    Raises ValueError for a name that the trace has no gradient of, or a step that is not above 0.
    """
    names = list(trace.gradients) if name is None else [name]
    if not names or names[0] not in trace.gradients:
        there = ", ".join(trace.gradients) or "nothing: it was made without weight gradients"
        raise ValueError(f"name must be one of {there}; not {name!r}.")
    g_N = np.concatenate([trace.gradients[key].ravel() for key in names])
    ends = np.cumsum([trace.gradients[key].size for key in names])[:-1]
    every = range(trace.mask.shape[1])

    def nudged_loss(by_N: Doubles, held: bool) -> float:
        parts = zip(names, np.split(by_N, ends), strict=True)
        nudged = {key: trace.weights[key] + by.reshape(trace.weights[key].shape) for key, by in parts}
        return float(forward(trace, every, weights={**trace.weights, **nudged}, held=held).loss_B.sum())

    def losses(by_KN: Doubles, held: bool) -> Doubles:
        return np.array([nudged_loss(by_N, held) for by_N in by_KN])

    norm = float(stable_norm(g_N))
    with np.errstate(divide="ignore"):
        log10 = float(np.log10(norm))
    along_N = g_N / norm if 0 < norm < np.inf else np.zeros_like(g_N)
    experiment = Experiment(losses, along_N, step, WEIGHT_STEPS, 1.0)
    return compare(trace, f"‖dL/d({name or 'all weights'})‖", log10, experiment)


def direction(trace: Trace, layer: str, which: int, t: int, sequence: int, log10: float) -> Doubles:
    """The plotted gradient over its norm; of one that float64 lost, from a pass with exponents."""
    found = trace.layers[layer]
    g_N = (found.grad_h, found.grad_c)[which][t, sequence]  # type: ignore[index]
    if np.isfinite(log10) and not DOUBTFUL <= stable_norm(g_N) < np.inf:
        g_N = reverse(trace, trace.grad_outputs, only=layer)[layer].states[which][t, sequence]
    norm = stable_norm(g_N)
    return np.asarray(g_N / norm) if np.isfinite(norm) and norm > 0 else np.zeros_like(g_N)


def steps(experiment: Experiment, steepest: float) -> Doubles:
    """The given step and a third of it, or a ladder from the size of what is nudged, or from `steepest`."""
    if experiment.step is None:
        return shrinking(min(LARGEST_NUDGE * experiment.size, steepest), experiment.tries)
    if not 0 < experiment.step < np.inf:
        raise ValueError(f"step must be a finite number above 0, not {experiment.step!r}.")
    return shrinking(experiment.step, 2)


def compare(trace: Trace, name: str, log10: float, experiment: Experiment) -> GradientCheck:
    """What was plotted beside what the losses say."""
    with np.errstate(over="ignore", under="ignore"):
        analytic = float(np.power(10.0, log10))
    kept = measured(trace, experiment, analytic, held=True)
    every_path = measured(trace, experiment, analytic, held=False).value if trace.window else None
    larger, exactly_0 = max(analytic, abs(kept.value)), log10 == -np.inf and kept.value == 0
    resolved = bool(np.isfinite(larger)) and (kept.uncertainty <= RESOLVED * larger or exactly_0)
    error = abs(analytic - kept.value) / (larger or 1.0) if resolved else float("nan")
    with np.errstate(divide="ignore"):
        log10_numeric = float(np.log10(abs(kept.value)))
    check = GradientCheck(
        name=name,
        analytic=analytic,
        log10_analytic=log10,
        numeric=kept.value,
        relative_error=error,
        uncertainty=kept.uncertainty,
        step_size=kept.step,
        resolved=resolved,
        log10_numeric=log10_numeric,
        digits=None,
        every_path=every_path,
        loss=trace.loss,
        words="",
    )
    return replace(check, words=" ".join([verdict(check), *of_truncation(check, trace.window)]))


def in_more_digits(check: GradientCheck, found: LongSlope, trace: Trace) -> GradientCheck:
    """The check with a difference of long numbers instead of one that float64 could not see."""
    error = float(-np.expm1(-abs(found.log10 - check.log10_analytic) * np.log(10)))
    better = replace(
        check,
        numeric=found.value,
        log10_numeric=found.log10,
        relative_error=error,
        uncertainty=abs(found.value) * float(np.finfo(np.float64).eps),
        step_size=float(np.power(10.0, found.step_log10)),
        resolved=True,
        digits=found.digits,
    )
    told = (
        f"{check.name} is {magnitude(check.log10_analytic)}: too small for a difference of float64 numbers."
    )
    seen = f"With numbers of {found.digits} digits, nudging gives {magnitude(found.log10)}."
    words = " ".join([told, seen, agreement(error), *of_truncation(check, trace.window)])
    return replace(better, words=words)


def agreement(error: float) -> str:
    if error <= AGREES:
        return f"They agree to {max(error, 1e-15):.1e} of their size."
    return f"They differ by {error:.1e} of their size: one of them is wrong."


def measured(trace: Trace, experiment: Experiment, analytic: float, held: bool) -> Slope:
    """The slope of the loss along the gradient; in all directions together where that is 0.

    Where the gradient explodes, the loss is straight only over nudges that change it by a part of
    itself, and the rounding of what is nudged moves it by as much times the gradient.
    """
    along_N = experiment.along_N
    start = abs(float(experiment.losses(np.zeros((1, len(along_N))), held)[0]))
    if not np.isfinite([start, trace.loss]).all():
        return Slope(float("nan"), float("inf"), float("nan"))
    straight = LARGEST_NUDGE * (start + experiment.share)
    steps_K = steps(experiment, straight / analytic if 0 < analytic < np.inf else np.inf)
    rounding = ROUNDING * (start + experiment.share * float(np.abs(trace.outputs).max()))
    if not along_N.any():
        return flat(experiment, steps_K, held, rounding)
    rounding += ROUNDING * experiment.size * min(analytic, 1e300)
    return slope(lambda x_K: experiment.losses(x_K[:, None] * along_N, held), steps_K, rounding)


def flat(experiment: Experiment, steps_K: Doubles, held: bool, rounding: float) -> Slope:
    """The norm of the slopes along each number alone, or along some random directions."""
    size, step = len(experiment.along_N), float(steps_K[len(steps_K) // 2])
    ways = np.eye(size) if size <= LIMIT else np.random.default_rng(0).standard_normal((8, size)) / size**0.5
    up, down = np.split(experiment.losses(step * np.concatenate([ways, -ways]), held), 2)
    found = float(np.linalg.norm((up - down) / (2 * step)))
    return Slope(found, len(ways) ** 0.5 * rounding / step, step)


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


def unresolved(check: GradientCheck) -> str:
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
    if check.every_path is None:
        return []
    cut = f"The plotted gradient is cut every {window} time steps (truncated BPTT), and so is this check"
    return [f"{cut}; along every path the slope is {check.every_path:.6g}."]
