"""The run's title on the pages without a browser: one for the session, whatever becomes of its runs."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from pages.teacher import LOCKED
from rnnlab import Design, Settings, advance, begin
from rnnlab.files import StoredRun, run_from_bytes, run_to_bytes
from rnnlab.live.engine import engine

from .test_lab import clean, live_data, opened, pressed, standing

TITLE = 'Group 3: <img src=x onerror=alert(1)> ![a](b) $x$ "q" \\'
SMALL = {"task": "adding", "hidden_size": "5", "batch_size": "3", "length": "9"}


def link(at: AppTest) -> dict[str, str]:
    return {name: one[0] if isinstance(one, list) else one for name, one in at.query_params.items()}


def with_field(at: AppTest) -> AppTest:
    at.session_state["save"] = True  # as a click on Save
    return clean(at.run())


def typed(at: AppTest, text: str) -> AppTest:
    (field,) = [one for one in at.text_input if one.label == "Title"]
    field.set_value(text)
    return clean(at.run())


def borne(at: AppTest, title: str) -> bool:
    """Whether the page, its run, its link and its file all say the same."""
    stored = run_from_bytes(run_to_bytes(engine().stored(live_data(at)["token"])))
    told = {live_data(at)["title"], standing(at).title, link(at).get("title", ""), stored.title}
    return told == {title}


def test_a_run_has_no_title_until_it_is_given_one() -> None:
    at = clean(opened(SMALL))
    assert borne(at, "")
    assert "title" not in link(at)
    typed(with_field(at), f"  {TITLE} ")
    assert borne(at, TITLE)
    assert 'load_run("rnnlab-group-3-img-src-x-onerror-alert-1-a-b-x-0.npz")' in at.code[0].value
    typed(at, "")
    assert borne(at, "")


def test_a_title_starts_nothing_and_stops_nothing() -> None:
    at = pressed(with_field(opened(SMALL)), "One update")
    before, token = standing(at), live_data(at)["token"]
    typed(at, TITLE)
    assert live_data(at)["token"] == token
    after = standing(at)
    assert (after.update, after.furthest, after.status, after.loss) == (
        before.update,
        before.furthest,
        before.status,
        before.loss,
    )


def test_it_stays_whatever_becomes_of_the_run() -> None:
    at = clean(opened({**SMALL, "title": TITLE}))
    assert borne(at, TITLE)
    first = live_data(at)["token"]
    for label in ("One update", "Reset", "One update"):
        assert borne(pressed(at, label), TITLE)
    assert live_data(at)["token"] != first
    clean(at.number_input(key="seed").set_value(7).run())  # another design: another run
    assert borne(at, TITLE)
    pressed(pressed(at, "One update"), "One update")
    engine().rewind(live_data(at)["token"], 1)
    at.toggle(key="clip").set_value(False)
    pressed(at, "One update")
    assert len(live_data(at)["branches"]) == 2
    assert borne(at, TITLE)
    assert {engine().snapshot(one["token"]).title for one in live_data(at)["branches"]} == {TITLE}
    clean(at.switch_page("pages/unroll.py").run())
    clean(at.switch_page("pages/try_it.py").run())
    clean(at.switch_page("pages/lab.py").run())
    assert borne(at, TITLE)
    engine().forget(live_data(at)["token"])  # as when nobody watched it for two minutes
    assert borne(clean(at.run()), TITLE)


def test_another_title_is_every_branchs() -> None:
    at = with_field(pressed(clean(opened({**SMALL, "title": "one"})), "One update"))
    pressed(at, "One update")
    engine().rewind(live_data(at)["token"], 1)
    at.toggle(key="clip").set_value(False)
    typed(pressed(at, "One update"), "two")
    branches = [one["token"] for one in live_data(at)["branches"]]
    assert [engine().snapshot(token).title for token in branches] == ["two", "two"]


def test_a_run_that_was_left_brings_its_title_to_a_link_without_one() -> None:
    """As after a restart of the server, where the address had none yet."""
    at = clean(opened(SMALL))
    other = engine().create(at.session_state["design"], at.session_state["settings"]).token
    engine().entitle(other, TITLE)
    at.session_state["token"] = other
    del at.session_state["run title"]
    clean(at.run())
    assert live_data(at)["token"] == other
    assert borne(at, TITLE)


def test_what_is_no_title_stays_in_its_field_with_one_sentence() -> None:
    at = typed(with_field(opened({**SMALL, "title": "one"})), "\u202egnp")
    (told,) = at.error
    assert "U+202E is a character that is not seen" in told.value.replace("\\", "")
    assert borne(at, "one")
    assert at.text_input[0].value == "\u202egnp"
    typed(at, "two")
    assert not at.error
    assert borne(at, "two")
    typed(at, "W" * 99)  # the field takes no more than a title has
    assert borne(at, "W" * 60)


def test_a_link_with_a_title_that_is_none_says_so() -> None:
    at = clean(opened({**SMALL, "title": "W" * 61}))
    (told,) = at.warning
    assert "A title has at most 60 characters, not 61. The link's title is left out." in told.value
    assert borne(at, "")


def test_a_file_brings_its_title_or_none() -> None:
    design, settings = Design(task="adding", hidden_size=3, batch_size=2), Settings(length=8)
    state, records = advance(begin(design), settings, 2)
    at = with_field(clean(opened({**SMALL, "title": "one"})))
    for title in (TITLE, ""):
        raw = run_to_bytes(StoredRun(state, settings, records, title=title))
        at.file_uploader[0].set_value(("run.npz", raw, "application/octet-stream"))
        clean(at.run())
        assert standing(at).update == 2
        assert borne(at, title)
        assert at.text_input[0].value == title


def test_a_teachers_title_can_be_locked_and_its_control_hidden() -> None:
    locked = with_field(opened({**SMALL, "title": "Exercise 3", "lock": "title"}))
    (field,) = [one for one in locked.text_input if one.label == "Title"]
    assert field.disabled
    assert LOCKED in field.help
    assert borne(locked, "Exercise 3")
    hidden = with_field(opened({**SMALL, "title": "Exercise 3", "hide": "title"}))
    assert not hidden.text_input
    assert borne(hidden, "Exercise 3")
    assert {*link(hidden)} >= {"title", "hide"}


def test_a_file_leaves_a_teachers_title() -> None:
    design, settings = Design(task="adding", hidden_size=3, batch_size=2), Settings(length=8)
    state, records = advance(begin(design), settings, 2)
    at = with_field(clean(opened({**SMALL, "title": "Exercise 3", "lock": "title"})))
    raw = run_to_bytes(StoredRun(state, settings, records, title="mine"))
    at.file_uploader[0].set_value(("run.npz", raw, "application/octet-stream"))
    clean(at.run())
    assert standing(at).update == 2
    assert borne(at, "Exercise 3")


def test_the_title_is_in_the_shown_script() -> None:
    at = with_field(clean(opened({**SMALL, "title": 'Exercise """ 3'})))
    at.toggle(key="show script").set_value(True)
    clean(at.run())
    (shown,) = [code.value for code in at.code if "class Network" in code.value]
    assert "Title: Exercise ''' 3" in shown
