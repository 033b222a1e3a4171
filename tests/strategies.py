"""Random valid designs and settings, drawn from what the fields declare about themselves."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from rnnlab.config import Design, Settings, why_not_bidirectional
from rnnlab.fields import Choice, Number, Switch, declared
from rnnlab.room import CONTROLS, GROUP, Room
from rnnlab.tasks import TASKS
from rnnlab.tasks.options import ChoiceOption, SeriesOption, TextOption
from rnnlab.topologies import TOPOLOGIES

OWN_TEXTS = st.text(min_size=100, max_size=130).filter(lambda t: len(set(t)) > 1 and "\x00" not in t)


OWN_SERIES = st.lists(st.integers(-9, 9), min_size=200, max_size=210).map(
    lambda found: "\n".join(map(str, [0, 1, *found]))
)

SIGNS = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn"])
"""What a person can see; Cn has the code points that are no characters."""

TRICKS = [
    "\\",
    '"',
    "'",
    '"""',
    "</script>",
    "<!--",
    "]]>",
    "&amp;",
    "${x}",
    "%s",
    "{x}",
    "#",
    "\\N{DASH}",
    "__",
]


def titles() -> st.SearchStrategy[str]:
    """Titles of runs, as they are kept: with what breaks out of strings more often than by chance."""
    parts = st.lists(st.one_of(SIGNS, st.sampled_from(TRICKS)), max_size=60)
    return parts.map(lambda found: " ".join("".join(found).split())[:60].strip())


def values(kind: Any) -> st.SearchStrategy[Any]:
    if isinstance(kind, Choice):
        return st.sampled_from(sorted(kind.choices))
    if isinstance(kind, Switch):
        return st.booleans()
    assert isinstance(kind, Number)
    if kind.whole:
        return st.integers(math.ceil(kind.low), math.floor(kind.high))
    return st.floats(kind.low, kind.high)


@st.composite
def designs(draw: st.DrawFn) -> Design:
    task = draw(st.sampled_from(sorted(TASKS)))
    topology = draw(st.sampled_from(sorted(TASKS[task].topologies)))
    fields = {name: about for name, about in declared(Design).items() if name not in ("task", "topology")}
    chosen = {
        name: draw(values(about.metadata["kind"])) for name, about in fields.items() if draw(st.booleans())
    }
    if why_not_bidirectional(task, topology):
        chosen.pop("bidirectional", None)
    if not TOPOLOGIES[topology].decodes:
        chosen = {name: value for name, value in chosen.items() if name not in ("attention", "context_size")}
    options = {}
    for name, option in TASKS[task].options.items():
        if isinstance(option, ChoiceOption):
            options[name] = draw(st.sampled_from(sorted(option.choices)))
        if isinstance(option, TextOption) and draw(st.booleans()):
            options[name] = draw(OWN_TEXTS)
        if isinstance(option, SeriesOption) and draw(st.booleans()):
            options[name] = draw(OWN_SERIES)
    return Design(task=task, topology=topology, task_options=options, **chosen)


@st.composite
def settings_for(draw: st.DrawFn, design: Design) -> Settings:
    fields = {name: about for name, about in declared(Settings).items() if name != "length"}
    chosen = {
        name: draw(values(about.metadata["kind"])) for name, about in fields.items() if draw(st.booleans())
    }
    return Settings(length=draw(st.integers(design.lengths.low, design.lengths.high)), **chosen)


def rooms() -> st.SearchStrategy[Room]:
    """What a teacher may hide and lock, by name or by group."""
    names = st.frozensets(st.sampled_from(sorted([*GROUP, *CONTROLS])), max_size=5)
    return st.builds(Room, names, names, st.booleans())
