"""One output for every input, at the same time step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlab.model.topologies.topology import Fed, TensorBatch, Wiring

if TYPE_CHECKING:
    from torch import Tensor

    from rnnlab.model.feedback import Choose
    from rnnlab.model.stack import Pass
    from rnnlab.tasks.spec import Batch


def parts(input_size: int, output_size: int) -> dict[str, int]:
    """One network reads the inputs."""
    return {"": input_size}


def run(this: Pass, batch: TensorBatch) -> Tensor:
    """Outputs (T, B, O), one for each time step."""
    from rnnlab.model.stack import read_out, run_stack

    return read_out(this, run_stack(this, "", batch.inputs_TBI, batch.lengths_B).top_TBD)


def feed(batch: Batch, outputs: int) -> tuple[Fed, ...]:
    """The inputs as they are."""
    return (Fed(batch.inputs_TBI, batch.lengths_B),)


def generate(this: Pass, prompt_TBI: Tensor, steps: int, choose: Choose) -> Tensor:
    """Read the prompt, then feed each output back: inputs and outputs share one alphabet."""
    from torch.nn.functional import one_hot

    from rnnlab.model.feedback import roll
    from rnnlab.model.stack import run_stack

    length, batch, size = prompt_TBI.shape
    lengths_B = prompt_TBI.new_full((batch,), length - 1).long()
    starts = run_stack(this, "", prompt_TBI[:-1], lengths_B, carry=True).last if length > 1 else None
    return roll(
        this, "", prompt_TBI[-1], lambda s: one_hot(s, size).to(prompt_TBI.dtype), starts, steps, choose
    )[1]


WIRING = Wiring(parts, run, run, feed, generate)
