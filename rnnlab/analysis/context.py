"""The context vector in NumPy: from an encoder's last states to a decoder's first, and gradients back.

With a context size the states of all layers pass a narrow place; see `rnnlab.model.bridge`.
B sequences, R rows (B = R, or 1), H hidden size, C numbers in the context.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.scaled import Scaled, add, rescaled
from rnnlab.model.bridge import EXPAND, REDUCE
from rnnlab.model.cells.plain import States
from rnnlab.state import Trace

Doubles = NDArray[np.float64]


def start_states(
    trace: Trace, last: Mapping[str, States], weights: Mapping[str, Doubles]
) -> Mapping[str, States]:
    """Last states (B, H) of each layer of an encoder, from below, as a decoder's first, by the same names."""
    if not trace.design.context_size:
        return last
    in_a_row = np.concatenate([state for states in last.values() for state in states], axis=1)
    context_BC = np.tanh(in_a_row @ weights[f"{REDUCE}.weight"].T + weights[f"{REDUCE}.bias"])
    return in_layers(context_BC @ weights[f"{EXPAND}.weight"].T + weights[f"{EXPAND}.bias"], last)


def in_layers(in_a_row: Doubles, like: Mapping[str, States]) -> dict[str, States]:
    """States side by side, as states of each layer."""
    pieces = iter(np.split(in_a_row, sum(len(states) for states in like.values()), axis=1))
    return {name: tuple(next(pieces) for _ in states) for name, states in like.items()}


def by_context(trace: Trace, start: Mapping[str, Scaled]) -> Scaled:
    """The gradient by the context vector (R, C), from those by a decoder's first states, from below.

    Without a context size it is those states themselves, side by side.
    """
    rows = [Scaled((state,), layer.exponent) for layer in start.values() for state in layer.states]
    if trace.design.context_size:
        maps = np.split(trace.weights[f"{EXPAND}.weight"], len(rows))
    else:
        maps = np.split(np.eye(sum(row.states[0].shape[1] for row in rows)), len(rows))
    with np.errstate(over="ignore", invalid="ignore"):
        first, *others = (
            Scaled((row.states[0] @ into,), row.exponent) for row, into in zip(rows, maps, strict=True)
        )
    for other in others:
        first = add(first, other)
    return first


def by_last_states(
    trace: Trace, start: Mapping[str, Scaled], sequences: Sequence[int] | None
) -> Mapping[str, Scaled]:
    """Gradients by a decoder's first states taken back to its encoder's last ones, by the same names."""
    if not start or not trace.design.context_size:
        return start
    assert trace.context is not None
    chosen = slice(None) if sequences is None else list(sequences)
    (g_RC,), exponent_R = by_context(trace, start)
    with np.errstate(over="ignore", invalid="ignore"):
        in_a_row = g_RC * (1 - trace.context[chosen] ** 2) @ trace.weights[f"{REDUCE}.weight"]
    like = {name: layer.states for name, layer in start.items()}
    layers = in_layers(in_a_row, like)
    return {name: rescaled(Scaled(states, exponent_R)) for name, states in layers.items()}
