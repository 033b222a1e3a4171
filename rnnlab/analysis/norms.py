"""Norms of a trace's gradients as base-ten logarithms, right where float64 underflows or overflows.

T time steps, B sequences, H hidden size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import reading_order, states_of
from rnnlab.analysis.reverse import reverse
from rnnlab.analysis.scaled import log10_norm
from rnnlab.state import LayerTrace, Trace

Doubles = NDArray[np.float64]

DOUBTFUL = 1e-290
"""A norm below this may have lost digits, or all of itself, on its way: it is computed anew."""


def log10_norms(trace: Trace, layer: LayerTrace, state: str) -> Doubles:
    """log10 ||dL/dh_t|| (or c_t) of each sequence (T, B); -inf where the gradient is exactly 0.

    The trace's own gradients where they are in range. Where one is not while weights and states
    are finite numbers, all go back once more with exponents of their own. Raises ValueError for
    a state that the layer does not have.
    """
    g_TBH = {"h": layer.grad_h, "c": layer.grad_c}.get(state)
    if g_TBH is None:
        raise ValueError(f"state must be one that {layer.name} has, not {state!r}.")
    norm_TB = stable_norm(g_TBH)
    if doubtful(trace, layer, norm_TB) and all_finite(trace):
        gone = reverse(trace, trace.grad_outputs, only=layer.name)[layer.name]
        return log10_norm(gone.states["hc".index(state)], gone.exponent)
    with np.errstate(divide="ignore"):
        return np.log10(norm_TB)


def stable_norm(g_TBH: Doubles) -> Doubles:
    """Euclidean norm over the last axis that neither overflows nor underflows when squaring."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares_TB = np.einsum("...h,...h->...", g_TBH, g_TBH)
    if ((squares_TB > 1e-270) & (squares_TB < 1e270)).all():
        return np.asarray(np.sqrt(squares_TB))
    largest = np.abs(g_TBH).max(axis=-1, keepdims=True)
    usual = np.isfinite(largest)
    scale = np.where(usual & (largest > 0), largest, 1.0)
    length = np.sqrt((np.where(usual, g_TBH / scale, 1.0) ** 2).sum(axis=-1))
    with np.errstate(over="ignore"):  # the norm of numbers near the largest float is infinite
        return np.asarray(np.where(usual[..., 0], scale[..., 0] * length, largest[..., 0]))


def doubtful(trace: Trace, layer: LayerTrace, norm_TB: Doubles) -> bool:
    """Whether some sequence's norm may be wrong: too small or not finite, and not cut off on purpose."""
    strange_TB = layer.valid & ~((norm_TB >= DOUBTFUL) & (norm_TB < np.inf))
    if not strange_TB.any() or not trace.grad_outputs.any():
        return False
    return bool((strange_TB & ~cut_off(layer, norm_TB, trace.window)).any())


def cut_off(layer: LayerTrace, norm_TB: Doubles, window: int) -> NDArray[np.bool_]:
    """Where a gradient is 0 since the end of its window, behind a cut of truncated backpropagation."""
    length, batch = norm_TB.shape
    if not window:
        return np.zeros((length, batch), np.bool_)
    time_TB = reading_order(layer.valid, layer.reverse)
    zero_TB = np.take_along_axis(norm_TB, time_TB, axis=0) == 0
    windows = -(-length // window)
    padded = np.concatenate([zero_TB, np.ones((windows * window - length, batch), np.bool_)])
    from_the_end = np.logical_and.accumulate(padded.reshape(windows, window, batch)[:, ::-1], axis=1)
    behind = (np.arange(1, windows + 1)[:, None] * window < layer.valid.sum(axis=0))[:, None]
    found = (from_the_end[:, ::-1] & behind).reshape(-1, batch)[:length]
    return np.take_along_axis(found, time_TB, axis=0)


def all_finite(trace: Trace) -> bool:
    """Whether weights, states and the outputs' gradients are numbers."""
    states = [state for layer in trace.layers.values() for state in states_of(layer)]
    return all(np.isfinite(x).all() for x in (*trace.weights.values(), *states, trace.grad_outputs))
