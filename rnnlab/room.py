"""What a teacher's link says about the room: what is hidden, what is locked, and whether it is projected.

A hidden control keeps its value in force; a locked one shows it. Both help a class to look at one
thing. They protect nothing: whoever edits the address has every control back.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.config import Design, Settings
from rnnlab.fields import Choice, Switch, declared, shown
from rnnlab.tasks import TASKS

MOST_WRONG = 3
"""Unknown names in a link that are told one by one."""


def labels(cls: type) -> dict[str, str]:
    """The fields of `cls` that a person can set, by name, with their labels."""
    kinds = {name: about.metadata["kind"] for name, about in declared(cls).items()}
    settable = [name for name, kind in kinds.items() if not isinstance(kind, Choice) or len(kind.choices) > 1]
    return {name: declared(cls)[name].metadata["label"] for name in settable}


OPTIONS = {name: option.label for spec in TASKS.values() for name, option in spec.options.items()}

CONTROLS: dict[str, dict[str, str]] = {
    "design": {**labels(Design), **OPTIONS, "preset": "Preset", "cells": "Cells side by side"},
    "settings": labels(Settings),
    "transport": {
        "play": "Play and Pause",
        "one_update": "One update",
        "reset": "Reset",
        "timeline": "Rewind and branches",
        "save": "Save",
        "copy_link": "Copy link",
        "title": "Title of the run",
    },
    "menu": {"pages": "Menu of pages", "projector": "Projector"},
    "charts": {"check": "Check this number", "chart_choices": "What the charts show"},
    "gradients": {"view": "Views", "recipe": "Recipes", "remedy": "Remedies"},
    "cliff": {
        "cliff_start": "Where the walks start",
        "cliff_updates": "Updates of the walks",
        "fixed_w": "Fixed points at w",
    },
    "closer": {
        "run": "Run to look at",
        "measurement": "Measurement",
        "layer": "Layer to look at",
        "sequence": "Held-out sequence",
        "again": "Measure again",
    },
    "unroll": {
        "input_size": "Inputs",
        "loss_at": "Loss at",
        "numbers": "Weights and inputs, typed",
        "ten_updates": "10 updates",
        "undo": "Undo",
        "before_updates": "Before the updates",
    },
    "try_it": {
        "ask_network": "Network",
        "ask_newest": "Take the newest",
        "ask": "Question",
        "ask_examples": "Examples",
        "ask_views": "What to look at",
        "ask_changes": "Change it",
        "ask_temperature": "Write",
        "ask_horizon": "Forecast",
        "ask_download": "Download",
    },
}
"""Every control by its link name, in its group, with the words that a person reads."""

TITLES = {
    "design": "Design",
    "settings": "While it trains",
    "transport": "Transport",
    "menu": "Header",
    "charts": "Charts",
    "gradients": "Gradients page",
    "cliff": "Cliff",
    "closer": "Look closer",
    "unroll": "Unroll page",
    "try_it": "Try it page",
}
"""The groups, in the words that a person reads."""

AWAY = frozenset({"design", "reset", "save", "copy_link"})
"""What a projected page leaves out: a lesson needs Play, one update, the timeline and the live settings."""

GROUP = {name: group for group, names in CONTROLS.items() for name in names}


@dataclass(frozen=True)
class Room:
    """Names of controls, or of whole groups, that are hidden or locked; and large type for a projector."""

    hidden: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    projector: bool = False

    def hides(self, name: str) -> bool:
        """Whether a control is hidden: by its own name, by its group's, or for the projector."""
        away = self.hidden | AWAY if self.projector else self.hidden
        return not away.isdisjoint((name, GROUP.get(name)))

    def locks(self, name: str) -> bool:
        """Whether a control is locked, by its own name or by its group's."""
        return not self.locked.isdisjoint((name, GROUP.get(name)))

    @property
    def arranged(self) -> bool:
        """Whether a teacher has hidden or locked anything."""
        return bool(self.hidden or self.locked)


OPEN = Room()
"""Everything is there, as on any page that no teacher has arranged."""


def pairs_of(room: Room) -> dict[str, str]:
    """The names and values of a link that say what `room` is; none for an empty one."""
    pairs = {"hide": ",".join(sorted(room.hidden)), "lock": ",".join(sorted(room.locked))}
    pairs["projector"] = Switch().print(True) if room.projector else ""
    return {name: value for name, value in pairs.items() if value}


def take(pairs: dict[str, str], messages: list[str]) -> Room:
    """The room that a link asks for, taking its names out of `pairs`. Never raises: see `from_link`."""
    wrong: list[str] = []
    hidden = known(pairs.pop("hide", ""), wrong)
    locked = known(pairs.pop("lock", ""), wrong)
    messages += unknown(wrong)
    return Room(hidden, locked, projected(pairs.pop("projector", "off"), messages))


def known(text: str, wrong: list[str]) -> frozenset[str]:
    """The names in `text`, between commas; those that name nothing here are added to `wrong`."""
    asked = [word.strip() for word in text.split(",")]
    wrong += [name for name in asked if name and name not in GROUP and name not in CONTROLS]
    return frozenset(name for name in asked if name in GROUP or name in CONTROLS)


def unknown(wrong: list[str]) -> list[str]:
    """One sentence on names that are no control, with all that there are."""
    if not wrong:
        return []
    told = ", ".join(shown(name) for name in wrong[:MOST_WRONG])
    more = f" and {len(wrong) - MOST_WRONG:,} more" if len(wrong) > MOST_WRONG else ""
    return [f"No control to hide or lock is called {told}{more}; there are {choices()}."]


def label_of(name: str) -> str:
    """The words for a control or a whole group."""
    if name in CONTROLS:
        return f"{TITLES[name]}: all"
    return f"{TITLES[GROUP[name]]}: {CONTROLS[GROUP[name]][name]}"


def choices() -> str:
    """All names that a link may hide or lock, group by group."""
    return "; ".join(f"{group} ({', '.join(names)})" for group, names in CONTROLS.items())


def projected(text: str, messages: list[str]) -> bool:
    """Whether the page is for a projector."""
    try:
        return Switch().parse(text)
    except KeyError:
        messages.append(f"projector must be {Switch().allowed}, not {shown(text)}. It is left off.")
        return False
