"""The vanilla (Elman) recurrent unit, line by line: h_t = f(W x_t + b + U h_{t-1} + b′)."""

from __future__ import annotations

from rnnlab.unroll.board import Board
from rnnlab.unroll.cells.cell import Back, Moment, Named, TinyCell, into_gate
from rnnlab.unroll.expression import Expression


def forward(board: Board, moment: Moment) -> dict[str, Expression]:
    f = moment.activation
    a = board.write("a", into_gate(moment), "input and state, weighed")
    h = board.write("h", f.apply(a), "the new hidden state", shows="h")
    return {"a": a, "h": h}


def backward(board: Board, moment: Moment, kept: Named, dh: Expression, _: Named) -> Back:
    slope = moment.activation.slope(kept["h"])
    delta = board.write_delta("", dh * slope, f"through {moment.activation.name}")
    return Back({"h": moment.w["U"].T @ delta}, {"": delta}, {"": delta})


CELL = TinyCell(("h",), ("",), forward, backward)
