"""What a network writes by itself: symbols drawn by its own probabilities, each its next input."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Settings, fit
from rnnlab.live.sounds import tune
from rnnlab.state import RunState
from rnnlab.tasks import TASKS
from rnnlab.tasks.spec import Tuneful
from rnnlab.tasks.surname import END

LINES = 3
SYMBOLS = 60
TEMPERATURE = 0.7
"""Below 1 the network's probabilities are sharpened a little, which makes its text easier to read."""


def written(state: RunState, settings: Settings) -> dict[str, Any]:
    """Free-running samples, for tasks whose networks can write; none for the others."""
    spec = TASKS[state.design.task]
    if not spec.writes:
        return {"generated": [], "generated_caption": ""}
    from rnnlab.evaluation import held_out_batch
    from rnnlab.model.network import load_task

    settings = fit(state.design, settings)
    task = load_task(state.design)
    batch = held_out_batch(state.design, settings, LINES)
    steps = SYMBOLS if spec.writes == "text" else int(settings.length or 1)
    symbols_SB = drawn_by_chance(state, batch.inputs_TBI, steps)
    lines = [
        line(task.input_labels(batch, b), [task.labels[s] for s in symbols_SB[:, b].tolist()], spec.writes)
        for b in range(LINES)
    ]
    tunes = [tune(task, symbols_SB[:, b]) for b in range(LINES)] if isinstance(task, Tuneful) else []
    return {
        "generated": lines,
        "generated_sounds": tunes,
        "generated_caption": f"written by the network, temperature {TEMPERATURE}",
    }


def drawn_by_chance(state: RunState, prompt_TBI: NDArray[Any], steps: int) -> NDArray[np.int64]:
    """Symbols (S, B) after each prompt; the same ones at the same update."""
    import torch

    from rnnlab.model.feedback import sampled
    from rnnlab.model.network import new_pass
    from rnnlab.model.topologies import WIRINGS

    weights = {name: torch.tensor(array) for name, array in state.weights.items()}
    choose = sampled(torch.Generator().manual_seed(state.update), TEMPERATURE)
    prompt = torch.from_numpy(np.ascontiguousarray(prompt_TBI))
    generate = WIRINGS[state.design.topology].generate
    with torch.no_grad():
        symbols_SB: NDArray[np.int64] = generate(
            new_pass(state.design, weights), prompt, steps, choose
        ).numpy()
    return symbols_SB


def line(prompt: list[str], symbols: list[str], kind: str) -> str:
    """A prompt and what the network made of it, on one line."""
    if kind == "text":
        return spaced(prompt)[-24:] + "│" + spaced(symbols)
    return f"{' '.join(prompt)}: {''.join(takewhile(lambda symbol: symbol != END, symbols))}"


def spaced(labels: list[str]) -> str:
    return "".join(" " if label == "␣" else label for label in labels)
