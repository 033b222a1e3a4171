"""Writing: each symbol is drawn by the network's own probabilities and is its next input.

At temperature 0 the most probable symbol is taken; at 1 symbols come as often as the network says;
in between the likely ones come more often than that, above 1 less often.
S symbols written, O output size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Settings
from rnnlab.probing.changes import Change, changed
from rnnlab.probing.reading import Top, check_finite, top_of
from rnnlab.state import RunState
from rnnlab.tasks.answers import probabilities
from rnnlab.tasks.characters import SIGNS
from rnnlab.tasks.spec import Batch, Task
from rnnlab.tasks.surname import END
from rnnlab.tasks.words import joined
from rnnlab.topologies import TOPOLOGIES

if TYPE_CHECKING:
    import torch

    from rnnlab.asking import Question

Doubles = NDArray[np.float64]

MOST_SYMBOLS = 2000


class Written(NamedTuple):
    """What a network wrote after `prompt`.

    `probability_S` is the network's own for each symbol, `chance_S` that at the temperature it was drawn
    with; `top` are the most probable symbols at each time step by the network's own probabilities.
    `ended` says that the network wrote its end sign, which is the last symbol then.
    """

    prompt: tuple[str, ...]
    symbols: tuple[str, ...]
    indices_S: NDArray[np.int64]
    probability_S: Doubles
    chance_S: Doubles
    top: tuple[Top, ...]
    text: str
    ended: bool
    temperature: float


def write(
    state: RunState,
    settings: Settings,
    prompt: Question,
    steps: int,
    temperature: float,
    seed: int = 0,
    changes: Sequence[Change] = (),
) -> Written:
    """Go on from a prompt for `steps` symbols, or to the end sign: a pure function of its arguments.

    An answer without an end sign is as long as those the network learned, and no longer.

    Raises ValueError, in one sentence, for a network that cannot read what it writes.
    """
    from rnnlab.model.network import load_task

    task = load_task(state.design)
    check_writes(state, task)
    check_asked(steps, temperature)
    steps = min(steps, longest(state, task, prompt))
    drawn = draw(changed(state, changes), task, prompt.batch, steps, temperature, seed)
    return spelled_out(prompt, task, drawn, temperature)


def check_writes(state: RunState, task: Task) -> None:
    if not can_write(state, task):
        raise ValueError(
            "This network does not read what it writes, so it cannot go on by itself: choose a task whose "
            "inputs and outputs are one alphabet."
        )


def spelled_out(prompt: Question, task: Task, drawn: Drawn, temperature: float) -> Written:
    """Symbols that were drawn, as text, with the probabilities of each."""
    rows = np.arange(len(drawn.indices_S))
    symbols = tuple(task.labels[i] for i in drawn.indices_S)
    return Written(
        prompt=prompt.characters,
        symbols=symbols,
        indices_S=drawn.indices_S,
        probability_S=drawn.own_SO[rows, drawn.indices_S],
        chance_S=drawn.drawn_SO[rows, drawn.indices_S],
        top=top_of(task.labels, drawn.own_SO),
        text=spelled(task.labels, symbols[:-1] if drawn.ended else symbols),
        ended=drawn.ended,
        temperature=temperature,
    )


def longest(state: RunState, task: Task, prompt: Question) -> int:
    """Symbols after which writing ends: those of an answer, where no sign ends it."""
    answers = TOPOLOGIES[state.design.topology].generates and END not in task.labels
    return len(prompt.batch.targets) if answers else MOST_SYMBOLS


def can_write(state: RunState, task: Task) -> bool:
    """Whether a network's outputs can be its next inputs."""
    if TOPOLOGIES[state.design.topology].generates:
        return True
    if not task.labels or task.input_size != task.output_size:
        return False
    size = task.input_size
    every = Batch(
        np.eye(size, dtype=np.float32)[:, None],
        np.zeros((size, 1), np.int64),
        np.ones((size, 1), np.bool_),
        np.array([size], np.int64),
    )
    return task.input_labels(every, 0) == list(task.labels)


class Drawn(NamedTuple):
    """Symbols (S,), and the network's own probabilities and those they were drawn with (S, O)."""

    indices_S: NDArray[np.int64]
    own_SO: Doubles
    drawn_SO: Doubles
    ended: bool


def draw(state: RunState, task: Task, batch: Batch, steps: int, temperature: float, seed: int) -> Drawn:
    """Symbols one after the other, in double precision, up to the end sign where the task has one."""
    import torch

    from rnnlab.model.network import new_pass
    from rnnlab.model.topologies import WIRINGS

    check_asked(steps, temperature)
    weights = {name: torch.tensor(array, dtype=torch.float64) for name, array in state.weights.items()}
    length = int(batch.lengths_B[0])
    prompt_TBI = torch.tensor(np.asarray(batch.inputs_TBI[:length], np.float64))
    choose = Chooser(temperature, np.random.default_rng([seed]))
    with torch.no_grad():
        WIRINGS[state.design.topology].generate(new_pass(state.design, weights), prompt_TBI, steps, choose)
    return choose.up_to(task.labels.index(END) if END in task.labels else -1)


def check_asked(steps: int, temperature: float) -> None:
    if not 1 <= steps <= MOST_SYMBOLS:
        raise ValueError(f"steps must be a whole number from 1 to {MOST_SYMBOLS:,}, not {steps!r}.")
    if not (np.isfinite(temperature) and temperature >= 0):
        raise ValueError(f"temperature must be 0 or more, not {temperature!r}.")


class Chooser:
    """Draws a symbol for one sequence and keeps the probabilities by which it did."""

    def __init__(self, temperature: float, rng: np.random.Generator) -> None:
        self.temperature = temperature
        self.rng = rng
        self.kept: list[tuple[int, Doubles, Doubles]] = []

    def __call__(self, outputs_BO: torch.Tensor) -> torch.Tensor:
        outputs_1O = outputs_BO.detach().cpu().numpy().astype(np.float64)
        check_finite(outputs_1O)
        drawn_O = at_temperature(outputs_1O[0], self.temperature)
        index = int(self.rng.choice(len(drawn_O), p=drawn_O)) if self.temperature else int(drawn_O.argmax())
        self.kept.append((index, probabilities(outputs_1O)[0], drawn_O))
        return outputs_BO.new_tensor([index]).long()

    def up_to(self, end: int) -> Drawn:
        """All symbols to the first that is number `end`, itself included."""
        indices, own, drawn = zip(*self.kept, strict=True)
        count = indices.index(end) + 1 if end in indices else len(indices)
        return Drawn(
            np.array(indices[:count], np.int64),
            np.array(own[:count]),
            np.array(drawn[:count]),
            end in indices,
        )


def at_temperature(outputs_O: Doubles, temperature: float) -> Doubles:
    """Probabilities (O,) by which a symbol is drawn; at 0 the first of the most probable ones for certain."""
    if not temperature:
        return np.asarray(np.eye(len(outputs_O))[outputs_O.argmax()])
    with np.errstate(over="ignore", under="ignore"):
        return probabilities((outputs_O - outputs_O.max()) / temperature)


def spelled(labels: Sequence[str], symbols: Sequence[str]) -> str:
    """Symbols as text: characters side by side, words as a sentence."""
    if 2 * sum(len(label) == 1 for label in labels) < len(labels):
        return joined(symbols)
    written = {sign: character for character, sign in SIGNS.items()}
    return "".join(written.get(symbol, symbol) for symbol in symbols)
