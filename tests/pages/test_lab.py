"""The Lab page without a browser: widgets, the run behind them, the link."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnlab.live.engine import engine
from rnnlab.live.handles import UnknownRun
from rnnlab.live.status import Status
from rnnlab.tasks import TASKS

APP = str(Path(__file__).parents[2] / "app.py")


def opened(query: dict[str, str] | None = None) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    for name, value in (query or {}).items():
        at.query_params[name] = value
    return at.run()


def named(widgets: object, label: str) -> object:
    (found,) = [widget for widget in widgets if widget.label == label]  # type: ignore[attr-defined]
    return found


def live_data(at: AppTest) -> dict[str, Any]:
    for element in at.get("bidi_component"):
        if element.proto.component_name == "rnnlab_live":
            return dict(json.loads(element.proto.json))
    raise AssertionError("The live component is not on the page.")


def standing(at: AppTest) -> Status:
    """How the page's run stands."""
    return engine().snapshot(live_data(at)["token"])


def pressed(at: AppTest, label: str) -> AppTest:
    named(at.button, label).click()
    return clean(at.run())


def clean(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def unfolded(at: AppTest) -> AppTest:
    """The page after a click on both popovers of the sidebar."""
    at.session_state["more design"] = at.session_state["more settings"] = True
    return clean(at.run())


def test_what_a_popover_holds_stays_whether_it_was_opened_or_not() -> None:
    at = opened({"task": "adding", "batch_size": "7", "dropout": "0.3"})
    assert (at.session_state["design"].batch_size, at.session_state["settings"].dropout) == (7, 0.3)
    pressed(at, "One update")
    assert at.session_state["design"].batch_size == 7
    assert not [one for one in at.number_input if one.label == "Batch size"]
    assert named(unfolded(at).number_input, "Batch size").value == 7
    named(at.number_input, "Dropout").set_value(0.1)
    clean(at.run())
    at.session_state["more settings"] = False
    assert clean(at.run()).session_state["settings"].dropout == 0.1


def test_the_page_opens_on_the_first_run() -> None:
    at = clean(opened())
    assert named(at.selectbox, "Task").value == "nationality"
    assert standing(at).update > 0
    assert len(live_data(at)["token"]) > 20


@pytest.mark.parametrize("task", TASKS)
def test_every_task_opens_by_its_link(task: str) -> None:
    at = clean(opened({"task": task}))
    assert named(at.selectbox, "Task").value == task
    assert not at.warning


def test_one_update_and_reset() -> None:
    at = opened({"task": "digits"})
    for _ in range(3):
        pressed(at, "One update")
    assert standing(at).update == 3
    pressed(at, "Reset")
    assert standing(at).update == 0
    assert live_data(at)["undo"]["what"] == "Back at the first weights."


def test_settings_keep_the_run_and_designs_start_a_new_one() -> None:
    at = opened({"task": "adding"})
    before = live_data(at)["token"]
    named(at.toggle, "Clip gradients").set_value(False)
    named(at.slider, "Sequence length").set_value(30)
    clean(at.run())
    assert live_data(at)["token"] == before
    assert at.query_params["clipping"] == "off"
    assert at.query_params["length"] == "30"
    named(at.selectbox, "Cell").set_value("lstm")
    clean(at.run())
    assert live_data(at)["token"] != before
    assert at.query_params["cell"] == "lstm"


def test_another_task_brings_its_own_settings_and_keeps_the_seed() -> None:
    at = opened({"task": "adding", "seed": "7"})
    named(at.selectbox, "Task").set_value("dates")
    clean(at.run())
    assert named(at.selectbox, "Topology").value == "encoder-decoder"
    assert named(at.slider, "Sequence length").value == 20
    assert named(at.number_input, "Seed").value == 7
    assert named(at.toggle, "Bidirectional").disabled


def test_the_textbook_preset() -> None:
    at = opened({"task": "next-character", "cell": "gru"})
    named(at.selectbox, "Preset").set_value("textbook")
    clean(at.run())
    assert named(at.selectbox, "Cell").value == "rnn"
    assert named(at.selectbox, "Activation").value == "relu"
    assert named(at.slider, "Hidden size").value == 50
    assert named(at.slider, "Sequence length").value == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"task": "nonsense"}, "task"),
        ({"hidden_size": "1e400"}, "hidden_size"),
        ({"length": "-3"}, "length"),
        ({"task": "surname", "bidirectional": "on"}, "bidirectional"),
        ({"colour": "red"}, "colour"),
        ({"learning_rate": "nan"}, "learning_rate"),
        ({"device": "cuda:0"}, "device"),
    ],
)
def test_a_bad_link_names_the_field_and_the_page_works(query: dict[str, str], field: str) -> None:
    at = clean(opened(query))
    assert any(field in warning.value for warning in at.warning)
    named(at.button, "One update").click()
    clean(at.run())


@pytest.mark.parametrize(
    ("label", "value", "field"),
    [("Seed", -4, "seed"), ("Layers", 9, "layers"), ("Batch size", 100_000, "batch_size")],
)
def test_a_number_out_of_range_is_told_and_harms_nothing(label: str, value: int, field: str) -> None:
    at = unfolded(opened({"task": "adding", "seed": "7"}))
    before = live_data(at)["token"]
    named(at.number_input, label).set_value(value)
    clean(at.run())
    assert any(f"{field} must be a whole number from" in error.value for error in at.error)
    assert live_data(at)["token"] == before
    named(at.selectbox, "Task").set_value("copy")
    clean(at.run())
    assert not at.error
    assert named(at.number_input, "Seed").value == 7


def test_a_setting_out_of_range_is_told_and_the_last_one_stays() -> None:
    at = unfolded(opened({"task": "adding"}))
    before = live_data(at)["token"]
    named(at.number_input, "Dropout").set_value(5.0)
    clean(at.run())
    assert any("dropout must be a number from 0 to 0.9" in error.value for error in at.error)
    assert live_data(at)["token"] == before
    assert "dropout" not in at.query_params


def test_early_stopping_is_set_where_dropout_is_and_named_in_the_address() -> None:
    at = unfolded(opened({"task": "adding"}))
    widget = named(at.number_input, "Early stopping after")
    assert widget.value == 0
    assert "held-out loss" in widget.help
    widget.set_value(300)
    clean(at.run())
    assert standing(at).settings.early_stopping == 300
    assert at.query_params["early_stopping"] in ("300", ["300"])
    named(at.number_input, "Early stopping after").set_value(-1)
    clean(at.run())
    assert any(
        "early_stopping must be a whole number from 0 to 1,000,000" in error.value for error in at.error
    )
    assert standing(at).settings.early_stopping == 300


def run_of_five(at: AppTest) -> str:
    """A run without clipping that went to update 5 and back to 2; its token."""
    named(at.toggle, "Clip gradients").set_value(False)
    clean(at.run())
    for _ in range(5):
        pressed(at, "One update")
    token = str(live_data(at)["token"])
    engine().rewind(token, 2)
    clean(at.run())
    return token


def test_a_change_before_the_furthest_update_makes_a_branch_and_none_makes_none() -> None:
    at = opened({"task": "adding", "hidden_size": "8"})
    trunk = run_of_five(at)
    pressed(at, "One update")
    assert live_data(at)["token"] == trunk
    assert (standing(at).update, standing(at).furthest, live_data(at)["on_play"]) == (3, 5, "")
    named(at.toggle, "Clip gradients").set_value(True)
    clean(at.run())
    assert live_data(at)["on_play"] == "Play starts a branch: clipping norm 1"
    assert len(live_data(at)["branches"]) == 1
    pressed(at, "One update")
    first, second = live_data(at)["branches"]
    assert (first["token"], first["name"]) == (trunk, "clipping off")
    assert (second["parent"], second["left_at"], second["name"]) == (trunk, 3, "clipping norm 1")
    assert live_data(at)["token"] == second["token"]
    assert engine().snapshot(trunk).update == 5
    assert engine().snapshot(trunk).settings.clipping == "off"
    past = [list(engine().records(branch["token"]).loss[:3]) for branch in (first, second)]
    assert past[0] == past[1]


def test_another_design_forgets_the_branches() -> None:
    at = opened({"task": "adding", "hidden_size": "8"})
    trunk = run_of_five(at)
    named(at.toggle, "Clip gradients").set_value(True)
    clean(at.run())
    pressed(at, "One update")
    named(at.selectbox, "Cell").set_value("lstm")
    clean(at.run())
    assert [branch["token"] for branch in live_data(at)["branches"]] == [live_data(at)["token"]]
    with pytest.raises(UnknownRun):
        engine().snapshot(trunk)


def test_a_branch_that_the_server_put_away_leaves_the_page() -> None:
    at = opened({"task": "adding", "hidden_size": "8"})
    trunk = run_of_five(at)
    named(at.toggle, "Clip gradients").set_value(True)
    clean(at.run())
    pressed(at, "One update")
    engine().forget(trunk)
    clean(at.run())
    assert len(live_data(at)["branches"]) == 1
    assert live_data(at)["branches"][0]["parent"] == ""


def test_a_branch_for_which_another_made_room_takes_over_its_colour() -> None:
    at = opened({"task": "adding", "hidden_size": "8"})
    named(at.toggle, "Clip gradients").set_value(False)
    clean(at.run())
    pressed(at, "One update")
    pressed(at, "One update")
    for rate in (0.0001, 0.001, 0.01, 0.1):
        engine().rewind(str(live_data(at)["token"]), 1)
        named(at.select_slider, "Learning rate").set_value(rate)
        clean(at.run())
        pressed(at, "One update")
    assert [branch["style"] for branch in live_data(at)["branches"]] == [0, 2, 3, 1]
