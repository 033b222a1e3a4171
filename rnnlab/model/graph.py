"""On a GPU: forward and backward of an update as one CUDA graph.

A small network keeps a GPU busy for less time than its launches take. A graph is launched once for
all of them. It repeats what was captured, on the same memory: so it is for batches in which every
sequence is whole and every output counts, and for updates without chance.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnlab.config import Design, Settings
from rnnlab.model.flat import FlatParameters
from rnnlab.model.network import forward, new_pass
from rnnlab.model.topologies import TensorBatch

log = logging.getLogger(__name__)
WARM_UP = 3
"""Passes before the capture, in which libraries choose their kernels and allocate."""


class GradientGraph:
    """Fills `parameters.gradient` from a batch; the parameters are its own, since memory is captured."""

    def __init__(
        self,
        design: Design,
        settings: Settings,
        weights: Mapping[str, NDArray[np.float32]],
        batch: TensorBatch,
    ) -> None:
        self.design, self.settings = design, settings
        self.parameters = FlatParameters(weights, batch.inputs_TBI.device)
        self.batch = batch._replace(inputs_TBI=batch.inputs_TBI.clone(), targets=batch.targets.clone())
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                self._fill()
        torch.cuda.current_stream().wait_stream(aside)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.loss = self._fill()

    def _fill(self) -> Tensor:
        self.parameters.clear_gradient()
        this = new_pass(self.design, self.parameters.views, self.settings)
        _, loss = forward(self.design, this, self.batch)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def fits(self, batch: TensorBatch) -> bool:
        """Whether `batch` has the shapes that were captured, and no padding."""
        same = batch.inputs_TBI.shape == self.batch.inputs_TBI.shape
        return same and batch.targets.shape == self.batch.targets.shape and whole(batch)

    def fill_gradient(self, batch: TensorBatch) -> Tensor:
        """The loss, a scalar that the next call overwrites."""
        self.batch.inputs_TBI.copy_(batch.inputs_TBI)
        self.batch.targets.copy_(batch.targets)
        self.graph.replay()
        return self.loss


def whole(batch: TensorBatch) -> bool:
    """Whether every sequence is as long as the longest and every output counts."""
    return bool(batch.mask_SB.all()) and bool((batch.lengths_B == len(batch.inputs_TBI)).all())


def capture(
    design: Design, settings: Settings, weights: Mapping[str, NDArray[np.float32]], batch: TensorBatch
) -> GradientGraph | None:
    """A graph of this update, or None, with the reason in the log, where there can be none."""
    reason = "a sequence is padded or an output does not count."
    if whole(batch):
        try:
            return GradientGraph(design, settings, weights, batch)
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
    log.warning("Training without a CUDA graph, which is slower: %s", reason)
    return None
