"""Units that follow something known: correlation over many held-out time steps, beside what chance gives.

A unit that follows nothing correlates a little with everything, and the best of many units more than a
little. So what is known is dealt out anew among the sequences, where it keeps its own course in time and
loses its tie to the states: in one half of the deals each begins at its beginning, so that a unit which
merely knows the time step is not taken for one that knows more; in the other half each begins at a random
place and is read on in a circle. The level is what the best of all units reaches in 19 of 20 deals of
either half.
N time steps of all sequences together, U units, P permutations, T time steps, B sequences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Design, Settings, fit
from rnnlab.layers import layer_words
from rnnlab.probing.changes import Change, changed
from rnnlab.probing.known import KNOWN, known_values
from rnnlab.state import RunState, Trace
from rnnlab.tasks.spec import Batch, Task
from rnnlab.threads import one_thread

Doubles = NDArray[np.float64]

SEQUENCES = 32
SHORTEST = 100
"""Time steps of the sequences at least, where the task has such long ones."""

PERMUTATIONS = 50
"""Deals of either kind."""

QUANTILE = 0.95
MOST = 3
"""So many units are named for each thing that is known."""

SAME = 1 - 1e-9
"""Two things known that correlate as much as this are one."""

TINY = 1e-12
"""A standard deviation below this, beside the largest value, is rounding."""


class Tracked(NamedTuple):
    """One unit and what it follows, as KNOWN names it; `quantity` is h or c, `unit` counts from 0.

    `correlation` is Pearson's over `time_steps` of `sequences` held-out sequences; `level` what chance
    reaches. A correlation within the level says nothing.
    """

    name: str
    layer: str
    unit: int
    correlation: float
    quantity: str
    level: float
    time_steps: int
    sequences: int

    @property
    def by_chance(self) -> bool:
        """Whether as much can be had by chance."""
        return abs(self.correlation) <= self.level


class Units(NamedTuple):
    """States (N, U) of one layer's valid time steps, sequence after sequence, and the symbols of each."""

    layer: str
    quantity: str
    states_NU: Doubles


def tracked(
    state: RunState,
    settings: Settings,
    known: Sequence[str] = tuple(KNOWN),
    *,
    changes: Sequence[Change] = (),
    sequences: int = SEQUENCES,
    permutations: int = PERMUTATIONS,
    most: int = MOST,
    seed: int = 0,
) -> list[Tracked]:
    """The units that follow each thing best, in the order of `known`, the strongest first.

    What does not vary in the held-out sequences, as brackets in names, is left out, and what is the same
    as something before it there. Networks that write are fed the true symbols here. Raises ValueError, in
    one sentence, for a name that is not known, and for a network whose states are no finite numbers.
    """
    from rnnlab.model.network import load_task

    task = load_task(state.design)
    batch = task.held_out(np.random.default_rng([3, seed]), sequences, length_of(state.design, settings))
    traced = states_on(batch, changed(state, changes), settings)
    found: list[Tracked] = []
    with one_thread():  # beside other processes a second one costs more than it gives
        for part in dict.fromkeys(name.split("/")[0] for name in traced.layers):
            symbols = symbols_of(traced, task, part)
            units = units_of(traced, part, [len(one) for one in symbols])
            for name in telling(known, symbols):
                found += followers(name, symbols, units, permutations, most, np.random.default_rng([seed, 7]))
    return sorted(found, key=lambda one: (known.index(one.name), -abs(one.correlation)))


def states_on(batch: Batch, state: RunState, settings: Settings) -> Trace:
    """The network on whole sequences. Raises ValueError where a state is no finite number."""
    from rnnlab.tracing import trace

    whole = replace(settings, length=None, tbptt_window=0)
    with np.errstate(all="ignore"):
        traced = trace(state, whole, batch, weight_gradients=False)
    check_states(traced)
    return traced


def check_states(traced: Trace) -> None:
    """Raises ValueError where a layer's states are not all finite."""
    for name, layer in traced.layers.items():
        if not np.isfinite(layer.h).all() or not np.isfinite(0.0 if layer.c is None else layer.c).all():
            raise ValueError(
                f"States of {layer_words(name)} are not finite numbers, so its units follow nothing: "
                "rewind to an update before it diverged."
            )


def length_of(design: Design, settings: Settings) -> int:
    """The settings' length, or a longer one where the task has it."""
    return design.lengths.nearest(max(fit(design, settings).length or 1, SHORTEST))


def symbols_of(traced: Trace, task: Task, part: str) -> list[list[str]]:
    """What each sequence's time steps of a part hold: its inputs, or the true symbols fed to what writes."""
    first = next(layer for name, layer in traced.layers.items() if name.startswith(f"{part}/"))
    found = []
    for b, steps in enumerate(first.valid.sum(axis=0).tolist()):
        labels = task.input_labels(traced.batch, b)
        is_first = next(iter(traced.layers)).startswith(f"{part}/")
        if not is_first or len(labels) < steps:
            labels = ["", *task.target_labels(traced.batch, b)]
        found.append(labels[:steps])
    return found


def telling(known: Sequence[str], symbols: Sequence[Sequence[str]]) -> list[str]:
    """What varies, and is not another name of what came before: without line ends a line is all there is."""
    found: dict[str, Doubles] = {}
    for name in known:
        values_N = np.concatenate([known_values(name, one) for one in symbols])
        scaled_N = unit_length(values_N[:, None])[:, 0]
        if not np.isnan(scaled_N).any() and all(abs(scaled_N @ other) < SAME for other in found.values()):
            found[name] = scaled_N
    return list(found)


def units_of(traced: Trace, part: str, steps: Sequence[int]) -> list[Units]:
    """All layers' states of a part, the same time steps as the symbols."""
    found = []
    for name, layer in traced.layers.items():
        if not name.startswith(f"{part}/"):
            continue
        for quantity, values_TBH in {"h": layer.h, "c": layer.c}.items():
            if values_TBH is not None:
                rows = [values_TBH[:count, b] for b, count in enumerate(steps)]
                found.append(Units(name, quantity, np.concatenate(rows)))
    return found


def followers(
    name: str,
    symbols: Sequence[Sequence[str]],
    units: Sequence[Units],
    permutations: int,
    most: int,
    rng: np.random.Generator,
) -> list[Tracked]:
    """The `most` units that follow what is called `name`, which varies."""
    known = [known_values(name, one) for one in symbols]
    together_N = np.concatenate(known)
    scaled_NU = unit_length(np.concatenate([one.states_NU for one in units], axis=1))
    measured_U = correlations(together_N[None], scaled_NU)[0]
    level = chance_level(known, scaled_NU, permutations, rng)
    places = [(one, unit) for one in units for unit in range(one.states_NU.shape[1])]
    order_U = np.argsort(-np.nan_to_num(np.abs(measured_U), nan=-1.0), kind="stable")
    best = [int(u) for u in order_U if np.isfinite(measured_U[u])][:most]
    return [
        Tracked(
            name=name,
            layer=places[u][0].layer,
            unit=places[u][1],
            correlation=float(measured_U[u]),
            quantity=places[u][0].quantity,
            level=level,
            time_steps=len(together_N),
            sequences=len(symbols),
        )
        for u in best
    ]


def chance_level(
    known: Sequence[Doubles], scaled_NU: Doubles, permutations: int, rng: np.random.Generator
) -> float:
    """What the best of all units reaches in 19 of 20 deals; 0 without any."""
    levels = [0.0]
    for turned in (False, True):
        if not permutations or (not turned and same_everywhere(known)):
            continue  # what is the same in all sequences is dealt in vain
        by_chance_PU = np.abs(correlations(dealt(known, permutations, turned, rng), scaled_NU))
        levels.append(float(np.quantile(np.nan_to_num(by_chance_PU).max(axis=1), QUANTILE)))
    return max(levels)


def same_everywhere(known: Sequence[Doubles]) -> bool:
    """Whether a time step alone says what is known there."""
    longest = max(known, key=len)
    return all(np.array_equal(one, longest[: len(one)]) for one in known)


def dealt(known: Sequence[Doubles], permutations: int, turned: bool, rng: np.random.Generator) -> Doubles:
    """Each sequence with the values of another, from its beginning or a random place on (P, N)."""
    lengths_B = np.array([len(one) for one in known])
    begins_B = np.cumsum(lengths_B) - lengths_B
    sequence_N = np.repeat(np.arange(len(known)), lengths_B)
    step_N = np.arange(len(sequence_N)) - begins_B[sequence_N]
    other_PB = rng.permuted(np.tile(np.arange(len(known)), (permutations, 1)), axis=1)
    start_PB = rng.integers(lengths_B[other_PB]) if turned else np.zeros_like(other_PB)
    place_PN = (start_PB[:, sequence_N] + step_N) % lengths_B[other_PB][:, sequence_N]
    return np.asarray(np.concatenate(known)[begins_B[other_PB][:, sequence_N] + place_PN])


def varies(values_NU: Doubles) -> NDArray[np.bool_]:
    """Which columns are more than a constant and rounding."""
    return np.asarray(values_NU.std(axis=0) > TINY * np.maximum(np.abs(values_NU).max(axis=0), TINY))


def unit_length(states_NU: Doubles) -> Doubles:
    """Columns around zero and of length one; NaN where a column is constant."""
    centred_NU = np.where(varies(states_NU), states_NU - states_NU.mean(axis=0), np.nan)
    return np.asarray(centred_NU / np.linalg.norm(centred_NU, axis=0))


def correlations(known_PN: Doubles, scaled_NU: Doubles) -> Doubles:
    """Pearson's correlation of every row with every column (P, U), NaN for a constant; columns scaled."""
    known_PN = known_PN - known_PN.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        known_PN = known_PN / np.linalg.norm(known_PN, axis=1, keepdims=True)
        return np.asarray(np.clip(known_PN @ scaled_NU, -1, 1))
