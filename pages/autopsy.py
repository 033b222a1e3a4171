"""When a run breaks: where, what came before, and a way back."""

from contextlib import suppress

import streamlit as st

from pages import gradient_controls as controls
from pages import gradient_runs as runs
from pages import teacher
from pages.gradient_runs import Group, Shown
from rnnlab.live.engine import engine
from rnnlab.live.frames import number_text
from rnnlab.live.handles import UnknownRun
from rnnlab.live.status import Status
from rnnlab.recipes import Remedy, suggested

BEFORE = 5
"""Updates whose gradient norms are shown before the break."""


def autopsy(group: Group, stands: list[Status]) -> None:
    """A notice for a run that broke, with its remedy: the first that no other has left yet."""
    left = {run.parent for run in group.runs}
    broken = [(run, status) for run, status in zip(group.runs, stands, strict=False) if status.divergence]
    if broken:
        run, status = min(broken, key=lambda one: one[0].token in left)
        notice(group, run, status, mended=run.token in left)


def notice(group: Group, run: Shown, status: Status, mended: bool) -> None:
    assert status.divergence is not None
    update = status.rewind_to or 0
    remedy = suggested(status.settings, engine().records(run.token), update)
    with st.container(key="autopsy", horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{run.variant.label} broke.** {status.divergence.words}  \n"
            f"Gradient norms until then: {norms_before(run.token)}. **Try:** {remedy.words}"
        )
        teacher.button(
            "remedy",
            f"Rewind to update {update:,}, apply, replay",
            type="secondary" if mended else "primary",
            on_click=replay,
            args=[group, run, update, remedy],
        )


def norms_before(token: str) -> str:
    """The gradient norms of the last updates, as `update: norm`."""
    records = engine().records(token)
    last = zip(records.update[-BEFORE:], records.grad_norm[-BEFORE:], strict=True)
    return ", ".join(f"{number_text(norm)} (update {update:,})" for update, norm in last)


def replay(group: Group, run: Shown, update: int, remedy: Remedy) -> None:
    """A branch that leaves the broken run while it still worked; both stay on the charts."""
    held = st.session_state
    view = next((view for view, found in held["gradients groups"].items() if found == group), None)
    if view is None:
        return  # a second click on a button that has done its work
    with suppress(UnknownRun):  # the page starts the runs again when it draws itself
        found = runs.branched(group, run, update, remedy.settings, "with the remedy")
        held["gradients groups"][view] = found
        make_room(view, found)


def make_room(view: str, group: Group) -> None:
    """Where three cells were side by side, one has left: the experiment is now of the others."""
    design, settings, cells = st.session_state["gradients experiments"][view]
    kept = [run.variant.design.cell for run in group.runs if not run.branch]
    if len(kept) < len(cells):
        st.session_state["gradients experiments"][view] = (design, settings, kept)
        controls.show(design, settings, kept)
