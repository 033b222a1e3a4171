"""Looking ahead: only a network that also reads backward can name the next of random symbols."""

from __future__ import annotations

import math

from rnnlab.config import Design, Settings
from rnnlab.reproduce.experiment import Experiment, Numbers, Training, Variant
from rnnlab.state import RunState

SETTINGS = Settings(length=20, learning_rate=1e-2, clipping="norm", clip_threshold=1.0)
SEQUENCES, SYMBOLS, UPDATES = 1000, 8, 1000
GUESS = math.log(SYMBOLS)
CLOSE, SOLVED = 0.01, 0.999


def measured(state: RunState) -> Numbers:
    """Cross entropy and accuracy on held-out sequences."""
    from rnnlab.evaluation import evaluate

    report = evaluate(state, SETTINGS, SEQUENCES)
    return {"loss": report.loss, "accuracy": report.metric}


def training(bidirectional: bool) -> Training:
    design = Design(task="look-ahead", cell="gru", hidden_size=16, batch_size=32, bidirectional=bidirectional)
    return Training(design, SETTINGS, UPDATES, UPDATES // 4)


EXPERIMENT = Experiment(
    paper="none: provable",
    what=f"Random symbols out of {SYMBOLS}; at every time step, name the next. Held-out cross entropy and "
    f"accuracy after {UPDATES:,} updates. From the past alone nothing beats a guess: ln {SYMBOLS} nats.",
    differs="Nothing was published; a network that reads forward only and beats the guess would see the "
    "future, which would be a fault of this program.",
    variants={
        "forward": Variant(
            label="GRU, forward",
            source="provable",
            published=f"ln {SYMBOLS} = {GUESS:.4f} nats, exact",
            claim=f"loss within {100 * CLOSE:.0f} % of ln {SYMBOLS}",
            measure=measured,
            holds=lambda own, _: abs(own["loss"] / GUESS - 1) <= CLOSE,
            shown="loss",
            text=lambda value: f"{value:.4f}",
            training=training(False),
        ),
        "bidirectional": Variant(
            label="GRU, bidirectional",
            source="provable",
            published="100 %, exact",
            claim=f"accuracy ≥ {100 * SOLVED:.1f} %",
            measure=measured,
            holds=lambda own, _: own["accuracy"] >= SOLVED,
            shown="accuracy",
            text=lambda value: f"{100 * value:.2f} %",
            training=training(True),
        ),
    },
)
