"""The Gradients page without a browser: its views, the runs behind them, recipes, branches, links."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnlab.measurements import MEASUREMENTS
from rnnlab.recipes import RECIPES

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
    assert "Gradient norms before: 8." in notice
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
    assert at.radio(key="closer measurement").options == [one.label for one in MEASUREMENTS.values()]
    for measurement in MEASUREMENTS.values():
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
