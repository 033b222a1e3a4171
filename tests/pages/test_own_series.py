"""A column of one's own in force: what the controls say of it, the way out and back, and its moments."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from rnnlab.own import read_series

from .test_lab import clean, named, opened, pressed, standing
from .test_own_data import DAYS, TABLE, VALUES, pasted, unfolded

OWN = "Yours: flow [l/s]"


@pytest.fixture
def used() -> AppTest:
    at = opened({"task": "forecast", "hidden_size": "8", "series": "brent"})
    return pressed(pasted(at, "values", TABLE), "Use it")


def chosen(at: AppTest, words: str) -> AppTest:
    """The page after a choice of the select `Series`, by its words."""
    select = named(at.selectbox, "Series")
    select.select_index(select.options.index(words))
    return clean(at.run())


def shown(at: AppTest) -> str:
    select = named(at.selectbox, "Series")
    return str(select.options[select.index])


def test_the_select_names_the_column_in_force(used: AppTest) -> None:
    assert shown(used) == OWN
    assert named(used.selectbox, "Series").options.count(OWN) == 1
    pressed(used, "One update")
    assert shown(used) == OWN
    assert standing(used).design.options["values"]


def test_without_own_data_the_select_is_as_it_was() -> None:
    at = opened({"task": "forecast", "hidden_size": "8", "series": "brent"})
    assert shown(at) == "Brent oil price, daily"
    assert not [one for one in named(at.selectbox, "Series").options if "Yours" in one]


def test_a_built_in_series_takes_its_place_and_it_can_be_taken_back(used: AppTest) -> None:
    value = standing(used).design.options["values"]
    chosen(used, "Seattle's highest temperature, daily")
    assert standing(used).design.options == {"series": "weather", "values": ""}
    assert shown(used) == "Seattle's highest temperature, daily"
    chosen(used, "Brent oil price, daily")
    assert standing(used).design.options == {"series": "brent", "values": ""}
    chosen(used, OWN)
    assert standing(used).design.options == {"series": "brent", "values": value}
    assert shown(used) == OWN
    pressed(used, "One update")
    assert standing(used).update == 1


def test_the_button_leads_out_and_back_too(used: AppTest) -> None:
    value = standing(used).design.options["values"]
    pressed(unfolded(used, "values"), "Back to the built-in data")
    assert standing(used).design.options["values"] == ""
    assert shown(used) == "Brent oil price, daily"
    pressed(used, "Back to your own data")
    assert standing(used).design.options["values"] == value


def test_the_source_is_that_of_the_column(used: AppTest) -> None:
    told = named(used.selectbox, "Task").help.replace("\\", "")
    assert "Your own series: flow [l/s], 200 values." in told
    assert "airline" not in told.split("*")[-2]
    chosen(used, "Brent oil price, daily")
    assert "Monthly international airline passengers" in named(used.selectbox, "Task").help


def test_a_locked_series_stays_what_it_is() -> None:
    value = "value\n" + "\n".join(str(n % 7) for n in range(150))
    at = clean(opened({"task": "forecast", "lock": "values", "values": value}))
    assert shown(at) == "Yours: value"
    assert named(at.selectbox, "Series").disabled
    at = clean(opened({"task": "forecast", "lock": "series", "values": value}))
    assert named(at.selectbox, "Series").disabled
    at = clean(opened({"task": "forecast", "hide": "series", "values": value}))
    assert not [one for one in at.selectbox if one.label == "Series"]
    assert standing(at).design.options["values"] == value


def test_moments_of_an_own_series_are_its_dates(used: AppTest) -> None:
    assert read_series(standing(used).design.options["values"]).moments == tuple(DAYS)
    pressed(used, "One update")
    used.switch_page("pages/try_it.py")
    clean(used.run())
    slider = next(one for one in used.slider if one.key == "try moment")
    first = read_series(standing_of(used)).borders[0]
    slider.set_value(5)
    clean(used.run())
    slider = next(one for one in used.slider if one.key == "try moment")
    assert DAYS[first + 5] in slider.label.replace("\\", "")
    assert any(day in button.label.replace("\\", "") for button in used.button for day in DAYS[first:])
    assert any("Your own series: flow" in one.value.replace("\\", "") for one in used.caption)


def standing_of(at: AppTest) -> str:
    value: str = at.session_state["design"].options["values"]
    return value


def test_values_are_those_of_the_table(used: AppTest) -> None:
    assert read_series(standing(used).design.options["values"]).values_N.tolist() == VALUES.tolist()
