"""A series as text and back, and in a unit that a network can answer in."""

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnnlab.config import Design
from rnnlab.own import outline, read_series, scaled, write_series
from rnnlab.tasks.forecast import own_series

FINITE = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda value: round(value, 3))
SERIES = st.lists(FINITE, min_size=140, max_size=160)
WALK = np.cumsum(np.random.default_rng(0).normal(size=600))


@given(SERIES, st.text(max_size=80), st.text(max_size=30))
def test_what_is_written_is_read_again(values, name, unit):
    values_N = np.array([0.0, 1.0, *values])
    text = write_series(values_N, name, unit)
    found = read_series(text)
    assert np.array_equal(found.values_N, values_N)
    assert write_series(found.values_N, found.name, found.unit) == text
    assert Design(task="forecast", task_options={"values": text}).options["values"] == text


@given(st.text(max_size=50), st.text(max_size=80))
@example("2024-01-01 00:00", "Flow")
@example("12", "17")
@example("\t \n", "time\t")
def test_moments_are_read_again_beside_the_same_values(moment, name):
    moments = [f"{moment} {place}"[-45:] for place in range(150)]
    values_N = np.arange(150.0) % 7
    text = write_series(values_N, name, "l/s", moments)
    found = read_series(text)
    assert np.array_equal(found.values_N, values_N)
    assert len(found.moments) == 150
    assert all(1 <= len(one) <= 40 for one in found.moments)
    assert write_series(found.values_N, found.name, found.unit, found.moments) == text
    assert Design(task="forecast", task_options={"values": text}).options["values"] == text


@pytest.mark.parametrize("line", ["2024-05-01 7", "\t7", "a\x07b\t7", f"{'x' * 41}\t7", "2024-05-01\tx"])
def test_a_line_without_its_moment_or_its_number_is_named(line):
    lines = [f"2024-{place}\t{place}" for place in range(150)]
    with pytest.raises(
        ValueError, match=r"^must be (a time, a tab and a number|numbers with a dot)[^\n]*\.$"
    ):
        read_series("\n".join(["time\tFlow", *lines, line]))


def test_a_heading_may_be_missing_and_numbers_may_stand_side_by_side():
    text = " ".join(map(str, range(150)))
    assert read_series(text).values_N.tolist() == list(range(150))
    assert read_series("Flow (l/s)\n" + text)[:2] == ("Flow", "l/s")
    assert read_series("2024 flow\n" + text)[:2] == ("2024 flow", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("words alone", "must have 140 to 100,000 numbers, one on each line; this has 0"),
        ("1\n" * 5, "this has 5"),
        ("1\n2\n" * 60_000, "this has 120,000"),
        ("1\n2\n" * 100 + "x", "number 201 is 'x'"),
        ("1\n2\n" * 100 + "1,5", "number 201 is '1,5'"),
        ("1\n2\n" * 100 + "nan", "must be finite numbers; number 201 is nan"),
        ("1\n2\n" * 100 + "1e31", "no larger than 1e\\+30"),
        ("7\n" * 200, "its 120 values are all 7"),
        ("7\n" * 130 + "8\n9\n" * 35, "its 120 values are all 7"),
        ("1e-40\n2e-40\n" * 100, "must change by more than 1e-30"),
        ("1\n2\n" * 100 + "9e8", "must not leap"),
    ],
)
def test_what_is_no_series_is_named_in_one_sentence(text, said):
    with pytest.raises(ValueError, match=said) as wrong:
        Design(task="forecast", task_options={"values": text})
    assert re.fullmatch(r"values must [^\n]+\.", str(wrong.value))


@given(st.text(max_size=300))
def test_any_text_is_a_series_or_refused_in_one_sentence(text):
    with pytest.raises(ValueError, match=r"\Amust [^\n]+\.\Z"):
        read_series(text)


@pytest.mark.parametrize("power", range(-20, 21))
def test_changes_are_neither_tiny_nor_huge_in_the_scaled_unit(power):
    series = read_series(write_series(WALK * 10.0**power, "x", "g"))
    found = scaled(series)
    change = np.sqrt(np.mean(np.diff(found.values_N[: series.borders[0]]) ** 2))
    assert 0.1 <= change < 100
    assert found.unit.endswith("g")
    names = {"g": 1.0, "thousand g": 1e3, "million g": 1e6, "10⁻³ g": 1e-3, "10⁻⁶ g": 1e-6, "10⁹ g": 1e9}
    if found.unit in names:
        np.testing.assert_allclose(found.values_N * names[found.unit], series.values_N, rtol=1e-12)


@pytest.mark.parametrize("number", [140, 399, 400, 1000])
def test_the_parts_are_those_of_the_task_and_each_can_be_read(number):
    text = write_series(np.arange(float(number)) % 7)
    series, task = read_series(text), own_series(text)
    assert series.borders == (task.border, task.middle)
    assert len(task.held_out_N) >= 26
    assert len(task.test_N) >= 26


def test_an_outline_has_the_highest_and_the_lowest():
    places, values = outline(WALK, 100)
    assert len(places) <= 100
    assert np.array_equal(values, WALK[places])
    assert {int(WALK.argmin()), int(WALK.argmax())} <= set(places.tolist())
    assert np.array_equal(outline(WALK)[1], outline(WALK, 500)[1])
