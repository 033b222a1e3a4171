"""The weights under the symbols of the blackboard: one block for each gate.

PyTorch stacks the gates' rows in one tensor; here W_i, W_f, ... stand by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from rnnlab.unroll.cells import TINY_CELLS
from rnnlab.unroll.expression import Expression, Matrix, named

LETTERS = {"weight_ih": "W", "weight_hh": "U", "bias_ih": "b", "bias_hh": "b′"}
READ_OUT = {"readout.weight": "V", "readout.bias": "k"}


class Block(NamedTuple):
    """`rows` of the tensor `name`; `key` is its symbol without braces, such as W_i."""

    key: str
    name: str
    rows: slice

    @property
    def symbol(self) -> str:
        letter, _, gate = self.key.partition("_")
        return f"{letter}_{{{gate}}}" if gate else letter


def blocks(cell: str, hidden_size: int) -> list[Block]:
    """All of the cell's blocks, gate by gate inside each tensor, then the read-out's."""
    found = []
    for name, letter in LETTERS.items():
        for place, gate in enumerate(TINY_CELLS[cell].gates):
            rows = slice(place * hidden_size, (place + 1) * hidden_size)
            found.append(Block(f"{letter}_{gate}" if gate else letter, name, rows))
    return found + [Block(letter, name, slice(None)) for name, letter in READ_OUT.items()]


def expressions(some: list[Block], numbers: Mapping[str, Matrix]) -> dict[str, Expression]:
    """Each block as a symbol with its value, by key."""
    return {block.key: named(block.symbol, numbers[block.name][block.rows]) for block in some}


def stacked(some: list[Block], found: Mapping[str, Expression], name: str, like: Matrix) -> Matrix:
    """The blocks of one tensor under each other again, in its own shape."""
    rows = [found[block.key].value for block in some if block.name == name]
    return np.concatenate(rows).reshape(like.shape)
