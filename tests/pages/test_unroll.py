"""The Unroll page without a browser: widgets, the computation that is sent, updates, the link."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnlab.unroll import Tiny, compute, updated
from rnnlab.unroll.cells import TINY_CELLS

APP = str(Path(__file__).parents[2] / "app.py")


def opened(query: dict[str, str] | None = None) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60).run()
    at.switch_page("pages/unroll.py")
    for name, value in (query or {}).items():
        at.query_params[name] = value
    return clean(at.run())


def clean(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def named(widgets: Any, label: str) -> Any:
    (found,) = [widget for widget in widgets if widget.label == label]
    return found


def press(at: AppTest, label: str) -> AppTest:
    named(at.button, label).click()
    return clean(at.run())


def sent(at: AppTest) -> dict[str, Any]:
    for element in at.get("bidi_component"):
        if element.proto.component_name == "rnnlab_unroll":
            return dict(json.loads(element.proto.json)["computed"])
    raise AssertionError("The component is not on the page.")


def loss(at: AppTest) -> float:
    return float(sent(at)["losses"][-1])


def test_it_opens_on_the_example() -> None:
    at = opened()
    assert sent(at)["parameters"] == 13
    assert loss(at) == compute(Tiny()).loss
    assert dict(at.query_params) == {}


@pytest.mark.parametrize("cell", TINY_CELLS)
def test_every_cell_and_size(cell: str) -> None:
    at = opened()
    named(at.selectbox, "Cell").set_value(cell)
    clean(at.run())
    for label, value in {"Units": 4, "Inputs": 3, "Time steps": 6}.items():
        named(at.slider, label).set_value(value)
        clean(at.run())
    named(at.selectbox, "Loss").set_value("every")
    clean(at.run())
    fields = {"cell": cell, "hidden_size": 4, "input_size": 3, "length": 6, "loss_at": "every"}
    assert loss(at) == compute(Tiny(**fields)).loss
    assert at.query_params["length"] == ["6"] or at.query_params["length"] == "6"
    assert named(at.selectbox, "Activation").disabled == (cell != "rnn")


def test_updates_lower_the_loss_and_can_be_undone() -> None:
    at = press(opened(), "Apply the update")
    first, once = compute(Tiny()).loss, compute(updated(Tiny())).loss
    assert sent(at)["losses"] == [first, once]
    assert once < first
    press(at, "10 updates")
    assert len(sent(at)["losses"]) == 12
    press(at, "Undo")
    assert len(sent(at)["losses"]) == 11
    press(at, "Before the updates")
    assert sent(at)["losses"] == [first]
    assert "updates" not in at.query_params


def test_random_numbers_and_back_to_the_example() -> None:
    at = press(opened(), "Random")
    assert named(at.number_input, "Seed").value == 1
    assert loss(at) == compute(Tiny(seed=1)).loss
    press(at, "Example")
    assert loss(at) == compute(Tiny()).loss


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [("Seed", -3, "seed must be a whole number from 0"), ("Clip at norm", -1.0, "clip_threshold must be")],
)
def test_a_value_that_is_not_allowed_is_told_and_the_last_stays(label: str, value: float, words: str) -> None:
    at = press(opened(), "Random")
    before = sent(at)
    named(at.number_input, label).set_value(value)
    clean(at.run())
    (error,) = at.error
    assert words in error.value
    assert sent(at) == before
    assert named(at.number_input, "Seed").value == 1
    assert not press(at, "Apply the update").error


def test_the_link_brings_back_the_network() -> None:
    at = opened({"cell": "gru", "seed": "5", "length": "4", "bias_hh": "1,2,3,4,5,6", "updates": "2"})
    start = Tiny(cell="gru", seed=5, length=4, numbers={"bias_hh": [1, 2, 3, 4, 5, 6]})
    assert loss(at) == compute(updated(updated(start))).loss
    query = {name: value[0] if isinstance(value, list) else value for name, value in at.query_params.items()}
    assert loss(opened(query)) == loss(at)


def test_a_bad_link_is_told_and_the_page_works() -> None:
    at = opened({"length": "1", "weight_hh": "cat"})
    assert "length must be a whole number from 2 to 6 time steps, not 1." in at.error[0].value
    assert loss(press(at, "Apply the update")) < compute(Tiny()).loss


def test_a_number_that_is_none_is_named_and_harms_nothing() -> None:
    at = opened({"weight_hh": "nan,0;0,inf"})
    assert sent(at)["losses"] == ["NaN"]
    press(at, "Apply the update")
    press(at, "Undo")
    press(at, "Reset numbers")
    assert loss(at) == compute(Tiny()).loss


def test_the_lab_and_this_page_come_back_as_they_were_left() -> None:
    at = AppTest.from_file(APP, default_timeout=60)
    at.query_params["task"] = "adding"
    clean(at.run())
    named(at.slider, "Hidden size").set_value(17)
    named(at.toggle, "Clip gradients").set_value(False)
    clean(at.run())
    token = at.session_state["token"]
    at.switch_page("pages/unroll.py")
    clean(at.run())
    named(at.slider, "Units").set_value(3)
    clean(at.run())
    at.switch_page("pages/lab.py")
    clean(at.run())
    assert at.session_state["token"] == token
    assert named(at.selectbox, "Task").value == "adding"
    assert named(at.slider, "Hidden size").value == 17
    assert named(at.toggle, "Clip gradients").value is False
    assert not at.warning
    at.switch_page("pages/unroll.py")
    clean(at.run())
    assert named(at.slider, "Units").value == 3
    assert sent(at)["hidden_size"] == 3
