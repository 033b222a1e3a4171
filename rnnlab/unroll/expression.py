"""Expressions that know three things of themselves: formula, the same with numbers, and value.

A cell written with them reads like the paper, and what the screen says cannot differ from what
was computed. All values are matrices: a vector is a column, a number is 1 x 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Token = str | Matrix
"""What a line with numbers is made of: operators and names as text, and matrices."""

SUM, PRODUCT, ATOM = 0, 1, 2
"""How tightly an expression holds together; a looser one gets parentheses inside a tighter one."""


@dataclass(frozen=True, eq=False)
class Expression:
    """`formula` is in a small part of LaTeX; `numbers` is the same with every symbol's value."""

    value: Matrix
    formula: str
    numbers: tuple[Token, ...]
    binding: int = ATOM

    def __add__(self, other: Expression) -> Expression:
        return joined(self, other, " + ", self.value + other.value, SUM)

    def __sub__(self, other: Expression) -> Expression:
        value = self.value - other.value
        right = enclosed(other, PRODUCT)
        numbers = (*self.numbers, " − ", *right.numbers)
        return Expression(value, f"{self.formula} − {right.formula}", numbers, SUM)

    def __mul__(self, other: Expression) -> Expression:
        """Element by element; a number times a matrix scales it."""
        scalar = min(self.value.size, other.value.size) == 1
        return joined(self, other, " · " if scalar else " ⊙ ", self.value * other.value, PRODUCT)

    def __matmul__(self, other: Expression) -> Expression:
        scalar = min(self.value.size, other.value.size) == 1
        left, right = enclosed(self, PRODUCT), enclosed(other, PRODUCT)
        numbers = (*left.numbers, " · " if scalar else " ", *right.numbers)
        value = self.value @ other.value
        return Expression(value, f"{left.formula} {right.formula}", numbers, PRODUCT)

    def squared(self) -> Expression:
        inner = enclosed(self, ATOM)
        formula = f"{inner.formula}^{{2}}" if inner is not self else f"{{{self.formula}}}^{{2}}"
        return Expression(self.value * self.value, formula, ("(", *self.numbers, ")²"), ATOM)

    @property
    def T(self) -> Expression:
        inner = enclosed(self, ATOM)
        if self.value.size == 1:  # a number is its own transpose
            return Expression(self.value, f"{inner.formula}^{{⊤}}", inner.numbers, inner.binding)
        turned = tuple(token if isinstance(token, str) else token.T for token in inner.numbers)
        return Expression(self.value.T, f"{inner.formula}^{{⊤}}", turned, ATOM)


def named(symbol: str, value: Any) -> Expression:
    """A symbol with its value: a matrix, a column from a vector, or a number."""
    array = np.asarray(value, np.float64)
    matrix = array if array.ndim == 2 else array.reshape(-1, 1)
    return Expression(matrix, symbol, (matrix,), ATOM)


def constant(text: str, value: float) -> Expression:
    return Expression(np.full((1, 1), value), text, (text,), ATOM)


ONE = constant("1", 1.0)
HALF = constant("½", 0.5)


def one_minus(inner: Expression) -> Expression:
    return ONE - inner


def applied(name: str, function: Callable[[Matrix], Matrix], inner: Expression) -> Expression:
    """A function of every element, as `name(inner)`."""
    formula = f"\\fn{{{name}}}({inner.formula})"
    return Expression(function(inner.value), formula, (f"{name}(", *inner.numbers, ")"), ATOM)


def total(terms: list[Expression]) -> Expression:
    return reduce(lambda left, right: left + right, terms)


def enclosed(inner: Expression, within: int) -> Expression:
    """`inner` in parentheses where it holds together less tightly than what is around it."""
    if inner.binding >= within:
        return inner
    return Expression(inner.value, f"({inner.formula})", ("(", *inner.numbers, ")"), ATOM)


def joined(left: Expression, right: Expression, sign: str, value: Matrix, binding: int) -> Expression:
    left, right = enclosed(left, binding), enclosed(right, binding)
    formula = f"{left.formula}{sign}{right.formula}"
    return Expression(value, formula, (*left.numbers, sign, *right.numbers), binding)
