"""Forecasts some time steps ahead, beside persistence and a linear autoregression, in the unit of the data.

A network that answers with the next value forecasts by itself: each forecast is read as the next input. One
that answers with the value k later, as its task asks, reads each window that ends k before. Persistence says
the last known value again. The autoregression AR(p) is linear in the last p values, fitted by least squares
to the training part, and goes on in the same way.
N values, W values known, B moments, H time steps ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Design, Settings, fit
from rnnlab.courses import COURSES, Course, Doubles
from rnnlab.state import RunState
from rnnlab.tasks import TASKS
from rnnlab.tasks.horizon import lagged

LONGEST = 200
MOST_LAGS = 24
MOMENTS = 64
NETWORK, PERSISTENCE, AUTOREGRESSION = "network", "persistence", "autoregression"

Rule = Callable[[Doubles, NDArray[np.int64]], Doubles]
"""Known values (W, B) that end at some places (B,) to what a forecast says comes `ahead` after them (B,)."""


class Errors(NamedTuple):
    """Mean absolute error and root mean squared error, in the unit of the data."""

    mean_absolute: float
    root_mean_squared: float


class Forecast(NamedTuple):
    """What came before a moment and after it, and three forecasts (H,); `lags` is the p of AR(p)."""

    moment: int
    history: Doubles
    truth: Doubles
    network: Doubles
    persistence: Doubles
    autoregression: Doubles
    errors: Mapping[str, Errors]
    lags: int
    unit: str


class Average(NamedTuple):
    """Errors over many held-out moments, and the root mean squared error of each time step ahead (H,)."""

    moments: int
    errors: Mapping[str, Errors]
    by_step: Mapping[str, Doubles]
    lags: int
    unit: str


def course_of(design: Design) -> Course:
    """The series of a design's task. Raises ValueError, in one sentence, for a task that forecasts none."""
    if design.task not in COURSES:
        there = ", ".join(name for name in TASKS if name in COURSES)
        raise ValueError(f"task must be one that forecasts a series ({there}), not {design.task!r}.")
    return COURSES[design.task](TASKS[design.task].load(design.topology, design.options))


def moments(design: Design, horizon: int) -> int:
    """How many moments there are: places in the held-out part with all of the horizon in it.

    Raises ValueError, in one sentence, for a horizon that does not fit.
    """
    course = course_of(design)
    longest = min(LONGEST, course.end - course.first - 1)
    if not 1 <= horizon <= longest:
        raise ValueError(f"horizon must be from 1 to {longest} time steps for this series, not {horizon}.")
    return course.end - course.first - horizon


def forecast(state: RunState, settings: Settings, moment: int, horizon: int) -> Forecast:
    """Forecasts of the `horizon` values after a moment, counted from 0 at the first held-out value.

    Raises ValueError, in one sentence, for a moment or a horizon that is not in the held-out part.
    """
    number, course = moments(state.design, horizon), course_of(state.design)
    if not 0 <= moment < number:
        raise ValueError(f"moment must be from 0 to {number - 1:,} for this horizon, not {moment}.")
    last = course.first + moment
    width = min(reach(state.design, settings, course), last + 2 - course.ahead)
    if width <= course.extra:
        raise ValueError(
            f"moment must be {course.extra + course.ahead - 1} or later, or nothing is known before it."
        )
    lags = lags_of(course, width)
    found = all_paths(state, course, np.array([last]), horizon, width, lags)
    truth_H = course.values_N[last + 1 : last + 1 + horizon]
    paths = {name: path_HB[:, 0] for name, path_HB in found.items()}
    errors = {name: errors_of(path_H - truth_H) for name, path_H in paths.items()}
    history = course.values_N[max(0, last + 1 - max(width, 2 * horizon)) : last + 1]
    said = paths[NETWORK], paths[PERSISTENCE], paths[AUTOREGRESSION]
    return Forecast(moment, history, truth_H, *said, errors, lags, course.unit)


def average(state: RunState, settings: Settings, horizon: int, number: int = MOMENTS) -> Average:
    """Errors over `number` moments spread evenly over the held-out part. Raises ValueError as `forecast`."""
    there, course = moments(state.design, horizon), course_of(state.design)
    width = reach(state.design, settings, course)
    earliest = max(0, width + course.ahead - 2 - course.first)
    if earliest >= there:
        raise ValueError(f"horizon must be shorter: no held-out moment has {width} values before it.")
    chosen = np.unique(np.linspace(earliest, there - 1, number).astype(np.int64))
    last_B, lags = course.first + chosen, lags_of(course, width)
    truth_HB = course.values_N[last_B + np.arange(1, horizon + 1)[:, None]]
    paths = all_paths(state, course, last_B, horizon, width, lags)
    off = {name: path_HB - truth_HB for name, path_HB in paths.items()}
    errors = {name: errors_of(off_HB) for name, off_HB in off.items()}
    by_step = {name: np.sqrt(np.mean(off_HB**2, axis=1)) for name, off_HB in off.items()}
    return Average(len(chosen), errors, by_step, lags, course.unit)


def errors_of(off: Doubles) -> Errors:
    return Errors(float(np.mean(np.abs(off))), float(np.sqrt(np.mean(off**2))))


def reach(design: Design, settings: Settings, course: Course) -> int:
    """How many values the network reads for one forecast."""
    return (fit(design, settings).length or 1) + course.extra


def lags_of(course: Course, width: int) -> int:
    """The p of AR(p): as many values as the network reads, but few enough to be fitted well."""
    return max(1, min(width, MOST_LAGS, len(course.train_N) // 8))


def all_paths(
    state: RunState, course: Course, last_B: NDArray[np.int64], horizon: int, width: int, lags: int
) -> dict[str, Doubles]:
    """Each forecast (H, B) of what follows the places `last_B`."""
    weights = autoregression(course.train_N, lags, course.ahead)
    rules = {NETWORK: (network_rule(state, course), width), AUTOREGRESSION: (linear_rule(weights), lags)}
    found = {name: path(course, last_B, horizon, rule, reach) for name, (rule, reach) in rules.items()}
    persistence_HB = np.tile(course.values_N[last_B], (horizon, 1))
    return {
        NETWORK: found[NETWORK],
        PERSISTENCE: persistence_HB,
        AUTOREGRESSION: found[AUTOREGRESSION],
    }


def path(course: Course, last_B: NDArray[np.int64], horizon: int, rule: Rule, width: int) -> Doubles:
    """The values (H, B) that a rule forecasts after `last_B`: what it said before counts as known."""
    known = width + course.ahead - 1
    places = last_B + np.arange(1 - known, horizon + 1)[:, None]
    path_KB = np.where(
        np.arange(len(places))[:, None] < known, course.values_N[np.minimum(places, last_B)], np.nan
    )
    for step in range(known, known + horizon):
        end = step - course.ahead + 1
        path_KB[step] = rule(path_KB[end - width : end], places[end - 1])
    return path_KB[known:]


def autoregression(train_N: Doubles, lags: int, ahead: int = 1) -> Doubles:
    """Weights (p + 1,) of the last p values, oldest first, and a constant, by least squares."""
    known, asked = lagged(train_N, lags, ahead)
    return np.asarray(np.linalg.lstsq(known, asked, rcond=None)[0])


def linear_rule(weights: Doubles) -> Rule:
    return lambda known_WB, places_B: np.asarray(weights[:-1] @ known_WB + weights[-1])


def network_rule(state: RunState, course: Course) -> Rule:
    """The network as a rule; torch is loaded when it is first asked."""

    def answer(known_WB: Doubles, places_B: NDArray[np.int64]) -> Doubles:
        from rnnlab.evaluation import outputs_on

        batch = course.batch(known_WB, places_B)
        outputs: NDArray[Any] = outputs_on(state, batch, free_running=False)[0]
        return course.answer(outputs[-1].astype(np.float64), known_WB[-1])

    return answer
