"""From a design and weights to outputs and a loss.

Shapes: T input time steps, S output time steps, B sequences, I input size, O output size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnlab.config import ON_MACHINE, Design, Settings
from rnnlab.model.cells import CELLS
from rnnlab.model.layer import Tape
from rnnlab.model.losses import LOSSES
from rnnlab.model.stack import Pass
from rnnlab.model.topologies import WIRINGS, TensorBatch
from rnnlab.model.weights import directions, reader
from rnnlab.own.given import is_large
from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import Batch, Task

CPU = torch.device("cpu")


@lru_cache(maxsize=16)
def cached_task(name: str, topology: str, options: tuple[tuple[str, str], ...]) -> Task:
    return TASKS[name].load(topology, dict(options))


@lru_cache(maxsize=2)
def large_task(name: str, topology: str, options: tuple[tuple[str, str], ...]) -> Task:
    """As `cached_task`, for those that are made of much data of a user's own."""
    return TASKS[name].load(topology, dict(options))


def load_task(design: Design) -> Task:
    """The design's task with its data, loaded once per process."""
    load = large_task if is_large(design) else cached_task
    return load(design.task, design.topology, tuple(design.task_options))


def device_of(design: Design) -> torch.device:
    """The device that the design asks for. Raises ValueError, in one sentence, where it is missing."""
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    name = "cuda" if present["cuda"] else "cpu"
    if design.device != "auto":
        name = design.device
    if not present[name]:
        there = ", ".join(["auto", *(known for known, found in present.items() if found)])
        raise ValueError(f"device must be one of {there} on this machine: no {ON_MACHINE[name]} was found.")
    return torch.device(name)


def tensors(batch: Batch, device: torch.device, dtype: torch.dtype = torch.float32) -> TensorBatch:
    """A NumPy batch with its numbers on a device, in `dtype`."""

    def tensor(array: Any, place: torch.device) -> Tensor:
        found = torch.from_numpy(np.ascontiguousarray(array)).to(place)
        return found.to(dtype) if found.is_floating_point() else found

    inputs, targets = tensor(batch.inputs_TBI, device), tensor(batch.targets, device)
    return TensorBatch(inputs, targets, tensor(batch.mask_SB, CPU), tensor(batch.lengths_B, CPU))


def new_pass(
    design: Design,
    weights: Mapping[str, Tensor],
    settings: Settings | None = None,
    generator: torch.Generator | None = None,
    tapes: list[Tape] | None = None,
) -> Pass:
    """A pass through the network; with `settings` and `generator` as in training, else as in use."""
    this = Pass(
        cell=CELLS[design.cell],
        layers=design.layers,
        directions=directions(design),
        weights=weights,
        activation=design.activation,
        attention=design.attention,
        generator=generator,
        tapes=tapes,
    )
    if settings is None:
        return this
    return replace(
        this,
        window=settings.tbptt_window,
        dropout=settings.dropout,
        teacher_forcing=settings.teacher_forcing,
    )


def forward(design: Design, this: Pass, batch: TensorBatch) -> tuple[Tensor, Tensor]:
    """Outputs (S, B, O) and the mean loss where the mask is True."""
    read_TBF = reader(design).read(this.weights, batch.inputs_TBI)
    outputs_SBO = WIRINGS[design.topology].run(this, batch._replace(inputs_TBI=read_TBF))
    loss = LOSSES[load_task(design).loss].measure(outputs_SBO, batch.targets, batch.mask_SB)
    return outputs_SBO, loss
