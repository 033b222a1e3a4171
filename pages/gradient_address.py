"""The Gradients page's address: the view, its experiment and its cells, read and written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from pages import teacher
from pages.gradient_controls import unrolls
from rnnlab.comparison import MOST
from rnnlab.config import Design, Settings, default_settings
from rnnlab.fields import shown
from rnnlab.link import from_link, to_link
from rnnlab.live.engine import engine
from rnnlab.model.cells import CELLS
from rnnlab.recipes import RECIPES
from rnnlab.tasks import TASKS

VIEWS = {
    "cells": "Cells",
    "clipping": "Clipping",
    "cliff": "Cliff",
    "break": "Break it",
    "closer": "Look closer",
}
LIVE_VIEWS = ("cells", "clipping", "break")
Experiment = tuple[Design, Settings, list[str]]


@dataclass(frozen=True)
class Address:
    """What an address asks for, and what in it was not understood, one sentence each."""

    view: str
    recipe: str
    experiments: dict[str, Experiment]
    messages: list[str]


def first_experiments(recipe: str = "exploding") -> dict[str, Experiment]:
    """What each live view opens with: chosen so that the lesson shows within a minute."""
    plain = Design(task="temporal-order", cell="rnn", hidden_size=32, forget_bias=3)
    steep = replace(plain, recurrent_init="orthogonal", optimizer="momentum")
    return {
        "cells": (plain, replace(default_settings(plain), length=50), ["rnn", "lstm", "gru"]),
        "clipping": (steep, replace(default_settings(steep), learning_rate=0.03, length=30), ["rnn"]),
        "break": recipe_experiment(recipe, 0),
    }


def recipe_experiment(name: str, seed: int) -> Experiment:
    design, settings = RECIPES[name].experiment(seed)
    return within((design, settings, [design.cell]))


def read(query: Mapping[str, str]) -> Address:
    """What a query asks for. Never raises: what is wrong becomes a message and the default instead."""
    pairs, messages = teacher.enter(query)
    view = named(pairs, "view", list(VIEWS), "break" if "recipe" in pairs else "cells", messages)
    recipe = named(pairs, "recipe", list(RECIPES), "exploding", messages)
    experiments = first_experiments(recipe)
    if pairs:
        live = view if view in LIVE_VIEWS else "cells"
        experiments[live] = linked(pairs, experiments[live], messages)
    allowed = {name: within(experiment) for name, experiment in experiments.items()}
    return Address(view, recipe, allowed, messages)


def within(experiment: Experiment) -> Experiment:
    """The nearest experiment that the operator allows."""
    return *engine().limits.within(*experiment[:2]), experiment[2]


def named(pairs: dict[str, str], name: str, allowed: list[str], otherwise: str, messages: list[str]) -> str:
    """One of a few names, taken out of `pairs`."""
    text = pairs.pop(name, otherwise)
    if text in allowed:
        return text
    messages.append(f"{name} must be one of {', '.join(allowed)}, not {shown(text)}. The default is shown.")
    return otherwise


def linked(pairs: dict[str, str], own: Experiment, messages: list[str]) -> Experiment:
    """The experiment of a link; without a task, it is the view's own with what the link changes."""
    cells = chosen_cells(pairs.pop("cells", ""), messages)
    if "task" not in pairs:
        pairs = dict(parse_qsl(to_link(*own[:2]), keep_blank_values=True)) | pairs
        cells = cells or own[2]
    task = pairs["task"] if pairs["task"] in TASKS else Design().task
    lengths = TASKS[task].topologies.get(pairs.get("topology", ""))
    if lengths is None or lengths.high == 1:
        if lengths is not None:
            messages.append(f"topology {pairs['topology']} has one time step; {unrolls(task)} is shown.")
            pairs["topology"] = unrolls(task)
        pairs.setdefault("topology", unrolls(task))
    found = from_link(pairs)
    messages += found.messages
    try:
        engine().limits.check(found.design, found.settings)
    except ValueError as refused:
        messages.append(f"{refused} The most that is allowed is used instead.")
    return found.design, found.settings, cells or [found.design.cell]


def chosen_cells(text: str, messages: list[str]) -> list[str]:
    """The cells named in a link, each once; empty where there are none."""
    asked = list(dict.fromkeys(filter(None, text.split(","))))
    known = [cell for cell in asked if cell in CELLS]
    if known != asked:
        wrong = next(cell for cell in asked if cell not in CELLS)
        messages.append(f"cells holds {shown(wrong)}; there are {', '.join(CELLS)}. It is left out.")
    return known[:MOST]


def pairs_of(view: str, live: str, recipe: str, experiment: Experiment) -> dict[str, str]:
    """The query of what is shown: nothing that the view has of its own accord."""
    pairs = {} if view == "cells" else {"view": view}
    if view == "break":
        pairs["recipe"] = recipe
    if view == live and experiment != first_experiments(recipe)[live]:
        pairs |= parse_qsl(to_link(*experiment[:2]), keep_blank_values=True)
        if view == "cells":
            pairs["cells"] = ",".join(experiment[2])
    return pairs
