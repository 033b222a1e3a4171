"""The long short-term memory unit, line by line.

i, f, o = σ(W x_t + b + U h_{t-1} + b′)      g = tanh(W x_t + b + U h_{t-1} + b′)
c_t = f ⊙ c_{t-1} + i ⊙ g                    h_t = o ⊙ tanh(c_t)
"""

from __future__ import annotations

from rnnlab.unroll.activations import sigmoid, tanh
from rnnlab.unroll.board import Board
from rnnlab.unroll.cells.cell import Back, Moment, Named, TinyCell, into_gate
from rnnlab.unroll.expression import Expression, one_minus, total

GATES = {"i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate"}


def forward(board: Board, moment: Moment) -> dict[str, Expression]:
    kept = {}
    for gate, name in GATES.items():
        kept[f"a_{gate}"] = a = board.write(f"a_{gate}", into_gate(moment, gate), f"{name}, weighed")
        squash = tanh if gate == "g" else sigmoid
        kept[gate] = board.write(gate, squash(a), name, shows=gate)
    c = kept["f"] * moment.before["c"] + kept["i"] * kept["g"]
    kept["c"] = board.write("c", c, "the new cell state: keep some, add some", shows="c")
    kept["h"] = board.write("h", kept["o"] * tanh(kept["c"]), "the new hidden state", shows="h")
    return kept


def backward(board: Board, moment: Moment, kept: Named, dh: Expression, carried: Named) -> Back:
    i, f, g, o, c = (kept[name] for name in "ifgoc")
    through = [carried["c"]] if "c" in carried else []
    dc = total([*through, dh * o * one_minus(tanh(c).squared())])
    dc = board.write_total("c", dc, "the cell state: from the time step after, and through h")
    delta = {
        "i": board.write_delta("i", dc * g * i * one_minus(i), "through the input gate"),
        "f": board.write_delta("f", dc * moment.before["c"] * f * one_minus(f), "through the forget gate"),
        "g": board.write_delta("g", dc * i * one_minus(g.squared()), "through the candidate"),
        "o": board.write_delta("o", dh * tanh(c) * o * one_minus(o), "through the output gate"),
    }
    back = total([moment.w[f"U_{gate}"].T @ delta[gate] for gate in GATES])
    return Back({"h": back, "c": dc * f}, delta, delta)


CELL = TinyCell(("h", "c"), tuple(GATES), forward, backward)
