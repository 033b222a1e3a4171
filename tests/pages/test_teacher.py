"""Teacher's links on the pages: every control can be hidden, with its value in force, and locked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.teach import PROTECTS_NOTHING
from pages.teacher import LOCKED
from rnnlab.limits import Limits
from rnnlab.link import from_link, to_link
from rnnlab.room import CONTROLS, GROUP, Room
from rnnlab.tasks import TASKS
from rnnlab.unroll import Tiny, compute

from .test_lab import APP, clean

KINDS = (
    "button",
    "button_group",
    "checkbox",
    "multiselect",
    "number_input",
    "radio",
    "select_slider",
    "selectbox",
    "slider",
    "text_area",
    "toggle",
)
OWN = {"teach-hide", "teach-lock", "teach projector"}
"""Widgets of the popover that makes such links."""

INSIDE = {"show script"}
"""In a popover that does not open while it is locked."""

PAGES: dict[str, dict[str, str]] = {
    "lab": {"task": "adding"},
    "lab with a text": {"task": "language-model", "hidden_size": "8", "length": "20"},
    "lab with options": {"task": "copy"},
    "gradients": {"hidden_size": "4"},
    "clipping": {"view": "clipping", "hidden_size": "4"},
    "break": {"recipe": "nan"},
    "cliff": {"view": "cliff"},
    "closer": {"view": "closer", "hidden_size": "4"},
    "unroll": {"hidden_size": "3"},
    "try it": {},
}
FILES = {"unroll": "unroll.py", "try it": "try_it.py"}


def opened(page: str, more: dict[str, str] | None = None) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    query = {**PAGES[page], **(more or {})}
    if not page.startswith("lab"):
        at.run()
        at.switch_page(f"pages/{FILES.get(page, 'gradients.py')}")
    for name, value in query.items():
        at.query_params[name] = value
    at.session_state["more design"] = at.session_state["more settings"] = True  # the sidebar's popovers
    return clean(at.run())


def unfolded(at: AppTest, *popovers: str) -> AppTest:
    """The page after a click on each of these."""
    for key in popovers:
        at.session_state[key] = True
    return clean(at.run())


def widgets(at: AppTest) -> Iterator[Any]:
    """Every widget of the page, but those that make links."""
    for kind in KINDS:
        yield from (one for one in getattr(at, kind) if getattr(one, "key", None) not in OWN)


def names(at: AppTest) -> list[tuple[str, str]]:
    return sorted((one.type, str(one.key or one.proto.label)) for one in widgets(at))


def data(at: AppTest, component: str) -> dict[str, Any]:
    import json

    for element in at.get("bidi_component"):
        if element.proto.component_name == component:
            return dict(json.loads(element.proto.json))
    return {}


def components(at: AppTest) -> set[str]:
    return {element.proto.component_name for element in at.get("bidi_component")}


@pytest.mark.parametrize("page", PAGES)
def test_every_control_of_every_page_can_be_hidden(page: str) -> None:
    assert names(opened(page))
    bare = opened(page, {"hide": ",".join(CONTROLS)})
    assert names(bare) == []
    assert not components(bare) & {"rnnlab_copy_link", "rnnlab_projector"}
    assert not bare.warning
    assert not bare.error


@pytest.mark.parametrize("page", PAGES)
def test_every_control_of_every_page_can_be_locked(page: str) -> None:
    plain, locked = opened(page), opened(page, {"lock": ",".join(CONTROLS)})
    assert names(locked) == names(plain)
    free = [one for one in widgets(locked) if not one.disabled]
    assert {one.key for one in free} <= INSIDE
    silent = INSIDE | {"fixed_length"}  # a length that never can be set says why itself
    told = [one.help for one in widgets(locked) if one.key not in silent and hasattr(one, "help")]
    assert all(LOCKED in help for help in told if help is not None)
    assert sum(LOCKED in (help or "") for help in told) > len(told) / 2


@pytest.mark.parametrize(
    ("asked", "look"),
    [
        ({}, ""),
        ({"lock": "menu"}, "interactivity: inert"),
        ({"hide": "pages"}, "display: none"),
        ({"hide": "pages", "lock": "menu"}, "display: none"),
    ],
)
def test_the_menu_of_pages_can_be_hidden_and_locked(asked: dict[str, str], look: str) -> None:
    styles = "".join(one.proto.body for one in opened("lab", asked).get("html"))
    menu = "".join(re.findall(r'\[data-testid="stTopNav"\] \{([^}]*)\}', styles))
    assert look in menu
    assert ("pointer-events" in menu) == (look == "interactivity: inert")


@pytest.mark.parametrize("name", [*CONTROLS["design"], *CONTROLS["settings"]])
def test_one_hidden_field_leaves_and_nothing_else_does(name: str) -> None:
    """Over the Lab's variants: some control goes where the field has one, and no other is touched."""
    page, where = page_with(name)
    plain, without = set(names(opened(page, where))), set(names(opened(page, {**where, "hide": name})))
    assert without <= plain
    gone = plain - without
    in_a_popover = {"text", "values"}  # a person's own data: its button is no widget of these kinds
    assert gone or name in {"cells", "preset", *in_a_popover}
    assert len(gone) <= 2, "the switch and the kind of clipping are one field"


def page_with(name: str) -> tuple[str, dict[str, str]]:
    """A Lab that has a control: of a task with the option, or of one with a decoder."""
    if name in ("attention", "context_size"):
        return "lab", {"task": "dates", "hidden_size": "8"}
    tasks = [task for task, spec in TASKS.items() if name in spec.options]
    return "lab", {"task": tasks[0], "hidden_size": "8"} if tasks else {}


def test_hidden_values_stay_in_force() -> None:
    query = (
        "task=adding&cell=rnn&activation=relu&hidden_size=9&layers=2&bidirectional=on&recurrent_init=orthogonal"
        "&recurrent_gain=1.5&optimizer=sgd&batch_size=7&seed=5&learning_rate=0.02&clipping=value"
        "&clip_threshold=2&length=33&tbptt_window=4&weight_decay=0.1&dropout=0.2"
        "&early_stopping=400"
    )
    wanted = from_link(query)
    assert not wanted.messages
    pairs = dict(pair.split("=") for pair in query.split("&"))
    at = AppTest.from_file(APP, default_timeout=60)
    for name, value in {**pairs, "hide": "design,settings"}.items():
        at.query_params[name] = value
    clean(at.run())
    for _ in range(2):
        assert at.session_state["design"] == wanted.design
        assert at.session_state["settings"] == wanted.settings
        clean(at.run())
    clean(at.switch_page("pages/unroll.py").run())
    clean(at.switch_page("pages/lab.py").run())
    assert at.session_state["design"] == wanted.design
    assert at.session_state["settings"] == wanted.settings
    assert list(at.sidebar) == [] or not list(widgets(at.sidebar))  # type: ignore[arg-type]
    again = {name: one[0] if isinstance(one, list) else one for name, one in at.query_params.items()}
    assert from_link(again) == (*wanted[:3], Room(hidden=frozenset({"design", "settings"})), "")


def test_another_task_leaves_what_is_locked_as_it_is() -> None:
    at = opened("lab", {"lock": "optimizer,clipping", "optimizer": "sgd", "clipping": "off", "hide": "cell"})
    cell = at.session_state["design"].cell
    clean(at.selectbox(key="task").set_value("dates").run())
    assert at.session_state["design"].task == "dates"
    assert (at.session_state["design"].optimizer, at.session_state["design"].cell) == ("sgd", cell)
    assert at.session_state["settings"].clipping == "off"


def test_the_room_stays_over_pages_and_in_the_address() -> None:
    at = opened("lab", {"hide": "optimizer", "lock": "cell", "projector": "on"})
    for page in ("gradients", "unroll", "lab"):
        clean(at.switch_page(f"pages/{page}.py").run())
        pairs = {name: one[0] if isinstance(one, list) else one for name, one in at.query_params.items()}
        assert (pairs["hide"], pairs["lock"], pairs["projector"]) == ("optimizer", "cell", "on")
        assert at.session_state["room"] == Room(frozenset({"optimizer"}), frozenset({"cell"}), True)


@pytest.mark.parametrize("page", ["lab", "gradients", "cliff", "unroll"])
def test_an_unknown_control_is_told_on_every_page(page: str) -> None:
    at = opened(page, {"hide": "optimiser"})
    told = " ".join(one.value for one in (*at.warning, *at.error)).replace("\\", "")
    assert "optimiser" in told
    assert "forget_bias" in told or "forget" in told


def test_the_live_component_is_told_what_is_hidden_and_locked() -> None:
    at = opened("lab", {"hide": "check", "lock": "charts", "projector": "on"})
    room = data(at, "rnnlab_live")["room"]
    assert "check" in room["hidden"]
    assert set(room["locked"]) == set(CONTROLS["charts"])
    assert room["projector"] is True


def test_a_student_does_not_see_how_such_links_are_made() -> None:
    assert {one.key for one in unfolded(opened("lab"), "teach").multiselect} >= {"teach-hide", "teach-lock"}
    assert not unfolded(opened("lab", {"lock": "cell"}), "teach").multiselect
    assert not unfolded(opened("lab", {"hide": "device"}), "teach").multiselect


def test_what_a_teacher_chose_stays_when_the_popover_is_closed() -> None:
    at = unfolded(opened("lab"), "teach")
    at.multiselect(key="teach-hide").set_value(["cell"])
    at.run()
    at.session_state["teach"] = False
    assert at.run().multiselect(key="teach-hide").value == ["cell"]


@pytest.mark.parametrize("page", ["lab", "gradients", "clipping", "unroll"])
def test_a_teacher_makes_a_link_without_knowing_how(page: str) -> None:
    at = unfolded(opened(page, {"seed": "6"}), "teach")
    at.multiselect(key="teach-hide").set_value(["transport", "learning_rate"])
    at.multiselect(key="teach-lock").set_value(["cell"])
    clean(at.toggle(key="teach projector").set_value(True).run())
    (link,) = [one for one in at.code if "hide=" in one.value]
    pairs = dict(pair.split("=") for pair in link.value.split("?")[1].split("&"))
    assert pairs["hide"] == "learning_rate,transport"
    assert (pairs["lock"], pairs["projector"], pairs["seed"]) == ("cell", "on", "6")
    assert any(one.value == PROTECTS_NOTHING for one in at.caption)
    student = opened(page, pairs)
    assert student.session_state["room"] == Room(
        frozenset({"transport", "learning_rate"}), frozenset({"cell"}), True
    )
    assert "Play" not in [button.label for button in student.button]


def test_a_link_that_says_nothing_has_no_question_mark() -> None:
    at = unfolded(opened("unroll"), "teach")
    assert at.code
    assert not [one.value for one in at.code if one.value.endswith("?")]


def test_a_hidden_field_of_the_unroll_page_keeps_its_value() -> None:
    at = opened("unroll", {"cell": "gru", "seed": "3", "hide": "cell,seed,length", "length": "4"})
    assert data(at, "rnnlab_unroll")["computed"]["losses"] == [
        compute(Tiny(cell="gru", seed=3, length=4, hidden_size=3)).loss
    ]


def test_a_locked_clipping_stays_as_it_is_on_the_gradients_page(own_engine: Any) -> None:
    at = opened("gradients", {"hide": "clipping,length", "lock": "cells", "length": "30"})
    tokens = [run["token"] for run in data(at, "rnnlab_gradients")["runs"]]
    assert {own_engine.snapshot(token).settings.length for token in tokens} == {30}
    assert at.multiselect(key="gradients cells").disabled


def test_every_name_belongs_to_one_group() -> None:
    assert len(GROUP) == sum(len(group) for group in CONTROLS.values())
    assert to_link(from_link("").design, from_link("").settings) == "task=nationality"


CAPS = Limits(hidden_size=16, layers=2, length=30)


def test_the_operators_caps_bound_the_sliders_and_are_told(own_engine: Any) -> None:
    own_engine.limits = CAPS
    at = opened("lab", {"cell": "gru", "hidden_size": "200", "length": "90", "seed": "4"})
    told = " ".join(one.value for one in at.warning).replace("\\", "")
    assert "hidden_size may be at most 16 here, not 200" in told or "length may be at most 30 here" in told
    (size,) = [one for one in at.slider if one.key == "hidden_size"]
    (length,) = [one for one in at.slider if one.key == "length"]
    assert (size.max, size.value, length.max, length.value) == (16, 16, 30, 30)
    for one in (size, length):
        assert f"This server allows at most {one.max:.0f}, set by its operator." in one.help
    assert at.session_state["design"].seed == 4
    clean(at.selectbox(key="task").set_value("language-model").run())
    assert at.session_state["design"].hidden_size <= 16
    clean(at.number_input(key="layers").set_value(3).run())
    assert any("layers may be at most 2 here" in one.value.replace("\\", "") for one in at.error)


def test_the_gradients_page_stays_within_the_operators_caps(own_engine: Any) -> None:
    own_engine.limits = CAPS
    at = opened("gradients", {"hidden_size": "200"})
    assert any("hidden_size may be at most 16 here" in one.value.replace("\\", "") for one in at.warning)
    tokens = [run["token"] for run in data(at, "rnnlab_gradients")["runs"]]
    assert {own_engine.snapshot(token).design.hidden_size for token in tokens} == {16}
    for view in ("break", "clipping"):
        at = clean(at.button_group(key="view choice").set_value(view).run())
        assert data(at, "rnnlab_gradients")["runs"]
