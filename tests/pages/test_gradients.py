"""The Gradients page without a browser: its views, the runs behind them, recipes, branches, links."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnlab.measurements import MEASUREMENTS
from rnnlab.recipes import RECIPES
from rnnlab.tasks import TASKS

from .test_lab import APP, clean, named


def opened(query: dict[str, str] | None = None) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60).run()
    for name, value in (query or {}).items():
        at.query_params[name] = value
    return clean(at.switch_page("pages/gradients.py").run())


def data(at: AppTest) -> dict[str, Any]:
    for element in at.get("bidi_component"):
        if element.proto.component_name == "rnnlab_gradients":
            return dict(json.loads(element.proto.json))
    raise AssertionError("The component is not on the page.")


def tokens(at: AppTest) -> list[str]:
    return [run["token"] for run in data(at)["runs"]]


def labels(at: AppTest) -> list[str]:
    return [run["label"] for run in data(at)["runs"]]


def view(at: AppTest, name: str) -> AppTest:
    return clean(at.button_group(key="view choice").set_value(name).run())


def test_it_opens_with_three_cells_side_by_side():
    at = opened()
    assert labels(at) == ["vanilla RNN (tanh)", "LSTM", "GRU"]
    assert data(at)["mode"] == "cells"
    assert len({run["token"] for run in data(at)["runs"]}) == 3


def test_a_setting_reaches_all_runs_and_a_design_starts_new_ones(own_engine):
    at = opened()
    before = [run["token"] for run in data(at)["runs"]]
    clean(at.slider(key="gradients length").set_value(30).run())
    assert [run["token"] for run in data(at)["runs"]] == before
    assert {own_engine.snapshot(token).settings.length for token in before} == {30}
    clean(at.number_input(key="gradients recurrent_gain").set_value(1.5).run())
    after = [run["token"] for run in data(at)["runs"]]
    assert not set(before) & set(after)
    assert {own_engine.snapshot(token).design.recurrent_gain for token in after} == {1.5}


def test_no_cell_at_all_is_refused_in_a_sentence_and_nothing_is_lost():
    at = opened()
    at.multiselect(key="gradients cells").set_value([]).run()
    clean(at)
    assert "Choose one to 3 cells" in at.error[0].value
    assert len(labels(at)) == 3


def test_clipping_side_by_side(own_engine):
    at = view(opened(), "clipping")
    assert labels(at) == ["no clipping", "clipped by norm"]
    assert data(at)["runs"][1]["note"] == "at 1"
    clean(at.selectbox(key="gradients clipping").set_value("value").run())
    assert labels(at)[1] == "clipped by value"
    kinds = [own_engine.snapshot(run["token"]).settings.clipping for run in data(at)["runs"]]
    assert kinds == ["off", "value"]


def test_views_keep_their_experiments_and_runs():
    at = opened()
    tokens = [run["token"] for run in data(at)["runs"]]
    clean(at.number_input(key="gradients seed").set_value(5).run())
    seeded = [run["token"] for run in data(at)["runs"]]
    assert seeded != tokens
    at = view(view(view(view(at, "clipping"), "cliff"), "break"), "cells")
    assert [run["token"] for run in data(at)["runs"]] == seeded
    assert at.number_input(key="gradients seed").value == 5


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_is_one_click_away_and_has_its_remedy(own_engine, recipe):
    at = view(opened(), "break")
    clean(at.button_group(key="recipe choice").set_value(recipe).run())
    (run,) = data(at)["runs"]
    design, settings = RECIPES[recipe].experiment(0)
    status = own_engine.snapshot(run["token"])
    assert (status.design, status.settings) == (design, settings)
    assert any(RECIPES[recipe].watch in text.value for text in at.markdown)
    named(at.button, f"Remedy: {RECIPES[recipe].remedy}").click()
    clean(at.run())
    assert [run["label"] for run in data(at)["runs"]] == [RECIPES[recipe].label, "with the remedy"]
    mended = own_engine.snapshot(data(at)["runs"][1]["token"])
    assert (mended.design, mended.settings) == RECIPES[recipe].mended(0)


def test_autopsy_rewind_remedy_replay(own_engine):
    at = view(opened(), "break")
    clean(at.button_group(key="recipe choice").set_value("nan").run())
    token = data(at)["runs"][0]["token"]
    for _ in range(6):
        own_engine.one_update(token)
    assert own_engine.snapshot(token).status == "diverged"
    clean(at.run())
    notice = next(text.value for text in at.markdown if "broke." in text.value)
    assert "In update 4" in notice
    assert "Gradient norms until then: 8." in notice
    button = next(button for button in at.button if button.label.startswith("Rewind to update"))
    button.click()
    clean(at.run())
    broken, mended = data(at)["runs"]
    assert broken["token"] == token
    assert data(at)["branch_at"] == own_engine.snapshot(token).rewind_to
    assert own_engine.snapshot(mended["token"]).settings.clipping == "norm"
    clean(named(at.button, "Reset").click().run())
    assert len(data(at)["runs"]) == 1


def test_the_cliff():
    at = view(opened(), "cliff")
    assert len(at.get("plotly_chart")) == 2
    assert any("longest step" in text.value for text in at.markdown)
    clean(at.number_input(key="cliff threshold").set_value(0.01).run())
    assert any("clipped by norm at 0.01" in text.value for text in at.markdown)


def test_look_closer_takes_every_measurement():
    at = view(opened(), "closer")
    at.radio(key="closer run").set_value(at.radio(key="closer run").options[1])
    clean(at.run())
    fitting = [one for name, one in MEASUREMENTS.items() if name != "attention"]  # it has none to look at
    assert at.radio(key="closer measurement").options == [one.label for one in fitting]
    for measurement in fitting:
        at.radio(key="closer measurement").set_value(measurement.label)
        clean(at.run())
        assert at.get("plotly_chart"), measurement.label
        assert any(measurement.words in text.value for text in at.markdown)


def test_a_number_is_checked():
    at = view(opened(), "closer")
    named(at.button, "Check this number").click()
    clean(at.run())
    assert next(metric.label for metric in at.metric) == "by backpropagation"


def test_the_address_holds_the_experiment():
    at = opened()
    assert at.query_params == {}
    clean(at.number_input(key="gradients seed").set_value(7).run())
    query = dict(at.query_params)
    assert query["seed"] == "7"
    again = opened(query)
    assert again.number_input(key="gradients seed").value == 7
    assert labels(again) == labels(at)
    at = view(at, "cliff")
    assert at.query_params["view"] == "cliff"


def test_a_wrong_address_is_told_and_the_page_opens():
    at = opened({"view": "nowhere", "recipe": "soup", "task": "adding", "hidden_size": "many"})
    assert "view must be one of" in at.warning[0].value
    assert len(labels(at)) >= 1


@pytest.mark.parametrize(
    ("query", "told", "cells"),
    [
        ({"cells": "foo,rnn"}, "cells holds 'foo'", ["vanilla RNN (tanh)"]),
        ({"task": "adding", "cells": "rnn,rnn"}, "", ["vanilla RNN (tanh)"]),
        ({"cells": "gru,lstm"}, "", ["GRU", "LSTM"]),
        ({"hidden_size": "9999"}, "not 9999", ["vanilla RNN (tanh)", "LSTM", "GRU"]),
        ({"foo": "bar"}, "no field here", ["vanilla RNN (tanh)", "LSTM", "GRU"]),
        ({"task": "digits", "topology": "one-to-one"}, "one time step", ["vanilla RNN (tanh)"]),
        ({"task": "soup"}, "task must be one of", ["LSTM"]),
    ],
)
def test_what_is_wrong_in_an_address_is_told_and_the_rest_holds(query, told, cells):
    at = opened(query)
    assert labels(at) == cells
    assert told in " ".join(warning.value for warning in at.warning)
    assert bool(at.warning) == bool(told)


def test_a_recipe_in_the_address_is_enough():
    at = opened({"recipe": "nan"})
    assert labels(at) == ["NaN"]
    assert at.query_params["view"] == "break"


def test_views_without_live_charts_tell_of_a_wrong_address_too():
    assert "hidden_size" in opened({"view": "cliff", "hidden_size": "many"}).warning[0].value


THROUGH_TIME = [
    name for name, spec in TASKS.items() if any(lengths.high > 1 for lengths in spec.topologies.values())
]


@pytest.mark.parametrize("task", THROUGH_TIME)
def test_every_task_that_goes_through_time_can_be_chosen(task):
    at = opened()
    clean(at.selectbox(key="gradients task").set_value(task).run())
    assert len(labels(at)) == 3


def test_look_closer_opens_cold_by_its_own_address():
    at = opened({"view": "closer"})
    assert at.get("plotly_chart")
    assert at.radio(key="closer run").options == ["vanilla RNN (tanh)", "LSTM", "GRU"]


def test_the_kind_of_clipping_is_in_the_link():
    at = view(opened(), "clipping")
    clean(at.selectbox(key="gradients clipping").set_value("value").run())
    assert at.query_params["clipping"] == "value"
    assert labels(opened(dict(at.query_params)))[1] == "clipped by value"


BREAKS = {
    "task": "adding",
    "activation": "relu",
    "hidden_size": "32",
    "recurrent_init": "orthogonal",
    "recurrent_gain": "1.5",
    "optimizer": "sgd",
    "clipping": "off",
    "learning_rate": "0.01",
    "length": "50",
    "cells": "rnn,lstm,gru",
}


def broken_then_mended(own_engine, at: AppTest, index: int = 0) -> AppTest:
    token = data(at)["runs"][index]["token"]
    for _ in range(20):
        own_engine.one_update(token)
    assert own_engine.snapshot(token).status == "diverged"
    clean(at.run())
    next(button for button in at.button if button.label.startswith("Rewind to update")).click()
    return clean(at.run())


def test_where_three_cells_stand_one_makes_room_for_the_branch(own_engine):
    at = opened(BREAKS)
    before = [run["token"] for run in data(at)["runs"]]
    at = broken_then_mended(own_engine, at)
    assert labels(at) == ["vanilla RNN (relu)", "LSTM", "with the remedy"]
    assert [run["token"] for run in data(at)["runs"]][:2] == before[:2]
    assert at.multiselect(key="gradients cells").value == ["rnn", "lstm"]


def test_a_branch_that_breaks_is_dissected_too_and_each_says_where_it_left(own_engine):
    at = broken_then_mended(own_engine, opened({"recipe": "nan"}))
    branch = data(at)["runs"][1]["token"]
    own_engine.rewind(branch, data(at)["branch_at"])  # a branch plays at once
    own_engine.change(branch, RECIPES["nan"].experiment(0)[1])
    at = broken_then_mended(own_engine, at, index=1)
    notes = [run["note"] for run in data(at)["runs"]]
    assert len(notes) == 3
    assert notes[1:] == [f"from update {own_engine.snapshot(t).rewind_to}" for t in tokens(at)[:2]]


def test_the_remedy_mends_what_a_person_made_of_the_recipe(own_engine):
    at = opened({"recipe": "exploding"})
    clean(at.number_input(key="gradients hidden_size").set_value(7).run())
    named(at.button, f"Remedy: {RECIPES['exploding'].remedy}").click()
    clean(at.run())
    assert own_engine.snapshot(tokens(at)[1]).design.hidden_size == 7


def test_a_refused_value_is_told_above_the_charts():
    at = opened()
    at.number_input(key="gradients hidden_size").set_value(0).run()
    clean(at)
    assert any("hidden_size" in error.value for error in at.main.error)
    assert len(labels(at)) == 3


def test_look_closer_checks_the_layer_and_sequence_that_it_shows():
    at = opened({"view": "closer", "task": "dates", "hidden_size": "4", "cells": "lstm"})
    at.selectbox(key="closer layer").set_value("decoder/0/forward")
    at.number_input(key="closer sequence").set_value(3)
    clean(at.run())
    named(at.button, "Check this number").click()
    clean(at.run())
    assert any("in decoder layer 1" in text.value and "sequence 3" in text.value for text in at.markdown)
