"""When a run breaks: where, what came before, and a way back."""

import streamlit as st

from pages import gradient_runs as runs
from pages.gradient_runs import Group
from rnnlab.live.engine import engine
from rnnlab.live.frames import number_text
from rnnlab.live.status import Status
from rnnlab.recipes import Remedy, suggested

BEFORE = 5
"""Updates whose gradient norms are shown before the break."""


def autopsy(group: Group, stands: list[Status]) -> Group:
    """A notice for the first run that broke, with its remedy; the group as it is then."""
    for index, (run, status) in enumerate(zip(group.runs, stands, strict=False)):
        if status.divergence is None or status.rewind_to is None:
            continue
        remedy = suggested(status.settings, engine().records(run.token), status.rewind_to)
        notice(group, index, status, remedy)
        break
    return group


def notice(group: Group, index: int, status: Status, remedy: Remedy) -> None:
    assert status.divergence is not None
    with st.container(key="autopsy", horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{group.runs[index].variant.label} broke.** {status.divergence.words}  \n"
            f"Gradient norms before: {norms_before(group.runs[index].token)}. **Try:** {remedy.words}"
        )
        st.button(
            f"Rewind to update {status.rewind_to:,}, apply, replay",
            type="primary",
            on_click=replay,
            args=[group, index, status.rewind_to, remedy],
            disabled=index > 0 and group.runs[index].branch and len(group.runs) >= runs.MOST,
        )


def norms_before(token: str) -> str:
    """The gradient norms of the last updates, as `update: norm`."""
    records = engine().records(token)
    last = zip(records.update[-BEFORE:], records.grad_norm[-BEFORE:], strict=True)
    return ", ".join(f"{number_text(norm)} (update {update:,})" for update, norm in last)


def replay(group: Group, index: int, update: int, remedy: Remedy) -> None:
    """A branch that leaves the broken run while it still worked; both stay on the charts."""
    found = runs.branched(group, index, update, remedy.settings, "with the remedy")
    groups = st.session_state["gradients groups"]
    groups[next(view for view, held in groups.items() if held == group)] = found
