"""The bridge: how much gradient crosses from a decoder into its encoder, and by which way.

All that an encoder learns comes over its last states, the context, or with attention to every one of
its uppermost states besides.
B sequences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.context import by_context
from rnnlab.analysis.flow import power
from rnnlab.analysis.norms import DOUBTFUL, all_finite, stable_norm
from rnnlab.analysis.reverse import parts_of, reverse
from rnnlab.analysis.scaled import log10_norm
from rnnlab.state import Trace

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Bridge:
    """Norms of the gradient that crosses, for each sequence (B,), as base-ten logarithms.

    `log10_context` is that of ||dL/d(context)||, over all states of all layers together, or over the
    `size` numbers of a context of its own; `log10_attention` that of the derivatives by all the
    encoder's uppermost states together on the way through attention alone, None without it.
    -inf only where a gradient is exactly 0.
    """

    size: int
    log10_context: Doubles
    log10_attention: Doubles | None

    @property
    def context(self) -> Doubles:
        """||dL/d(context)|| (B,); below 1e-308 it may be 0 where `log10_context` is not."""
        return power(self.log10_context)

    @property
    def attention(self) -> Doubles | None:
        """The norm through attention (B,), with the same limits."""
        return None if self.log10_attention is None else power(self.log10_attention)


def bridge(trace: Trace) -> Bridge:
    """The gradient that crosses from decoder to encoder. Raises ValueError where there are not both."""
    if trace.context is None or trace.grad_context is None:
        raise ValueError(f"A network {trace.design.topology} has no encoder and decoder: nothing crosses.")
    return Bridge(
        size=trace.context.shape[1],
        log10_context=context_norm(trace, trace.grad_context),
        log10_attention=None if trace.grad_attention is None else attention_norm(trace.grad_attention),
    )


def context_norm(trace: Trace, grad_context_BC: Doubles) -> Doubles:
    """From the trace where that is in range, else from a pass with exponents."""
    norm_B = stable_norm(grad_context_BC)
    usual = ((norm_B >= DOUBTFUL) & (norm_B < np.inf)).all()
    if not usual and all_finite(trace) and trace.grad_outputs.any():
        decoder = parts_of(trace)[-1]
        lowest = next(name for name in trace.layers if name.startswith(f"{decoder}/"))
        found = reverse(trace, trace.grad_outputs, only=lowest)
        (g_BC,), exponent_B = by_context(trace, {name: gone.start for name, gone in found.items()})
        return log10_norm(g_BC, exponent_B)
    return log10(norm_B)


def attention_norm(g_TBH: Doubles) -> Doubles:
    in_a_row = g_TBH.swapaxes(0, 1).reshape(g_TBH.shape[1], -1)
    return log10(stable_norm(in_a_row))


def log10(norm_B: Doubles) -> Doubles:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(norm_B))
