"""Attention: a decoder looks back at every state of its encoder and takes a weighted mean of them.

    a_st = softmax over t of score(h_s, k_t),  m_s = sum over t of a_st k_t,  y_s = W_o [h_s ; m_s] + b_o

h_s is the decoder's uppermost state after its time step s, k_t the encoder's after its time step t;
padding has no weight. What is read does not go back into the decoder (no input feeding), so whole
sequences run at once. Two scores:

    dot (Luong, Pham and Manning 2015)            h_s . k_t
    additive (Bahdanau, Cho and Bengio 2015)      v . tanh(W_q h_s + W_k k_t)

Derivatives, with g_s = dL/dm_s: through the values dL/dk_t = sum over s of a_st g_s; through the
weights dL/da_st = g_s . k_t and dL/dscore_st = a_st (dL/da_st - sum over u of a_su dL/da_su), and
from there through the score to h_s and k_t.

This file loads no torch. T time steps read, S written, B sequences, R rows, H hidden size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Doubles = NDArray[np.float64]
Plain = Mapping[str, Doubles]
QUERY, KEY, SCORE = (f"attention.{name}.weight" for name in ("query", "key", "score"))


@dataclass(frozen=True)
class Attention:
    """A score of a decoder's state against each of its encoder's.

    `shapes(H)` are its weights. In PyTorch `prepare(weights, keys_BTH)` does once what does not
    depend on the decoder, and `score(weights, h_BSH, prepared_BTH)` gives (B, S, T). In NumPy
    `plain(weights, h_RH, keys_RTH)` gives (R, T), and `pull_back(weights, h_RH, keys_RTH, g_RT)`
    takes a gradient by the scores back to h (R, H) and to the keys (R, T, H).
    """

    label: str
    formula: str
    shapes: Callable[[int], dict[str, tuple[int, int]]]
    prepare: Callable[[Mapping[str, Tensor], Tensor], Tensor]
    score: Callable[[Mapping[str, Tensor], Tensor, Tensor], Tensor]
    plain: Callable[[Plain, Doubles, Doubles], Doubles]
    pull_back: Callable[[Plain, Doubles, Doubles, Doubles], tuple[Doubles, Doubles]]


def dot_score(weights: Mapping[str, Tensor], h_BSH: Tensor, keys_BTH: Tensor) -> Tensor:
    """h_s . k_t, (B, S, T)."""
    return h_BSH.bmm(keys_BTH.mT)


def dot_plain(weights: Plain, h_RH: Doubles, keys_RTH: Doubles) -> Doubles:
    """h_s . k_t, (R, T)."""
    return np.asarray((keys_RTH @ h_RH[..., None])[..., 0])


def dot_pull_back(weights: Plain, h_RH: Doubles, keys_RTH: Doubles, g_RT: Doubles) -> tuple[Doubles, Doubles]:
    """By h: the keys weighted by g; by the keys: h weighted by g."""
    return (g_RT[..., None, :] @ keys_RTH)[..., 0, :], g_RT[..., None] * h_RH[..., None, :]


def additive_prepare(weights: Mapping[str, Tensor], keys_BTH: Tensor) -> Tensor:
    """W_k k_t"""
    return keys_BTH @ weights[KEY].t()


def additive_score(weights: Mapping[str, Tensor], h_BSH: Tensor, prepared_BTH: Tensor) -> Tensor:
    """v . tanh(W_q h_s + W_k k_t), (B, S, T)."""
    query_BSH = h_BSH @ weights[QUERY].t()
    return (query_BSH[:, :, None] + prepared_BTH[:, None]).tanh() @ weights[SCORE][0]


def additive_hidden(weights: Plain, h_RH: Doubles, keys_RTH: Doubles) -> Doubles:
    """tanh(W_q h_s + W_k k_t), (R, T, H)."""
    return np.asarray(np.tanh((h_RH @ weights[QUERY].T)[..., None, :] + keys_RTH @ weights[KEY].T))


def additive_plain(weights: Plain, h_RH: Doubles, keys_RTH: Doubles) -> Doubles:
    """v . tanh(W_q h_s + W_k k_t), (R, T)."""
    return np.asarray(additive_hidden(weights, h_RH, keys_RTH) @ weights[SCORE][0])


def additive_pull_back(
    weights: Plain, h_RH: Doubles, keys_RTH: Doubles, g_RT: Doubles
) -> tuple[Doubles, Doubles]:
    """g times v times the slope of the tanh, through W_q to h and through W_k to the keys."""
    slope_RTH = 1 - additive_hidden(weights, h_RH, keys_RTH) ** 2
    a_RTH = g_RT[..., None] * weights[SCORE][0] * slope_RTH
    return a_RTH.sum(axis=-2) @ weights[QUERY], a_RTH @ weights[KEY]


ATTENTIONS: dict[str, Attention | None] = {
    "none": None,
    "dot": Attention(
        label="dot product",
        formula=r"h_s^{\mathsf T} k_t",
        shapes=lambda hidden: {},
        prepare=lambda weights, keys_BTH: keys_BTH,
        score=dot_score,
        plain=dot_plain,
        pull_back=dot_pull_back,
    ),
    "additive": Attention(
        label="additive",
        formula=r"v^{\mathsf T} \tanh(W_q h_s + W_k k_t)",
        shapes=lambda hidden: {QUERY: (hidden, hidden), KEY: (hidden, hidden), SCORE: (1, hidden)},
        prepare=additive_prepare,
        score=additive_score,
        plain=additive_plain,
        pull_back=additive_pull_back,
    ),
}
"""Link name to rule; a design without attention has none."""


class Memory(NamedTuple):
    """What a decoder looks back at: keys (B, T, H), as they are and as the score wants them.

    `beyond_B1T` is True where a sequence has ended, or None where all are equally long.
    """

    keys_BTH: Tensor
    prepared_BTH: Tensor
    beyond_B1T: Tensor | None


def remember(rule: Attention, weights: Mapping[str, Tensor], keys_TBH: Tensor, lengths_B: Tensor) -> Memory:
    """An encoder's uppermost states, ready to be looked back at; of padding, nothing is kept."""
    import torch

    keys_BTH = keys_TBH.transpose(0, 1)
    if bool((lengths_B == len(keys_TBH)).all()):
        return Memory(keys_BTH, rule.prepare(weights, keys_BTH), None)
    beyond_BT = torch.arange(len(keys_TBH))[None, :] >= lengths_B[:, None]
    beyond_BT = beyond_BT.to(keys_TBH.device)
    keys_BTH = keys_BTH.masked_fill(beyond_BT[:, :, None], 0.0)
    return Memory(keys_BTH, rule.prepare(weights, keys_BTH), beyond_BT[:, None])


def look_back(
    rule: Attention, weights: Mapping[str, Tensor], h_SBH: Tensor, memory: Memory
) -> tuple[Tensor, Tensor]:
    """What is read at each time step (S, B, H), and the weights with which it is read (S, B, T)."""
    scores_BST = rule.score(weights, h_SBH.transpose(0, 1), memory.prepared_BTH)
    if memory.beyond_B1T is not None:
        scores_BST = scores_BST.masked_fill(memory.beyond_B1T, float("-inf"))
    weights_BST = scores_BST.softmax(dim=2)
    return weights_BST.bmm(memory.keys_BTH).transpose(0, 1), weights_BST.transpose(0, 1)


def plain_weights(
    rule: Attention, weights: Plain, h_BH: Doubles, keys_BTH: Doubles, valid_BT: NDArray[np.bool_]
) -> Doubles:
    """The weights (B, T) of one time step in NumPy, 0 on padding; for numbers of any precision."""
    scores_BT = rule.plain(weights, h_BH, keys_BTH)
    largest_B1 = np.where(valid_BT, scores_BT, scores_BT[:, :1]).max(axis=1, keepdims=True)
    # The first time step is always there: in the place of padding it overflows nothing.
    each_BT = np.where(valid_BT, np.exp(np.where(valid_BT, scores_BT, largest_B1) - largest_B1), 0)
    return np.asarray(each_BT / each_BT.sum(axis=1, keepdims=True))
