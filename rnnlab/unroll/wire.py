"""What the page's component gets: the whole computation once, as plain values for JSON.

Every matrix stands once in `arrays`; lines refer to it by its place. JSON knows no NaN and no
infinity: they travel as words.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlab.unroll.blocks import Block, blocks
from rnnlab.unroll.board import Line, Stage
from rnnlab.unroll.cells import TINY_CELLS
from rnnlab.unroll.computation import Computed
from rnnlab.unroll.expression import Matrix
from rnnlab.unroll.tiny import Tiny


class Table:
    """Matrices by their content, each once."""

    def __init__(self) -> None:
        self.arrays: list[list[list[float | str]]] = []
        self.places: dict[tuple[Any, ...], int] = {}

    def place(self, matrix: Matrix) -> int:
        content = (matrix.shape, np.ascontiguousarray(matrix).tobytes())
        if content not in self.places:
            self.places[content] = len(self.arrays)
            self.arrays.append([[plain(number) for number in row] for row in matrix.tolist()])
        return self.places[content]


def plain(number: float) -> float | str:
    """The number, or its name where JSON has none."""
    if np.isfinite(number):
        return number
    return "NaN" if np.isnan(number) else "∞" if number > 0 else "−∞"


def packed(line: Line, table: Table) -> dict[str, Any]:
    return {
        "key": line.key,
        "t": line.time_step,
        "symbol": line.symbol,
        "formula": line.formula,
        "numbers": [token if isinstance(token, str) else table.place(token) for token in line.numbers],
        "value": table.place(line.value),
        "note": line.note,
        "shows": list(line.shows),
    }


def packed_stage(stage: Stage, table: Table) -> dict[str, Any]:
    return {
        "kind": stage.kind,
        "title": stage.title,
        "t": stage.time_step,
        "lines": [packed(line, table) for line in stage.lines],
    }


def packed_block(block: Block, tiny: Tiny, table: Table) -> dict[str, Any]:
    return {
        "key": block.key,
        "symbol": block.symbol,
        "name": block.name,
        "row": block.rows.start or 0,
        "value": table.place(rows_of(tiny.numbers[block.name], block.rows)),
    }


def payload(computed: Computed, losses: list[float]) -> dict[str, Any]:
    """`losses`: those of the networks so far, this one's last."""
    tiny, table = computed.tiny, Table()
    stages = [packed_stage(stage, table) for stage in computed.stages]
    return {
        "hidden_size": tiny.hidden_size,
        "length": tiny.length,
        "states": list(TINY_CELLS[tiny.cell].states),
        "gates": [gate for gate in TINY_CELLS[tiny.cell].gates if gate],
        "loss_times": tiny.loss_times,
        "blocks": [packed_block(block, tiny, table) for block in blocks(tiny.cell, tiny.hidden_size)],
        "x": table.place(tiny.numbers["x"]),
        "target": table.place(tiny.numbers["target"].reshape(-1, 1)),
        "parameters": sum(array.size for array in tiny.weights.values()),
        "losses": [plain(loss) for loss in losses],
        "stages": stages,
        "arrays": table.arrays,
    }


def rows_of(array: Matrix, rows: slice) -> Matrix:
    part = array[rows]
    return part if part.ndim == 2 else part.reshape(-1, 1)
