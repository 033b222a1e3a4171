"""A person's own data in the sidebar: pasted or opened, looked at, used, and put away again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rnnlab.limits import Limits
from rnnlab.live.engine import Engine, engine
from rnnlab.own import read_series

from .test_lab import clean, live_data, named, opened, pressed, standing

TEXTS = ("language-model", "next-character", "word-model", "next-word")
PROSE = "the window. hacked = true. Who reads this? " * 20
DAYS = [f"2024-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(200)]
VALUES = np.round(20 + 5 * np.sin(np.arange(200) / 7), 2)
TABLE = "day,flow [l/s],pressure\n" + "\n".join(
    f"{day},{value},{100 + n}" for n, (day, value) in enumerate(zip(DAYS, VALUES, strict=True))
)


def unfolded(at: AppTest, option: str) -> AppTest:
    at.session_state[f"own {option}"] = True
    return clean(at.run())


def pasted(at: AppTest, option: str, text: str) -> AppTest:
    """The page after a paste into the popover's box."""
    unfolded(at, option)
    (area,) = [area for area in at.text_area if (area.key or "").startswith(f"own paste {option}")]
    area.set_value(text)
    return clean(at.run())


def labels(at: AppTest) -> list[str]:
    """Of the popovers."""
    found = (getattr(getattr(block, "proto", None), "popover", None) for block in blocks(at))
    return [popover.label for popover in found if popover is not None and popover.label]


def blocks(at: AppTest) -> Iterator[Any]:
    waiting: list[Any] = [at.main, at.sidebar]
    while waiting:
        block = waiting.pop()
        yield block
        waiting += [child for child in block.children.values() if hasattr(child, "children")]


def said(at: AppTest) -> str:
    return " ".join(caption.value for caption in at.caption).replace("\\", "")


@pytest.mark.parametrize("task", TEXTS)
def test_a_pasted_text_is_looked_at_and_used(task: str) -> None:
    at = opened({"task": task, "hidden_size": "8", "length": "10"})
    before = live_data(at)["token"]
    pasted(at, "text", PROSE)
    assert live_data(at)["token"] == before
    assert any(PROSE[:100] in code.value for code in at.code)
    assert f"{len(PROSE):,} characters" in said(at)
    pressed(at, "Use it")
    assert live_data(at)["token"] != before
    assert standing(at).design.options["text"] == PROSE
    assert not [area for area in at.text_area if area.value], "what was pasted is not kept in the box"
    pressed(at, "One update")
    assert standing(at).update == 1
    pressed(at, "Back to the built-in data")
    assert standing(at).design.options["text"] == ""


def test_a_column_is_chosen_looked_at_and_used() -> None:
    at = pasted(opened({"task": "forecast", "hidden_size": "8"}), "values", TABLE)
    assert named(at.selectbox, "Column").options == ["flow [l/s]", "pressure"]
    assert named(at.selectbox, "Time").value == "day"
    assert named(at.text_input, "Unit").value == "l/s"
    assert not at.error, [error.value for error in at.error]
    assert len(at.get("plotly_chart")) == 1
    assert at.table[0].value.iloc[0].tolist() == ["2024-01-01", "20.0"]
    pressed(at, "Use it")
    series = read_series(standing(at).design.options["values"])
    assert (series.name, series.unit) == ("flow", "l/s")
    assert np.array_equal(series.values_N, VALUES)
    assert "Your series: 200 values" in labels(at)
    pressed(at, "One update")
    assert standing(at).update == 1


def test_another_column_and_another_unit() -> None:
    at = pasted(opened({"task": "forecast", "hidden_size": "8"}), "values", TABLE)
    named(at.selectbox, "Column").set_value("pressure")
    clean(at.run())
    named(at.text_input, "Unit").set_value("hPa")
    clean(at.run())
    pressed(at, "Use it")
    series = read_series(standing(at).design.options["values"])
    assert (series.name, series.unit, series.values_N[0]) == ("pressure", "hPa", 100)


@pytest.mark.parametrize(
    ("task", "option", "given", "words"),
    [
        ("language-model", "text", "a" * 500, "only letter"),
        ("language-model", "text", "short", "at least 100"),
        ("language-model", "text", "a\0b" * 200, "NUL"),
        ("language-model", "text", "xy" * 2_600_000, "5.2 MB; at most 5 MB"),
        ("next-word", "text", " \n" * 200, "only blanks"),
        ("forecast", "values", "word\n" + "foo\n" * 200, "one column, of words"),
        ("forecast", "values", "a\n" + "5\n" * 200, "all 200 values are 5"),
        ("forecast", "values", "a\n1\n2\n3", "at least 140"),
        ("forecast", "values", TABLE.replace(DAYS[7], DAYS[6]), "come"),
        ("forecast", "values", "![x](http://evil.example/x.png)\n<script>alert(1)</script>", "words such as"),
    ],
)
def test_bad_data_is_told_in_a_sentence_and_nothing_is_lost(
    task: str, option: str, given: str, words: str
) -> None:
    at = opened({"task": task, "hidden_size": "8"})
    before, design = live_data(at)["token"], standing(at).design
    pasted(at, option, given)
    assert any(words in error.value.replace("\\", "") for error in at.error)
    assert not [button for button in at.button if button.label == "Use it"]
    assert (live_data(at)["token"], standing(at).design) == (before, design)
    pressed(at, "One update")
    assert standing(at).update == 1


@pytest.mark.parametrize("text", ["🙂🙃 " * 60, "שלום עולם, " * 30, "ab" * 100, "e\u0301a" * 80])
def test_any_written_text_trains(text: str) -> None:
    at = opened({"task": "language-model", "hidden_size": "8"})
    pressed(pasted(at, "text", text), "Use it")
    pressed(at, "One update")
    assert not at.error
    assert standing(at).update == 1


def test_a_run_that_plays_goes_on_with_the_new_data() -> None:
    at = opened({"task": "language-model", "hidden_size": "8", "length": "10"})
    pressed(at, "Play")
    pressed(pasted(at, "text", PROSE), "Use it")
    assert standing(at).status == "playing"
    pressed(at, "Pause")


def test_own_data_goes_along_to_a_task_that_takes_it_too() -> None:
    at = opened({"task": "language-model", "hidden_size": "8", "length": "10"})
    pressed(pasted(at, "text", PROSE), "Use it")
    named(at.selectbox, "Task").set_value("next-character")
    clean(at.run())
    assert standing(at).design.options["text"] == PROSE
    named(at.selectbox, "Task").set_value("adding")
    clean(at.run())
    assert standing(at).design.options == {}


def test_a_text_in_the_link_is_in_force_and_one_that_is_too_long_is_asked_for() -> None:
    at = clean(opened({"task": "language-model", "hidden_size": "8", "text": PROSE[:120]}))
    assert "Your text: 120 characters" in labels(at)
    rng = np.random.default_rng(0)
    long = "".join(chr(97 + letter) for letter in rng.integers(0, 26, 20_000))
    pressed(pasted(at, "text", long), "Use it")
    assert "too long for a link" in said(at)
    query = {name: at.query_params[name] for name in ("task", "text.sha256")}
    query = {name: value[0] if isinstance(value, list) else value for name, value in query.items()}
    other = clean(opened(query))
    assert any("Give the same data here" in warning.value for warning in other.warning)


def test_data_that_the_server_has_no_room_for_leaves_the_run_as_it_is(own_engine: Engine) -> None:
    own_engine._within.registry._limits = own_engine.limits = Limits(history_mb=2)
    at = opened({"task": "language-model", "hidden_size": "8"})
    before = live_data(at)["token"]
    rng = np.random.default_rng(0)
    pressed(
        pasted(at, "text", "".join(chr(97 + letter) for letter in rng.integers(0, 26, 1_900_000))), "Use it"
    )
    assert any("people" in error.value for error in at.error)
    assert live_data(at)["token"] == before
    assert engine().snapshot(before).design.options["text"] == ""


def test_a_locked_option_cannot_be_changed_and_a_hidden_one_is_not_there() -> None:
    at = clean(opened({"task": "language-model", "lock": "text", "text": PROSE[:120]}))
    assert "Your text: 120 characters" in labels(at)
    at = clean(opened({"task": "language-model", "hide": "text", "text": PROSE[:120]}))
    assert not [label for label in labels(at) if "text" in label]
    assert at.session_state["design"].options["text"] == PROSE[:120]


@pytest.fixture
def beside(own_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what is worked out beside the workers."""
    asked: list[str] = []
    compute = own_engine.compute

    def noted(function: Any, *args: Any) -> Any:
        asked.append(function.__name__)
        return compute(function, *args)

    monkeypatch.setattr(own_engine, "compute", noted)
    return asked


def uploaded(task: str, option: str, name: str, raw: bytes) -> AppTest:
    at = unfolded(opened({"task": task, "hidden_size": "8"}), option)
    at.file_uploader[0].upload(name, raw)
    return clean(at.run())


HOURS = "hour,flow\n" + "\n".join(f"{n},{n % 24 + 0.5}" for n in range(20_000))


def test_a_long_table_is_read_beside_the_workers_and_once(beside: list[str]) -> None:
    at = uploaded("forecast", "values", "flow.csv", HOURS.encode())
    assert beside == ["offered", "chosen"]
    clean(at.run())
    assert beside == ["offered", "chosen"]
    named(at.selectbox, "Time").set_value("hour")
    clean(at.run())
    assert beside == ["offered", "chosen", "chosen"]
    pressed(at, "Use it")
    assert beside == ["offered", "chosen", "chosen"]
    assert len(read_series(standing(at).design.options["values"]).values_N) == 20_000
    assert "own read" not in at.session_state, "what was looked at is not kept"


def test_a_short_table_needs_no_other_process(beside: list[str]) -> None:
    uploaded("forecast", "values", "flow.csv", TABLE.encode())
    pasted(opened({"task": "language-model", "hidden_size": "8"}), "text", PROSE)
    assert beside == []


def test_what_is_wrong_with_a_long_table_is_told_and_it_is_read_once(beside: list[str]) -> None:
    at = uploaded("forecast", "values", "flow.csv", b"word\n" + b"foo\n" * 50_000)
    assert any("one column, of words" in error.value for error in at.error)
    clean(at.run())
    assert beside == ["offered"]


def test_a_file_that_is_too_large_is_named_and_not_read(beside: list[str]) -> None:
    at = uploaded("forecast", "values", "all of *it*.csv", b"1234567\n" * 1_000_000)
    (error,) = [error.value.replace("\\", "") for error in at.error]
    assert error == "all of *it*.csv: It has more than 5 MB, the most that may be used; cut a part out."
    assert beside == []
