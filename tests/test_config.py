"""Design and Settings: what they take, what they refuse, and in which words."""

import dataclasses
import math
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import designs, settings_for, values

from rnnlab import Design, Settings, default_settings
from rnnlab.config import as_dict, fit, why_not_bidirectional
from rnnlab.fields import Choice, Number, Switch, declared
from rnnlab.tasks import TASKS
from rnnlab.topologies import TOPOLOGIES

FIELDS = [(cls, name) for cls in (Design, Settings) for name in declared(cls)]
NUMBERS = [(cls, name) for cls, name in FIELDS if isinstance(declared(cls)[name].metadata["kind"], Number)]
every_field = pytest.mark.parametrize(("cls", "name"), FIELDS, ids=[f"{c.__name__}.{n}" for c, n in FIELDS])
WHERE = {"context_size": {"task": "dates"}}
"""What else a field needs, where it may not have every value for every task."""

STRANGE = [
    "",
    "no such thing",
    "NUL \x00 and \n newline",
    "‮مرحبا 👍🏽",
    "x" * 1000,
    10**5000,
    -(10**400),
    float("nan"),
    float("inf"),
    -float("inf"),
    -1,
    0.5,
    1e300,
    1j,
    b"adam",
    [],
    {},
    object(),
    np.array([1, 2]),
    np.float32("nan"),
    Design,
]


def strange(kind) -> list:
    """Values that this kind of field must refuse."""
    fits = {
        Number: lambda v: (
            isinstance(v, (int, float)) and kind.low <= v <= kind.high and (not kind.whole or v == int(v))
        ),
        Choice: lambda v: isinstance(v, str) and v in kind.choices,
        Switch: lambda v: isinstance(v, bool),
    }[type(kind)]
    more = [True] if isinstance(kind, Number) else [1, "on"] if isinstance(kind, Switch) else [True]
    return [value for value in STRANGE + more if type(value) is bool or not fits(value)]


def one_sentence(error: BaseException) -> str:
    text = str(error)
    assert len(text) < 500, text  # the names of all tasks are 350 letters; a value is cut
    assert "\n" not in text
    assert text.endswith(".")
    assert "\x00" not in text
    return text


@every_field
def test_each_bad_value_is_refused_by_name_and_range(cls, name):
    kind = declared(cls)[name].metadata["kind"]
    for value in strange(kind):
        with pytest.raises(ValueError, match=rf"^{name} must be ") as caught:
            cls(**{name: value})
        text = one_sentence(caught.value)
        if isinstance(kind, Number):
            assert f"{kind.low:{',' if kind.whole else ',g'}}" in text
            assert f"{kind.high:{',' if kind.whole else ',g'}}" in text
            assert kind.unit in text
        if isinstance(kind, Choice) and name != "topology":
            assert all(choice in text for choice in kind.choices)


@pytest.mark.parametrize(("cls", "name"), NUMBERS, ids=[f"{c.__name__}.{n}" for c, n in NUMBERS])
def test_the_ends_of_each_range_are_taken(cls, name):
    kind = declared(cls)[name].metadata["kind"]
    for value in (kind.low, kind.high):
        taken = getattr(cls(**WHERE.get(name, {}), **{name: value}), name)
        assert taken == value
        assert type(taken) is (int if kind.whole else float)
    just_outside = (
        [kind.low - 1, kind.high + 1]
        if kind.whole
        else [math.nextafter(kind.low, -math.inf), math.nextafter(kind.high, math.inf)]
    )
    for value in just_outside:
        with pytest.raises(ValueError, match=f"{name} must be"):
            cls(**{name: value})


@every_field
def test_every_field_says_what_it_is(cls, name):
    about = declared(cls)[name].metadata
    assert about["label"][0].isupper()
    assert about["help"].endswith((".", "?"))
    assert about["kind"].allowed


def test_every_field_is_declared():
    assert set(declared(Design)) == {f.name for f in dataclasses.fields(Design)} - {"task_options"}
    assert set(declared(Settings)) == {f.name for f in dataclasses.fields(Settings)}


@given(st.data())
def test_values_are_plain_python_whatever_number_came_in(data):
    cls, name = data.draw(
        st.sampled_from([(c, n) for c, n in FIELDS if isinstance(declared(c)[n].metadata["kind"], Number)])
    )
    kind = declared(cls)[name].metadata["kind"]
    value = data.draw(values(kind))
    for given_as in (value, float(value), np.float64(value)):
        if float(value) == value:
            taken = getattr(cls(**WHERE.get(name, {}), **{name: given_as}), name)
            assert type(taken) in (int, float)
            assert taken == value


@given(st.data())
def test_values_round_trip_as_text(data):
    _, about = data.draw(
        st.sampled_from([(n, a) for c in (Design, Settings) for n, a in declared(c).items()])
    )
    kind = about.metadata["kind"]
    value = data.draw(values(kind))
    assert kind.check(kind.parse(kind.print(value))) == value


@given(st.data())
def test_valid_values_survive_replace_pickle_and_json(data):
    design = data.draw(designs())
    settings = data.draw(settings_for(design))
    assert replace(design) == design
    assert pickle.loads(pickle.dumps((design, settings))) == (design, settings)
    assert hash(replace(design)) == hash(design)
    assert Design(**as_dict(design)) == design
    assert Settings(**as_dict(settings)) == settings
    assert fit(design, settings) == settings


@pytest.mark.parametrize("task", TASKS)
def test_a_task_alone_is_a_design(task):
    for topology, lengths in TASKS[task].topologies.items():
        design = Design(task=task, topology=topology)
        settings = default_settings(design)
        assert settings.length == lengths.default
        assert fit(design, Settings()).length == lengths.default
        assert design.lengths == lengths
        for name, value in TASKS[task].design.items():
            assert getattr(design, name) == value
    assert Design(task=task).topology == next(iter(TASKS[task].topologies))


@pytest.mark.parametrize("task", TASKS)
def test_lengths_outside_the_tasks_range_are_refused_by_name_and_range(task):
    design = Design(task=task)
    low, high = design.lengths.low, design.lengths.high
    for length in {low - 1, high + 1} & set(range(1, 1001)):
        with pytest.raises(ValueError, match=r"^length must be ") as caught:
            fit(design, Settings(length=length))
        text = one_sentence(caught.value)
        assert str(low) in text
        assert str(high) in text
        assert str(length) in text
        assert task in text


def test_presets_are_valid():
    for task, spec in TASKS.items():
        for preset in spec.presets.values():
            design = Design(task=task, **preset.design)
            fit(design, replace(default_settings(design), **preset.settings))


def test_the_textbook_configuration():
    """A window of 3 characters, one-hot, 50 relu units, Adam."""
    preset = TASKS["next-character"].presets["textbook"]
    design = Design(task="next-character", **preset.design)
    assert (design.cell, design.activation, design.hidden_size, design.optimizer) == (
        "rnn",
        "relu",
        50,
        "adam",
    )
    assert replace(default_settings(design), **preset.settings).length == 3


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_topology_that_does_not_fit_the_task_is_refused(topology):
    for task, spec in TASKS.items():
        if topology not in spec.topologies:
            with pytest.raises(ValueError, match=f"^topology of the task {task} must be one of") as caught:
                Design(task=task, topology=topology)
            assert all(name in one_sentence(caught.value) for name in spec.topologies)


def test_bidirectional_is_refused_where_it_would_write_or_see_its_answer():
    allowed = set()
    for task, spec in TASKS.items():
        for topology in spec.topologies:
            reason = why_not_bidirectional(task, topology)
            if not reason:
                assert Design(task=task, topology=topology, bidirectional=True).bidirectional
                allowed.add((task, topology))
                continue
            with pytest.raises(ValueError, match=r"^bidirectional must be off here: ") as caught:
                Design(task=task, topology=topology, bidirectional=True)
            assert "backward" in one_sentence(caught.value)
    assert {topology for _, topology in allowed} == {"one-to-one", "many-to-one", "many-to-many"}
    assert ("language-model", "many-to-many") not in allowed


@pytest.mark.parametrize(
    "options",
    [
        5,
        "abc",
        ["a"],
        [("symbols",)],
        {"nothing": "1"},
        {5: "x"},
        {"symbols": 2},
        {"symbols": "4"},
        {"symbols": "\x00"},
        [("symbols", [])],
        None,
        object(),
    ],
)
def test_bad_task_options_are_refused_by_name(options):
    with pytest.raises(ValueError, match=r"^(task_options|symbols)( of copy)? (may hold|must be) ") as caught:
        Design(task="copy", task_options=options)
    assert "symbols" in one_sentence(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("short", "must have 100 to 5,000,000 characters"),
        ("a" * 500, "repeats a single character"),
        ("a\x00" * 100, "NUL"),
        ("ab" * 5_000_000, "10,000,000"),
        (b"bytes" * 100, "must be text, not bytes"),
        (None, "must be text, not NoneType"),
    ],
    ids=["short", "one character", "NUL", "10 MB", "bytes", "None"],
)
def test_bad_texts_are_refused_in_one_sentence(text, words):
    for task in ("language-model", "next-character"):
        with pytest.raises(ValueError, match=r"^text must ") as caught:
            Design(task=task, task_options={"text": text})
        assert words in one_sentence(caught.value)


@pytest.mark.parametrize(
    "text", ["👍🏽🎉" * 40, "مرحبا بالعالم " * 10, "ab" * 50, "e\u0301\u202e" * 40, "\ud800x" * 60]
)
def test_any_script_is_a_text(text):
    design = Design(task="language-model", task_options={"text": text})
    assert design.options["text"] == text


def test_options_are_filled_in_sorted_and_hashable():
    assert Design(task="copy").options == {"symbols": "2"}
    assert Design(task="copy", task_options={"symbols": "2"}) == Design(task="copy")
    assert Design(task="copy", task_options=(("symbols", "3"),)) == Design(
        task="copy", task_options={"symbols": "3"}
    )
    hash(Design(task="copy", task_options={"symbols": "3"}))


def test_frozen_and_by_keyword_only():
    design, settings = Design(), Settings()
    for value, name in ((design, "seed"), (settings, "length")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, 1)
    with pytest.raises(TypeError):
        Design("adding")
    with pytest.raises(TypeError, match="hiden_size"):
        Design(hiden_size=3)


def test_messages_read_like_sentences():
    def said(make, **fields) -> str:
        with pytest.raises(ValueError, match="must be") as caught:
            make(**fields)
        return str(caught.value)

    assert said(Design, hidden_size=0) == "hidden_size must be a whole number from 1 to 256 units, not 0."
    assert said(Design, hidden_size=2.5) == "hidden_size must be a whole number from 1 to 256 units, not 2.5."
    assert said(Design, cell="xx") == "cell must be one of rnn, lstm, gru, not 'xx'."
    assert said(Design, bidirectional="yes") == "bidirectional must be on or off, not 'yes'."
    assert said(Settings, dropout=2) == "dropout must be a number from 0 to 0.9, not 2."
    many = said(Design, hidden_size=10**5000)
    assert re.fullmatch(r"hidden_size must be a whole number from 1 to 256 units, not .{1,60}\.", many), many
