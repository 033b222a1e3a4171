"""Floating-point operations of an update, and how many of them this machine can do.

Matrix products only, a multiplication and an addition for each pair of numbers: the rest, gates
and optimiser, is some percent of it. Shapes: T time steps, S of them with an output, B sequences,
I inputs, H hidden size, G = gates x H, D = H times directions, O outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np

from rnnlab.bench.clock import clock_of
from rnnlab.config import Design
from rnnlab.model.cells import CELLS

PEAK_SIZE = 512
"""Rows and columns of the matrices whose product is timed: 3 MB in all, which caches hold."""


def update_flops(design: Design, length: int, inputs: int, outputs: int, output_steps: int) -> int:
    """Operations of forward and backward through one stack of layers and its read-out.

    A layer reads 2TBG(I+H). On the way back it costs the same again for the weights, 2(T-1)BGH
    for the states before, and 2TBGI for the layer below, if there is one. The read-out costs
    2SBDO once forward and twice back.
    """
    batch, hidden = design.batch_size, design.hidden_size
    directions = 2 if design.bidirectional else 1
    rows, width = CELLS[design.cell].blocks * hidden, hidden * directions
    total = 3 * 2 * output_steps * batch * width * outputs
    for layer in range(design.layers):
        columns = width if layer else inputs
        read = 2 * length * batch * rows * (columns + hidden)
        to_states = 2 * (length - 1) * batch * rows * hidden
        below = 2 * length * batch * rows * columns if layer else 0
        total += directions * (2 * read + to_states + below)
    return total


def peak_per_second(device: str, seconds: float) -> float:
    """Operations per second of float32 matrix products, the faster of PyTorch's and NumPy's.

    The median of as many as fit into `seconds`; on a CPU in seconds of processor time.
    """
    import torch

    side = PEAK_SIZE * (1 if device == "cpu" else 8)
    a, b = (torch.rand(side, side, device=device) for _ in range(2))
    speeds = [products_per_second(lambda: torch.mm(a, b), device, seconds)]
    if device == "cpu":
        speeds.append(products_per_second(lambda: np.dot(a.numpy(), b.numpy()), device, seconds))
    return 2 * side**3 * max(speeds)


def products_per_second(product: Callable[[], object], device: str, seconds: float) -> float:
    clock, times = clock_of(device), list[float]()
    product()
    ends = perf_counter() + seconds
    while not times or perf_counter() < ends:
        started = clock()
        product()
        times.append(clock() - started)
    return 1 / median(times)
