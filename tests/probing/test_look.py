"""The look of the Try it page in an address: there and back, whatever somebody wrote into it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import Design, Settings
from rnnlab.fields import declared
from rnnlab.link import PACKED, PLAIN, PRINT
from rnnlab.probing.look import FIRST, LAYERS, MOST_UNITS, Layer, Look, pairs_of, take, within
from rnnlab.room import OPTIONS

KINDS = {name: about.metadata["kind"] for name, about in declared(Look).items()}
GRU = {
    "recurrent/0/forward": Layer(8, {"h": True, "r": False, "z": False, "n": True}),
    "recurrent/1/forward": Layer(8, {"h": True, "r": False, "z": False, "n": True}),
}
PLAIN_RNN = {"recurrent/0/forward": Layer(4, {"h": True})}
VIEWS = ["reading", "mattered", "changed"]


def opened(query: str) -> tuple[Look, list[str]]:
    pairs, messages = dict(parse_qsl(query, keep_blank_values=True)), list[str]()
    return take(pairs, messages), messages


def values(name: str) -> st.SearchStrategy[object]:
    kind = KINDS[name]
    if not hasattr(kind, "low"):
        return st.sampled_from(sorted(kind.choices))
    if kind.whole:
        return st.integers(int(kind.low), int(kind.high))
    return st.floats(kind.low, kind.high)


LOOKS = st.fixed_dictionaries(
    {"view": values("view")},
    optional={name: values(name) for name in KINDS if name != "view"}
    | {name: st.sampled_from(list(GRU)) for name in LAYERS}
    | {"other": st.text(max_size=300)},
).map(lambda fields: Look(**fields))


@settings(max_examples=200, deadline=None)
@given(LOOKS)
def test_there_and_back(look: Look) -> None:
    assert opened(urlencode(pairs_of(look), errors="surrogatepass")) == (look, [])


def test_what_is_as_the_page_opens_is_not_in_the_address() -> None:
    assert pairs_of(FIRST) == {}
    assert pairs_of(Look(view="changed", zero=7)) == {"view": "changed", "zero": "7"}


def test_a_teacher_may_write_it_by_hand() -> None:
    assert opened("zero=7")[0] == Look(view="changed", zero=7)
    assert opened("gate=f&held=0.5")[0] == Look(view="changed", gate="f", held=0.5)
    assert opened("heat=1.2")[0] == Look(view="written", heat=1.2)
    assert opened("view=reading&unit=3&shows=c")[0] == Look(view="reading", unit=3, shows="c")


def test_its_names_are_nobody_elses() -> None:
    own = {*KINDS, *LAYERS, *(f"other{end}" for end in (PLAIN, PACKED, PRINT))}
    others = {*declared(Design), *declared(Settings), "hide", "lock", "projector", "network", "ask"}
    others |= {option + end for option in OPTIONS for end in (PLAIN, PACKED, PRINT)}
    assert not own & others


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("zero=0", f"zero must be a whole number from 1 to {MOST_UNITS:,}, not 0. It is left out."),
        ("unit=seven", "unit must be a whole number"),
        ("heat=nan", "heat must be a number from 0 to 2, not nan. It is left out."),
        ("held=2", "held must be a number from -1 to 1, not 2.0. It is left out."),
        ("gate=q", "gate must be one of i, f, g, o, r, z, n, not 'q'. It is left out."),
        ("view=<img>", "view must be one of forecast"),
        ("ahead=" + "9" * 5000, "ahead must be a whole number"),
        ("other.z=????", "other: the compressed data in the link is damaged"),
    ],
)
def test_a_bad_value_is_one_sentence(query: str, says: str) -> None:
    look, messages = opened(query)
    assert look == FIRST
    assert len(messages) == 1
    assert messages[0].startswith(says)


@pytest.mark.parametrize(
    ("query", "layers", "says"),
    [
        ("zero=9", GRU, "zero must be a whole number from 1 to 8 here, not 9."),
        ("unit=9&view=reading", GRU, "unit must be a whole number from 1 to 8 here, not 9."),
        ("gate=f", GRU, "gate must be one of r, z, n here, not 'f'."),
        ("gate=f", PLAIN_RNN, "gate: this network has no gates to hold."),
        ("gate=z&held=-0.5", GRU, "held must be a number from 0 to 1 for this gate, not -0.5."),
        ("zero=2&gate=z", GRU, "A link silences a unit (zero) or holds a gate (gate), not both."),
        (
            "zero=2&layer=up",
            GRU,
            "layer must be one of recurrent/0/forward, recurrent/1/forward here, not 'up'.",
        ),
        ("shows=c&view=reading", GRU, "shows must be one of h, r, z, n here, not 'c'."),
        ("view=forecast", GRU, "view must be one of reading, mattered, changed here, not 'forecast'."),
    ],
)
def test_what_this_network_does_not_have_is_one_sentence(
    query: str, layers: dict[str, Layer], says: str
) -> None:
    look, messages = opened(query)
    assert not messages
    left, messages = within(look, VIEWS, layers)
    assert messages == [f"{says} It is left out."]
    assert within(left, VIEWS, layers) == (left, [])


def test_a_signed_gate_may_be_held_below_zero() -> None:
    look, _ = opened("gate=n&held=-0.5&layer=recurrent%2F0%2Fforward")
    assert within(look, VIEWS, GRU) == (look, [])


NAMES = st.sampled_from([*KINDS, *LAYERS, "other", "other.z", "other.sha256"])
ODD = st.sampled_from(["", "nan", "-inf", "1e999", "9" * 5000, "-0", "True", "\x00", "\ud800", "١", "7.5"])
ANY = st.one_of(st.text(max_size=60), ODD, st.integers().map(str), st.floats().map(str))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, ANY, max_size=8), st.sampled_from([GRU, PLAIN_RNN]))
def test_an_address_of_any_content(pairs: dict[str, str], layers: dict[str, Layer]) -> None:
    messages: list[str] = []
    look = take(pairs, messages)
    assert pairs == {}
    left, more = within(look, VIEWS, layers)
    assert within(left, VIEWS, layers) == (left, [])
    assert all(len(message) < 400 for message in (*messages, *more))
    again: list[str] = []
    assert replace(take(pairs_of(left), again), view=left.view) == left  # a link's zero alone means its view
    assert again == []
