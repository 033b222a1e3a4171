"""Gradients: does the signal survive? Cells side by side, clipping, the cliff, networks broken on purpose."""

from contextlib import suppress
from typing import Any

import streamlit as st

from pages import checking, literal, teach, teacher
from pages import gradient_address as address
from pages import gradient_controls as controls
from pages import gradient_runs as runs
from pages.autopsy import autopsy
from pages.cliff import cliff_view
from pages.closer import closer_view
from pages.component import copy_link, gradients
from pages.gradient_address import LIVE_VIEWS, VIEWS, Experiment, recipe_experiment
from pages.gradient_runs import Group
from pages.literal import literally
from rnnlab.comparison import Variant, cells_side_by_side, clipping_off_and_on
from rnnlab.live.handles import UnknownRun
from rnnlab.live.status import Status
from rnnlab.recipes import RECIPES

NEW = "Trains another network with the remedy, from the same seed. Both runs stay on the charts."
BACK = "Goes back to before it broke and on with the remedy. Both runs stay on the charts."


def open_page() -> None:
    """At the start of a session the address says what to show; later the widgets are put back."""
    held = st.session_state
    if "gradients experiments" not in held:
        asked = address.read(st.query_params.to_dict())
        held["gradients experiments"] = asked.experiments
        held["gradients groups"] = {}
        held["gradients recipe"] = asked.recipe
        held["gradients view"] = asked.view
        held["gradients messages"] = asked.messages
    controls.show(*held["gradients experiments"][live_view()], missing=True)
    held["view choice"] = held["gradients view"]


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
    kinds = {"many": view == "cells", "fixed_clip": view == "clipping"}
    with st.sidebar:
        controls.controls(**kinds)
    try:
        found = controls.shown(last[0], **kinds)
        variants_of(view, found)
    except ValueError as wrong:
        st.session_state["gradients refused"] = str(wrong)
        found = last
    st.session_state["gradients experiments"][view] = found
    return found


def variants_of(view: str, experiment: Experiment) -> tuple[Variant, ...]:
    """The runs that a view shows. Raises ValueError, in one sentence."""
    design, settings, cells = experiment
    if view == "cells":
        return cells_side_by_side(design, settings, cells)
    if view == "clipping":
        return clipping_off_and_on(design, settings)
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
        teacher.held("view", "view choice", view_control)
        buttons = st.container(key="gradients-buttons", horizontal=True, width="content")
        copy_link("copy-gradients")
    return buttons


def view_control() -> None:
    st.segmented_control(
        "View",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        default=st.session_state["view choice"],
        key="view choice",
        on_change=take_view,
        label_visibility="collapsed",
        **teacher.ways("view"),
    )


def transport(group: Group, stands: list[Status]) -> None:
    playing = any(status.status == "playing" for status in stands)
    for name, label, strong in (("play", "Play", not playing), ("pause", "Pause", playing)):
        look = "primary" if strong else "secondary"
        teacher.button("play", label, type=look, on_click=runs.act, args=[group, name])
    teacher.button("one_update", "One update", on_click=runs.act, args=[group, "one_update"])
    words = "Back to the first weights, without branches."
    teacher.button("reset", "Reset", help=words, on_click=reset, args=[group])


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
        teacher.held("recipe", "recipe choice", recipe_control)
        st.markdown(f"**Watch:** {recipe.watch}")
        mended = any(run.branch for run in group.runs)
        teacher.button(
            "remedy",
            f"Remedy: {recipe.remedy}",
            help=NEW if recipe.remedy_design else BACK,
            disabled=mended or not stands,
            on_click=apply_remedy,
            args=[group, stands],
        )


def recipe_control() -> None:
    st.segmented_control(
        "Recipe",
        list(RECIPES),
        format_func=lambda name: RECIPES[name].label,
        default=st.session_state["recipe choice"],
        key="recipe choice",
        on_change=take_recipe,
        label_visibility="collapsed",
        **teacher.ways("recipe"),
    )


def apply_remedy(group: Group, stands: list[Status]) -> None:
    """A remedy of settings leaves the run before it broke; one of design is another run."""
    recipe, broken = RECIPES[st.session_state["gradients recipe"]], group.runs[0]
    design, settings = recipe.mend(broken.variant.design, broken.variant.settings)
    with suppress(UnknownRun):  # the page starts the run again when it draws itself
        if recipe.remedy_design:
            found = runs.beside(group, Variant("with the remedy", design, settings))
        else:
            found = runs.branched(group, broken, stands[0].rewind_to or 0, settings, "with the remedy")
        st.session_state["gradients groups"]["break"] = found


def component_data(view: str, group: Group) -> dict[str, Any]:
    return {
        "mode": {"break": "recipe"}.get(view, view),
        "runs": [{"token": run.token, "label": run.variant.label, "note": run.note} for run in group.runs],
        "branch_at": group.branch_at,
    }


def check(group: Group) -> None:
    """The button on a chart: all runs pause, and one number is checked."""
    asked = st.session_state["gradients"].get("check")
    if asked and 0 <= int(asked["run"]) < len(group.runs):
        runs.act(group, "pause")
        run = group.runs[int(asked["run"])]
        checking.ask(run.token, run.variant.label, asked)


def take_key(group: Group) -> None:
    """A key that stands for a button: space plays or pauses all runs, the full stop makes one update."""
    asked = st.session_state["gradients"].get("key")
    if asked == "toggle" and teacher.usable("play"):
        playing = any(status.status == "playing" for status in runs.statuses(group))
        runs.act(group, "pause" if playing else "play")
    elif asked == "one_update" and teacher.usable("one_update"):
        runs.act(group, "one_update")


def messages() -> None:
    """What was refused, above the charts: a sidebar may be scrolled or closed."""
    if refused := st.session_state.pop("gradients refused", None):
        st.error(f"{literally(refused)} The runs go on as they were.")
    if told := st.session_state.pop("gradients messages", None):
        more = f" And {len(told) - 3} more." if len(told) > 3 else ""
        st.warning(literal.lines(told[:3]) + more)


def live_page(view: str) -> None:
    """Runs side by side, with what is to be said about them above."""
    experiment = choose(view)
    group = current(view, experiment)
    stands = runs.statuses(group)
    buttons = top(st.session_state["gradients view"])
    with buttons:
        transport(group, stands)
    messages()
    if view == "clipping":
        st.markdown(
            "Clipping shortens steps that are too long. It does **not** cure vanishing: what does not arrive "
            "cannot be shortened. Nor can it rescue an infinity: the run stops.",
            help="The same seed and data twice. SGD and momentum show it best; Adam rescales its own steps. "
            "Of an infinity, clipping by norm makes ∞ / ∞, no number; by value, only its sign is left.",
        )
    if view == "break":
        recipe_bar(group, stands)
    autopsy(group, stands)
    gradients(component_data(view, group), lambda: check(group), lambda: take_key(group))
    checking.answer()


def keep_address() -> None:
    """The address bar holds the view and its experiment."""
    held, live = st.session_state, live_view()
    experiment: Experiment = held["gradients experiments"][live]
    pairs = address.pairs_of(held["gradients view"], live, held["gradients recipe"], experiment)
    pairs = teacher.leave(pairs)
    if pairs != st.query_params.to_dict():
        st.query_params.from_dict(pairs)


def closer_page() -> Group:
    """The runs of the last live view, begun if need be, looked at closer."""
    view = live_view()
    group = current(view, st.session_state["gradients experiments"][view])
    top("closer")
    messages()
    runs.wait_for_weights(group)
    closer_view(group)
    return group


def cliff_page() -> Group | None:
    top("cliff")
    messages()
    cliff_view()
    return st.session_state["gradients groups"].get(live_view())


open_page()
if (view := st.session_state["gradients view"]) in LIVE_VIEWS:
    live_page(view)
elif behind := closer_page() if view == "closer" else cliff_page():
    runs.keep(behind)
keep_address()
teach.bar()
