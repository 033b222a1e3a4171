"""What a cell is on the Unroll page: its rule and its derivative, written line by line.

The equations are those of rnnlab.model.cells, in PyTorch's order of gates and with both biases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rnnlab.unroll.activations import Activation
from rnnlab.unroll.board import Board
from rnnlab.unroll.expression import Expression

Named = Mapping[str, Expression]


class Moment(NamedTuple):
    """One time step: the weights by symbol, the input x_t, and the states of the time step before."""

    w: Named
    x: Expression
    before: Named
    activation: Activation


class Back(NamedTuple):
    """What one time step sends back.

    `carried`: for each state the derivative that reaches the time step before.
    `into_input`, `into_state`: for each gate the derivative of what W x + b, and U h + b′, add to it.
    """

    carried: dict[str, Expression]
    into_input: dict[str, Expression]
    into_state: dict[str, Expression]


@dataclass(frozen=True)
class TinyCell:
    """A recurrent unit.

    `states`: names, the first is h. `gates`: in the order of PyTorch's weight rows; one empty name
    where there are none. `forward(board, moment)` writes the lines of a time step and returns all
    that it named. `backward(board, moment, kept, dh, carried)` gets that again, the total dL/dh_t,
    and what the time step after sends to the other states.
    """

    states: tuple[str, ...]
    gates: tuple[str, ...]
    forward: Callable[[Board, Moment], dict[str, Expression]]
    backward: Callable[[Board, Moment, Named, Expression, Named], Back]


def into_gate(moment: Moment, gate: str = "") -> Expression:
    """W x_t + b + U h_{t-1} + b′, for one gate."""
    w, name = moment.w, f"_{gate}" if gate else ""
    return w[f"W{name}"] @ moment.x + w[f"b{name}"] + w[f"U{name}"] @ moment.before["h"] + w[f"b′{name}"]
