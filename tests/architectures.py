"""Every cell x topology x {1, 2 layers} x {one, two directions where allowed}, small."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.config import Design, why_not_bidirectional
from rnnlab.model.cells import CELLS
from rnnlab.model.topologies import WIRINGS, TensorBatch
from rnnlab.model.weights import initial_weights

INPUTS, OUTPUTS, HIDDEN = 3, 4, 5
TASK_OF = {
    "one-to-one": "digits",
    "one-to-many": "surname",
    "many-to-one": "temporal-order",
    "many-to-many": "copy",
    "encoder-decoder": "dates",
}
SHORT = {"digits": 1, "surname": 4, "temporal-order": 10, "copy": 21, "dates": 13, "adding": 10}


LOOKING_BACK = [
    {"task": "dates", "cell": cell, "layers": layers, "attention": attention, "context_size": size}
    for cell, layers, attention, size in (
        ("rnn", 1, "dot", 0),
        ("rnn", 2, "additive", 3),
        ("lstm", 1, "additive", 0),
        ("lstm", 2, "dot", 3),
        ("gru", 1, "none", 3),
        ("gru", 2, "additive", 0),
    )
]
"""Encoder-decoders with attention, or a context of its own size, or both."""


def all_designs(**fields: Any) -> list[Design]:
    found: list[dict[str, Any]] = []
    more = {"hidden_size": HIDDEN, "batch_size": 3, "activation": "tanh", **fields}
    for topology in WIRINGS:
        task = TASK_OF[topology]
        for cell in CELLS:
            for layers in (1, 2):
                for both in (False, True)[: 1 if why_not_bidirectional(task, topology) else 2]:
                    about = {"task": task, "topology": topology, "cell": cell, "layers": layers}
                    found.append({**about, "bidirectional": both})
    return [Design(**{**about, **more}) for about in [*found, *LOOKING_BACK]]


def name_of(design: Design) -> str:
    directions = "two directions" if design.bidirectional else "one direction"
    crossing = f" {design.attention}" * (design.attention != "none")
    crossing += f" context {design.context_size}" * (design.context_size > 0)
    return f"{design.cell} {design.topology} {design.layers} layers {directions}{crossing}"


every_architecture = pytest.mark.parametrize("design", all_designs(), ids=name_of)
every_recurrent_architecture = pytest.mark.parametrize(
    "design", [design for design in all_designs() if design.topology != "one-to-one"], ids=name_of
)


def small_weights(
    design: Design, inputs: int = INPUTS, outputs: int = OUTPUTS, gain: float = 1.0
) -> dict[str, torch.Tensor]:
    """Fresh float64 leaves for a small alphabet."""
    drawn = initial_weights(design, inputs, outputs)
    return {
        name: torch.tensor(array * gain, dtype=torch.float64, requires_grad=True)
        for name, array in drawn.items()
    }


def small_batch(topology: str, lengths: list[int], steps: list[int], seed: int = 0) -> TensorBatch:
    """Random inputs and class targets; sequence b has `lengths[b]` inputs, and `steps[b]` outputs where
    the topology's outputs have a length of their own."""
    rng = np.random.default_rng(seed)
    lengths = {"one-to-one": [1] * len(lengths), "one-to-many": [1] * len(lengths)}.get(topology, lengths)
    written = {
        "one-to-one": [1] * len(lengths),
        "many-to-one": [1] * len(lengths),
        "many-to-many": lengths,
    }.get(topology, steps)
    inputs = rng.standard_normal((max(lengths), len(lengths), INPUTS))
    targets = rng.integers(0, OUTPUTS, (max(written), len(lengths)))
    inputs *= np.arange(max(lengths))[:, None, None] < np.array(lengths)[None, :, None]
    mask = np.arange(max(written))[:, None] < np.array(written)
    return TensorBatch(torch.tensor(inputs), torch.tensor(targets), torch.tensor(mask), torch.tensor(lengths))
