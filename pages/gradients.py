"""Gradients: does the signal survive? Cells side by side, clipping, the cliff, networks broken on purpose."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from pages import checking
from pages import gradient_controls as controls
from pages import gradient_runs as runs
from pages.autopsy import autopsy
from pages.cliff import cliff_view
from pages.closer import closer_view
from pages.component import COPY_LINK, gradients
from pages.gradient_runs import Group
from rnnlab.comparison import Variant, cells_side_by_side, clipping_off_and_on
from rnnlab.config import Design, Settings, default_settings
from rnnlab.link import from_link, to_link
from rnnlab.live.status import Status
from rnnlab.model.cells import CELLS
from rnnlab.recipes import RECIPES

VIEWS = {
    "cells": "Cells",
    "clipping": "Clipping",
    "cliff": "Cliff",
    "break": "Break it",
    "closer": "Look closer",
}
NEW = "Trains another network with the remedy, from the same seed. Both runs stay on the charts."
BACK = "Goes back to just before it broke and on with the remedy. Both runs stay on the charts."
LIVE_VIEWS = ("cells", "clipping", "break")
Experiment = tuple[Design, Settings, list[str]]


def first_experiments() -> dict[str, Experiment]:
    """What each live view opens with: chosen so that the lesson shows within a minute."""
    plain = Design(task="temporal-order", cell="rnn", hidden_size=32, forget_bias=3)
    steep = replace(plain, recurrent_init="orthogonal", optimizer="momentum")
    return {
        "cells": (plain, replace(default_settings(plain), length=50), ["rnn", "lstm", "gru"]),
        "clipping": (steep, replace(default_settings(steep), learning_rate=0.03, length=30), ["rnn"]),
        "break": recipe_experiment("exploding", 0),
    }


def recipe_experiment(name: str, seed: int) -> Experiment:
    design, settings = RECIPES[name].experiment(seed)
    return design, settings, [design.cell]


def open_page() -> None:
    """At the start of a session the address says what to show; later the widgets are put back."""
    held = st.session_state
    if "gradients experiments" not in held:
        held["gradients experiments"] = first_experiments()
        held["gradients groups"] = {}
        held["gradients recipe"] = "exploding"
        held["gradients view"] = "cells"
        held["gradients messages"] = read_address()
    controls.show(*held["gradients experiments"][live_view()], missing=True)
    held["view choice"] = held["gradients view"]


def read_address() -> list[str]:
    """Take the experiment from the address; what is wrong in it becomes a sentence."""
    pairs = st.query_params.to_dict()
    view, cells = pairs.pop("view", "cells"), pairs.pop("cells", "")
    recipe = pairs.pop("recipe", "exploding")
    messages = []
    if view not in VIEWS:
        messages.append(f"view must be one of {', '.join(VIEWS)}.")
        view = "cells"
    if recipe not in RECIPES:
        messages.append(f"recipe must be one of {', '.join(RECIPES)}.")
        recipe = "exploding"
    held = st.session_state
    held["gradients view"], held["gradients recipe"] = view, recipe
    if view == "break":
        held["gradients experiments"]["break"] = recipe_experiment(recipe, 0)
    if "task" not in pairs:
        return messages
    linked = from_link(pairs)
    chosen = [cell for cell in cells.split(",") if cell in CELLS] or [linked.design.cell]
    if controls.unrolls(linked.design.task):
        held["gradients experiments"][live_view()] = (linked.design, linked.settings, chosen[:3])
    return [*messages, *linked.messages]


def live_view() -> str:
    """The view whose runs are in force: the last one with runs of its own."""
    view = st.session_state["gradients view"]
    if view in LIVE_VIEWS:
        st.session_state["gradients live view"] = view
    return str(st.session_state.get("gradients live view", "cells"))


def take_view() -> None:
    """Another view: keep the experiment of this one, and show that one's."""
    held = st.session_state
    before = live_view()
    held["gradients view"] = held["view choice"] or held["gradients view"]
    if live_view() != before:
        controls.show(*held["gradients experiments"][live_view()])


def take_recipe() -> None:
    held = st.session_state
    held["gradients recipe"] = held["recipe choice"] or held["gradients recipe"]
    seed = held["gradients experiments"]["break"][0].seed
    held["gradients experiments"]["break"] = recipe_experiment(held["gradients recipe"], seed)
    controls.show(*held["gradients experiments"]["break"])
    if group := held["gradients groups"].pop("break", None):
        runs.forget(group)


def choose(view: str) -> Experiment:
    """The sidebar. A value that is not allowed leaves the last experiment in force, and says so."""
    last: Experiment = st.session_state["gradients experiments"][view]
    with st.sidebar:
        controls.controls(many=view == "cells", fixed_clip=view == "clipping")
        try:
            found = controls.shown(last[0], many=view == "cells")
            variants_of(view, found)
        except ValueError as wrong:
            st.error(str(wrong))
            found = last
    st.session_state["gradients experiments"][view] = found
    return found


def variants_of(view: str, experiment: Experiment) -> tuple[Variant, ...]:
    """The runs that a view shows. Raises ValueError, in one sentence."""
    design, settings, cells = experiment
    if view == "cells":
        return cells_side_by_side(design, settings, cells)
    if view == "clipping":
        kind = controls.value("clipping")
        return clipping_off_and_on(design, replace(settings, clipping=kind))
    label = RECIPES[st.session_state["gradients recipe"]].label
    return (Variant(label, design, settings),)


def current(view: str, experiment: Experiment) -> Group:
    groups = st.session_state["gradients groups"]
    group, lost = runs.brought_to(groups.get(view), variants_of(view, experiment))
    if lost:
        st.session_state["gradients messages"] = ["The runs were put away meanwhile. They start again."]
    groups[view] = group
    return group


def top(view: str) -> Any:
    """The views and the transport, in one line; returns where the buttons go."""
    with st.container(key="gradients-top", horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "View",
            list(VIEWS),
            format_func=VIEWS.__getitem__,
            key="view choice",
            on_change=take_view,
            label_visibility="collapsed",
        )
        buttons = st.container(key="gradients-buttons", horizontal=True, width="content")
        COPY_LINK(key="copy-gradients", width="content")
    return buttons


def transport(group: Group, stands: list[Status]) -> None:
    playing = any(status.status == "playing" for status in stands)
    st.button("Play", type="secondary" if playing else "primary", on_click=runs.act, args=[group, "play"])
    st.button("Pause", type="primary" if playing else "secondary", on_click=runs.act, args=[group, "pause"])
    st.button("One update", on_click=runs.act, args=[group, "one_update"])
    st.button("Reset", on_click=reset, args=[group], help="Back to the first weights, without branches.")


def reset(group: Group) -> None:
    runs.forget(group)
    groups = st.session_state["gradients groups"]
    for view, held in list(groups.items()):
        if held == group:
            del groups[view]


def recipe_bar(group: Group, stands: list[Status]) -> None:
    """The recipes, what to watch in the chosen one, and its remedy."""
    held = st.session_state
    held["recipe choice"] = held["gradients recipe"]
    recipe = RECIPES[held["gradients recipe"]]
    with st.container(key="gradients-recipe", horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Recipe",
            list(RECIPES),
            format_func=lambda name: RECIPES[name].label,
            key="recipe choice",
            on_change=take_recipe,
            label_visibility="collapsed",
        )
        st.markdown(f"**Watch:** {recipe.watch}")
        mended = any(run.branch for run in group.runs)
        st.button(
            f"Remedy: {recipe.remedy}",
            on_click=apply_remedy,
            args=[group, stands],
            disabled=mended or not stands,
            help=NEW if recipe.remedy_design else BACK,
        )


def apply_remedy(group: Group, stands: list[Status]) -> None:
    """A remedy of settings leaves the run just before it broke; one of design is another run."""
    recipe = RECIPES[st.session_state["gradients recipe"]]
    design, settings = recipe.mended(group.runs[0].variant.design.seed)
    if recipe.remedy_design:
        found = runs.beside(group, Variant("with the remedy", design, settings))
    else:
        update = stands[0].rewind_to or 0
        found = runs.branched(group, 0, update, settings, "with the remedy")
    st.session_state["gradients groups"]["break"] = found


def component_data(view: str, group: Group) -> dict[str, Any]:
    return {
        "mode": {"break": "recipe"}.get(view, view),
        "runs": [
            {"token": run.token, "label": run.variant.label, "note": note(run, group)} for run in group.runs
        ],
        "branch_at": group.branch_at,
    }


def check(group: Group) -> None:
    """The button on a chart: all runs pause, and one number is checked."""
    asked = st.session_state["gradients"].get("check")
    if asked and 0 <= int(asked["run"]) < len(group.runs):
        runs.act(group, "pause")
        run = group.runs[int(asked["run"])]
        checking.ask(run.token, run.variant.label, asked)


def note(run: runs.Shown, group: Group) -> str:
    if run.branch and group.branch_at is not None:
        return f"from update {group.branch_at:,}"
    return run.variant.note


def live_page(view: str) -> None:
    """Runs side by side, with what is to be said about them above."""
    experiment = choose(view)
    group = current(view, experiment)
    stands = runs.statuses(group)
    buttons = top(st.session_state["gradients view"])
    with buttons:
        transport(group, stands)
    for message in st.session_state.pop("gradients messages", None) or []:
        st.warning(message)
    if view == "clipping":
        st.markdown(
            "Clipping shortens steps that are too long. It does **not** cure vanishing: what does not arrive "
            "cannot be shortened. Nor can it rescue an infinity: ∞ / ∞ is no number.",
            help="The same seed and data twice. SGD and momentum show it best; Adam rescales its own steps.",
        )
    if view == "break":
        recipe_bar(group, stands)
    st.session_state["gradients groups"][view] = group = autopsy(group, stands)
    gradients(component_data(view, group), lambda: check(group))
    checking.answer()


def keep_address() -> None:
    """The address bar holds the view and its experiment."""
    shown, view = st.session_state["gradients view"], live_view()
    experiment: Experiment = st.session_state["gradients experiments"][view]
    design, settings, cells = experiment
    pairs = {} if shown == "cells" else {"view": shown}
    if shown == "break":
        pairs["recipe"] = st.session_state["gradients recipe"]
    if shown == view and experiment != first_experiments()[view]:
        pairs |= dict(parse_qsl(to_link(design, settings), keep_blank_values=True))
        if view == "cells":
            pairs["cells"] = ",".join(cells)
    if pairs != st.query_params.to_dict():
        st.query_params.from_dict(pairs)


open_page()
view = st.session_state["gradients view"]
if view in LIVE_VIEWS:
    live_page(view)
elif view == "cliff":
    top(view)
    cliff_view()
else:
    top(view)
    closer_view(st.session_state["gradients groups"].get(live_view()))
keep_address()
