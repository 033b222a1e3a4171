"""The adding problem over 100 time steps: gates solve it, a tanh RNN does not."""

from __future__ import annotations

from rnnlab.config import Design, Settings
from rnnlab.reproduce.experiment import Experiment, Numbers, Training, Variant
from rnnlab.state import RunState

SETTINGS = Settings(length=100, learning_rate=5e-3, clipping="norm", clip_threshold=1.0)
SEQUENCES = 1000
SOLVED, TRIVIAL = 0.01, 1 / 6
STUCK = 0.9 * TRIVIAL
BUDGET = 5000


def error(state: RunState) -> Numbers:
    """The mean squared error on held-out sequences."""
    from rnnlab.evaluation import evaluate

    return {"error": evaluate(state, SETTINGS, SEQUENCES).metric}


def solved(numbers: Numbers) -> bool:
    return numbers["error"] < SOLVED


def row(label: str, cell: str, source: str, published: str, solves: bool) -> Variant:
    design = Design(task="adding", cell=cell, activation="tanh", hidden_size=32, batch_size=32)
    return Variant(
        label=label,
        source=source,
        published=published,
        claim=f"error < {SOLVED:g}" if solves else f"error stays > {STUCK:.2g}",
        measure=error,
        holds=lambda own, _: solved(own) if solves else own["error"] > STUCK,
        shown="error",
        text=lambda value: f"{value:.2g}",
        training=Training(design, SETTINGS, BUDGET, 250, solved),
    )


EXPERIMENT = Experiment(
    paper="Hochreiter, Schmidhuber 1997; Bai, Kolter, Koltun 2018",
    what="The adding problem over 100 time steps: mean squared error on 1,000 held-out sequences, where "
    "always answering 1 costs 1/6.",
    differs="One mark in each half and the plain sum as target, as Arjovsky, Shah and Bengio (2016); 32 "
    "units, Adam 5e-3, 32 sequences an update, clipping by norm at 1. Hochreiter and Schmidhuber: two "
    "blocks of two cells without forget gates, plain gradient descent, one sequence an update, another "
    "scale, and every error below 0.04 as criterion. Bai et al.: T = 600 and 70,000 weights.",
    variants={
        "gru": row("GRU", "gru", "Bai 2018, table 1", "5.3e-5 at T = 600", True),
        "lstm": row("LSTM", "lstm", "Hochreiter 1997, table 7", "1 of 2,560 wrong, 74,000 sequences", True),
        "rnn": row("tanh RNN", "rnn", "Bai 2018, table 1", "0.177 at T = 600", False),
    },
)
