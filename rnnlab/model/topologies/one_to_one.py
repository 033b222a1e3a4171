"""One input, one output. The cell is applied once, to a zero state: nothing flows through time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlab.model.topologies.many_to_many import feed, generate, parts, run
from rnnlab.model.topologies.topology import TensorBatch, Wiring

if TYPE_CHECKING:
    from torch import Tensor

    from rnnlab.model.stack import Pass


def run_once(this: Pass, batch: TensorBatch) -> Tensor:
    """One output (1, B, O). Raises ValueError for more time steps than one."""
    if len(batch.inputs_TBI) != 1:
        raise ValueError(f"one-to-one takes 1 time step, not {len(batch.inputs_TBI)}.")
    return run(this, batch)


WIRING = Wiring(parts, run_once, run_once, feed, generate)
