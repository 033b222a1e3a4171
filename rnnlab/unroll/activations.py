"""Activations with their slopes, written in terms of the output h, as expressions.

The slope of relu at 0 is 0, as PyTorch takes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnlab.unroll.expression import ONE, Expression, Matrix, applied, one_minus


@dataclass(frozen=True)
class Activation:
    """`apply(a)` gives h; `slope(h)` gives dh/da; `name` is how a formula says it."""

    name: str
    apply: Callable[[Expression], Expression]
    slope: Callable[[Expression], Expression]


def logistic(a: Matrix) -> Matrix:
    """1 / (1 + e^-a), without overflow on either side."""
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + small), small / (1 + small))


def tanh(a: Expression) -> Expression:
    return applied("tanh", np.tanh, a)


def sigmoid(a: Expression) -> Expression:
    return applied("σ", logistic, a)


def relu(a: Expression) -> Expression:
    return applied("relu", lambda values: np.maximum(values, 0.0), a)


def positive(h: Expression) -> Expression:
    """1 where h > 0, else 0."""
    value = np.where(h.value > 0, 1.0, 0.0)
    return Expression(value, f"[{h.formula} > 0]", ("[", *h.numbers, " > 0]"))


def one_for(h: Expression) -> Expression:
    """The slope of a straight line; NaN stays no reason to hide one."""
    return Expression(np.ones_like(h.value), ONE.formula, ONE.numbers)


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation("tanh", tanh, lambda h: one_minus(h.squared())),
    "relu": Activation("relu", relu, positive),
    "sigmoid": Activation("σ", sigmoid, lambda h: h * one_minus(h)),
    "identity": Activation("identity", lambda a: a, one_for),
}
