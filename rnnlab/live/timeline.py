"""The branches of an experiment: which left which, and which one is looked at. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from rnnlab.config import Settings
from rnnlab.differences import APART, SAME, difference, names, short_names
from rnnlab.live.status import Status
from rnnlab.live.stretches import in_force, parting

MOST_BRANCHES = 4
"""Lines that one chart can tell apart."""


@dataclass(frozen=True)
class Branch:
    """A run, by its token. It left its parent at an update; the trunk has none.

    `style` counts colours: a branch keeps its own while others come and go.
    """

    token: str
    parent: str = ""
    left_at: int = 0
    style: int = 0


@dataclass(frozen=True)
class Timeline:
    """The branches, oldest first, and the one that is looked at."""

    branches: tuple[Branch, ...]
    current: str

    def __post_init__(self) -> None:
        assert self.current in self, "the branch that is looked at is one of them"

    @classmethod
    def of(cls, token: str) -> Timeline:
        """A run without branches."""
        return cls((Branch(token),), token)

    def __contains__(self, token: str) -> bool:
        return any(branch.token == token for branch in self.branches)

    def __getitem__(self, token: str) -> Branch:
        return next(branch for branch in self.branches if branch.token == token)

    @property
    def quiet(self) -> tuple[Branch, ...]:
        """The branches that are not looked at, oldest first."""
        return tuple(branch for branch in self.branches if branch.token != self.current)

    def showing(self, token: str) -> Timeline:
        return replace(self, current=token)

    def carrier(self, token: str, update: int) -> str:
        """The branch on whose own track the past of `token` at `update` lies."""
        branch = self[token]
        while branch.parent and update <= branch.left_at:
            branch = self[branch.parent]
        return branch.token

    def ways(self, token: str) -> dict[str, int | None]:
        """The branches that carry the past of `token`, and the update up to which; None: to its own end."""
        found: dict[str, int | None] = {token: None}
        while (branch := self[token]).parent:
            until = found[token]
            found[branch.parent] = branch.left_at if until is None else min(until, branch.left_at)
            token = branch.parent
        return found

    def shared_until(self, token: str, other: str) -> int | None:
        """The last update that two branches have in common; None for one and the same."""
        mine, others = self.ways(token), self.ways(other)
        lane = next(lane for lane in mine if lane in others)
        ends = [end for end in (mine[lane], others[lane]) if end is not None]
        return min(ends, default=None)

    def grown(self, token: str, left_at: int) -> Timeline:
        """With one more, looked at from now on, that leaves the current one."""
        taken = {branch.style for branch in self.branches}
        style = next(style for style in range(len(taken) + 1) if style not in taken)
        new = Branch(token, self.carrier(self.current, left_at), left_at, style)
        return Timeline((*self.branches, new), token)

    def without(self, token: str) -> Timeline:
        """Without a quiet one. Of those that left it, the latest takes its place: it shares most past."""
        gone = self[token]
        left = [branch for branch in self.branches if branch.parent == token]
        heir = max(left, key=lambda branch: branch.left_at, default=None)
        kept = []
        for branch in self.branches:
            if heir is not None and branch.token == heir.token:
                kept.append(replace(branch, parent=gone.parent, left_at=gone.left_at))
            elif heir is not None and branch.parent == token:
                kept.append(replace(branch, parent=heir.token))
            elif branch.token != token:
                kept.append(branch)
        return Timeline(tuple(kept), self.current)

    def too_many(self) -> str | None:
        """The branch that has to leave: the oldest quiet one, but not that which the newest left."""
        if len(self.branches) <= MOST_BRANCHES:
            return None
        spared = self[self.current].parent
        return next(branch.token for branch in self.quiet if branch.token != spared)

    def first_fork(self) -> int:
        """The update up to which all branches are one."""
        return min((branch.left_at for branch in self.branches if branch.parent), default=0)


def branch_names(timeline: Timeline, statuses: Mapping[str, Status], brief: bool = False) -> tuple[str, ...]:
    """One name for each branch, by what differs since all were one; no word for a single run.

    Two that were trained with the same are told apart by the update at which they left. `brief` is for
    the end of a line on a chart.
    """
    if len(timeline.branches) == 1:
        return ("",)
    fork = timeline.first_fork()
    pasts = [since(statuses[branch.token], fork) for branch in timeline.branches]
    found = short_names(pasts) if brief else names(pasts)
    return tuple(
        name if found.count(name) == 1 and name != SAME else told_by_fork(name, branch)
        for name, branch in zip(found, timeline.branches, strict=True)
    )


def since(status: Status, update: int) -> list[Settings]:
    """The settings that a run was trained with from `update` on, in order; those it begins with, if none."""
    if status.furthest <= update:
        return [status.settings]
    later = [stretch.settings for stretch in status.stretches if stretch.start > update]
    return [in_force(status.stretches, update), *later]


def told_by_fork(name: str, branch: Branch) -> str:
    where = f"from update {branch.left_at:,}" if branch.parent else "first run"
    return where if name == SAME else f"{name}{APART}{where}"


class Onward(NamedTuple):
    """Where training goes on: along the known run `token`, which a new branch leaves at `leaves_at`."""

    token: str
    leaves_at: int | None


def onward(timeline: Timeline, statuses: Mapping[str, Status], settings: Settings) -> Onward:
    """Where the current branch goes on from where it stands: the settings decide the way.

    At its end it just goes on. Before, what is known is not trained anew under another name: another
    branch that has this past and these settings is the way, if there is one.
    """
    here = statuses[timeline.current]
    if here.update >= here.furthest:
        return Onward(timeline.current, None)
    leaves_at = parting(here.stretches, here.update, settings)
    for branch in timeline.quiet if leaves_at is not None else ():
        known = statuses[branch.token]
        shared = timeline.shared_until(timeline.current, branch.token)
        reaches = here.update < known.furthest and (shared is None or here.update <= shared)
        if reaches and parting(known.stretches, here.update, settings) is None:
            return Onward(branch.token, None)
    return Onward(timeline.current, leaves_at)


def what_play_does(timeline: Timeline, statuses: Mapping[str, Status]) -> str:
    """A sentence where Play leaves the current branch; no word where it stays, or plays already."""
    here = statuses[timeline.current]
    if here.status == "playing":
        return ""
    way = onward(timeline, statuses, here.settings)
    if way.token != timeline.current:
        order = [branch.token for branch in timeline.branches]
        return f"Play goes along “{branch_names(timeline, statuses)[order.index(way.token)]}”"
    if way.leaves_at is None:
        return ""
    where = f" at update {way.leaves_at:,}" if way.leaves_at > here.update else ""
    return (
        f"Play starts a branch{where}: {difference(here.settings, in_force(here.stretches, way.leaves_at))}"
    )
