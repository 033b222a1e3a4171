"""The gated recurrent unit in PyTorch's form, line by line: reset after the product, z = 1 keeps.

r, z = σ(W x_t + b + U h_{t-1} + b′)         q = U h_{t-1} + b′
n = tanh(W x_t + b + r ⊙ q)                  h_t = (1 - z) ⊙ n + z ⊙ h_{t-1}
"""

from __future__ import annotations

from rnnlab.unroll.activations import sigmoid, tanh
from rnnlab.unroll.board import Board
from rnnlab.unroll.cells.cell import Back, Moment, Named, TinyCell, into_gate
from rnnlab.unroll.expression import Expression, one_minus, total

GATES = {"r": "reset gate", "z": "update gate (1 keeps)"}


def forward(board: Board, moment: Moment) -> dict[str, Expression]:
    w, h = moment.w, moment.before["h"]
    kept = {}
    for gate, name in GATES.items():
        kept[f"a_{gate}"] = board.write(f"a_{gate}", into_gate(moment, gate), f"{name}, weighed")
        kept[gate] = board.write(gate, sigmoid(kept[f"a_{gate}"]), name, shows=gate)
    kept["q"] = board.write("q", w["U_n"] @ h + w["b′_n"], "what the candidate would read of the state")
    a = w["W_n"] @ moment.x + w["b_n"] + kept["r"] * kept["q"]
    kept["a_n"] = board.write("a_n", a, "candidate, weighed: the reset gate lets the state in")
    kept["n"] = board.write("n", tanh(kept["a_n"]), "candidate", shows="n")
    new = one_minus(kept["z"]) * kept["n"] + kept["z"] * h
    kept["h"] = board.write("h", new, "the new hidden state: part candidate, part old", shows="h")
    return kept


def backward(board: Board, moment: Moment, kept: Named, dh: Expression, _: Named) -> Back:
    r, z, n, q = (kept[name] for name in "rznq")
    delta_n = board.write_delta("n", dh * one_minus(z) * one_minus(n.squared()), "through the candidate")
    delta_z = board.write_delta(
        "z", dh * (moment.before["h"] - n) * z * one_minus(z), "through the update gate"
    )
    delta_q = board.write_delta("q", delta_n * r, "what the reset gate lets back to U and b′")
    delta_r = board.write_delta("r", delta_n * q * r * one_minus(r), "through the reset gate")
    into_state = {"r": delta_r, "z": delta_z, "n": delta_q}
    back = total([dh * z, *(moment.w[f"U_{gate}"].T @ delta for gate, delta in into_state.items())])
    return Back({"h": back}, {"r": delta_r, "z": delta_z, "n": delta_n}, into_state)


CELL = TinyCell(("h",), ("r", "z", "n"), forward, backward)
