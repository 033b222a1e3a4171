"""Tables: which columns are numbers, in which order, what is missing, and what is said of bad ones."""

import csv
import io
import pickle
import re
from datetime import date, timedelta
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.own import chosen, column_of, offered, read_series, read_table

SENTENCE = re.compile(r"[^\n]+\.\Z")
VALUES = np.round(20 + 5 * np.sin(np.arange(200) / 7) + np.arange(200) % 3, 2)
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(200)]


def written(rows, delimiter=","):
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return file.getvalue()


def in_german(value):
    return f"{value:.2f}".replace(".", ",")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
def test_what_separates_the_cells_is_found(delimiter):
    table = read_table(written([("day", "flow"), *zip(DAYS, VALUES, strict=True)], delimiter))
    assert (table.names, table.numeric, table.times, table.rows) == (
        ("day", "flow"),
        ("flow",),
        ("day",),
        200,
    )
    found = column_of(table, "flow", "day")
    assert np.array_equal(found.series.values_N, VALUES)
    assert found.notes == ()


def test_commas_of_decimals_are_told_from_commas_between_cells():
    table = read_table(written([("Tag", "Fluß (l/s)"), *zip(DAYS, map(in_german, VALUES), strict=True)], ";"))
    found = column_of(table, "Fluß (l/s)").series
    assert np.array_equal(found.values_N, VALUES)
    assert (found.name, found.unit) == ("Fluß", "l/s")
    alone = read_table("Fluß\n" + "\n".join(map(in_german, VALUES)))
    assert np.array_equal(column_of(alone, "Fluß").series.values_N, VALUES)


def test_where_a_semicolon_separates_commas_belong_to_the_numbers():
    table = read_table("\n".join(f"{in_german(value)};{in_german(2 * value)}" for value in VALUES))
    assert table.names == ("column 1", "column 2")
    np.testing.assert_allclose(column_of(table, "column 2").series.values_N, 2 * VALUES, atol=0.005)


@pytest.mark.parametrize("count", [range(200), [round(0.1 * n, 1) for n in range(200)], range(200, 0, -1)])
def test_a_column_that_only_counts_is_not_what_is_offered_first(count):
    table = read_table(written([("t", "flow"), *zip(count, VALUES, strict=True)]))
    assert table.numeric == ("t", "flow")
    assert table.likely == "flow"
    assert read_table(written([("t",), *((n,) for n in count)])).likely == "t"
    assert read_table(written([("t", "flow"), (1, 2)])).likely == "t"


def test_commas_of_thousands_are_left_out():
    table = read_table(written([("a", "b"), *((f"{1e6 + 1000 * n:,.1f}", n) for n in range(150))]))
    assert column_of(table, "a").series.values_N[:3].tolist() == [1e6, 1e6 + 1000, 1e6 + 2000]


def test_a_table_without_names_has_numbered_columns():
    table = read_table(written(enumerate(VALUES)))
    assert table.names == ("column 1", "column 2")
    assert np.array_equal(column_of(table, "column 2").series.values_N, VALUES)


def test_the_unit_that_is_given_wins():
    table = read_table(written([("flow [l/s]",), *((value,) for value in VALUES)]))
    assert column_of(table, "flow [l/s]").series.unit == "l/s"
    assert column_of(table, "flow [l/s]", unit="m³/h").series.unit == "m³/h"


def test_lines_are_brought_into_the_order_of_time():
    rng = np.random.default_rng(0)
    order = rng.permutation(200)
    rows = [(DAYS[row], VALUES[row]) for row in order]
    found = column_of(read_table(written([("day", "flow"), *rows])), "flow", "day")
    assert np.array_equal(found.series.values_N, VALUES)
    assert found.notes == ("The lines were not in the order of time: they were sorted.",)
    backwards = [("day", "flow"), *zip(DAYS[::-1], VALUES[::-1], strict=True)]
    found = column_of(read_table(written(backwards)), "flow", "day")
    assert np.array_equal(found.series.values_N, VALUES)
    assert found.notes == ("The newest line came first: the order was turned.",)


@pytest.mark.parametrize("pattern", ["%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%dT%H:%M:%SZ", "%d %b %Y"])
def test_days_and_months_are_told_apart(pattern):
    rows = [
        ("day", "flow"),
        *((day.strftime(pattern), value) for day, value in zip(DAYS, VALUES, strict=True)),
    ]
    found = column_of(read_table(written(rows)), "flow", "day")
    assert np.array_equal(found.series.values_N, VALUES)
    assert found.notes == ()


def test_a_number_may_be_the_time():
    rows = [("year", "flow"), *((2000 - n, value) for n, value in enumerate(VALUES))]
    found = column_of(read_table(written(rows)), "flow", "year")
    assert np.array_equal(found.series.values_N, VALUES[::-1])


def test_missing_values_lie_on_a_straight_line_and_are_told():
    cells = [*map(str, VALUES)]
    cells[0], cells[10], cells[11], cells[50], cells[199] = "", "NA", "err", "-", "nan"
    found = column_of(read_table(written([("a", "b"), *((cell, 1) for cell in cells)])), "a")
    expected = VALUES[1:199].copy()
    expected[9:11] = VALUES[9] + (VALUES[12] - VALUES[9]) * np.array([1, 2]) / 3
    expected[49] = (VALUES[49] + VALUES[51]) / 2
    np.testing.assert_allclose(found.series.values_N, expected)
    (note,) = found.notes
    assert note == (
        "5 missing, in lines 2, 12, 13 and 2 more ('err' is no number): "
        "3 filled in on a straight line between neighbours and 2 at the ends left out."
    )


@pytest.mark.parametrize("pattern", ["%Y-%m-%d", "%d.%m.%Y", "%d %b %Y"])
def test_each_value_keeps_its_moment_as_the_file_writes_it(pattern):
    """Through sorting, and without those whose values are missing at the ends."""
    told, cells = [day.strftime(pattern) for day in DAYS], [*map(str, VALUES)]
    cells[0], cells[20], cells[199] = "", "NA", "-"
    rows = [(told[row], cells[row]) for row in np.random.default_rng(0).permutation(200)]
    found = column_of(read_table(written([("day", "flow"), *rows])), "flow", "day").series
    assert found.moments == tuple(told[1:199])
    assert len(found.values_N) == 198
    assert column_of(read_table(written([("day", "flow"), *rows])), "flow").series.moments == ()


def test_a_moment_that_is_a_number_says_what_it_counts():
    rows = [(1800 + n, value) for n, value in enumerate(VALUES)]
    found = column_of(read_table(written([("year", "flow"), *rows])), "flow", "year").series
    assert found.moments[:2] == ("year 1800", "year 1801")
    found = column_of(read_table(written([("t [s]", "flow"), *rows])), "flow", "t [s]").series
    assert found.moments[0] == "t 1800 s"


def test_what_is_looked_at_beside_the_server_is_the_same():
    text = written([("day", "flow [l/s]", "other"), *zip(DAYS, VALUES, VALUES, strict=True)])
    found = offered(text)
    assert (found.numeric, found.likely, found.times) == (("flow [l/s]", "other"), "flow [l/s]", ("day",))
    assert found.head == tuple(read_table(text).head(4))
    series, notes = column_of(read_table(text), "flow [l/s]", "day", "m")
    value, told = chosen(text, "flow [l/s]", "day", "m")
    again = read_series(value)
    assert (again.name, again.unit, again.moments, told) == ("flow", "m", series.moments, notes)
    assert np.array_equal(again.values_N, VALUES)
    assert len(pickle.dumps(found)) < 1000


def test_uneven_times_are_told():
    days = [day for n, day in enumerate(DAYS) if n not in (50, 51, 52)]
    rows = [("day", "flow"), *zip(days, VALUES, strict=False)]
    (note,) = column_of(read_table(written(rows)), "flow", "day").notes
    assert "not evenly spaced" in note


def holes(share):
    return ["" if n % 100 < share else str(value) for n, value in enumerate(VALUES)]


@pytest.mark.parametrize(
    ("rows", "column", "time", "said"),
    [
        ([], "", "", "table is empty"),
        ([("a", "b")], "", "", "None of its 2 columns"),
        ([("word",), *(("foo",) for _ in range(200))], "", "", "one column, of words such as 'word'|'foo'"),
        ([("a", "b"), *(("x", "y") for _ in range(200))], "", "", "None of its 2 columns .*'a' has 'x'"),
        ([("a", "b"), *(("", "") for _ in range(200))], "", "", "All cells are empty"),
        ([(1, 2), (1, 2), (3, 4, 5)], "", "", "Line 3 has 3 cells, those before it 2"),
        ([("a",), *((5,) for _ in range(200))], "a", "", "all 200 values are 5"),
        ([("a",), *((n,) for n in range(30))], "a", "", "it has 30 values; at least 140"),
        ([("a",), *((n,) for n in range(100_001))], "a", "", "100,001 values; at most 100,000"),
        ([("a", "b"), *((cell, 0) for cell in holes(30))], "a", "", "60 of 200 values are missing, in"),
        ([("a",), *((v,) for v in [*VALUES, "1e999"])], "a", "", "line 202 says"),
        ([("a",), *((v,) for v in [*VALUES, 1e12])], "a", "", "must not leap"),
        ([("t", "a"), *((DAYS[n // 2], v) for n, v in enumerate(VALUES))], "a", "t", "100 times come more"),
        ([("t", "a"), *((d if n else "soon", v) for n, (d, v) in enumerate(zip(DAYS, VALUES, strict=True)))],
         "a", "t", "line 2 says 'soon', which is no date"),
        ([("t", "a"), *((d if n != 9 else "", v) for n, (d, v) in enumerate(zip(DAYS, VALUES, strict=True)))],
         "a", "t", "line 11 says '', which is no date"),
    ],
)  # fmt: skip
def test_a_bad_table_is_named_in_one_sentence(rows, column, time, said):
    with pytest.raises(ValueError, match=said) as wrong:
        column_of(read_table(written(rows)), column, time)
    assert SENTENCE.match(str(wrong.value))


CELLS = st.sampled_from(
    ["1", "2.5", "-3", "1,5", "", "NA", "x", "2024-01-02", '"', "'", "inf", "1e400", "\u0661"]
)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12).map(
    lambda rows: "\n".join(",;\t"[len(rows) % 3].join(row) for row in rows)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("," * 1_000_000, "1,000,001 columns; at most 200"),
        ('""\n""', "All cells are empty"),
        ("a;b\n" + ("1.1" * 50_000 + "x;1\n") * 20, "1 is |20 values; at least"),
    ],
)
def test_what_would_take_minutes_is_refused_at_once(text, said):
    began = process_time()
    with pytest.raises(ValueError, match=said) as wrong:
        column_of(read_table(text), "b")
    assert SENTENCE.match(str(wrong.value))
    assert process_time() - began < 5


def refusal(read):
    """The words with which something is refused; empty where it is not."""
    try:
        read()
    except ValueError as wrong:
        return str(wrong)
    return ""


def every_column(text):
    table = read_table(text)
    for name in table.numeric:
        for time in ("", *table.names):
            column_of(table, name, time)


@given(TABLES | st.text(max_size=300))
def test_any_text_is_a_table_or_refused_in_one_sentence(text):
    said = refusal(lambda: every_column(text))
    assert not said or SENTENCE.match(said)


@given(st.integers(0, 199), CELLS)
def test_one_bad_cell_is_filled_or_refused_in_one_sentence(row, cell):
    rows = [("day", "flow"), *zip(DAYS, VALUES, strict=True)]
    rows[row + 1] = (DAYS[row], cell)
    text = written(rows)
    said = refusal(lambda: column_of(read_table(text), "flow", "day"))
    assert not said or SENTENCE.match(said)
    if not said:
        assert len(column_of(read_table(text), "flow", "day").series.values_N) in (199, 200)
