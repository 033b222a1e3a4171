"""Check a plotted gradient: nudge the state, or the weights, and see what the loss does.

The norm ||g|| of a gradient is the slope of the loss along g/||g||, the direction in which it
grows fastest. That slope is found by central differences of an independent forward pass.
T time steps, B sequences, N numbers that are nudged, K nudges.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import chain, named, states_of
from rnnlab.analysis.checked import RESOLVED, GradientCheck, agreement, magnitude, of_truncation, verdict
from rnnlab.analysis.digits import LongSlope, affordable, long_slope
from rnnlab.analysis.forward import Nudge, forward
from rnnlab.analysis.norms import DOUBTFUL, log10_norms, stable_norm
from rnnlab.analysis.nudging import Experiment, measured
from rnnlab.analysis.reverse import reverse
from rnnlab.state import Trace

Doubles = NDArray[np.float64]

STATE_STEPS, WEIGHT_STEPS = 20, 10
"""How many steps are tried: all nudges of a state take one pass, each of the weights its own."""


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
    place = place_of(trace, layer, time_step, state, sequence)
    experiment = nudged_state(trace, place, step)
    check = compare(trace, f"‖dL/d{state}_{time_step}‖", place.log10, experiment)
    if not check.resolved and -np.inf < place.log10 < 0 and affordable(trace):
        nudge = place.nudge(experiment.along_N[None])
        found = long_slope(trace, sequence, nudge, place.log10, held=trace.window > 0)
        check = in_more_digits(check, found, trace)
    return replace(check, layer=place.layer, time_step=time_step, state=state, sequence=sequence)


class Place(NamedTuple):
    """One state of one sequence: number `which` of a layer's states at time step `t`, counted from 0.

    `position` is where the layer reads it; `log10` that of the norm of the gradient there, as plotted.
    """

    layer: str
    which: int
    t: int
    position: int
    sequence: int
    log10: float

    def nudge(self, by_KN: Doubles) -> Nudge:
        """This state moved by each of the rows (K, N)."""
        return Nudge(self.layer, self.which, self.position, by_KN)


def place_of(trace: Trace, layer: str | None, time_step: int, state: str, sequence: int) -> Place:
    """Raises ValueError for what the trace does not have."""
    name = [key for key in trace.layers if key.endswith("/forward")][-1] if layer is None else layer
    link = chain(trace, name, [sequence])
    last, t = int(link.valid_TB.sum()), time_step - 1
    if not 0 <= t < last:
        raise ValueError(f"time_step must be a whole number from 1 to {last}, not {time_step!r}.")
    log10 = float(log10_norms(trace, named(trace, name), state)[t, sequence])
    position = int(np.flatnonzero(link.time_TB[:, 0] == t)[0])
    return Place(name, "hc".index(state), t, position, sequence, log10)


def nudged_state(trace: Trace, place: Place, step: float | None) -> Experiment:
    """All nudges of a state in one pass, a sequence of the batch for each."""
    sequence = place.sequence

    def losses(by_KN: Doubles, held: bool) -> Doubles:
        return forward(trace, [sequence] * len(by_KN), nudge=place.nudge(by_KN), held=held).loss_B

    size = float(stable_norm(states_of(trace.layers[place.layer])[place.which][place.t, sequence]))
    share = float(trace.mask[:, sequence].sum() / trace.mask.sum())
    larger = max(1.0, size) if size < np.inf else 1
    return Experiment(losses, direction(trace, place), step, STATE_STEPS, share, larger)


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


def direction(trace: Trace, place: Place) -> Doubles:
    """The plotted gradient over its norm; of one that float64 lost, from a pass with exponents."""
    found, at = trace.layers[place.layer], (place.t, place.sequence)
    g_N = (found.grad_h, found.grad_c)[place.which][at]  # type: ignore[index]
    if np.isfinite(place.log10) and not DOUBTFUL <= stable_norm(g_N) < np.inf:
        again = reverse(trace, trace.grad_outputs, only=place.layer)
        g_N = again[place.layer].states[place.which][at]
    norm = stable_norm(g_N)
    return np.asarray(g_N / norm) if np.isfinite(norm) and norm > 0 else np.zeros_like(g_N)


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
