"""Inputs that are images, as a frame carries them: sixteen shades, two pixels in a byte.

`images:inputs` holds one small image for each input time step of the drawn sequence, `images:rows` one for
each row of the table of predictions. N images of H x W pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.spec import Batch, Pictured, Task

SHADES = 16


def packed(images_NHW: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels from 0 to 255 in shades from 0 to 15, the earlier pixel in the upper half of a byte."""
    shades = np.round(images_NHW.reshape(-1) * ((SHADES - 1) / 255)).astype(np.uint8)
    shades = np.append(shades, np.zeros(shades.size % 2, np.uint8))
    return np.asarray(shades[::2] << 4 | shades[1::2])


def thumbnails(
    task: Task, batch: Batch, shown: int, rows: int, stride: int
) -> tuple[dict[str, Any], dict[str, NDArray[np.uint8]]]:
    """Sizes [N, H, W] for the header, and the pixels; nothing for a task whose inputs are no images."""
    if not isinstance(task, Pictured):
        return {}, {}
    found = {
        "inputs": task.images(batch, shown)[::stride],
        "rows": np.stack([task.thumbnail(batch, row) for row in range(rows)]),
    }
    sizes = {name: list(images.shape) for name, images in found.items()}
    return sizes, {f"images:{name}": packed(images) for name, images in found.items()}
