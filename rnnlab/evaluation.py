"""How well a run does on held-out data, beside the trivial baseline and beside data it trains on."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.config import Design, Settings, fit
from rnnlab.exposure import END, exposure, measures
from rnnlab.metrics import METRICS, Metric
from rnnlab.model.losses import LOSSES
from rnnlab.model.network import device_of, forward, load_task, new_pass, tensors
from rnnlab.model.topologies import WIRINGS
from rnnlab.own.given import is_large
from rnnlab.state import Measure, Report, RunState
from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import Baseline, Batch, Task
from rnnlab.topologies import TOPOLOGIES

HELD_OUT, TRAIN_SAMPLE = 3, 5
"""Streams of random numbers of what is measured: the same for every seed, so that runs compare."""
Outputs = NDArray[np.float32]


class Passed(NamedTuple):
    """Outputs (S, B, O) and losses on a batch: fed the truth, and where asked for fed its own symbols."""

    forced_SBO: Outputs
    loss: float
    free_SBO: Outputs | None = None
    free_loss: float | None = None

    def in_use(self, metric: Metric) -> Outputs:
        """The outputs that a metric is about."""
        return self.free_SBO if metric.free_running and self.free_SBO is not None else self.forced_SBO


def held_out_batch(design: Design, settings: Settings, sequences: int) -> Batch:
    """The first `sequences` held-out sequences at this length: always the same ones."""
    length = fit(design, settings).length or 1
    return load_task(design).held_out(np.random.default_rng([HELD_OUT]), sequences, length)


def training_sample(design: Design, settings: Settings, sequences: int) -> Batch:
    """`sequences` sequences of training data at this length: always the same ones, in no update's order."""
    length = fit(design, settings).length or 1
    return load_task(design).train(np.random.default_rng([TRAIN_SAMPLE]), sequences, length)


def baseline(design: Design, length: int) -> Baseline:
    """The trivial predictor of the design's task, counted once."""
    return (large_baseline if is_large(design) else cached_baseline)(design, length)


@lru_cache(maxsize=64)
def cached_baseline(design: Design, length: int) -> Baseline:
    return load_task(design).baseline(length)


@lru_cache(maxsize=2)
def large_baseline(design: Design, length: int) -> Baseline:
    """As `cached_baseline`, for designs that hold much data of a user's own."""
    return load_task(design).baseline(length)


@torch.no_grad()
def passed(state: RunState, batch: Batch, free_running: bool) -> Passed:
    """One pass in use, without dropout; `free_running` adds one in which it feeds itself."""
    design, device = state.design, device_of(state.design)
    weights = {name: torch.tensor(array, device=device) for name, array in state.weights.items()}
    this, given = new_pass(design, weights), tensors(batch, device)
    outputs_SBO, loss = forward(design, this, given)
    if not free_running:
        return Passed(outputs_SBO.cpu().numpy(), float(loss))
    free_SBO = WIRINGS[design.topology].free_run(this, given)
    free_loss = LOSSES[load_task(design).loss].measure(free_SBO, given.targets, given.mask_SB)
    return Passed(outputs_SBO.cpu().numpy(), float(loss), free_SBO.cpu().numpy(), float(free_loss))


def outputs_on(state: RunState, batch: Batch, free_running: bool) -> tuple[Outputs, float]:
    """Outputs (S, B, O) and loss on a batch; `free_running` feeds the network its own symbols."""
    found = passed(state, batch, free_running)
    return found.forced_SBO if found.free_SBO is None else found.free_SBO, found.loss


def evaluate(state: RunState, settings: Settings, sequences: int = 256) -> Report:
    """Loss and metric on held-out data and on training data. A metric of whole sequences is free-running.

    Raises ValueError where the task does not have the settings' length.
    """
    design, settings = state.design, fit(state.design, settings)
    task = load_task(design)
    metric, generates = METRICS[task.metric], TOPOLOGIES[design.topology].generates
    batch, seen = (draw(design, settings, sequences) for draw in (held_out_batch, training_sample))
    held, train = (passed(state, given, metric.free_running) for given in (batch, seen))
    measured = metric.measure(held.in_use(metric), batch.targets, batch.mask_SB)
    trivial = baseline(design, settings.length or 1)
    more = fed_both_ways(task, held, batch) if generates and metric.free_running else ()
    return Report(
        update=state.update,
        loss=held.loss,
        metric=measured,
        metric_name=task.metric,
        metric_label=TASKS[design.task].metric_label,
        metric_text=metric.text(measured),
        baseline_loss=trivial.loss,
        baseline_metric=trivial.metric,
        baseline_words=trivial.words,
        baseline_exact=trivial.exact,
        train_loss=train.loss,
        train_metric=metric.measure(train.in_use(metric), seen.targets, seen.mask_SB),
        measures=more,
        exposure=exposure(more),
    )


def fed_both_ways(task: Task, held: Passed, batch: Batch) -> tuple[Measure, ...]:
    """What a network that generates does on held-out data, fed the truth and fed its own symbols."""
    assert held.free_SBO is not None
    assert held.free_loss is not None
    end = task.labels.index(END) if END in task.labels else None
    fed = (held.forced_SBO, held.loss, held.free_SBO, held.free_loss)
    return measures(*fed, batch.targets, batch.mask_SB, end)
