"""What a decoder looks back at: the map of its attention, and attention in NumPy for forward and reverse.

T time steps read, S written, B sequences, R rows (B = R, or 1), H hidden size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.model.attention import ATTENTIONS, plain_weights
from rnnlab.state import Trace

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class AttentionMap:
    """How one sequence is looked back at: `weights` (S, T), a row for each of its outputs.

    Each row adds up to 1 over the sequence's own time steps.
    """

    sequence: int
    weights: Doubles

    @property
    def strongest(self) -> NDArray[np.int64]:
        """The time step, from 1, that each output looks at most (S,)."""
        return np.asarray(1 + self.weights.argmax(axis=1))


def attention_map(trace: Trace, sequence: int = 0) -> AttentionMap:
    """The attention of one sequence without its padding.

    Raises ValueError for a network without attention, and for a sequence that the trace does not have.
    """
    if trace.attention is None:
        raise ValueError("This network has no attention: choose dot or additive, which starts a new run.")
    count = trace.mask.shape[1]
    if not 0 <= sequence < count:
        raise ValueError(f"sequence must be a whole number from 0 to {count - 1}, not {sequence!r}.")
    written, read = int(trace.mask[:, sequence].sum()), int(trace.lengths[sequence])
    return AttentionMap(sequence, trace.attention[:written, sequence, :read])


class Ends(NamedTuple):
    """The names of a trace's uppermost layers that attention joins."""

    encoder: str
    decoder: str


def ends(trace: Trace) -> Ends:
    """Encoder and decoder, in that order. Neither reads backward: both belong to a network that writes."""
    parts = list(dict.fromkeys(name.split("/")[0] for name in trace.layers))
    encoder, decoder = (f"{part}/{trace.design.layers - 1}/forward" for part in parts)
    return Ends(encoder, decoder)


def through_attention(
    trace: Trace, by_mean_SRH: Doubles, sequences: Sequence[int] | None
) -> tuple[Doubles, Doubles]:
    """Gradients by what was read, taken back to the decoder's states (S, R, H) and the encoder's (T, R, H).

    Rows are as in `analysis.reverse`.
    """
    rule = ATTENTIONS[trace.design.attention]
    assert rule is not None
    assert trace.attention is not None
    chosen = np.arange(trace.mask.shape[1]) if sequences is None else np.asarray(sequences, np.int64)
    encoder, decoder = ends(trace)
    keys_BTH = trace.layers[encoder].h[:, chosen].swapaxes(0, 1)
    by_query_SRH = np.zeros_like(by_mean_SRH)
    by_keys_RTH = np.zeros((by_mean_SRH.shape[1], *keys_BTH.shape[1:]))
    with np.errstate(over="ignore", invalid="ignore"):
        for s, g_RH in enumerate(by_mean_SRH):
            weights_BT, h_BH = trace.attention[s, chosen], trace.layers[decoder].h[s, chosen]
            by_weight_RT = (keys_BTH @ g_RH[:, :, None])[..., 0]
            mean_R1 = (weights_BT * by_weight_RT).sum(axis=1, keepdims=True)
            by_score_RT = weights_BT * (by_weight_RT - mean_R1)
            by_query_SRH[s], by_keys = rule.pull_back(trace.weights, h_BH, keys_BTH, by_score_RT)
            by_keys_RTH += by_keys + weights_BT[:, :, None] * g_RH[:, None, :]
    return by_query_SRH, by_keys_RTH.swapaxes(0, 1)


def with_what_is_read(
    trace: Trace, weights: Mapping[str, Doubles], tops: Sequence[Doubles], lengths_B: NDArray[np.int64]
) -> Doubles:
    """The decoder's states with what attention reads beside them (S, B, 2H), computed anew.

    `tops` are the uppermost states of encoder (T, B, H) and decoder (S, B, H).
    """
    rule = ATTENTIONS[trace.design.attention]
    keys_TBH, h_SBH = tops
    if rule is None:
        return h_SBH
    valid_BT = np.arange(len(keys_TBH)) < lengths_B[:, None]
    keys_BTH = keys_TBH.swapaxes(0, 1)
    each = [plain_weights(rule, weights, h_BH, keys_BTH, valid_BT) for h_BH in h_SBH]
    means_SBH = np.stack([(a_BT[:, None, :] @ keys_BTH)[:, 0] for a_BT in each])
    return np.concatenate([h_SBH, means_SBH], axis=2)
