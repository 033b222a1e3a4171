"""Two-digit addition, read backwards: an encoder-decoder adds sums that it has never seen."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rnnlab.config import Design, Settings
from rnnlab.reproduce.experiment import Experiment, Numbers, Training, Variant
from rnnlab.state import RunState
from rnnlab.tasks.spec import Batch

DIGITS, EXAMPLES, TRAINED_ON, BATCH = 2, 5000, 4500, 32
LENGTH = len("99+99")
SETTINGS = Settings(length=LENGTH, learning_rate=3e-3, clipping="off")
PASSES, EVERY = 55, 140
UPDATES = PASSES * TRAINED_ON // BATCH
SOLVED = 0.99


@lru_cache(maxsize=1)
def unseen() -> Batch:
    """Every sum that no training batch can hold."""
    from rnnlab.tasks.arithmetic import READ, sums
    from rnnlab.tasks.characters import one_hot

    parts = sums(DIGITS, backwards=True)[1:]
    read_NT, lengths_N, answers_NS = (np.concatenate(column) for column in zip(*parts, strict=True))
    targets_SN = np.ascontiguousarray(answers_NS.T)
    return Batch(
        one_hot(read_NT[:, :LENGTH].T, READ.size), targets_SN, np.ones(targets_SN.shape, np.bool_), lengths_N
    )


def right(state: RunState) -> Numbers:
    """Shares of symbols and of whole answers right, written free-running; and the passes so far."""
    from rnnlab.evaluation import outputs_on

    outputs_SNO, _ = outputs_on(state, unseen(), free_running=True)
    right_SN = outputs_SNO.argmax(axis=2) == unseen().targets
    return {
        "symbols": float(right_SN.mean()),
        "sums": float(right_SN.all(axis=0).mean()),
        "passes": state.update * BATCH / TRAINED_ON,
    }


def solved(numbers: Numbers) -> bool:
    return numbers["symbols"] >= SOLVED


def row(label: str, attention: str, source: str, published: str) -> Variant:
    design = Design(
        task="arithmetic",
        task_options={"digits": str(DIGITS), "order": "end"},
        cell="lstm",
        hidden_size=128,
        recurrent_init="orthogonal",
        batch_size=BATCH,
        attention=attention,
    )
    return Variant(
        label=label,
        source=source,
        published=published,
        claim=f"≥ {100 * SOLVED:.0f} % of symbols within {PASSES} passes ({UPDATES:,} updates)",
        measure=right,
        holds=lambda own, _: solved(own) and own["passes"] <= PASSES,
        shown="symbols",
        text=lambda value: f"{100 * value:.1f} %",
        training=Training(design, SETTINGS, UPDATES, EVERY, solved),
    )


EXPERIMENT = Experiment(
    paper="Zaremba, Sutskever 2014; Keras example addition_rnn",
    what=f"Sums of two numbers of up to {DIGITS} digits, read from their end and written digit by digit: "
    f"{EXAMPLES:,} examples, of which {TRAINED_ON:,} are trained on. Share of symbols right on all others, "
    "each network fed its own symbols.",
    differs="Adam 3e-3 instead of 1e-3. The decoder is fed the symbol before, the true one in training; "
    "Keras repeats the encoder's last state at every time step instead. Batches are drawn with replacement: "
    "a pass is as many sums as there are to train on. A tenth of the sums is held out in either order.",
    variants={
        "lstm": row("LSTM, 128 units", "none", "Keras, addition_rnn", "99 % in 55 passes, 2 digits reversed"),
    },
)
