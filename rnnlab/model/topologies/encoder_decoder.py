"""An encoder reads the input into one context vector; a decoder writes the output from it.

The context is the encoder's state after its last valid time step, layer by layer (Sutskever,
Vinyals and Le 2014): it becomes the decoder's start state. The decoder is fed the symbol before,
nothing at first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnlab.model.topologies.topology import Fed, TensorBatch, Wiring

if TYPE_CHECKING:
    from torch import Tensor

    from rnnlab.model.feedback import Choose, Starts
    from rnnlab.model.stack import Pass
    from rnnlab.tasks.spec import Batch


def parts(input_size: int, output_size: int) -> dict[str, int]:
    return {"encoder.": input_size, "decoder.": output_size}


def context(this: Pass, x_TBI: Tensor, lengths_B: Tensor) -> Starts:
    from rnnlab.model.stack import run_stack

    return run_stack(this, "encoder.", x_TBI, lengths_B, carry=True).last


def run(this: Pass, batch: TensorBatch) -> Tensor:
    from torch.nn.functional import one_hot

    from rnnlab.model.feedback import shifted, training_symbols
    from rnnlab.model.stack import read_out, run_stack

    starts = context(this, batch.inputs_TBI, batch.lengths_B)
    outputs, dtype = this.weights["readout.bias"].shape[0], batch.inputs_TBI.dtype
    first_BO = batch.inputs_TBI.new_zeros(batch.targets.shape[1], outputs)
    symbols_SB = training_symbols(
        this, "decoder.", first_BO, lambda s: one_hot(s, outputs).to(dtype), starts, batch.targets
    )
    fed_SBO = shifted(symbols_SB, outputs, dtype)
    return read_out(this, run_stack(this, "decoder.", fed_SBO, batch.mask_SB.sum(0), starts).top_TBD)


def feed(batch: Batch, outputs: int) -> tuple[Fed, ...]:
    nothing_1BO = np.zeros((1, batch.targets.shape[1], outputs))
    fed_SBO = np.concatenate([nothing_1BO, np.eye(outputs)[batch.targets[:-1]]])
    return Fed(batch.inputs_TBI, batch.lengths_B), Fed(fed_SBO, batch.mask_SB.sum(axis=0))


def write(this: Pass, x_TBI: Tensor, lengths_B: Tensor, steps: int, choose: Choose) -> tuple[Tensor, Tensor]:
    from torch.nn.functional import one_hot

    from rnnlab.model.feedback import roll

    outputs = this.weights["readout.bias"].shape[0]
    first_BO = x_TBI.new_zeros(x_TBI.shape[1], outputs)
    starts = context(this, x_TBI, lengths_B)
    return roll(
        this, "decoder.", first_BO, lambda s: one_hot(s, outputs).to(x_TBI.dtype), starts, steps, choose
    )


def free_run(this: Pass, batch: TensorBatch) -> Tensor:
    from rnnlab.model.feedback import most_likely

    return write(this, batch.inputs_TBI, batch.lengths_B, len(batch.targets), most_likely)[0]


def generate(this: Pass, prompt_TBI: Tensor, steps: int, choose: Choose) -> Tensor:
    lengths_B = prompt_TBI.new_full((prompt_TBI.shape[1],), len(prompt_TBI)).long()
    return write(this, prompt_TBI, lengths_B, steps, choose)[1]


WIRING = Wiring(parts, run, free_run, feed, generate)
