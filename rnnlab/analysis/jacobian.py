"""Jacobians of a recurrent layer through time.

The state s_t is h_t, or h_t beside c_t where the cell has both; J_t = ds_t/ds_{t-1} at fixed input.
T time steps, S state size (H, or 2H with a cell state), H hidden size, K blocks of the weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import Chain, chain
from rnnlab.analysis.flow import layers_of_flow
from rnnlab.model.cells.plain import Moment, States
from rnnlab.state import Trace

Doubles = NDArray[np.float64]


def jacobians(trace: Trace, layer: str | None = None, sequence: int = 0) -> Doubles:
    """J_t = ds_t/ds_{t-1} of one layer on one sequence, (T, S, S) in the order in which it reads.

    By default the uppermost forward layer of the first part. Row i, column j is the derivative of
    s_t's entry i by s_{t-1}'s entry j; with a cell state, h comes before c. Only time steps that
    the sequence has. Raises ValueError for a layer or sequence that the trace does not have.
    """
    return jacobians_of(chain(trace, default_layer(trace, layer), [sequence]))


def default_layer(trace: Trace, layer: str | None) -> str:
    """`layer`, or the uppermost forward layer of the first part where none is named."""
    return layers_of_flow(trace)[0] if layer is None else layer


def jacobians_of(link: Chain) -> Doubles:
    """The Jacobians of a chain of one sequence."""
    there = slice(int(link.valid_TB[:, 0].sum()))
    return jacobians_at(link, link.at(there))[:, 0]


def jacobians_at(link: Chain, moment: Moment) -> Doubles:
    """J (..., S, S) at a moment with arrays (..., H).

    All but W_hh acts on each unit by itself, so J = sum_k diag(u_k) W_k + diag(d) over the gates'
    blocks: one row of ones through the cell's rule gives all u and, without W_hh, d.
    """
    count, hidden = len(moment.after), link.w_hh_GH.shape[1]
    shape = moment.after[0].shape[:-1]
    blocks_KHH = link.w_hh_GH.reshape(-1, hidden, hidden)
    found = np.zeros((*shape, count, hidden, count, hidden))
    unit = np.arange(hidden)
    for out in range(count):
        ones = tuple(np.full((*shape, hidden), float(state == out)) for state in range(count))
        u = link.pull_back(moment, ones).recurrent_part.reshape(*shape, -1, hidden)
        found[..., out, :, 0, :] = np.einsum("...kh,khj->...hj", u, blocks_KHH)
        for into, d in enumerate(past_the_weights(link, moment, ones)):
            found[..., out, unit, into, unit] += d
    return found.reshape(*shape, count * hidden, count * hidden)


def past_the_weights(link: Chain, moment: Moment, ones: States) -> States:
    """What reaches the states before on paths that do not lead through W_hh, each (..., H)."""
    silent = link._replace(w_hh_GH=np.zeros_like(link.w_hh_GH))
    return silent.pull_back(moment, ones).states
