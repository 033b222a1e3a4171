"""The blackboard: stages in their order, each with its lines.

A line is one equation: a symbol, its formula, the same with numbers, and the value. `key` and
`time_step` say which number it is; `shows` names the place in the drawing that it fills.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnlab.unroll.expression import Expression, Matrix, Token, named


@dataclass(frozen=True, eq=False)
class Line:
    """One equation. `shows` may be "h", "grad h", "part W" (a contribution), "sum W", "new W", ..."""

    key: str
    time_step: int | None
    symbol: str
    formula: str
    numbers: tuple[Token, ...]
    value: Matrix
    note: str = ""
    shows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """What one press of an arrow key goes through.

    `kind` is start, forward, loss, backward, sum, clip or update.
    """

    kind: str
    title: str
    time_step: int | None = None
    lines: list[Line] = field(default_factory=list)


class Board:
    """Collects lines. Writing an expression gives back its symbol with its value, for the next line."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []

    @property
    def t(self) -> int | None:
        return self.stages[-1].time_step

    def turn(self, kind: str, title: str, time_step: int | None = None) -> None:
        """Begin the next stage."""
        self.stages.append(Stage(kind, title, time_step))

    def put(self, key: str, symbol: str, right: Expression, note: str, *shows: str) -> Expression:
        """Write `symbol = right`."""
        formula = "" if right.formula == symbol else right.formula
        line = Line(key, self.t, symbol, formula, right.numbers, right.value, note, shows)
        self.stages[-1].lines.append(line)
        return named(symbol, right.value)

    def write(self, name: str, right: Expression, note: str, shows: str = "") -> Expression:
        """A quantity of this time step, such as h or a_i."""
        return self.put(name, at(name, self.t), right, note, *([shows] if shows else []))

    def write_total(self, state: str, right: Expression, note: str) -> Expression:
        """The total derivative of the loss with respect to a state of this time step."""
        return self.put(f"grad {state}", d(at(state, self.t)), right, note, f"grad {state}")

    def write_delta(self, gate: str, right: Expression, note: str) -> Expression:
        """δ, the derivative of the loss with respect to a weighed sum of this time step."""
        key = f"delta_{gate}" if gate else "delta"
        return self.put(key, at(f"δ_{gate}" if gate else "δ", self.t), right, note, "delta")


def at(name: str, t: int | None) -> str:
    """The symbol of a quantity at a time step: a_i becomes a_{i,2}."""
    letter, _, index = name.partition("_")
    return f"{letter}_{{{index},{t}}}" if index else f"{letter}_{{{t}}}"


def d(symbol: str) -> str:
    """The derivative of the loss with respect to a symbol."""
    return f"\\frac{{dL}}{{d{symbol}}}"
