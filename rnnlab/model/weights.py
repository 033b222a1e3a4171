"""The weights of a network: PyTorch's names and shapes, and how they start.

Everything is drawn with NumPy from the design's seed. Where nothing else is asked for, the
distribution is PyTorch's: U(-1/sqrt(H), 1/sqrt(H)), for a linear map by its number of inputs.
G rows of a layer's weights, H hidden size, I input size, O output size, D = H times directions.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Design
from rnnlab.model import bridge
from rnnlab.model.attention import ATTENTIONS
from rnnlab.model.cells import CELLS
from rnnlab.model.readers import READERS, Reader
from rnnlab.model.topologies import WIRINGS
from rnnlab.tasks import TASKS

Array = NDArray[np.float32]
Weights = dict[str, Array]
Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]


def directions(design: Design) -> int:
    """In how many directions a layer reads."""
    return 2 if design.bidirectional else 1


def reader(design: Design) -> Reader:
    """What stands between an input and the lowest layer."""
    return READERS[TASKS[design.task].reader]


def shapes(design: Design, input_size: int, output_size: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter, in the order in which they are drawn.

    `input_size` is how many numbers the lowest layer reads: what a reader makes of an input.
    """
    hidden = design.hidden_size
    found: dict[str, tuple[int, ...]] = dict(reader(design).shapes)
    rows = CELLS[design.cell].blocks * hidden
    for part, part_inputs in WIRINGS[design.topology].parts(input_size, output_size).items():
        for layer in range(design.layers):
            columns = part_inputs if layer == 0 else hidden * directions(design)
            for direction in ("", "_reverse")[: directions(design)]:
                end = f"_l{layer}{direction}"
                found[f"{part}weight_ih{end}"] = (rows, columns)
                found[f"{part}weight_hh{end}"] = (rows, hidden)
                found[f"{part}bias_ih{end}"] = (rows,)
                found[f"{part}bias_hh{end}"] = (rows,)
    read = 2 if ATTENTIONS[design.attention] else 1
    return {
        **found,
        "readout.weight": (output_size, read * hidden * directions(design)),
        "readout.bias": (output_size,),
        **bridge.shapes(design),
    }


def orthogonal(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """A rotation, uniform over all of them: Q of a Gaussian matrix, signs fixed by R (Mezzadri 2007)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return np.asarray(q * np.sign(np.diag(r)))


RECURRENT: dict[str, Draw] = {
    "uniform": lambda rng, size: rng.uniform(-1, 1, (size, size)) / np.sqrt(size),
    "orthogonal": orthogonal,
    "identity": lambda rng, size: np.eye(size),
    "normal": lambda rng, size: rng.standard_normal((size, size)) / np.sqrt(size),
}


def initial_weights(design: Design, input_size: int, output_size: int) -> Weights:
    """Fresh weights, float32, a pure function of the design and the task's sizes."""
    rng = np.random.default_rng([design.seed, 1])
    hidden, cell = design.hidden_size, CELLS[design.cell]
    weights: Weights = {}
    wanted = shapes(design, reader(design).features(input_size), output_size)
    for name, shape in wanted.items():
        bound = 1 / np.sqrt(columns_of(name, wanted) or hidden)
        if name in reader(design).shapes:
            bound = 1 / np.sqrt(reader(design).fan_in)
        drawn = rng.uniform(-bound, bound, shape)
        if "weight_hh" in name:
            draw = RECURRENT[design.recurrent_init]
            blocks = [draw(rng, hidden) for _ in range(cell.blocks)]
            drawn = np.concatenate(blocks) * design.recurrent_gain
        weights[name] = np.ascontiguousarray(drawn, np.float32)
    return set_forget_bias(design, weights)


def columns_of(name: str, wanted: dict[str, tuple[int, ...]]) -> int:
    """How many numbers a linear map takes, for its weight and its bias; 0 for a recurrent layer's."""
    module, _, kind = name.rpartition(".")
    return wanted[f"{module}.weight"][1] if kind in ("weight", "bias") else 0


def set_forget_bias(design: Design, weights: Weights) -> Weights:
    """PyTorch's LSTM adds two biases: the first becomes the forget bias, the second zero."""
    if "f" not in CELLS[design.cell].gates:
        return weights
    rows = slice(design.hidden_size, 2 * design.hidden_size)
    for name, array in weights.items():
        if "bias_ih" in name:
            array[rows] = design.forget_bias
        elif "bias_hh" in name:
            array[rows] = 0
    return weights
