"""The last word on a run: how well it does on the test part, which no curve, table or choice looks at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlab.config import Settings, fit
from rnnlab.evaluation import passed
from rnnlab.metrics import METRICS
from rnnlab.model.network import load_task
from rnnlab.state import RunState

TEST = 6
"""The stream of random numbers of test data: the same for every seed, so that runs compare."""


class FinalReport(NamedTuple):
    """Loss and metric on the test part, and the trivial predictor's there."""

    loss: float
    metric: float
    metric_text: str
    baseline_loss: float
    baseline_metric: float
    baseline_words: str


def final_report(state: RunState, settings: Settings, sequences: int = 256) -> FinalReport:
    """Loss and metric on data that neither training nor validation has met.

    To be asked for once, when nothing will be changed any more: who chooses by it has made it a second
    validation part. Raises ValueError where the task does not have the settings' length.
    """
    task, length = load_task(state.design), fit(state.design, settings).length or 1
    metric, trivial = METRICS[task.metric], task.baseline(length, test=True)
    batch = task.test(np.random.default_rng([TEST]), sequences, length)
    found = passed(state, batch, metric.free_running)
    measured = metric.measure(found.in_use(metric), batch.targets, batch.mask_SB)
    return FinalReport(
        found.loss, measured, metric.text(measured), trivial.loss, trivial.metric, trivial.words
    )
