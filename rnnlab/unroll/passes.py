"""Forward, backward and sum over time steps of a tiny network, stage by stage and line by line.

T time steps, I inputs, H hidden units. Time steps count from 1. Source of the method:
backpropagation through time (Werbos 1990).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnlab.unroll.activations import ACTIVATIONS
from rnnlab.unroll.blocks import Block, blocks, expressions
from rnnlab.unroll.board import Board, at, d
from rnnlab.unroll.cells import TINY_CELLS
from rnnlab.unroll.cells.cell import Back, Moment
from rnnlab.unroll.expression import HALF, Expression, named, total
from rnnlab.unroll.tiny import Tiny

Contributions = dict[str, dict[int, Expression]]
"""For each block of weights, by its key, and each time step: what it adds to the gradient."""


@dataclass(eq=False)
class Work:
    """What the stages hand on to each other."""

    tiny: Tiny
    board: Board
    some: list[Block]
    w: dict[str, Expression]
    moments: dict[int, Moment]
    kept: dict[int, dict[str, Expression]]
    outputs: dict[int, Expression]
    targets: dict[int, Expression]


def begin(tiny: Tiny) -> Work:
    """The first stage: the weights and the start state."""
    board = Board()
    some = blocks(tiny.cell, tiny.hidden_size)
    w = expressions(some, tiny.weights)
    board.turn("start", "Start")
    for block in some:
        board.put(block.key, block.symbol, w[block.key], block.name, f"weight {block.key}")
    for state in TINY_CELLS[tiny.cell].states:
        zero = named(f"{state}_{{0}}", np.zeros(tiny.hidden_size))
        board.put(f"{state}_0", zero.formula, zero, "the start state", f"{state}_0")
    return Work(tiny, board, some, w, {}, {}, {}, {})


def forward(work: Work, t: int) -> None:
    """One time step: states, output, and the loss where there is one."""
    tiny, board = work.tiny, work.board
    cell = TINY_CELLS[tiny.cell]
    board.turn("forward", f"Forward, time step {t}", t)
    x = board.write("x", named(at("x", t), tiny.numbers["x"][t - 1]), "the input", shows="x")
    work.moments[t] = moment = Moment(work.w, x, states_at(work, t - 1), ACTIVATIONS[tiny.activation])
    work.kept[t] = kept = cell.forward(board, moment)
    output = work.w["V"] @ kept["h"] + work.w["k"]
    work.outputs[t] = y = board.write("y", output, "the output", shows="y")
    if t in tiny.loss_times:
        target = tiny.numbers["target"][t - 1]
        work.targets[t] = goal = board.write("y*", named(at("y*", t), target), "the target", shows="y*")
        board.write("L", HALF * (y - goal).squared(), "half the squared error", shows="L")


def states_at(work: Work, t: int) -> dict[str, Expression]:
    names = TINY_CELLS[work.tiny.cell].states
    if t == 0:
        return {name: named(f"{name}_{{0}}", np.zeros(work.tiny.hidden_size)) for name in names}
    return {name: work.kept[t][name] for name in names}


def forward_pass(work: Work) -> float:
    """All time steps and the loss, which is returned."""
    for t in range(1, work.tiny.length + 1):
        forward(work, t)
    return whole_loss(work)


def whole_loss(work: Work) -> float:
    """The stage of the loss: the sum of those of its time steps."""
    losses = {
        line.time_step: line.value for stage in work.board.stages for line in stage.lines if line.key == "L"
    }
    work.board.turn("loss", "Loss")
    terms = total([named(at("L", t), value) for t, value in losses.items()])
    return float(work.board.put("loss", "L", terms, "what training makes small", "loss").value[0, 0])


def backward(work: Work) -> Contributions:
    """The stages of the time steps, last first."""
    parts: Contributions = {block.key: {} for block in work.some}
    back: Back | None = None
    for t in range(work.tiny.length, 0, -1):
        work.board.turn("backward", f"Backward, time step {t}", t)
        back = backward_step(work, t, back, parts)
    return parts


def backward_step(work: Work, t: int, after: Back | None, parts: Contributions) -> Back:
    """The total derivatives of one time step, and what it adds to every weight's gradient."""
    board, moment, kept = work.board, work.moments[t], work.kept[t]
    terms = []
    into_output = None
    if t in work.targets:
        error = work.outputs[t] - work.targets[t]
        into_output = board.put("grad y", d(at("y", t)), error, "the error of the output", "grad y")
        direct = work.w["V"].T @ into_output
        terms.append(board.put("direct", d_part(t, "y"), direct, "directly, through the output", "direct"))
    carried: dict[str, Expression] = {}
    if after:
        for state, expression in after.carried.items():
            note = f"what time step {t + 1} sends back"
            carried[state] = board.put(
                f"carried {state}", d_part(t, str(t + 1), state), expression, note, f"carried {state}"
            )
        terms.append(carried["h"])
    dh = board.write_total("h", total(terms), "in total, along every path")
    back = TINY_CELLS[work.tiny.cell].backward(board, moment, kept, dh, carried)
    contribute(work, t, back, into_output, parts)
    return back


def d_part(t: int, through: str, state: str = "h") -> str:
    """A part of a total derivative: dL/dh_t, by the way it came."""
    way = through if through.isalpha() else f"t={through}"
    return f"{d(at(state, t))}{{}}^{{\\fn{{via {way}}}}}"


def contribute(work: Work, t: int, back: Back, into_output: Expression | None, parts: Contributions) -> None:
    """The lines of what time step t adds to the gradient of each weight."""
    moment = work.moments[t]
    for gate in TINY_CELLS[work.tiny.cell].gates:
        name = f"_{gate}" if gate else ""
        into_input, into_state = back.into_input[gate], back.into_state[gate]
        add(work, parts, t, [f"W{name}"], into_input @ moment.x.T)
        add(work, parts, t, [f"U{name}"], into_state @ moment.before["h"].T)
        if into_input is into_state:
            add(work, parts, t, [f"b{name}", f"b′{name}"], into_input)
        else:
            add(work, parts, t, [f"b{name}"], into_input)
            add(work, parts, t, [f"b′{name}"], into_state)
    if into_output:
        add(work, parts, t, ["V"], into_output @ work.kept[t]["h"].T)
        add(work, parts, t, ["k"], into_output)


def add(work: Work, parts: Contributions, t: int, keys: list[str], right: Expression) -> None:
    """One line, for one block or for two that get the same."""
    symbols = {block.key: block.symbol for block in work.some}
    left = " = ".join(part_of(symbols[key], t) for key in keys)
    work.board.put(f"part {keys[0]}", left, right, "adds to the gradient", *(f"part {key}" for key in keys))
    for key in keys:
        parts[key][t] = named(part_of(symbols[key], t), right.value)


def part_of(symbol: str, t: int | str) -> str:
    """dL/dW^(t): the derivative with respect to the copy of W that time step t uses."""
    return d(f"{{{symbol}}}^{{({t})}}")


def sums(work: Work, parts: Contributions) -> dict[str, Expression]:
    """The stage in which the time steps' contributions add up."""
    work.board.turn("sum", "Sum over time steps")
    found = {}
    for block in work.some:
        terms = [parts[block.key][t] for t in sorted(parts[block.key])]
        added = total(terms)
        if len(terms) > 1:
            added = replace(added, formula=f"Σ_{{t}} {part_of(block.symbol, 't')}")
        note = "one weight, one gradient: all its uses added"
        found[block.key] = work.board.put(
            f"grad {block.key}", d(block.symbol), added, note, f"sum {block.key}"
        )
    return found
