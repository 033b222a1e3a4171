"""What the analysis costs: a trace with its gradient flow, contributions, Jacobians, the cliff."""

from __future__ import annotations

from typing import Any

from rnnlab.bench.live import milliseconds
from rnnlab.config import Design, Settings
from rnnlab.model.cells import CELLS
from rnnlab.state import RunState

SIZE = (100, 8, 64)
"""Time steps, sequences, hidden size."""

GRID = 200
"""Points of the error surface along each of its axes."""


def analysis_figures(quick: bool) -> dict[str, Any]:
    """Milliseconds on one core: for every cell, and for the cliff's error surface."""
    import numpy as np

    from rnnlab.analysis.cliff import B_RANGE, W_RANGE, cliff_surface

    repeats = 3 if quick else 15
    w, b = (np.linspace(*ends, GRID) for ends in (W_RANGE, B_RANGE))
    return {
        "analysis": [cell_figures(cell, repeats) for cell in CELLS],
        "cliff": {"points": GRID, "surface_ms": milliseconds(lambda: cliff_surface(w, b), repeats)},
    }


def cell_figures(cell: str, repeats: int) -> dict[str, Any]:
    """One loss after the last time step for the flow; one at every time step for the contributions."""
    from rnnlab.analysis import (
        gradient_flow,
        jacobians,
        loss_contributions,
        lyapunov_exponents,
        singular_values,
    )
    from rnnlab.tracing import trace
    from rnnlab.training import begin

    length, sequences, hidden = SIZE
    settings = Settings(length=length)

    def traced(state: RunState, **more: Any) -> Any:
        return trace(state, settings, sequences=sequences, **more)

    one, each = (begin(design(task, cell, hidden)) for task in ("adding", "copy"))
    every_loss = traced(each)
    return {
        "cell": cell,
        "length": length,
        "sequences": sequences,
        "hidden_size": hidden,
        "flow_ms": milliseconds(lambda: gradient_flow(traced(one)), repeats),
        "contributions_ms": milliseconds(lambda: loss_contributions(every_loss), repeats),
        "spectrum_ms": milliseconds(lambda: lyapunov_exponents(jacobians(every_loss)), repeats),
        "products_ms": milliseconds(lambda: singular_values(jacobians(every_loss)), repeats),
    }


def design(task: str, cell: str, hidden: int) -> Design:
    return Design(task=task, cell=cell, activation="tanh", hidden_size=hidden, seed=0)


def analysis_lines(figures: dict[str, Any]) -> list[str]:
    """The figures as a person reads them."""
    return [
        "milliseconds of analysis: trace with gradient flow, contributions, Jacobians with their Lyapunov",
        "spectrum, Jacobians with the singular values of all their products",
        "cell    T    B    H      flow  contrib.  spectrum  products",
        *(analysis_line(row) for row in figures["analysis"]),
        f"cliff, {figures['cliff']['points']} x {figures['cliff']['points']} points: "
        f"{figures['cliff']['surface_ms']:.0f} ms",
    ]


def analysis_line(row: dict[str, Any]) -> str:
    size = f"{row['length']:4} {row['sequences']:4} {row['hidden_size']:4}"
    costs = " ".join(
        f"{row[name]:9.1f}" for name in ("flow_ms", "contributions_ms", "spectrum_ms", "products_ms")
    )
    return f"{row['cell']:4} {size} {costs}"
