"""Updates per second against the number of time steps, of hidden units, of layers.

The time steps go beyond what the settings allow, so batches are drawn from the adding problem here.
Nothing is judged: the largest time per time step is given beside the smallest, and the largest rise
from one rung to the next: against T it is about 1 at most where cost is linear and has no cliff.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import Any

from rnnlab.bench.clock import clock_of
from rnnlab.bench.flops import update_flops
from rnnlab.config import Design, Settings
from rnnlab.model.cells import CELLS

BATCH_SIZE = 32
MIDDLE = {"length": 100, "hidden_size": 32, "layers": 1}
"""What is held where another is varied."""

LADDERS = {
    "length": (25, 50, 100, 200, 400, 800, 1600),
    "hidden_size": (8, 16, 32, 64, 128, 256),
    "layers": (1, 2, 3, 4),
}
QUICK_RUNGS = 2
ROUNDS = 5


def scaling_figures(quick: bool) -> list[dict[str, Any]]:
    """One row for each cell and rung; rounds go up and down each ladder, so that none has a better moment."""
    rungs = slice(QUICK_RUNGS) if quick else slice(None)
    return [
        row
        for cell in CELLS
        for varied, values in LADDERS.items()
        for row in ladder_figures(cell, varied, values[rungs], 1 if quick else ROUNDS)
    ]


def ladder_figures(cell: str, varied: str, values: tuple[int, ...], rounds: int) -> list[dict[str, Any]]:
    experiments = [experiment(cell, {**MIDDLE, varied: value}) for value in values]
    for design, length in experiments:
        seconds_per_update(design, length)
    times = [[seconds_per_update(*one) for one in experiments] for _ in range(rounds)]
    return [
        row_of(cell, varied, value, one, median(seconds))
        for value, one, seconds in zip(values, experiments, zip(*times, strict=True), strict=True)
    ]


def experiment(cell: str, sizes: dict[str, int]) -> tuple[Design, int]:
    hidden_size, layers = sizes["hidden_size"], sizes["layers"]
    design = Design(
        task="adding", cell=cell, hidden_size=hidden_size, layers=layers, batch_size=BATCH_SIZE, device="cpu"
    )
    return design, sizes["length"]


def seconds_per_update(design: Design, length: int) -> float:
    """Processor time; several updates where one is short."""
    import numpy as np

    from rnnlab.model.flat import FlatParameters
    from rnnlab.model.network import CPU, load_task, tensors
    from rnnlab.model.optimizers import new_optimizer
    from rnnlab.training import begin, one_update

    clock, count, settings = clock_of("cpu"), max(2, 800 // length), Settings(learning_rate=1e-3)
    parameters = FlatParameters(begin(design).weights, CPU)
    optimizer, rng = new_optimizer(design.optimizer, settings, parameters, {}), np.random.default_rng(0)
    started = clock()
    for update in range(1, count + 1):
        batch = tensors(load_task(design).train(rng, design.batch_size, length), CPU)
        one_update(design, settings, parameters, optimizer, update, batch)
    return (clock() - started) / count


def row_of(cell: str, varied: str, value: int, one: tuple[Design, int], seconds: float) -> dict[str, Any]:
    design, length = one
    flops = update_flops(design, length, inputs=2, outputs=1, output_steps=1)
    return {
        "cell": cell,
        "varied": varied,
        "value": value,
        "length": length,
        "hidden_size": design.hidden_size,
        "layers": design.layers,
        "updates_per_second": 1 / seconds,
        "time_step_us": 1e6 * seconds / length,
        "flops_per_second": flops / seconds,
    }


def scaling_lines(rows: list[dict[str, Any]]) -> list[str]:
    """The figures as a person reads them."""
    lines = ["microseconds for each time step of an update (updates per second), B = 32"]
    for cell in dict.fromkeys(row["cell"] for row in rows):
        for varied in LADDERS:
            found = [row for row in rows if (row["cell"], row["varied"]) == (cell, varied)]
            lines.append(f"{cell:4} {ladder_line(varied, found)}")
    return lines


def ladder_line(varied: str, rows: list[dict[str, Any]]) -> str:
    letter = {"length": "T", "hidden_size": "H", "layers": "layers"}[varied]
    steps = [f"{row['value']}: {row['time_step_us']:.1f} ({row['updates_per_second']:.0f})" for row in rows]
    return f"{letter:6} {', '.join(steps)}; largest / smallest {spread(rows):.2f}, rise {rise(rows):.2f}"


def spread(rows: list[dict[str, Any]]) -> float:
    """The largest time per time step over the smallest."""
    times = [row["time_step_us"] for row in rows]
    return float(max(times) / min(times))


def rise(rows: list[dict[str, Any]]) -> float:
    """The largest time per time step over that on the rung before: a cliff is far above 1."""
    times = [row["time_step_us"] for row in rows]
    return float(max((after / before for before, after in pairwise(times)), default=1.0))
