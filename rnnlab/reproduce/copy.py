"""The copy task's plateau: a network first learns when to answer, and for long not what."""

from __future__ import annotations

import math

from rnnlab.config import Design, Settings
from rnnlab.reproduce.experiment import Experiment, Numbers, Training, Variant
from rnnlab.state import RunState

SYMBOLS, DELAY = 10, 30
SETTINGS = Settings(length=DELAY + 2 * SYMBOLS, learning_rate=5e-3, clipping="norm", clip_threshold=1.0)
PLATEAU = SYMBOLS * math.log(8) / (DELAY + 2 * SYMBOLS)
CLOSE = 0.02
UPDATES = 400


def loss(state: RunState) -> Numbers:
    """Cross entropy on held-out sequences, and beside it the memoryless predictor's."""
    from rnnlab.evaluation import evaluate

    report = evaluate(state, SETTINGS, 500)
    return {"loss": report.loss, "of_plateau": report.loss / PLATEAU, "recall": report.metric}


def row(label: str, cell: str, published: str) -> Variant:
    design = Design(
        task="copy",
        task_options={"symbols": str(SYMBOLS)},
        cell=cell,
        activation="tanh",
        hidden_size=64,
        batch_size=32,
    )
    return Variant(
        label=label,
        source="Bai 2018, table 1",
        published=published,
        claim=f"within {100 * CLOSE:.0f} % of {PLATEAU:.4f}",
        measure=loss,
        holds=lambda own, _: abs(own["of_plateau"] - 1) <= CLOSE,
        shown="loss",
        text=lambda value: f"{value:.4f}",
        training=Training(design, SETTINGS, UPDATES, 100),
    )


EXPERIMENT = Experiment(
    paper="Arjovsky, Shah, Bengio 2016; Bai, Kolter, Koltun 2018",
    what=f"The copy task with {SYMBOLS} symbols and {DELAY} time steps between: cross entropy on 500 "
    f"held-out sequences after {UPDATES} updates. Knowing when to answer, but not what, costs "
    f"10 ln 8 / (T + 20): {PLATEAU:.4f} here.",
    differs=f"T = {DELAY} instead of 1,000, where the plateau is 0.02039; 64 units, Adam 5e-3, 32 sequences "
    "an update, clipping by norm at 1. Bai et al. trained networks of 16,000 weights to the end, and there "
    "they still were.",
    variants={
        "lstm": row("LSTM", "lstm", "0.0204 of 0.02039 at T = 1,000"),
        "gru": row("GRU", "gru", "0.0197 of 0.02039"),
        "rnn": row("tanh RNN", "rnn", "0.0202 of 0.02039"),
    },
)
