"""Loss contributions: what the loss at one time step asks of the state at another.

A[i, j] = dL_i/dh_j for every loss step i and time step j at once (the "itemized gradients" of
Cashman et al. 2018, RNNbow): one pass back in which each loss is a row. Their sum over i is the
total derivative dL/dh_j, the gradient flow.
T time steps, S loss steps, R rows, H hidden size, D states given to the read-out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import chain, named, states_of
from rnnlab.analysis.flow import power
from rnnlab.analysis.reverse import Reversed, at_last_read, parts_of, reverse, reverse_from, top_layers
from rnnlab.analysis.scaled import Exponents, log10_norm
from rnnlab.state import Trace

Doubles = NDArray[np.float64]

CHUNK_NUMBERS = 16_000_000
"""Numbers that one pass back may keep, 128 MB: long sequences take their losses in several."""


@dataclass(frozen=True)
class Contributions:
    """Gradients of each loss of one sequence by the states of one layer.

    `log10_norm` (S, T): log10 ||dL_i/dh_j||, -inf where nothing comes: before the loss (i < j in
    a forward layer), outside a truncated gradient's window, where an output has no loss. L_i is
    the share of output step i in the trace's mean loss. `shares` (S, T): <A_ij, g_j> / ||g_j||^2
    with the sum g_j over i; they add up to 1 for each j, and are NaN where g_j is 0.
    `log10_flow` (T,): log10 ||g_j||. `has_loss` (S,) marks output steps that are counted.
    One loss for a whole sequence is that of its last time step, S = T.
    `window` is that of truncated BPTT, 0 for none.
    `one_part` is True where losses and states are on the same time axis. `single` is True where
    the whole sequence has one loss, after it was read.
    """

    layer: str
    state: str
    sequence: int
    reverse: bool
    one_part: bool
    single: bool
    log10_norm: Doubles
    shares: Doubles
    log10_flow: Doubles
    has_loss: NDArray[np.bool_]
    window: int = 0

    @property
    def norm(self) -> Doubles:
        """||dL_i/dh_j|| (S, T); below 1e-308 it may be 0 where `log10_norm` is not."""
        return power(self.log10_norm)

    @property
    def flow(self) -> Doubles:
        """||dL/dh_j|| (T,), the norm of the sum over the losses."""
        return power(self.log10_flow)


def loss_contributions(
    trace: Trace, layer: str | None = None, sequence: int = 0, state: str = "h"
) -> Contributions:
    """Contributions of every loss of one sequence to the gradients of a layer, by default the uppermost.

    Raises ValueError for a layer, state or sequence that the trace does not have.
    """
    name = top_layers(trace)[0] if layer is None else layer
    link = chain(trace, name, [sequence])
    asked = Asked(name, sequence, state_index(trace, name, state), int(link.valid_TB.sum()))
    outputs = output_steps(trace, sequence)
    total = one_pass(trace, asked, np.zeros(outputs, np.int64), rows=1)
    log_ST, shares_ST = of_each_loss(trace, asked, outputs, total)
    rows_of_losses = asked.steps if len(trace.mask) == 1 else outputs
    return Contributions(
        layer=name,
        state=state,
        sequence=sequence,
        reverse=link.reverse,
        one_part=name.split("/")[0] == parts_of(trace)[-1],
        single=len(trace.mask) == 1,
        log10_norm=in_rows(log_ST, rows_of_losses, -np.inf),
        shares=in_rows(shares_ST, rows_of_losses, 0 * shares_ST[-1]),
        log10_flow=log10_norm(*total)[:, 0],
        has_loss=in_rows(trace.mask[:outputs, sequence], rows_of_losses, False),
        window=trace.window,
    )


class Asked(NamedTuple):
    """By what the losses are differentiated: state number `state` of a layer, at a sequence's time steps."""

    layer: str
    sequence: int
    state: int
    steps: int


class Rows(NamedTuple):
    """Gradients by a state (T, R, H), each to be multiplied by 2**`exponent_TR`."""

    gradient_TRH: Doubles
    exponent_TR: Exponents


def of_each_loss(trace: Trace, asked: Asked, outputs: int, total: Rows) -> tuple[Doubles, Doubles]:
    """log10 of the norms of each loss's gradients (S, T), and their shares in the total."""
    log_ST, shares_ST = np.empty((outputs, asked.steps)), np.empty((outputs, asked.steps))
    for rows in chunks(trace, outputs):
        row_of_S = np.full(outputs, -1)
        row_of_S[rows] = np.arange(rows.stop - rows.start)
        each = one_pass(trace, asked, row_of_S, rows.stop - rows.start)
        log_ST[rows] = log10_norm(*each).T
        shares_ST[rows] = shares(each, total).T
    return log_ST, shares_ST


def in_rows(losses_S: NDArray[Any], rows: int, elsewhere: float | Doubles) -> NDArray[Any]:
    """The losses as the last of `rows` rows, where one loss stands for the whole sequence: at its end."""
    found = np.full((rows, *losses_S.shape[1:]), elsewhere, losses_S.dtype)
    found[rows - len(losses_S) :] = losses_S
    return found


def state_index(trace: Trace, layer: str, state: str) -> int:
    """The place of h or c among the layer's states."""
    there = ("h", "c")[: len(states_of(named(trace, layer)))]
    if state not in there:
        raise ValueError(f"state must be one that {layer} has, not {state!r}.")
    return there.index(state)


def output_steps(trace: Trace, sequence: int) -> int:
    """How many output steps the sequence has, padding left out."""
    if len(trace.mask) == 1:
        return 1
    return int(trace.layers[top_layers(trace)[0]].valid[:, sequence].sum())


def chunks(trace: Trace, outputs: int) -> list[slice]:
    """The losses that go back together: as many as fit."""
    states = max(len(states_of(layer)) for layer in trace.layers.values())
    length = max(len(layer.h) for layer in trace.layers.values())
    per_row = length * trace.design.hidden_size * (2 * states + 1) * len(trace.layers)
    size = max(1, CHUNK_NUMBERS // per_row)
    return [slice(start, min(start + size, outputs)) for start in range(0, outputs, size)]


def one_pass(trace: Trace, asked: Asked, row_of_S: NDArray[np.int64], rows: int) -> Rows:
    """Back from the losses, each in the row `row_of_S` (S,), or left out where that is -1."""
    found = back_to(trace, asked.layer, asked.sequence, row_of_S, rows)
    return Rows(found.states[asked.state][: asked.steps], found.exponent[: asked.steps])


def back_to(trace: Trace, layer: str, sequence: int, row_of_S: NDArray[np.int64], rows: int) -> Reversed:
    """As `one_pass`: all that arrives in a layer."""
    grad_SO = trace.grad_outputs[: len(row_of_S), sequence]
    names, kept = top_layers(trace), np.flatnonzero(row_of_S >= 0)
    if trace.attention is not None:
        rows_SRO = np.zeros((len(trace.mask), rows, grad_SO.shape[1]))
        rows_SRO[kept, row_of_S[kept]] = grad_SO[kept]
        return reverse(trace, rows_SRO, [sequence], only=layer)[layer]
    with np.errstate(over="ignore", invalid="ignore"):
        grad_SD = grad_SO @ trace.weights["readout.weight"]
    above = {}
    for name, half_SH in zip(names, np.split(grad_SD, len(names), axis=1), strict=True):
        if len(trace.mask) == 1:
            above[name] = at_last_read(chain(trace, name, [sequence]), half_SH)
        else:
            above[name] = np.zeros((len(trace.mask), rows, half_SH.shape[1]))
            above[name][kept, row_of_S[kept]] = half_SH[kept]
    return reverse_from(trace, above, [sequence], only=layer)[layer]


def shares(each: Rows, total: Rows) -> Doubles:
    """<A, g> / ||g||^2 (T, R), of the rows A and the one row g."""
    (each_TRH, exponent_TR), total_TH, total_T = each, total.gradient_TRH[:, 0], total.exponent_TR[:, 0]
    squares_T = np.einsum("th,th->t", total_TH, total_TH)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        part_TR = np.matmul(each_TRH, total_TH[:, :, None])[..., 0] / squares_T[:, None]
        return np.asarray(np.ldexp(part_TR, exponent_TR - total_T[:, None]))
