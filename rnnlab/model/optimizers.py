"""Optimisers: link name to PyTorch's rule, and their memory as arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim import SGD, Adam, Optimizer, RMSprop

from rnnlab.config import Design, Settings
from rnnlab.model.flat import FlatParameters

OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": lambda parameters, **options: SGD(parameters, momentum=0.9, **options),
    "rmsprop": RMSprop,
    "adam": lambda parameters, **options: Adam(parameters, fused=True, **options),
}


def new_optimizer(
    design: Design, settings: Settings, parameters: FlatParameters, memory: Mapping[str, NDArray[Any]]
) -> Optimizer:
    """The design's optimiser over the flat parameters, remembering what `memory` holds."""
    rule = OPTIMIZERS[design.optimizer]
    optimizer = rule([parameters.values], lr=settings.learning_rate, weight_decay=settings.weight_decay)
    for slot, array in memory.items():
        device = parameters.values.device if array.ndim else torch.device("cpu")
        optimizer.state[parameters.values][slot] = torch.tensor(array, device=device)
    return optimizer


def optimizer_arrays(optimizer: Optimizer) -> dict[str, NDArray[Any]]:
    """The optimiser's memory by slot: flat arrays and counters."""
    (memory,) = optimizer.state.values() or ({},)
    return {slot: np.array(value.cpu().numpy()) for slot, value in memory.items() if torch.is_tensor(value)}
