"""The whole sequence is read; the output comes from the state after its last valid time step.

Read in both directions, the two last states are joined: the forward one is at the last time
step, the backward one at the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlab.model.topologies.many_to_many import feed, parts
from rnnlab.model.topologies.topology import TensorBatch, Wiring

if TYPE_CHECKING:
    from torch import Tensor

    from rnnlab.model.feedback import Choose
    from rnnlab.model.stack import Pass


def run(this: Pass, batch: TensorBatch) -> Tensor:
    """One output (1, B, O) from the last states."""
    import torch

    from rnnlab.model.stack import read_out, run_stack

    last = run_stack(this, "", batch.inputs_TBI, batch.lengths_B).last
    h_BD = torch.cat([layers[-1][0] for layers in last], dim=1)
    return read_out(this, h_BD[None])


def generate(this: Pass, prompt_TBI: Tensor, steps: int, choose: Choose) -> Tensor:
    """Slide a window over the prompt and what has been written; read it anew for every symbol."""
    import torch
    from torch.nn.functional import one_hot

    length, batch, size = prompt_TBI.shape
    mask_SB = torch.ones(1, batch, dtype=torch.bool)
    lengths_B = torch.full((batch,), length)
    written, window_TBI = [], prompt_TBI
    for _ in range(steps):
        with torch.no_grad():
            outputs_SBO = run(this, TensorBatch(window_TBI, mask_SB, mask_SB, lengths_B))
        written.append(choose(outputs_SBO[0]))
        newest_1BI = one_hot(written[-1], size).to(prompt_TBI.dtype)[None]
        window_TBI = torch.cat([window_TBI[1:], newest_1BI])
    return torch.stack(written)


WIRING = Wiring(parts, run, run, feed, generate)
