"""How well a run does on held-out data, beside the trivial baseline."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.config import Design, Settings, fit
from rnnlab.metrics import METRICS
from rnnlab.model.network import device_of, forward, load_task, new_pass, tensors
from rnnlab.model.topologies import WIRINGS
from rnnlab.state import Report, RunState
from rnnlab.tasks.spec import Baseline, Batch

HELD_OUT = 3
"""The stream of random numbers of held-out data: the same for every seed, so that runs compare."""


def held_out_batch(design: Design, settings: Settings, sequences: int) -> Batch:
    """The first `sequences` held-out sequences at this length: always the same ones."""
    length = fit(design, settings).length or 1
    return load_task(design).held_out(np.random.default_rng([HELD_OUT]), sequences, length)


@lru_cache(maxsize=64)
def baseline(design: Design, length: int) -> Baseline:
    """The trivial predictor of the design's task, counted once."""
    return load_task(design).baseline(length)


@torch.no_grad()
def outputs_on(state: RunState, batch: Batch, free_running: bool) -> tuple[NDArray[np.float32], float]:
    """Outputs (S, B, O) and loss on a batch; `free_running` feeds the network its own symbols."""
    design, device = state.design, device_of(state.design)
    weights = {name: torch.tensor(array, device=device) for name, array in state.weights.items()}
    this, given = new_pass(design, weights), tensors(batch, device)
    outputs_SBO, loss = forward(design, this, given)
    if free_running:
        outputs_SBO = WIRINGS[design.topology].free_run(this, given)
    return outputs_SBO.cpu().numpy(), float(loss)


def evaluate(state: RunState, settings: Settings, sequences: int = 256) -> Report:
    """Held-out loss and metric. A metric of whole sequences is measured free-running.

    Raises ValueError where the task does not have the settings' length.
    """
    settings = fit(state.design, settings)
    task = load_task(state.design)
    metric, batch = METRICS[task.metric], held_out_batch(state.design, settings, sequences)
    outputs_SBO, loss = outputs_on(state, batch, free_running=metric.free_running)
    measured = metric.measure(outputs_SBO, batch.targets, batch.mask_SB)
    trivial = baseline(state.design, settings.length or 1)
    return Report(
        update=state.update,
        loss=loss,
        metric=measured,
        metric_name=task.metric,
        metric_label=metric.label,
        metric_text=metric.text(measured),
        baseline_loss=trivial.loss,
        baseline_metric=trivial.metric,
        baseline_words=trivial.words,
        baseline_exact=trivial.exact,
    )
