"""A written script prints the losses of `rnnlab.advance`, in an interpreter without rnnlab.

Weights and batches are equal bit for bit; kernels sum in another order, so the losses of five updates
agree to a few units of float32's last place: 2e-6 relative, of which 5e-7 were seen at most.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from script.running import losses, run_scripts

from rnnlab import TASKS, Design, Settings, advance, begin, default_settings
from rnnlab.config import why_not_bidirectional
from rnnlab.model.cells import CELLS
from rnnlab.model.cells.cell import ACTIVATIONS
from rnnlab.model.optimizers import OPTIMIZERS
from rnnlab.model.weights import RECURRENT
from rnnlab.script import write
from rnnlab.topologies import TOPOLOGIES

UPDATES = 5
TOLERANCE = 2e-6
SHORT = 21
Experiment = tuple[Design, Settings]
OWN_SERIES = "Höhe [m]\n" + "\n".join(str(1e5 * math.sin(n) ** 3 + n / 7) for n in range(300))
OWN_TEXT = (
    "Ein <b>Text</b> mit \"\"\"Anführungszeichen''' und \\n, \t🙂 und einem einsamen \ud800, ganz kurz.\r\n"
    * 2
)


def experiment(task: str, settings: dict[str, Any] | None = None, **design: Any) -> Experiment:
    """Small and short, and otherwise the task's own."""
    made = Design(task=task, **{"hidden_size": 7, "batch_size": 5, **design})
    own = default_settings(made)
    length = made.lengths.nearest(min(own.length or 1, SHORT))
    return made, replace(own, **{"length": length, **(settings or {})})


def directions(task: str, topology: str) -> tuple[bool, ...]:
    return (False,) if why_not_bidirectional(task, topology) else (False, True)


def every_task() -> Iterator[Experiment]:
    for (task, spec), cell in itertools.product(TASKS.items(), CELLS):
        for topology in spec.topologies:
            yield experiment(task, topology=topology, cell=cell)
    yield experiment("digits", topology="many-to-one", task_options={"question": "even"})
    yield experiment("copy", task_options={"symbols": "10"}, settings={"length": 40})
    yield experiment("arithmetic", task_options={"digits": "3", "order": "start"}, settings={"length": 7})
    yield experiment("echo", task_options={"delay": "5"})
    yield experiment("video", task_options={"question": "digit"}, bidirectional=True)
    yield experiment("sine-mixture", task_options={"sines": "2", "horizon": "5"})
    yield experiment("question", task_options={"asked": "before"})
    yield experiment("relative-time", task_options={"language": "pl"}, settings={"length": 12})
    yield experiment("forecast", task_options={"values": OWN_SERIES}, settings={"length": 5})
    yield experiment("word-model", task_options={"text": OWN_TEXT}, settings={"length": 100})
    yield experiment("next-word", task_options={"text": OWN_TEXT}, settings={"length": 50})
    yield experiment("next-character", task_options={"text": OWN_TEXT}, settings={"length": 50})
    yield experiment("language-model", task_options={"text": OWN_TEXT}, settings={"length": 60})
    yield experiment(
        "language-model", task_options={"text": OWN_TEXT}, settings={"length": 300, "dropout": 0.2}, layers=2
    )


UNEVEN = ("nationality", "counting", "surname", "dates", "digits", "look-ahead")
"""One task for each topology, with sequences of unequal lengths where there are any."""


def every_architecture() -> Iterator[Experiment]:
    changed: list[dict[str, Any]] = [{}, {"dropout": 0.3}, {"tbptt_window": 4}]
    changed += [{"dropout": 0.3, "tbptt_window": 3}]
    for task, cell, layers in itertools.product(UNEVEN, CELLS, (1, 2)):
        topology = next(iter(TASKS[task].topologies))
        forced = [{"teacher_forcing": 0.4}, {"teacher_forcing": 0.4, "dropout": 0.2, "tbptt_window": 3}]
        settings = changed + (forced if TOPOLOGIES[topology].generates else [])
        for both, given in itertools.product(directions(task, topology), settings):
            yield experiment(
                task,
                given,
                topology=topology,
                cell=cell,
                layers=layers,
                bidirectional=both,
                activation="tanh",
            )


def every_way_across() -> Iterator[Experiment]:
    """Attention and contexts of a size of their own, with all that meets them in an encoder-decoder."""
    ways = (("dot", 0), ("additive", 0), ("none", 6), ("additive", 6))
    changed: dict[int, dict[str, Any]] = {
        1: {},
        2: {"dropout": 0.3, "teacher_forcing": 0.4, "tbptt_window": 4},
    }
    for (attention, size), cell, layers in itertools.product(ways, CELLS, (1, 2)):
        more: dict[str, Any] = {"attention": attention, "context_size": size, "activation": "tanh"}
        yield experiment("dates", changed[layers], cell=cell, layers=layers, **more)
    yield experiment("dates", {"dropout": 0.3, "teacher_forcing": 0.4}, attention="dot", context_size=6)
    yield experiment("reverse", {"teacher_forcing": 0.5}, attention="dot", context_size=3)
    yield experiment("dates", attention="additive", cell="rnn", activation="identity")


def every_activation() -> Iterator[Experiment]:
    for activation, task in itertools.product(ACTIVATIONS, UNEVEN):
        both = directions(task, next(iter(TASKS[task].topologies)))[-1]
        yield experiment(task, cell="rnn", activation=activation, layers=2, bidirectional=both)


def every_optimizer_and_start() -> Iterator[Experiment]:
    for optimizer, clipping, threshold in itertools.product(
        OPTIMIZERS, ("off", "norm", "value"), (0.05, 0.3)
    ):
        settings = {
            "clipping": clipping,
            "clip_threshold": threshold,
            "weight_decay": 0.01 * (threshold < 0.1),
        }
        yield experiment("adding", settings, optimizer=optimizer)
    for init, cell in itertools.product(RECURRENT, CELLS):
        more: dict[str, Any] = {"recurrent_gain": 1.2, "forget_bias": 2.0, "layers": 3, "seed": 5}
        yield experiment("copy", recurrent_init=init, cell=cell, **more)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    "experiments",
    [every_task, every_architecture, every_way_across, every_activation, every_optimizer_and_start],
)
def test_a_script_prints_the_losses_of_the_app(experiments: Any, tmp_path: Path) -> None:
    wanted = list(experiments())
    printed = run_scripts(tmp_path, [write(design, settings, UPDATES) for design, settings in wanted])
    for (design, settings), text in zip(wanted, printed, strict=True):
        _, records = advance(begin(design), settings, UPDATES)
        assert losses(text) == pytest.approx(records.loss.tolist(), rel=TOLERANCE), (design, settings)


def test_a_run_that_breaks_is_told_and_ends(tmp_path: Path) -> None:
    design, settings = experiment(
        "adding",
        {"clipping": "off", "learning_rate": 5.0},
        cell="rnn",
        activation="relu",
        recurrent_gain=3,
        optimizer="sgd",
    )
    state, records = advance(begin(design), settings, 40)
    (printed,) = run_scripts(tmp_path, [write(design, settings, 40)])
    assert state.divergence
    assert "not finite" in printed
    finite = [loss for loss in records.loss.tolist() if loss < float("inf")]
    assert losses(printed)[: len(finite)] == pytest.approx(finite, rel=1e-4)
