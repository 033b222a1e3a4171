"""What a task gives to a script: how to draw a batch, and where its data is.

Shapes: T input time steps, S output time steps, B sequences, I input size, O output size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rnnlab.config import Design


@dataclass(frozen=True)
class Data:
    """`draw` is Python source that defines `draw(rng)`, with all that it needs from the task.

    It returns tensors: inputs (T, B, I), or (B, I) where only one is read; targets as the topology
    answers, (S, B) or (S, B, O), without S where there is one answer; then a mask (S, B) where `masked`,
    then lengths (B,) where `uneven` and the mask does not tell them.
    `packed` is source that stands at the end of the script, for data too long to read. `numbers` are
    constants of its own.
    """

    draw: str
    masked: bool = False
    uneven: bool = False
    packed: str = ""
    numbers: tuple[tuple[str, int, str], ...] = ()


def as_long_as(text: int, length: int, chunk: Data, shorter: Data, what: str) -> Data:
    """`chunk`, or `shorter` where a text of so many symbols has no `length` of them and their successor.

    `what` names the symbols in the comment on `span`, which is as many as there are.
    """
    span = text - 1
    if length <= span:
        return chunk
    return replace(shorter, numbers=(("span", span, f"{what}, after which the sequence is empty"),))


Source = Callable[[Design, int], Data]
"""From a design and the length T to its data."""
