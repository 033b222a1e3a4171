"""to_link and from_link: a round trip for what is valid, messages for everything else."""

import base64
import zlib
from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import designs, rooms, settings_for, titles

from rnnlab import Design, Settings, default_settings, from_link, to_link
from rnnlab.config import fit
from rnnlab.fields import declared
from rnnlab.link import LONGEST_VALUE, fingerprint
from rnnlab.room import CONTROLS, GROUP, OPEN, Room
from rnnlab.tasks import TASKS

TEXT = "The quick brown fox jumps over the lazy dog. " * 5
LONG_TEXT = "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(20000))
NAMES = [*declared(Design), *declared(Settings), "text", "text.z", "text.sha256", "symbols", "question"]
NAMES += ["hide", "lock", "projector", "title"]


def is_sentence(message: str) -> bool:
    return (
        10 < len(message) < 1000 and message.endswith(".") and "\n" not in message and "\x00" not in message
    )


@given(st.data())
def test_round_trip(data):
    design = data.draw(designs())
    settings = data.draw(settings_for(design))
    room, title = data.draw(rooms()), data.draw(titles())
    link = to_link(design, settings, room, title)
    assert link.isascii()
    found = from_link(link)
    assert found == (design, settings, (), room, title)
    assert from_link("?" + link) == found
    assert from_link(dict(parse_qsl(link, keep_blank_values=True))) == found
    assert to_link(found.design, found.settings, found.room, found.title) == link


@pytest.mark.parametrize("task", TASKS)
def test_a_tasks_own_values_are_left_out(task):
    design = Design(task=task)
    assert to_link(design, default_settings(design)) == f"task={task}"
    assert from_link(f"task={task}") == (design, default_settings(design), (), OPEN, "")


def test_the_empty_link_is_the_first_design():
    assert from_link("") == (Design(), default_settings(Design()), (), OPEN, "")
    assert from_link("?") == from_link("") == from_link({})


def test_only_what_differs_is_in_the_link():
    design = Design(task="adding", cell="rnn", activation="relu", seed=7)
    settings = replace(default_settings(design), length=50, clipping="off", learning_rate=1e-3)
    pairs = dict(parse_qsl(to_link(design, settings)))
    assert pairs == {
        "task": "adding",
        "cell": "rnn",
        "activation": "relu",
        "seed": "7",
        "length": "50",
        "clipping": "off",
        "learning_rate": "0.001",
    }


def test_numbers_and_switches_are_written_briefly():
    design = Design(task="adding", bidirectional=True, recurrent_gain=2.0, forget_bias=-0.5)
    settings = replace(default_settings(design), clip_threshold=10.0, learning_rate=1e-5)
    link = to_link(design, settings)
    wanted = (
        "task=adding&bidirectional=on&recurrent_gain=2&forget_bias=-0.5&learning_rate=1e-05&clip_threshold=10"
    )
    assert link == wanted


def test_no_length_means_the_tasks_own():
    design = Design(task="adding")
    found = from_link(to_link(design, Settings(learning_rate=2e-3)))
    assert found.settings == fit(design, Settings(learning_rate=2e-3))


WRONG = {
    "topology": ("circle", "must be one of"),
    "cell": ("xx", "rnn, lstm, gru"),
    "hidden_size": ("9" * 5000, "1 to 256"),
    "layers": ("1.5", "1 to 4"),
    "bidirectional": ("maybe", "on or off"),
    "batch_size": ("-3", "1 to 256"),
    "seed": ("4294967296", "0 to 4,294,967,295"),
    "forget_bias": ("nan", "-10 to 10"),
    "recurrent_gain": ("inf", "0 to 5"),
    "learning_rate": ("1e999", "1e-06 to 10"),
    "clip_threshold": ("", "0.0001 to 10,000"),
    "length": ("401", "4 to 400"),
    "tbptt_window": ("two", "0 to 1,000"),
    "teacher_forcing": ("0,5", "0 to 1"),
    "dropout": ("\x00", "0 to 0.9"),
    "early_stopping": ("-1", "0 to 1,000,000"),
    "optimizer": ("👍", "sgd, momentum, rmsprop, adam"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named_with_its_range_and_the_rest_is_kept(name):
    value, allowed = WRONG[name]
    good = {"task": "adding", "cell": "rnn", "seed": "5", "learning_rate": "0.003", "length": "33"}
    found = from_link(urlencode({**good, name: value}))
    (message,) = found.messages
    assert message.startswith(f"{name} ")
    assert is_sentence(message)
    assert allowed in message
    kept = {k: v for k, v in good.items() if k != name}
    assert found[:2] == from_link(kept)[:2]
    assert found.design.task == "adding"


def test_an_unknown_task_is_answered_with_the_list():
    found = from_link("task=nope&seed=5")
    assert found.design == Design(seed=5)
    (message,) = found.messages
    assert message.startswith("task must be one of ")
    assert all(task in message for task in TASKS)


def test_unknown_fields_are_named_and_left_out():
    found = from_link("task=adding&colour=red&hiden_size=3&seed=4")
    assert found.design == Design(task="adding", seed=4)
    assert len(found.messages) == 2
    assert "'colour'" in found.messages[0]
    assert "'hiden_size'" in found.messages[1]


def test_many_wrong_fields_give_one_message_each():
    found = from_link("task=adding&cell=x&hidden_size=x&layers=x&length=x&dropout=x&seed=3")
    assert found.design == Design(task="adding", seed=3)
    assert [m.split()[0] for m in found.messages] == ["cell", "hidden_size", "layers", "length", "dropout"]


def test_a_topology_or_direction_that_does_not_fit():
    found = from_link("task=adding&topology=encoder-decoder&seed=2")
    assert found.design == Design(task="adding", seed=2)
    assert found.messages[0].startswith("topology of the task adding must be one of many-to-one")
    found = from_link("task=dates&bidirectional=on&seed=2")
    assert found.design == Design(task="dates", seed=2)
    assert found.messages[0].startswith("bidirectional must be off here")


@given(st.text(max_size=300))
def test_no_text_whatever_raises(text):
    found = from_link(text)
    assert all(is_sentence(message) for message in found.messages)
    assert from_link(to_link(found.design, found.settings))[:2] == found[:2]


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40), max_size=8))
def test_no_values_whatever_raise(pairs):
    found = from_link(pairs)
    assert all(is_sentence(message) for message in found.messages)
    assert from_link(urlencode(pairs, errors="replace")).design.task == found.design.task


@given(st.data())
def test_the_good_fields_survive_a_bad_one(data):
    design = data.draw(designs())
    settings = data.draw(settings_for(design))
    pairs = dict(parse_qsl(to_link(design, settings), keep_blank_values=True))
    name = data.draw(st.sampled_from([n for n in declared(Settings) if n != "length"]))
    found = from_link({**pairs, name: "\x00 no number"})
    assert found.design == design
    assert found.settings == replace(settings, **{name: getattr(default_settings(design), name)})
    assert len(found.messages) == 1


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "👍🏽 family 👨‍👩‍👧‍👦 flag 🇨🇭 " * 10,
        "مرحبا بالعالم " * 10,
        "line\nline\ttab\r\n" * 20,
        "a&b=c%20+#?;" * 20,
        "\ud800lone " * 20,
    ],
    ids=["prose", "emoji", "right to left", "lines", "signs of a query", "lone surrogate"],
)
def test_a_short_text_travels_in_the_link(text):
    design = Design(task="language-model", task_options={"text": text})
    link = to_link(design, default_settings(design))
    assert link.isascii()
    assert len(link) < LONGEST_VALUE + 100
    assert from_link(link) == (design, default_settings(design), (), OPEN, "")


def test_a_long_text_is_named_by_its_fingerprint():
    design = Design(task="language-model", task_options={"text": LONG_TEXT}, seed=3)
    link = to_link(design, default_settings(design))
    assert len(link) < 200
    assert fingerprint(LONG_TEXT) in link
    assert fingerprint(LONG_TEXT) != fingerprint(LONG_TEXT + " ")
    found = from_link(link)
    assert found.design == Design(task="language-model", seed=3)
    (message,) = found.messages
    assert message.startswith("text:")
    assert fingerprint(LONG_TEXT) in message
    assert "Give the same data" in message


@pytest.mark.parametrize(
    "text", ["short", "aaaa" * 100, "a\x00b" * 100], ids=["short", "one character", "NUL"]
)
def test_a_bad_text_in_a_link_is_named(text):
    for pairs in ({"text": text}, {"text.z": packed(text.encode())}):
        found = from_link({"task": "language-model", "seed": "3", **pairs})
        assert found.design == Design(task="language-model", seed=3)
        (message,) = found.messages
        assert message.startswith("text must ")
        assert is_sentence(message)


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(raw)).decode()


def damaged() -> dict[str, str]:
    whole = packed((TEXT + "".join(map(str, range(300)))).encode())
    middle = len(whole) // 2
    return {
        "not base64": "§§§",
        "not compressed": base64.urlsafe_b64encode(b"hello there").decode(),
        "cut short": whole[: middle // 4 * 4],
        "one letter changed": whole[:middle] + ("A" if whole[middle] != "A" else "B") + whole[middle + 1 :],
        "not UTF-8": packed(b"\xff\xfe" * 100),
        "a bomb": packed(b"a" * 50_000_000),
        "empty": "",
        "something behind": base64.urlsafe_b64encode(zlib.compress(TEXT.encode()) + b"more").decode(),
    }


@pytest.mark.parametrize("how", damaged())
def test_a_damaged_text_is_refused_not_shortened(how):
    """A link that a messenger cut off must not open as another experiment without a word."""
    found = from_link({"task": "language-model", "seed": "3", "text.z": damaged()[how]})
    assert found.design == Design(task="language-model", seed=3)
    (message,) = found.messages
    assert message.startswith("text")
    assert is_sentence(message)


def test_ten_megabytes_are_answered():
    for query in ("text=" + "ab" * 5_000_000, "x" * 10_000_000, "cell=" + quote("🎉") * 800_000):
        found = from_link("task=language-model&seed=3&" + query)
        assert found.design == Design(task="language-model", seed=3)
        assert len(found.messages) == 1
        assert is_sentence(found.messages[0])


def test_a_link_of_nothing_but_fields_stays_readable():
    """A hundred thousand unknown names: few messages, not a hundred thousand."""
    found = from_link("task=adding&" + "&".join(f"x{n}=1" for n in range(100_000)))
    assert found.design == Design(task="adding")
    assert 1 <= len(found.messages) <= 50
    assert "99,995 more" in found.messages[-1]


def test_options_of_a_task_travel_by_name():
    design = Design(task="copy", task_options={"symbols": "5"})
    link = to_link(design, default_settings(design))
    assert link == "task=copy&symbols=5"
    assert from_link(link).design == design
    wrong = from_link("task=copy&symbols=4")
    assert wrong.design == Design(task="copy")
    assert "1, 2, 3, 5, 10" in wrong.messages[0]


def test_a_teachers_link_is_read_as_the_readme_says():
    found = from_link("task=adding&hide=optimizer,layers&lock=cell,clipping&projector=on")
    assert found.room == Room(frozenset({"optimizer", "layers"}), frozenset({"cell", "clipping"}), True)
    assert found.messages == ()
    assert found.design == Design(task="adding")


def test_a_group_stands_for_each_of_its_controls():
    for group, names in CONTROLS.items():
        room = from_link(f"hide={group}").room
        assert {name for name in GROUP if room.hides(name)} == set(names)
        room = from_link(f"lock={group}").room
        assert {name for name in GROUP if room.locks(name)} == set(names)


def test_no_control_has_the_name_of_a_group_or_of_two():
    every = [*CONTROLS, *(name for names in CONTROLS.values() for name in names)]
    assert len(every) == len(set(every))
    fields = {*declared(Design), *declared(Settings)}
    assert fields <= set(every)
    assert {option for spec in TASKS.values() for option in spec.options} <= set(every)


def test_an_unknown_control_is_answered_with_all_there_are():
    found = from_link("hide=optimiser, layers ,a,b,c&lock=cel&projector=loud&seed=4")
    assert found.design == Design(seed=4)
    assert found.room == Room(frozenset({"layers"}))
    told, loud = found.messages
    assert told.startswith(
        "No control to hide or lock is called 'optimiser', 'a', 'b' and 2 more; there are "
    )
    assert all(name in told for name in (*CONTROLS, *GROUP))
    assert loud == "projector must be on or off, not 'loud'. It is left off."
    assert all(is_sentence(message) for message in found.messages)


def test_a_projected_page_has_fewer_controls_and_all_that_a_lesson_needs():
    projected = Room(projector=True)
    assert all(projected.hides(name) for name in ("task", "cell", "preset", "reset", "save"))
    needed = ("play", "one_update", "timeline", "clipping", "length", "learning_rate", "projector", "check")
    assert not any(projected.hides(name) for name in needed)


def test_a_title_that_a_teacher_wrote_by_hand():
    found = from_link("task=adding&title=Exercise+3:+clipping%20at++1")
    assert (found.title, found.messages) == ("Exercise 3: clipping at 1", ())
    assert from_link("title=+%0A+").title == ""
    assert len(from_link({"title": "W" * 60}).title) == 60


@pytest.mark.parametrize(
    "title", ["W" * 61, "a\x00b", "\u202eb", "\u2066", "\ufeff", "\ud800", "x\uffff", "\x1b[1m"]
)
def test_a_title_that_is_none_is_left_out_and_the_rest_of_the_link_counts(title):
    found = from_link({"task": "adding", "cell": "lstm", "title": title})
    assert (found.design.cell, found.title) == ("lstm", "")
    (message,) = found.messages
    assert is_sentence(message)
    assert message.isprintable()
    assert message.startswith("A title ")
    assert message.endswith(" The link's title is left out.")
