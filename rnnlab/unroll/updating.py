"""The update of the weights, w - learning rate x gradient, and what it does to the loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from rnnlab.unroll.blocks import stacked
from rnnlab.unroll.expression import Expression, Matrix, named
from rnnlab.unroll.passes import Work, begin, forward_pass

NEVER_ZERO = 1e-6
"""What PyTorch's clip_grad_norm_ adds to the norm before it divides by it."""


def update(work: Work, gradients: Mapping[str, Expression]) -> dict[str, Matrix]:
    """The last stages. Returns the new weights, with PyTorch's names and shapes."""
    board, tiny = work.board, work.tiny
    rate = named("η", tiny.learning_rate)
    if tiny.clip_threshold:
        rate = rate * clip(work, gradients)
    board.turn("update", "Update of the weights")
    new = {}
    for block in work.some:
        after = work.w[block.key] - rate * gradients[block.key]
        symbol = f"{block.symbol}^{{\\fn{{new}}}}"
        new[block.key] = board.put(
            f"new {block.key}", symbol, after, "against the gradient", f"new {block.key}"
        )
    weights = {name: stacked(work.some, new, name, array) for name, array in tiny.weights.items()}
    loss = forward_pass(begin(replace(tiny, numbers={**tiny.numbers, **weights})))
    again = named("L(\\fn{new weights})", loss)
    board.put("loss after", "L^{\\fn{new}}", again, "the same sequence with the new weights", "loss after")
    return weights


def clip(work: Work, gradients: Mapping[str, Expression]) -> Expression:
    """The stage of clipping by norm, over all weights together, as PyTorch does it."""
    work.board.turn("clip", "Clipping")
    squares = np.full((1, 1), sum(float((one.value**2).sum()) for one in gradients.values()))
    root = Expression(np.sqrt(squares), "√(Σ_{w} ‖\\frac{dL}{dw}‖^{2})", ("√(", squares, ")"))
    norm = work.board.put("norm", "‖g‖", root, "the norm of the whole gradient", "norm")
    limit = np.full((1, 1), work.tiny.clip_threshold)
    value = np.minimum(limit / (norm.value + NEVER_ZERO), 1.0)
    numbers = ("min(1, ", limit, " / (", norm.value, " + 10⁻⁶))")
    formula = "\\fn{min}(1, \\fn{threshold} / (‖g‖ + 10^{−6}))"
    factor = Expression(value, formula, numbers)
    return work.board.put("factor", "κ", factor, "every gradient is multiplied by this", "factor")
