"""Counting: trained on a^n b^n up to n = 10, how far does each cell go on?"""

from __future__ import annotations

import numpy as np

from rnnlab.config import Design, Settings
from rnnlab.reproduce.experiment import Experiment, Numbers, Training, Variant
from rnnlab.state import RunState
from rnnlab.tasks.counting import strings

TRAINED, TRIED = 10, 150
SETTINGS = Settings(length=4 * TRAINED + 1, learning_rate=1e-2, clipping="norm", clip_threshold=1.0)
UPDATES = 4000
BEST = "lstm"


def longest(state: RunState) -> Numbers:
    """The largest n up to which every string is right at every time step; TRIED at most."""
    from rnnlab.evaluation import outputs_on

    batch = strings(np.arange(1, TRIED + 1), 2 * TRIED + 1)
    outputs_SBO, _ = outputs_on(state, batch, False)
    right_SB = ((outputs_SBO > 0) == (batch.targets > 0.5)).all(axis=2) | ~batch.mask_SB
    right_B = right_SB.all(axis=0)
    return {"longest": float(TRIED if right_B.all() else right_B.argmin())}


def training(cell: str) -> Training:
    design = Design(
        task="counting", cell=cell, activation="tanh", hidden_size=8, forget_bias=5.0, batch_size=32
    )
    return Training(design, SETTINGS, UPDATES, UPDATES // 4)


def written(value: float) -> str:
    return f"n ≤ {value:.0f}" if value else "not n = 1"


def row(label: str, cell: str) -> Variant:
    return Variant(
        label=label,
        source="–",
        published="none",
        claim=f"n ≤ {TRAINED} right",
        measure=longest,
        holds=lambda own, _: own["longest"] >= TRAINED,
        shown="longest",
        text=written,
        training=training(cell),
    )


LSTM = Variant(
    label="LSTM",
    source="cybertronai, after Gers 2001",
    published="n ≤ 65 at worst of 5 seeds",
    claim="further than GRU and RNN",
    measure=longest,
    holds=lambda own, beside: all(own["longest"] > other["longest"] for other in beside.values()),
    shown="longest",
    text=written,
    training=training(BEST),
    compares=("gru", "rnn"),
)

EXPERIMENT = Experiment(
    paper="Gers, Schmidhuber 2001",
    what=f"a^n b^n, trained on n = 1 to {TRAINED}: the largest n up to which every string is right, the "
    "legal next symbols named at every time step. A cell that counts goes on beyond the training's n.",
    differs=f"Eight units without peepholes, forget bias 5, {UPDATES:,} updates of 32 strings, Adam 1e-2, "
    "clipping by norm at 1; the reproduction that the figure is from, "
    "github.com/cybertronai/schmidhuber-problems, has two cells with peepholes. With four units instead of "
    "eight the LSTM came to 50, 21 and 93, and two of three tanh RNNs did not learn the training's n. "
    f"Strings are tried up to n = {TRIED}.",
    variants={BEST: LSTM, "gru": row("GRU", "gru"), "rnn": row("tanh RNN", "rnn")},
)
