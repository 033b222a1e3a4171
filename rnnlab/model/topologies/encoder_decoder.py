"""An encoder reads the input into one context vector; a decoder writes the output from it.

What crosses from one to the other stands in `rnnlab.model.bridge`. The decoder is fed the symbol
before, nothing at first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnlab.model.topologies.topology import Fed, TensorBatch, Wiring

if TYPE_CHECKING:
    from torch import Tensor

    from rnnlab.model.bridge import ReadOut
    from rnnlab.model.feedback import Choose, Starts
    from rnnlab.model.stack import Pass
    from rnnlab.tasks.spec import Batch


def parts(input_size: int, output_size: int) -> dict[str, int]:
    """The encoder reads inputs, the decoder symbols."""
    return {"encoder.": input_size, "decoder.": output_size}


def encode(this: Pass, x_TBI: Tensor, lengths_B: Tensor) -> tuple[Starts, ReadOut]:
    """What the decoder starts from, and how its states are read out."""
    from rnnlab.model.bridge import reader, start_states
    from rnnlab.model.stack import run_stack

    encoded = run_stack(this, "encoder.", x_TBI, lengths_B, carry=True)
    return start_states(this, encoded.last), reader(this, encoded.top_TBD, lengths_B)


def run(this: Pass, batch: TensorBatch) -> Tensor:
    """Outputs (S, B, O), the decoder fed the true symbols, or by scheduled sampling its own."""
    from torch.nn.functional import one_hot

    from rnnlab.model.feedback import shifted, training_symbols
    from rnnlab.model.stack import run_stack

    starts, read = encode(this, batch.inputs_TBI, batch.lengths_B)
    outputs, dtype = this.weights["readout.bias"].shape[0], batch.inputs_TBI.dtype
    first_BO = batch.inputs_TBI.new_zeros(batch.targets.shape[1], outputs)
    symbols_SB = training_symbols(
        this, "decoder.", first_BO, lambda s: one_hot(s, outputs).to(dtype), starts, batch.targets, read
    )
    fed_SBO = shifted(symbols_SB, outputs, dtype)
    return read(this, run_stack(this, "decoder.", fed_SBO, batch.mask_SB.sum(0), starts).top_TBD)


def feed(batch: Batch, outputs: int) -> tuple[Fed, ...]:
    """What each part reads with teacher forcing: the input, and the true symbols one time step later."""
    nothing_1BO = np.zeros((1, batch.targets.shape[1], outputs))
    fed_SBO = np.concatenate([nothing_1BO, np.eye(outputs)[batch.targets[:-1]]])
    return Fed(batch.inputs_TBI, batch.lengths_B), Fed(fed_SBO, batch.mask_SB.sum(axis=0))


def write(this: Pass, x_TBI: Tensor, lengths_B: Tensor, steps: int, choose: Choose) -> tuple[Tensor, Tensor]:
    """Outputs (S, B, O) and symbols (S, B), each symbol chosen from its output and fed back."""
    from torch.nn.functional import one_hot

    from rnnlab.model.feedback import roll

    outputs = this.weights["readout.bias"].shape[0]
    first_BO = x_TBI.new_zeros(x_TBI.shape[1], outputs)
    starts, read = encode(this, x_TBI, lengths_B)
    return roll(
        this,
        "decoder.",
        first_BO,
        lambda s: one_hot(s, outputs).to(x_TBI.dtype),
        starts,
        steps,
        choose,
        read=read,
    )


def free_run(this: Pass, batch: TensorBatch) -> Tensor:
    """Outputs (S, B, O) where the decoder is fed its own most likely symbols."""
    from rnnlab.model.feedback import most_likely

    return write(this, batch.inputs_TBI, batch.lengths_B, len(batch.targets), most_likely)[0]


def generate(this: Pass, prompt_TBI: Tensor, steps: int, choose: Choose) -> Tensor:
    """Symbols (S, B) after a prompt without padding."""
    lengths_B = prompt_TBI.new_full((prompt_TBI.shape[1],), len(prompt_TBI)).long()
    return write(this, prompt_TBI, lengths_B, steps, choose)[1]


WIRING = Wiring(parts, run, free_run, feed, generate)
