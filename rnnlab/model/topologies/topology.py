"""What every topology is: the stacks it is made of, and how a batch flows through them.

Shapes: T input time steps, S output time steps, B sequences, I input size, O output size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from rnnlab.model.feedback import Choose
    from rnnlab.model.stack import Pass
    from rnnlab.tasks.spec import Batch


class TensorBatch(NamedTuple):
    """`rnnlab.tasks.spec.Batch` as tensors: inputs and targets on a device, mask and lengths on the CPU.

    They say what is to be computed, and a GPU should not be waited for to hear it.
    """

    inputs_TBI: Tensor
    targets: Tensor
    mask_SB: Tensor
    lengths_B: Tensor


class Fed(NamedTuple):
    """What a stack reads, in NumPy: inputs (T, B, I) and each sequence's number of time steps (B,)."""

    x_TBI: NDArray[Any]
    lengths_B: NDArray[Any]


@dataclass(frozen=True)
class Wiring:
    """How a topology is computed.

    `parts(I, O)` names its stacks by weight prefix, with their input sizes.
    `run(this, batch)` gives outputs (S, B, O) in training; differentiable.
    `free_run(this, batch)` gives outputs with the network's own symbols fed back, where it
    generates; for the others it is `run`.
    `feed(batch, O)` gives in NumPy what each stack reads under teacher forcing, in the order of
    `parts`; a later stack starts from the last states of the one before.
    `generate(this, prompt_TBI, steps, choose)` continues a prompt and gives symbols (steps, B).
    """

    parts: Callable[[int, int], dict[str, int]]
    run: Callable[[Pass, TensorBatch], Tensor]
    free_run: Callable[[Pass, TensorBatch], Tensor]
    feed: Callable[[Batch, int], tuple[Fed, ...]]
    generate: Callable[[Pass, Tensor, int, Choose], Tensor]
