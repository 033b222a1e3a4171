"""Check this number: the plotted gradient of a run beside finite differences, worked out in a worker.

T time steps, B sequences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis import GradientCheck, check_gradient, check_weight_gradient
from rnnlab.analysis.chain import named
from rnnlab.analysis.flow import layers_of_flow, norms
from rnnlab.config import Settings, fit
from rnnlab.live.picture import PROBES, SHOWN, levels
from rnnlab.state import RunState, Trace


class Place(NamedTuple):
    """A point of a gradient flow chart: the layer, sequence and time step (from 1) it shows."""

    layer: str
    sequence: int
    time_step: int
    log10_norm: float


def check_point(
    state: RunState, settings: Settings, layer: str, letter: str, time_step: int
) -> tuple[Place, GradientCheck]:
    """The median that a chart shows at a time step, checked on the sequence that it belongs to.

    `layer` is what the Lab's chart shows, empty for the Gradients page. Raises ValueError for a
    layer, state or time step that is not there.
    """
    from rnnlab.tracing import trace

    traced = trace(state, settings, sequences=PROBES, weight_gradients=False)
    place = median_at(traced, layer, letter, time_step)
    return place, check_gradient(traced, place.layer, place.time_step, letter, place.sequence)


def check_one(
    state: RunState, settings: Settings, layer: str, letter: str, time_step: int, sequence: int
) -> GradientCheck:
    """The gradient of one held-out sequence at its own time step, in any layer of the network.

    Raises ValueError for a layer, state, time step or sequence that is not there.
    """
    from rnnlab.tracing import trace

    traced = trace(state, settings, sequences=PROBES, weight_gradients=False)
    return check_gradient(traced, layer, time_step, letter, sequence)


def check_next_update(state: RunState, settings: Settings) -> GradientCheck:
    """The norm of the whole gradient that the next update will use, on its training batch."""
    from rnnlab.model.network import load_task
    from rnnlab.tracing import trace
    from rnnlab.training import TRAIN

    settings = fit(state.design, settings)
    rng = np.random.default_rng([state.design.seed, TRAIN, state.update + 1])
    batch = load_task(state.design).train(rng, state.design.batch_size, settings.length or 1)
    return check_weight_gradient(trace(state, settings, batch))


def median_at(trace: Trace, layer: str, letter: str, time_step: int) -> Place:
    """Whose gradient is the median of the chart at a time step."""
    shown = levels(trace).get(layer)
    names = [one.name for one in shown] if shown else list(layers_of_flow(trace))
    sequence = SHOWN if shown else None
    name, row = part_of(trace, names, sequence, time_step)
    column = norms(trace, named(trace, name), letter)
    logs_B = np.where(column.valid_TB[row], column.log_TB[row], np.nan)
    there = np.flatnonzero(~np.isnan(logs_B))
    if not len(there):
        raise ValueError(f"At time step {time_step} the gradient is no number: there is nothing to check.")
    median = there[np.argsort(logs_B[there], kind="stable")[(len(there) - 1) // 2]]
    own = own_time_step(trace, name, column.valid_TB, row, int(median))
    return Place(name, int(median), own, float(logs_B[median]))


def part_of(trace: Trace, names: Sequence[str], sequence: int | None, time_step: int) -> tuple[str, int]:
    """The layer and the row of its chart at a time step counted through all parts."""
    left = time_step - 1
    for name in names:
        valid_TB = norms(trace, named(trace, name), "h").valid_TB
        rows = np.flatnonzero(valid_TB.any(axis=1) if sequence is None else valid_TB[:, sequence])
        if 0 <= left < len(rows):
            return name, int(rows[left])
        left -= len(rows)
    raise ValueError(f"time_step must be one that the chart shows, not {time_step}.")


def own_time_step(trace: Trace, name: str, valid_TB: NDArray[np.bool_], row: int, sequence: int) -> int:
    """The row of a chart whose sequences end together, as a time step of one sequence."""
    own_T = trace.layers[name].valid[:, sequence]
    return int(row - np.argmax(valid_TB[:, sequence]) + np.argmax(own_T)) + 1
