"""The runs behind the Gradients page: which there should be, which there are, and their branches."""

import time
from contextlib import suppress
from dataclasses import dataclass, replace

import streamlit as st

from pages import visitor
from rnnlab.comparison import MOST, Variant
from rnnlab.config import Settings
from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun
from rnnlab.live.status import Status

WEIGHTS_SECONDS = 10.0
KEEP_SECONDS = 30.0


@dataclass(frozen=True)
class Shown:
    """A run on the charts. A branch has a parent, by its token, which it left; its settings are its own."""

    token: str
    variant: Variant
    parent: str = ""
    left_at: int | None = None

    @property
    def branch(self) -> bool:
        return bool(self.parent)

    @property
    def note(self) -> str:
        """A remark beside its name."""
        return self.variant.note if self.left_at is None else f"from update {self.left_at:,}"


@dataclass(frozen=True)
class Group:
    """The runs of one view."""

    runs: tuple[Shown, ...]

    @property
    def branch_at(self) -> int | None:
        """The update at which the newest run left another."""
        return self.runs[-1].left_at


def started(variants: tuple[Variant, ...]) -> Group:
    """The runs that this browser left a moment ago, as they stand, or else new ones, paused."""
    runs = (
        Shown(visitor.opened(variant.design, variant.settings, kind="gradients"), variant)
        for variant in variants
    )
    return in_step(Group(tuple(runs)))


def in_step(group: Group) -> Group:
    engine().keep_in_step([run.token for run in group.runs])
    return group


def brought_to(group: Group | None, variants: tuple[Variant, ...]) -> tuple[Group, bool]:
    """The group as the widgets want it: other settings reach its runs, other designs start new ones.

    Also returns whether runs had been put away meanwhile, and are new for that reason.
    """
    if group is None:
        return started(variants), False
    trunk = [run for run in group.runs if not run.branch]
    if [run.variant.design for run in trunk] != [variant.design for variant in variants]:
        playing = any(status.status == "playing" for status in statuses(group))
        forget(group)
        found = started(variants)
        if playing:
            act(found, "play")
        return found, False
    try:
        runs = [changed(run, variant) for run, variant in zip(trunk, variants, strict=True)]
        for run in group.runs:
            engine().snapshot(run.token)
    except UnknownRun:
        forget(group)
        return started(variants), True
    branches = [run for run in group.runs if run.branch]
    return Group((*runs, *branches)), False


def changed(run: Shown, variant: Variant) -> Shown:
    if run.variant.settings != variant.settings:
        visitor.changed(run.token, variant.settings)
    return replace(run, variant=variant)


def branched(group: Group, parent: Shown, update: int, settings: Settings, label: str) -> Group:
    """A branch of one run, playing, beside those that it leaves room for."""
    token = visitor.branched(parent.token, update, settings)
    variant = Variant(label, parent.variant.design, settings)
    return joined(group, Shown(token, variant, parent.token, update))


def beside(group: Group, variant: Variant) -> Group:
    """A run of another design beside the first, playing."""
    token = visitor.begun(variant.design, variant.settings, kind="gradients")
    return joined(group, Shown(token, variant, group.runs[0].token))


def joined(group: Group, new: Shown) -> Group:
    """A group with one more run. Where it is full, an older branch makes room, else the last trunk."""
    kept = list(group.runs)
    while len(kept) >= MOST:
        leaves = leaving(kept, new)
        if leaves.token == new.parent:
            new = replace(new, parent=leaves.parent)
        kept.remove(leaves)
        engine().forget(leaves.token)
    engine().play(new.token)
    return in_step(Group((*kept, new)))


def leaving(kept: list[Shown], new: Shown) -> Shown:
    """Trunks stay while there is a branch, and the parent while there is another."""
    return max(kept, key=lambda run: (run.branch, run.token != new.parent, kept.index(run)))


def wait_for_weights(group: Group) -> None:
    """Until every run has its first weights, or for some seconds."""
    end = time.monotonic() + WEIGHTS_SECONDS
    for run in group.runs:
        with suppress(UnknownRun):
            while engine().state(run.token) is None and time.monotonic() < end:
                time.sleep(0.05)


@st.fragment(run_every=KEEP_SECONDS)
def keep(group: Group) -> None:
    """While a view without live charts is open, its runs are not put away."""
    statuses(group)


def statuses(group: Group) -> list[Status]:
    """How the runs stand, those that are still there."""
    found = []
    for run in group.runs:
        with suppress(UnknownRun):
            found.append(engine().snapshot(run.token))
    return found


def act(group: Group, name: str) -> None:
    """A transport button, for all runs."""
    for run in group.runs:
        with suppress(UnknownRun):
            getattr(engine(), name)(run.token)


def forget(group: Group) -> None:
    for run in group.runs:
        engine().forget(run.token)
