"""The Lab's timeline: going back, branches, and which of them is looked at.

Where the sidebar stands is where the run stands: going to another update, or to another branch,
brings back the settings that led on from there. A setting that was changed and not played with
yet stays, so that one may go back and forth to find the place for it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

import streamlit as st

from pages import controls, teacher, titles, visitor
from rnnlab.config import Settings
from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun
from rnnlab.live.status import Status
from rnnlab.live.stretches import in_force, untried
from rnnlab.live.timeline import MOST_BRANCHES, Timeline, branch_names, onward, what_play_does

LOST = "That branch was put away while nobody watched it."


class PutAway(NamedTuple):
    """A timeline as it was before a person took something from it, and what that was."""

    timeline: Timeline
    what: str


def timeline() -> Timeline:
    """The session's branches; a new run has none, and the old ones go."""
    token = st.session_state["token"]
    found: Timeline | None = st.session_state.get("timeline")
    if found is not None and token in found:
        return found
    before: PutAway | None = st.session_state.pop("put away", None)
    for branch in (*(found.branches if found else ()), *(before.timeline.branches if before else ())):
        engine().forget(branch.token)
    return keep(Timeline.of(token))


def keep(changed: Timeline) -> Timeline:
    st.session_state["timeline"] = changed
    st.session_state["token"] = changed.current
    return changed


def heard() -> None:
    """What a person did on the strip."""
    asked = st.session_state["live"].get("timeline") or {}
    if teacher.usable("timeline") and (act := ACTS.get(asked.get("do"))) is not None:
        try:
            act(asked)
        except UnknownRun:
            st.toast(LOST)


def go(asked: dict[str, Any]) -> None:
    """To an update of a branch."""
    show(asked)
    rewind(int(asked["update"]))


def rewind(update: int) -> None:
    """Go to an update of the current branch; its settings come with it, unless one waits to be tried."""
    token = timeline().current
    status = paused(token)
    target = min(max(update, 0), status.furthest)
    if status.stretches and not untried(status.stretches, status.update, status.settings):
        take(token, in_force(status.stretches, target))
    engine().rewind(token, target)


def take(token: str, settings: Settings) -> None:
    """Put settings in force, in the run and in the sidebar."""
    engine().change(token, settings)
    controls.show(st.session_state["design"], settings)
    st.session_state["settings"] = settings


def paused(token: str) -> Status:
    status = engine().snapshot(token)
    return engine().pause(token) if status.status == "playing" else status


def show(asked: dict[str, Any]) -> None:
    """Look at another branch, where it stands. Only one plays at a time."""
    here, token = timeline(), asked.get("token")
    if token == here.current or token not in here:
        return
    try:
        status = engine().snapshot(token)
    except UnknownRun:
        keep(here.without(token))
        raise
    settle(paused(here.current), here.current)
    keep(here.showing(token))
    take(token, in_force(status.stretches, status.update) if status.stretches else status.settings)


def settle(status: Status, token: str) -> None:
    """A run that is left forgets a change that it never tried."""
    if status.stretches and untried(status.stretches, status.update, status.settings):
        engine().change(token, in_force(status.stretches, status.update))


def going_on(settings: Settings) -> str:
    """The run that goes on with `settings` from where the current one stands.

    Itself; or another branch, where that one has this past and these settings; or a new branch. A new
    one begins where it leaves what is known already: before that, both would be the same.
    """
    here = timeline()
    status = engine().snapshot(here.current)
    if status.update < status.furthest:
        status = paused(here.current)
    way = onward(here, statuses(here), settings)
    if way.leaves_at is not None:
        return branched(here.current, status, way.leaves_at, settings)
    if way.token != here.current:
        leave(here.current)
        engine().rewind(way.token, status.update)
        keep(here.showing(way.token))
    if engine().snapshot(way.token).settings != settings:
        engine().change(way.token, settings)
    return way.token


def leave(token: str) -> None:
    """A run that training leaves goes to its end, with the settings that led there: see tidy."""
    st.session_state.setdefault("left", []).append(token)


def tidy() -> None:
    """At the end of a page run: until then the browser still shows the run that is left."""
    for token in st.session_state.pop("left", ()):
        with suppress(UnknownRun):
            status = engine().snapshot(token)
            if token != timeline().current and status.stretches:
                engine().change(token, status.stretches[-1].settings)
                engine().rewind(token, status.furthest)


def branched(token: str, status: Status, at: int, settings: Settings) -> str:
    """A branch at `at`, standing where the run stands that it leaves."""
    new = visitor.branched(token, at, settings)
    engine().rewind(new, status.update)
    leave(token)
    forget_put_away()
    grown = timeline().grown(new, at)
    if gone := grown.too_many():
        name = dict(zip((one.token for one in timeline().branches), named(timeline()), strict=True))[gone]
        st.toast(f"{MOST_BRANCHES} branches fit on the charts. The oldest, “{name}”, made room.")
        engine().forget(gone)
        grown = room_made(grown, gone)
    keep(grown)
    return new


def room_made(grown: Timeline, gone: str) -> Timeline:
    """Without the branch that leaves; the newest takes over its colour, for there are no more than lines."""
    *others, newest = grown.without(gone).branches
    return replace(grown, branches=(*others, replace(newest, style=grown[gone].style)))


def put_away(asked: dict[str, Any]) -> None:
    """Take a quiet branch off the charts."""
    here, token = timeline(), asked.get("token")
    if token not in here or token == here.current:
        return
    name = dict(zip((one.token for one in here.branches), named(here), strict=True))[token]
    forget_put_away()
    st.session_state["put away"] = PutAway(here, f"“{name}” was put away.")
    keep(here.without(token))


def renew(token: str) -> None:
    """A new run instead of all branches."""
    here = timeline()
    engine().pause(here.current)
    forget_put_away()
    st.session_state["put away"] = PutAway(here, "Back at the first weights.")
    keep(Timeline.of(token))


def undo(asked: dict[str, Any]) -> None:
    """Bring back what was put away last."""
    before: PutAway | None = st.session_state.pop("put away", None)
    if before is None:
        return
    now = timeline()
    found = statuses(before.timeline)
    engine().pause(now.current)
    for branch in now.branches:
        if branch.token not in before.timeline:
            engine().forget(branch.token)
    kept = before.timeline.showing(now.current) if now.current in before.timeline else before.timeline
    keep(kept)
    if kept.current != now.current:
        take(kept.current, found[kept.current].settings)


def forget_put_away() -> None:
    """What was put away before can no longer be brought back."""
    before: PutAway | None = st.session_state.pop("put away", None)
    for branch in before.timeline.branches if before else ():
        if branch.token not in timeline():
            engine().forget(branch.token)


def named(of: Timeline, brief: bool = False) -> tuple[str, ...]:
    """The branches' names."""
    return branch_names(of, statuses(of), brief)


def statuses(of: Timeline) -> dict[str, Status]:
    return {branch.token: engine().snapshot(branch.token) for branch in of.branches}


def bear_title() -> None:
    """The whole timeline has one title, whichever branch is looked at or begun."""
    here = still_there(timeline())
    titles.bear(statuses(here), here.current)


def drawn() -> dict[str, Any]:
    """What the live component has to know of the timeline."""
    here = still_there(timeline())
    branches = [
        {**vars(branch), "name": name, "label": label}
        for branch, name, label in zip(here.branches, named(here), named(here, brief=True), strict=True)
    ]
    before: PutAway | None = st.session_state.get("put away")
    return {
        "branches": branches,
        "on_play": what_play_does(here, statuses(here)),
        "undo": before and {"what": before.what, "key": before.timeline.current + before.what},
    }


def still_there(here: Timeline) -> Timeline:
    """Without branches that the server has put away."""
    for branch in here.quiet:
        try:
            engine().snapshot(branch.token)
        except UnknownRun:
            here = keep(here.without(branch.token))
            with suppress(RuntimeError):
                st.toast(LOST)
    return here


ACTS: dict[str | None, Callable[[dict[str, Any]], None]] = {
    "go": go,
    "show": show,
    "put_away": put_away,
    "undo": undo,
}
