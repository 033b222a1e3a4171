"""The runs behind the Gradients page: which there should be, which there are, and their branches."""

from contextlib import suppress
from dataclasses import dataclass, replace

from rnnlab.comparison import MOST, Variant
from rnnlab.config import Settings
from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun
from rnnlab.live.status import Status


@dataclass(frozen=True)
class Shown:
    """A run on the charts. `branch` is a run that left another, whose settings are its own."""

    token: str
    variant: Variant
    branch: bool = False


@dataclass(frozen=True)
class Group:
    """The runs of one view, and the update at which the last of them left the first."""

    runs: tuple[Shown, ...]
    branch_at: int | None = None


def started(variants: tuple[Variant, ...]) -> Group:
    """New runs, paused."""
    runs = (
        Shown(engine().create(variant.design, variant.settings, kind="gradients").token, variant)
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
    return replace(group, runs=(*runs, *branches)), False


def changed(run: Shown, variant: Variant) -> Shown:
    if run.variant.settings != variant.settings:
        engine().change(run.token, variant.settings)
    return replace(run, variant=variant)


def branched(group: Group, index: int, update: int, settings: Settings, label: str) -> Group:
    """A branch of one run, playing; the first run and the newest branch stay on the charts."""
    parent = group.runs[index]
    handle = engine().branch(parent.token, update, settings)
    variant = Variant(label, parent.variant.design, settings)
    return joined(group, parent, Shown(handle.token, variant, branch=True), update)


def beside(group: Group, variant: Variant) -> Group:
    """A run of another design beside the first, playing."""
    handle = engine().create(variant.design, variant.settings, kind="gradients")
    return joined(group, group.runs[0], Shown(handle.token, variant, branch=True), None)


def joined(group: Group, parent: Shown, new: Shown, branch_at: int | None) -> Group:
    kept = [run for run in group.runs if not run.branch or run is parent][: MOST - 1]
    kept = kept if parent in kept else [*kept[:-1], parent]
    for run in group.runs:
        if run not in kept:
            engine().forget(run.token)
    engine().play(new.token)
    return in_step(Group((*kept, new), branch_at))


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
