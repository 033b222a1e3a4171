"""One input starts the state; from the second time step on, the previous output is the input.

The input vector has a place for both: [x ; y_{t-1}] of size I + O, with y_0 = 0 and x = 0
after the first time step. So the network has to carry x in its state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from rnnlab.model.topologies.topology import Fed, TensorBatch, Wiring

if TYPE_CHECKING:
    from torch import Tensor

    from rnnlab.model.feedback import Choose
    from rnnlab.model.stack import Pass
    from rnnlab.tasks.spec import Batch


def parts(input_size: int, output_size: int) -> dict[str, int]:
    """One network reads the input, and its own outputs."""
    return {"": input_size + output_size}


def first_input(this: Pass, x_BI: Tensor) -> Tensor:
    """[x ; 0]"""
    import torch

    outputs = this.weights["readout.bias"].shape[0]
    return torch.cat([x_BI, x_BI.new_zeros(len(x_BI), outputs)], dim=1)


def later_input(this: Pass, x_BI: Tensor) -> Callable[[Tensor], Tensor]:
    """Symbols (B,) -> [0 ; one-hot symbol]"""
    import torch
    from torch.nn.functional import one_hot

    outputs = this.weights["readout.bias"].shape[0]
    nothing_BI = torch.zeros_like(x_BI)
    return lambda symbols_B: torch.cat([nothing_BI, one_hot(symbols_B, outputs).to(x_BI.dtype)], dim=1)


def run(this: Pass, batch: TensorBatch) -> Tensor:
    """Outputs (S, B, O), fed the true symbols, or by scheduled sampling its own."""
    import torch

    from rnnlab.model.feedback import shifted, training_symbols
    from rnnlab.model.stack import read_out, run_stack

    x_BI = batch.inputs_TBI[0]
    first_BI, later = first_input(this, x_BI), later_input(this, x_BI)
    symbols_SB = training_symbols(this, "", first_BI, later, None, batch.targets)
    fed_SBO = shifted(symbols_SB, this.weights["readout.bias"].shape[0], x_BI.dtype)
    x_SBI = torch.cat([x_BI[None], x_BI.new_zeros(len(fed_SBO) - 1, *x_BI.shape)])
    lengths_B = batch.mask_SB.sum(0)
    return read_out(this, run_stack(this, "", torch.cat([x_SBI, fed_SBO], dim=2), lengths_B).top_TBD)


def feed(batch: Batch, outputs: int) -> tuple[Fed, ...]:
    """What is read with teacher forcing: [x ; 0], then [0 ; the true symbol before]."""
    x_BI, symbols_SB = np.asarray(batch.inputs_TBI[0], np.float64), batch.targets[:-1]
    first = np.concatenate([x_BI, np.zeros((len(x_BI), outputs))], axis=1)
    later = np.concatenate(
        [np.zeros((*symbols_SB.shape, x_BI.shape[1])), np.eye(outputs)[symbols_SB]], axis=2
    )
    return (Fed(np.concatenate([first[None], later]), batch.mask_SB.sum(axis=0)),)


def free_run(this: Pass, batch: TensorBatch) -> Tensor:
    """Outputs (S, B, O) where the most likely symbols are fed back."""
    from rnnlab.model.feedback import most_likely, roll

    x_BI = batch.inputs_TBI[0]
    first_BI, later = first_input(this, x_BI), later_input(this, x_BI)
    return roll(this, "", first_BI, later, None, len(batch.targets), most_likely)[0]


def generate(this: Pass, prompt_TBI: Tensor, steps: int, choose: Choose) -> Tensor:
    """Symbols (S, B), each chosen from its output and fed back."""
    from rnnlab.model.feedback import roll

    x_BI = prompt_TBI[0]
    return roll(this, "", first_input(this, x_BI), later_input(this, x_BI), None, steps, choose)[1]


WIRING = Wiring(parts, run, free_run, feed, generate)
