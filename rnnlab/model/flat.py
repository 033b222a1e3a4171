"""All parameters of a network in one flat tensor, with a view for each: one norm, one clip, one step."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float32]


class FlatParameters:
    """`values` and `gradient` are flat; `views` are the named leaves whose gradients fill `gradient`."""

    def __init__(
        self, weights: Mapping[str, Array], device: torch.device, dtype: torch.dtype = torch.float32
    ):
        self.shapes = {name: array.shape for name, array in weights.items()}
        flat = np.concatenate([array.ravel() for array in weights.values()])
        self.values = torch.from_numpy(flat).to(device, dtype)
        self.gradient = torch.zeros_like(self.values)
        self.views = self._views()

    def _views(self) -> dict[str, Tensor]:
        views, start = {}, 0
        for name, shape in self.shapes.items():
            stop = start + prod(shape)
            view = self.values[start:stop].view(shape).detach().requires_grad_()
            view.grad = self.gradient[start:stop].view(shape)
            views[name] = view
            start = stop
        return views

    def clear_gradient(self) -> None:
        """All zeros again, in place: the views' gradients lie in it."""
        self.gradient.zero_()

    def fill(self, weights: Mapping[str, Array]) -> None:
        """Take on the values of a run's weights, in the order of the views."""
        flat = np.concatenate([weights[name].ravel() for name in self.shapes])
        self.values.copy_(torch.from_numpy(flat))

    def restore(self, values: Tensor) -> None:
        """Take on flat values, as they were before an update."""
        self.values.copy_(values)

    def arrays(self) -> dict[str, Array]:
        """A copy of every parameter by name."""
        flat, arrays, start = self.values.cpu().numpy(), {}, 0
        for name, shape in self.shapes.items():
            stop = start + prod(shape)
            arrays[name] = flat[start:stop].reshape(shape).copy()
            start = stop
        return arrays
