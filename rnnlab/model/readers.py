"""How what enters is read before the lowest recurrent layer: as it is, or each image by a small convolution.

A task names its reader (`TaskSpec.reader`). What a reader makes of an input is what the recurrent network
reads at that time step: one and the same for all time steps, and trained with the rest.
T time steps, B sequences, I numbers that enter, F features, N images, P places in one, C channels, K pixels
under the filter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[Any]
Arrays = Mapping[str, Array]

CHANNELS, WIDTH, STRIDE, PADDING = 8, 6, 3, 1
"""Filters, pixels of a filter's side, and from one place to the next; empty pixels around the image."""


@dataclass(frozen=True)
class Reader:
    """How inputs (T, B, I) become features (T, B, F).

    `features(I)` is F. `shapes` names the weights, in the order in which they are drawn; `fan_in` is how many
    numbers one feature is made of. `read` is differentiable; `plain` does the same in NumPy, and
    `pull_back(weights, inputs, gradient)` takes a gradient by the features back to the inputs.
    `words` say it in a drawing; empty where nothing is done.
    """

    features: Callable[[int], int]
    read: Callable[[Mapping[str, Tensor], Tensor], Tensor]
    plain: Callable[[Arrays, Array], Array]
    pull_back: Callable[[Arrays, Array, Array], Array]
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    fan_in: int = 0
    words: str = ""


def places(pixels: int) -> int:
    """How many places of a side the filter has in a square image of so many pixels."""
    return (isqrt(pixels) + 2 * PADDING - WIDTH) // STRIDE + 1


def convolved(weights: Mapping[str, Tensor], x_TBI: Tensor) -> Tensor:
    """max(0, W * x + b) at every place of each image, channel by channel."""
    from torch.nn.functional import conv2d, relu

    steps, batch, pixels = x_TBI.shape
    images = x_TBI.reshape(steps * batch, 1, isqrt(pixels), isqrt(pixels))
    maps = conv2d(images, weights["reader.weight"], weights["reader.bias"], STRIDE, PADDING)
    return relu(maps).reshape(steps, batch, -1)


def patches(x_TBI: Array) -> Array:
    """What the filter sees at each place of each image (N, P, K)."""
    pixels = x_TBI.shape[-1]
    images = x_TBI.reshape(-1, isqrt(pixels), isqrt(pixels))
    framed = np.pad(images, ((0, 0), (PADDING, PADDING), (PADDING, PADDING)))
    windows = np.lib.stride_tricks.sliding_window_view(framed, (WIDTH, WIDTH), axis=(1, 2))
    return windows[:, ::STRIDE, ::STRIDE].reshape(len(images), -1, WIDTH * WIDTH)


def before_cutting(weights: Arrays, x_TBI: Array) -> Array:
    """W * x + b (N, P, C)."""
    return np.asarray(
        patches(x_TBI) @ weights["reader.weight"].reshape(CHANNELS, -1).T + weights["reader.bias"]
    )


def plainly_convolved(weights: Arrays, x_TBI: Array) -> Array:
    """max(0, W * x + b) in NumPy (T, B, F)."""
    maps_NPC = before_cutting(weights, x_TBI)
    return np.where(maps_NPC > 0, maps_NPC, 0).swapaxes(1, 2).reshape(*x_TBI.shape[:2], -1)


def pulled_back(weights: Arrays, x_TBI: Array, gradient_TBF: Array) -> Array:
    """dL/dx (T, B, I) from dL/dfeatures: what each place asks of its pixels, added up where they overlap."""
    steps, batch, pixels = x_TBI.shape
    side, number = isqrt(pixels), places(pixels)
    by_map_NPC = gradient_TBF.reshape(steps * batch, CHANNELS, -1).swapaxes(1, 2)
    by_map_NPC = by_map_NPC * (before_cutting(weights, x_TBI) > 0)
    asked_NPK = by_map_NPC @ weights["reader.weight"].reshape(CHANNELS, -1)
    framed = np.zeros((steps * batch, side + 2 * PADDING, side + 2 * PADDING))
    for place, (row, column) in enumerate(np.ndindex(number, number)):
        top, left = row * STRIDE, column * STRIDE
        framed[:, top : top + WIDTH, left : left + WIDTH] += asked_NPK[:, place].reshape(-1, WIDTH, WIDTH)
    inside = slice(PADDING, PADDING + side)
    return framed[:, inside, inside].reshape(x_TBI.shape)


READERS: dict[str, Reader] = {
    "": Reader(
        features=lambda pixels: pixels,
        read=lambda weights, x_TBI: x_TBI,
        plain=lambda weights, x_TBI: x_TBI,
        pull_back=lambda weights, x_TBI, gradient_TBF: gradient_TBF,
    ),
    "conv": Reader(
        features=lambda pixels: CHANNELS * places(pixels) ** 2,
        read=convolved,
        plain=plainly_convolved,
        pull_back=pulled_back,
        shapes={"reader.weight": (CHANNELS, 1, WIDTH, WIDTH), "reader.bias": (CHANNELS,)},
        fan_in=WIDTH * WIDTH,
        words="convolution",
    ),
}
"""By the name that a task gives: nothing between input and network, or a convolution over square images."""
