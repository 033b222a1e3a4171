"""The few operations that a cell's loop through time is made of, in NumPy and in PyTorch.

Both libraries call them the same, so a cell's rule is written once. On a CPU NumPy runs it, on the
tensors' own memory: a call costs it a third, and its tanh, which uses the processor's vector
units, a sixth. On other devices PyTorch does. Every operation writes into what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

Array = Any
"""A NumPy array or a tensor: a cell's loop does not ask which."""


class Operations(NamedTuple):
    """`dot(w, x, out=)` is the product of two matrices; `relu(x)` works in place; `array` is the
    library's own view of a tensor and `steps` its views of the tensor's time steps."""

    dot: Callable[..., Array]
    add: Callable[..., Array]
    subtract: Callable[..., Array]
    multiply: Callable[..., Array]
    tanh: Callable[..., Array]
    relu: Callable[[Array], Array]
    array: Callable[[Tensor], Array]
    steps: Callable[[Tensor], Sequence[Array]]


NUMPY = Operations(
    dot=np.dot,
    add=np.add,
    subtract=np.subtract,
    multiply=np.multiply,
    tanh=np.tanh,
    relu=lambda x: np.maximum(x, 0, out=x),
    array=lambda tensor: tensor.numpy(),
    steps=lambda tensor: list(tensor.numpy()),
)


@cache
def in_torch() -> Operations:
    import torch

    return Operations(
        dot=torch.mm,
        add=torch.add,
        subtract=torch.subtract,
        multiply=torch.multiply,
        tanh=torch.tanh,
        relu=lambda x: x.relu_(),
        array=lambda tensor: tensor,
        steps=lambda tensor: tensor.unbind(0),
    )


def operations(tensor: Tensor) -> Operations:
    """The faster library for the device that `tensor` is on."""
    return NUMPY if tensor.device.type == "cpu" else in_torch()
