"""begin and advance: a run from its first weights, update by update.

`advance` is a pure function. The batch, the dropout and the choices of teacher forcing of an
update depend on the design's seed and the update's number alone, so cutting a run into slices,
moving it to another process or branching it changes no bit of it on a CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from math import isfinite, nan

import numpy as np
import torch
from torch import Tensor

from rnnlab.config import Design, Settings, fit
from rnnlab.model.autopsy import find_divergence
from rnnlab.model.flat import FlatParameters
from rnnlab.model.graph import GradientGraph, capture
from rnnlab.model.network import device_of, forward, load_task, new_pass, tensors
from rnnlab.model.optimizers import Optimizer, new_optimizer
from rnnlab.model.stack import Pass
from rnnlab.model.topologies import TensorBatch
from rnnlab.model.weights import initial_weights
from rnnlab.state import Records, RunState
from rnnlab.threads import one_thread

TRAIN, CHANCE = 2, 4
"""Streams of random numbers; weights have 1, held-out data 3."""


def begin(design: Design) -> RunState:
    """A run before its first update. Raises ValueError where the design's device is missing."""
    device_of(design)
    task = load_task(design)
    return RunState(design, 0, initial_weights(design, task.input_size, task.output_size))


def advance(
    state: RunState,
    settings: Settings,
    updates: int,
    progress: Callable[[int], None] | None = None,
) -> tuple[RunState, Records]:
    """The run `updates` updates later, and one record for each of them.

    A run that meets a NaN or an infinity returns with `diverged_at` set and its last finite
    weights; the record of that update shows what was met. `progress` is called with 1 after
    each update. Raises ValueError for a negative count or a length that the task does not have.
    """
    if updates < 0:
        raise ValueError(f"updates must be 0 or more, not {updates}.")
    settings = fit(state.design, settings)
    if state.divergence or not updates:
        return state, Records.empty()
    with one_thread():
        return several_updates(state, settings, updates, progress)


def several_updates(
    state: RunState, settings: Settings, updates: int, progress: Callable[[int], None] | None
) -> tuple[RunState, Records]:
    graph = graph_of(state.design, settings)
    parameters = graph.parameters if graph else FlatParameters(state.weights, device_of(state.design))
    if graph:
        parameters.fill(state.weights)
    optimizer = new_optimizer(state.design.optimizer, settings, parameters, state.optimizer)
    rows = []
    for update in range(state.update + 1, state.update + updates + 1):
        batch = training_batch(state.design, settings, update)
        row, finite = one_update(state.design, settings, parameters, optimizer, update, batch, graph)
        rows.append(row)
        if progress:
            progress(1)
        if not finite:
            broken = new_pass(
                state.design, parameters.views, settings, chance(state.design, settings, update)
            )
            divergence = find_divergence(state.design, broken, parameters, batch, update)
            # The same updates again, but for the last: cheaper than a copy of everything before each.
            before, _ = advance(state, settings, len(rows) - 1)
            return replace(before, divergence=divergence), Records.from_rows(rows)
    after = replace(
        state,
        update=state.update + len(rows),
        weights=parameters.arrays(),
        optimizer=optimizer.arrays(),
    )
    return after, Records.from_rows(rows)


@lru_cache(maxsize=4)
def graph_of(design: Design, settings: Settings) -> GradientGraph | None:
    """The CUDA graph of this experiment's updates, captured once in a process; None without a GPU."""
    if device_of(design).type != "cuda" or chance(design, settings, 1) is not None:
        return None
    task = load_task(design)
    weights = initial_weights(design, task.input_size, task.output_size)
    return capture(design, settings, weights, training_batch(design, settings, 1))


def training_batch(design: Design, settings: Settings, update: int) -> TensorBatch:
    """The batch of one update, on the design's device; `settings` fit the design."""
    rng = np.random.default_rng([design.seed, TRAIN, update])
    batch = load_task(design).train(rng, design.batch_size, settings.length or 1)
    return tensors(batch, device_of(design))


def chance(design: Design, settings: Settings, update: int) -> torch.Generator | None:
    """The random numbers of one update's dropout and teacher forcing; None where none are needed."""
    if settings.dropout == 0 and settings.teacher_forcing >= 1:
        return None
    seed = np.random.SeedSequence([design.seed, CHANCE, update]).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(seed))


def one_update(
    design: Design,
    settings: Settings,
    parameters: FlatParameters,
    optimizer: Optimizer,
    update: int,
    batch: TensorBatch,
    graph: GradientGraph | None = None,
) -> tuple[tuple[float, ...], bool]:
    """Forward, backward, clip, step. Returns the record's row, and whether every number was finite.

    Weights that would not be finite are not kept.
    """
    before = parameters.values.clone()
    if graph and graph.fits(batch):
        met = float(graph.fill_gradient(batch))
    else:
        this = new_pass(design, parameters.views, settings, chance(design, settings, update))
        met = float(fill_gradient(design, this, parameters, batch))
    grad_norm = norm(parameters.gradient)
    grad_norm_clipped, angle = clip(parameters.gradient, grad_norm, settings)
    if not (isfinite(met) and isfinite(grad_norm)):
        return (update, met, grad_norm, nan, nan, norm(before), nan), False
    optimizer.step()
    weight_norm = norm(parameters.values)
    update_norm = norm(parameters.values - before)
    if not isfinite(weight_norm):
        parameters.restore(before)
    row = (update, met, grad_norm, grad_norm_clipped, angle, weight_norm, update_norm)
    return row, isfinite(weight_norm)


def fill_gradient(design: Design, this: Pass, parameters: FlatParameters, batch: TensorBatch) -> Tensor:
    """Forward and backward. Returns the loss."""
    parameters.clear_gradient()
    _, loss = forward(design, this, batch)
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.detach()


def norm(values: Tensor) -> float:
    """Euclidean norm, summed in float64 so that squares of large float32 numbers do not overflow."""
    return float(torch.linalg.vector_norm(in_double(values)))


def in_double(values: Tensor) -> Tensor:
    """`values` in float64, on the CPU where an Apple GPU has none."""
    return (values.cpu() if values.device.type == "mps" else values).double()


def clip(gradient: Tensor, grad_norm: float, settings: Settings) -> tuple[float, float]:
    """Clip `gradient` in place. Returns its norm afterwards and the angle it turned, in degrees.

    By norm as Pascanu, Mikolov and Bengio (2013, algorithm 1); by value, each number is cut.
    """
    threshold = settings.clip_threshold
    if settings.clipping == "norm" and grad_norm > threshold:
        gradient.mul_(threshold / grad_norm)
        return norm(gradient), 0.0
    if settings.clipping == "value" and float(gradient.abs().max()) > threshold:
        raw = gradient.clone()
        gradient.clamp_(-threshold, threshold)
        clipped_norm = norm(gradient)
        cosine = float(in_double(raw) @ in_double(gradient)) / (grad_norm * clipped_norm)
        return clipped_norm, float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    return grad_norm, 0.0
