"""The Try it page without a browser: which network, the question, the answer that is sent, the link."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import rnnlab
from rnnlab.asking import ask
from rnnlab.link import option_pairs
from rnnlab.probing import answer
from rnnlab.state import RunState

APP = str(Path(__file__).parents[2] / "app.py")
RUNS = "<img src=x onerror=window.ran=1>"


def opened(query: dict[str, str] | None = None) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    for name, value in (query or {}).items():
        at.query_params[name] = value
    at.run()
    at.switch_page("pages/try_it.py")
    return clean(at.run())


def clean(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def named(widgets: Any, label: str) -> Any:
    (found,) = [widget for widget in widgets if widget.label == label]
    return found


def sent(at: AppTest, name: str = "rnnlab_try") -> dict[str, Any]:
    for element in at.get("bidi_component"):
        if element.proto.component_name == name:
            return dict(json.loads(element.proto.json))
    raise AssertionError("The component is not on the page.")


def asked(at: AppTest, text: str) -> AppTest:
    at.text_input(key="try text").set_value(text)
    return clean(at.run())


def look(at: AppTest, view: str) -> AppTest:
    at.session_state["try view"] = view
    return clean(at.run())


def its_network(at: AppTest) -> tuple[RunState, rnnlab.Settings]:
    network = at.session_state["try taken"]["lab"]
    return network.state or rnnlab.begin(network.design), network.settings


def test_it_opens_on_an_answered_example() -> None:
    at = opened()
    shown = sent(at)
    assert shown["view"] == "reading"
    assert shown["answer"]["text"] == at.text_input(key="try text").value.lower()
    assert shown["answer"]["words"]


def test_a_typed_question_is_answered_by_the_labs_network() -> None:
    at = asked(opened(), "Kowalski")
    state, settings = its_network(at)
    expected = answer(state, settings, ask(state.design, "Kowalski", settings.length or 1))
    shown = sent(at)["answer"]
    assert shown["words"] == expected.words
    assert shown["top"][0][0] == [expected.top[0][0][0], pytest.approx(expected.top[0][0][1])]
    assert [len(layer["reads"]) for layer in shown["layers"]] == [8]
    assert at.query_params["ask"] in ("Kowalski", ["Kowalski"])


def test_an_example_is_one_click() -> None:
    at = opened()
    chip = at.button(key="try example 2")
    chip.click()
    clean(at.run())
    assert sent(at)["answer"]["text"] == at.text_input(key="try text").value.lower()
    assert chip.label.replace("\\", "") == at.text_input(key="try text").value


def test_bad_input_says_why_and_leaves_the_last_answer_standing() -> None:
    at = asked(opened(), "Kowalski")
    before = sent(at)["answer"]
    asked(at, "   ")
    assert len(at.error) == 1
    assert sent(at)["answer"] == before
    asked(at, "Nguyen")
    assert len(at.error) == 0
    assert sent(at)["answer"]["text"] == "nguyen"


@pytest.mark.parametrize("text", [RUNS, "x" * 5000, "\x00", "日本語", "a\nb"])
def test_anything_may_be_typed(text: str) -> None:
    at = asked(opened(), text)
    assert sent(at)["answer"]["words"]
    assert all(RUNS not in error.value for error in at.error)


def test_a_link_opens_the_same_network_and_question() -> None:
    at = opened()
    at.query_params["ask"] = "Rossi"
    first = AppTest.from_file(APP, default_timeout=60)
    first.run()
    first.switch_page("pages/try_it.py")
    first.query_params["ask"] = "Rossi"
    clean(first.run())
    assert sent(first)["answer"]["text"] == "rossi"


@pytest.mark.parametrize("text", ["9" * 5000, "9" * 200, "\u0663", "2012-99-99"])
def test_a_link_may_say_any_moment(text: str) -> None:
    at = AppTest.from_file(APP, default_timeout=60).run()
    at.switch_page("pages/try_it.py")
    for name, value in {"network": "forecast", **option_pairs("ask", text)}.items():
        at.query_params[name] = value
    clean(at.run())
    assert 0 <= at.session_state["try moment"] <= at.slider(key="try moment").max


def test_the_network_stays_as_it_was_taken_until_the_newest_is_asked_for() -> None:
    from rnnlab.live.engine import engine

    at = asked(opened(), "Kowalski")
    token, before = at.session_state["token"], sent(at)["answer"]
    now = engine().one_update(token).update
    clean(at.run())
    assert sent(at)["answer"] == before
    assert any(f"the Lab is at {now:,}" in words.value for words in at.markdown)
    named(at.button, "Take the newest").click()
    clean(at.run())
    assert sent(at)["answer"]["update"] == now
    assert sent(at)["answer"]["top"] != before["top"]


def test_coming_back_takes_the_newest_and_keeps_the_question() -> None:
    from rnnlab.live.engine import engine

    at = asked(opened(), "Kowalski")
    at.switch_page("pages/lab.py")
    clean(at.run())
    now = engine().one_update(at.session_state["token"]).update
    at.switch_page("pages/try_it.py")
    clean(at.run())
    assert sent(at)["answer"]["update"] == now
    assert at.text_input(key="try text").value == "Kowalski"


def test_a_run_that_was_put_away_is_still_answered_for() -> None:
    from rnnlab.live.engine import engine

    at = asked(opened(), "Kowalski")
    before = sent(at)["answer"]["update"]
    engine().forget(at.session_state["token"])
    asked(at, "Rossi")
    assert sent(at)["answer"]["update"] == before


def test_the_answer_as_csv_is_probings_table() -> None:
    from rnnlab.live.asked import Request, run
    from rnnlab.probing import as_csv, table

    at = asked(opened(), "Kowalski")
    state, settings = its_network(at)
    found = run(Request("table", state.design, settings, state, "Kowalski"))
    expected = answer(state, settings, ask(state.design, "Kowalski", settings.length or 1))
    assert found == {"csv": as_csv(table(expected))}


@pytest.mark.parametrize("what", ["reading", "mattered", "changed", "table", "no such thing"])
def test_every_request_has_an_answer_or_a_message(what: str) -> None:
    from rnnlab.live.asked import Request, run

    design = rnnlab.Design(task="nationality", hidden_size=4)
    found = run(Request(what, design, rnnlab.default_settings(design), None, "\x00"))
    assert set(found) == {"message"}
    assert "Traceback" not in found["message"]


def test_what_goes_wrong_inside_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    from rnnlab.live import asked as live_asked

    at = asked(opened(), "Kowalski")

    def broken(request: live_asked.Request) -> dict[str, Any]:
        raise RuntimeError("/secret/path")

    monkeypatch.setitem(live_asked.ANSWERS, "reading", broken)
    asked(at, "Rossi")
    (error,) = at.error
    assert "The program failed" in error.value
    assert "RuntimeError" not in error.value
    assert "secret" not in error.value
    assert sent(at)["answer"]["text"] == "kowalski"


def test_zeroing_a_unit_changes_the_answer_as_probing_says() -> None:
    from rnnlab.probing import Change

    at = look(asked(opened(), "Kowalski"), "changed")
    at.selectbox(key="try change").set_value("zero")
    clean(at.run())
    at.number_input(key="try zeroed").set_value(3)
    clean(at.run())
    state, settings = its_network(at)
    question = ask(state.design, "Kowalski", settings.length or 1)
    change = Change("zero", "recurrent/0/forward", 2)
    expected = answer(state, settings, question, changes=[change])
    after = sent(at)["more"]["after"]
    assert after["top"][0][0][1] == pytest.approx(expected.top[0][0][1])
    assert sent(at)["more"]["changes"] == ["unit 3 of layer 1 is 0"]


def test_another_question_is_compared() -> None:
    at = look(asked(opened(), "Kowalski"), "changed")
    at.text_input(key="try other Kowalski").set_value("Kowalska")
    clean(at.run())
    more = sent(at)["more"]
    assert more["after"]["text"] == "kowalska"
    assert more["distances"]["recurrent/0/forward"][:7] == [0.0] * 7
    assert more["distances"]["recurrent/0/forward"][7] > 0


def test_what_mattered_and_units() -> None:
    at = look(asked(opened(), "Kowalski"), "mattered")
    (row,) = sent(at)["more"]["rows"]
    assert len(row) == 8
    assert max(row) > 0
    look(at, "units")
    found = sent(at)["more"]["tracked"]
    assert all(abs(one["correlation"]) > one["level"] for one in found)


def test_teachers_may_hide_and_lock_it() -> None:
    at = opened()
    at.query_params["hide"] = "ask_examples,ask_views"
    hidden = AppTest.from_file(APP, default_timeout=60)
    hidden.query_params["hide"] = "ask_examples,ask_views"
    hidden.query_params["lock"] = "ask"
    hidden.run()
    hidden.switch_page("pages/try_it.py")
    clean(hidden.run())
    assert hidden.text_input(key="try text").disabled
    assert not [one for one in hidden.button if str(one.key).startswith("try example")]
    assert sent(hidden)["view"] == "reading"


@pytest.mark.parametrize("way", ["hide", "lock"])
def test_nobody_is_told_to_type_where_nothing_can_be_typed(way: str) -> None:
    at = opened({"network": "sentiment", way: "ask"})
    assert "Try" in [one.value for one in at.markdown]
    assert not any("press Enter" in one.value for one in at.markdown)


def linked(query: dict[str, str]) -> AppTest:
    """The page as its own address opens it."""
    at = AppTest.from_file(APP, default_timeout=60).run()
    at.switch_page("pages/try_it.py")
    for name, value in query.items():
        at.query_params[name] = value
    return clean(at.run())


def test_a_teachers_link_shows_what_happens_when_a_unit_is_off() -> None:
    from rnnlab.probing import Change

    at = linked({"network": "nationality", "ask": "Kowalski", "zero": "7"})
    assert not at.error
    shown = sent(at)
    assert shown["view"] == "changed"
    assert shown["more"]["changes"] == ["unit 7 of layer 1 is 0"]
    network = at.session_state["try taken"]["nationality"]
    question = ask(network.design, "Kowalski", network.settings.length or 1)
    expected = answer(
        network.state, network.settings, question, changes=[Change("zero", "recurrent/0/forward", 6)]
    )
    assert shown["more"]["after"]["top"][0][0][1] == pytest.approx(expected.top[0][0][1])
    assert query_of(at) == {"network": "nationality", "ask": "Kowalski", "view": "changed", "zero": "7"}


def query_of(at: AppTest) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[0] for name, value in at.query_params.items()}


@pytest.mark.parametrize(
    "query",
    [
        {"network": "dates", "ask": "3 mai 2011", "view": "changed", "gate": "f", "held": "0.25"},
        {
            "network": "dates",
            "ask": "3 mai 2011",
            "view": "changed",
            "zero": "3",
            "layer": "encoder/0/forward",
        },
        {"network": "dates", "ask": "3 mai 2011", "view": "changed", "other": "4 mai 2011"},
        {"network": "melody", "ask": "Am", "view": "written", "heat": "1.3", "draw": "5"},
        {"network": "nationality", "ask": "Rossi", "view": "mattered"},
        {"network": "nationality", "ask": "Rossi", "unit": "5"},
        {"network": "forecast", "ask": "9", "ahead": "7"},
    ],
    ids=lambda query: "-".join(query),
)
def test_the_look_comes_back_from_its_own_address(query: dict[str, str]) -> None:
    at = linked(query)
    assert not at.error
    assert query_of(at) == query
    clean(at.run())
    assert query_of(at) == query


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"zero": "700"}, "zero must be a whole number from 1 to"),
        ({"gate": "<img src=x>"}, "gate must be one of"),
        ({"heat": "hot"}, "heat must be a number from 0 to 2"),
        ({"view": "forecast"}, "view must be one of"),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else "",
)
def test_what_is_wrong_in_a_link_is_one_sentence_and_the_page_as_ever(bad: dict[str, str], says: str) -> None:
    at = linked({"network": "nationality", "ask": "Rossi", **bad})
    (error,) = at.error
    assert error.value.startswith(says)
    assert sent(at)["answer"]["text"] == "rossi"


def test_another_network_begins_without_what_was_done_to_the_first() -> None:
    at = linked({"network": "nationality", "ask": "Rossi", "zero": "7", "unit": "5"})
    before = sent(at)["fresh"]
    at.selectbox(key="try network").set_value("dates")
    clean(at.run())
    assert sent(at)["fresh"] > before
    assert sent(at)["look"] is None
    assert "zero" not in query_of(at)


@pytest.mark.parametrize("name", ["ask_changes", "ask_temperature"])
def test_a_hidden_control_keeps_what_the_link_says(name: str) -> None:
    query = {
        "ask_changes": {"network": "nationality", "ask": "Rossi", "zero": "7"},
        "ask_temperature": {"network": "melody", "ask": "C", "heat": "0.0"},
    }[name]
    at = linked({**query, "hide": name})
    assert not [one for one in at.number_input if one.key == "try zeroed"]
    assert not [one for one in at.selectbox if one.key == "try change"]
    assert not [one for one in at.slider if one.key == "try heat"]
    more = sent(at)["more"]
    assert more.get("changes", ["unit 7 of layer 1 is 0"]) == ["unit 7 of layer 1 is 0"]
    assert more.get("temperature", 0.0) == 0.0
