"""The embedded Reber grammar with eight units, to the criterion of the paper."""

from __future__ import annotations

import numpy as np

from rnnlab.config import Design, Settings
from rnnlab.reproduce.experiment import Experiment, Numbers, Training, Variant
from rnnlab.state import RunState
from rnnlab.tasks.reber import LETTERS, LONGEST, Strings, batch_of, legal, strings

SETTINGS = Settings(length=LONGEST - 1, learning_rate=1e-2, clipping="norm", clip_threshold=1.0)
WORST = 24_100
"""Sequences that the slowest run of the paper's best network took (table 1: 3,800 to 24,100)."""


def right_strings(state: RunState, part: Strings) -> float:
    """Share of the strings in which the legal next symbols are the most active outputs everywhere."""
    from rnnlab.evaluation import outputs_on

    words = part.words()
    outputs_SBO, _ = outputs_on(state, batch_of(part, np.arange(len(words)), LONGEST - 1), False)
    order_SBO = np.argsort(-outputs_SBO, axis=2)
    return float(np.mean([is_right(word, order_SBO[:, b]) for b, word in enumerate(words)]))


def is_right(word: str, order_SO: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> bool:
    """Whether, at every time step, as many of the most active outputs as are legal are the legal ones."""
    return all(
        {LETTERS.characters[i] for i in order_O[: len(symbols)]} == symbols
        for order_O, symbols in zip(order_SO, legal(word), strict=False)
    )


def criterion(state: RunState) -> Numbers:
    train, *unseen = (right_strings(state, part) for part in strings())
    return {"right_in_training": train, "right_held_out": float(np.mean(unseen))}


def solved(numbers: Numbers) -> bool:
    return min(numbers.values()) == 1


def row(label: str, cell: str, size: int, published: str, solves: bool) -> Variant:
    design = Design(task="reber", cell=cell, activation="tanh", hidden_size=size, batch_size=1)
    return Variant(
        label=label,
        source="Hochreiter 1997, table 1",
        published=published,
        claim="all strings right" if solves else "not all strings right",
        measure=criterion,
        holds=lambda own, _: solved(own) == solves,
        shown="right_held_out",
        text=lambda value: f"{100 * value:.0f} %",
        training=Training(design, SETTINGS, WORST, 250, solved),
    )


EXPERIMENT = Experiment(
    paper="Hochreiter, Schmidhuber 1997",
    what="The embedded Reber grammar, one string an update: in every string, of 256 for training and 256 "
    f"unseen, the legal next symbols must be the most active outputs, within {WORST:,} updates.",
    differs="Eight units of an LSTM with forget gates, softmax and cross entropy, Adam 1e-2, clipping by "
    "norm at 1; theirs were four blocks of one cell or three of two, with logistic outputs, trained by "
    "plain gradient descent at rates from 0.1 to 0.5.",
    variants={
        "lstm": row("LSTM, 8 units", "lstm", 8, "8,440 sequences (3,800–24,100)", True),
        "rnn": row("tanh RNN, 15 units", "rnn", 15, "Elman net: never in 200,000", False),
    },
)
