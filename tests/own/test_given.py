"""Own data in a design: what it takes in memory, what is done with it, and where it is not kept."""

import sys

import numpy as np
import pytest

from rnnlab.config import Design, Settings, default_settings
from rnnlab.files import StoredRun, run_from_bytes, run_to_bytes
from rnnlab.limits import LEAST_SHARE_BYTES, Limits
from rnnlab.link import LONGEST_TRIED, fits_a_link, from_link, to_link
from rnnlab.live.engine import Engine
from rnnlab.live.workers import Inline
from rnnlab.own import write_series
from rnnlab.own.given import own_bytes, own_data, source_of, without_own_data
from rnnlab.state import Records, RunState
from rnnlab.tasks import TASKS
from rnnlab.training import advance, begin

PROSE = "the window. hacked = true. Who reads this? " * 20
WALK = np.cumsum(np.random.default_rng(0).normal(size=300))
SERIES = write_series(WALK, "Weg", "m")


def letters(number, seed=0):
    return "".join(chr(97 + letter) for letter in np.random.default_rng(seed).integers(0, 26, number))


def of_text(text, **fields):
    return Design(task="language-model", hidden_size=4, batch_size=4, task_options={"text": text}, **fields)


def of_series(text):
    return Design(task="forecast", hidden_size=4, batch_size=4, task_options={"values": text})


def test_where_the_data_comes_from_is_told_of_own_data_too():
    assert source_of("forecast", {"series": "brent", "values": ""}) == TASKS["forecast"].source
    told = source_of("forecast", {"series": "brent", "values": SERIES})
    assert told == "Your own series: Weg [m], 300 values."
    assert source_of("language-model", {"text": PROSE}) == f"Your own text, {len(PROSE)} characters."
    assert source_of("adding", {}) == TASKS["adding"].source


def test_own_data_is_what_was_given_and_nothing_else():
    assert own_data(of_text("")) == {}
    assert own_data(of_text(PROSE)) == {"text": PROSE}
    assert own_data(of_series(SERIES)) == {"values": SERIES}
    assert own_data(Design(task="copy", task_options={"symbols": "10"})) == {}
    assert dict(without_own_data(of_series(SERIES)))["values"] == ""
    assert dict(without_own_data(of_series(SERIES)))["series"] == "passengers"


def test_its_bytes_are_counted_once_however_many_runs_share_it():
    one, other = letters(5000), letters(5000, 1)
    assert own_bytes([of_text(one), of_text(one, seed=2)]) == sys.getsizeof(one)
    assert own_bytes([of_text(one), of_text(other)]) == 2 * sys.getsizeof(one)
    wide = "日本" * 1000
    assert own_bytes([of_text(wide)]) == sys.getsizeof(wide) > 4000


@pytest.mark.parametrize("design", [of_text(PROSE), of_series(SERIES)], ids=["text", "series"])
def test_own_data_trains_and_travels_in_a_link(design):
    _, records = advance(begin(design), default_settings(design), 3)
    assert np.isfinite(records.loss).all()
    linked = from_link(to_link(design, default_settings(design)))
    assert (linked.design, linked.messages) == (design, ())
    assert fits_a_link(next(iter(own_data(design).values())))


@pytest.mark.parametrize(
    "text", [letters(20_000), "ab" * LONGEST_TRIED], ids=["not compressible", "too long to try"]
)
def test_what_fits_no_link_is_named_by_its_fingerprint(text):
    assert not fits_a_link(text)
    link = to_link(of_text(text), Settings(length=20))
    assert len(link) < 200
    found = from_link(link)
    assert found.design.options["text"] == ""
    (message,) = found.messages
    assert "Give the same data here" in message


def test_five_megabytes_go_into_a_file_and_back():
    text = letters(5_000_000 - 4) + "é日👍\n"
    state = begin(of_text(text))
    run = StoredRun(state, Settings(length=10), Records.empty())
    found = run_from_bytes(run_to_bytes(run, compressed=False))
    assert found.state.design == state.design
    with pytest.raises(ValueError, match="is not a run"):
        run_from_bytes(run_to_bytes(run, compressed=False).replace(b"own|text", b"own|tex?"))


@pytest.fixture
def small_engine(tmp_path):
    found = Engine(Inline(), limits=Limits(history_mb=8), store=tmp_path / "runs.sqlite")
    yield found
    found.close()


def histories(engine):
    return [member.driver.run.history.budget_bytes for member in engine._within.registry.members.values()]


def test_own_data_takes_its_share_of_the_memory_that_the_operator_allows(small_engine):
    small_engine.create(of_text(""), Settings(length=10))
    assert histories(small_engine) == [8 << 20]
    text = letters(4_000_000)
    small_engine.create(of_text(text), Settings(length=10))
    left = (8 << 20) - sys.getsizeof(text)
    assert histories(small_engine) == [left // 2] * 2


def test_a_run_of_own_data_makes_room_for_another_unless_somebody_watches(small_engine):
    first = small_engine.create(of_text(letters(4_500_000)), Settings(length=10)).token
    with small_engine.watching(first), pytest.raises(ValueError, match=r"The 8 MB .* are taken\. Close one"):
        small_engine.create(of_text(letters(4_500_000, 1)), Settings(length=10))
    second = small_engine.create(of_text(letters(4_500_000, 1)), Settings(length=10)).token
    tokens = list(small_engine._within.registry)
    assert tokens == [second]
    assert min(histories(small_engine)) >= LEAST_SHARE_BYTES


def test_data_beyond_the_memory_of_the_server_is_refused_in_a_sentence():
    engine = Engine(Inline(), limits=Limits(history_mb=2))
    try:
        with pytest.raises(ValueError, match=r"^The 2 MB [^\n]* Use less data of your own\.$"):
            engine.create(of_text(letters(1_900_000)), Settings(length=10))
        engine.create(of_text(""), Settings(length=10))
    finally:
        engine.close()


def test_what_somebody_gave_is_never_written_to_the_store(tmp_path):
    path = tmp_path / "runs.sqlite"
    engine = Engine(Inline(), store=path)
    secret = "my grandmother's secret recipe for plum cake. " * 5
    try:
        kept = engine.create(of_text(""), Settings(length=10)).token
        given = [engine.create(of_text(secret), Settings(length=10)).token]
        given.append(engine.create(of_series(SERIES), Settings(length=5)).token)
        for token in (kept, *given):
            engine.one_update(token)
    finally:
        engine.close()
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"language-model" in written
    assert b"grandmother" not in written
    assert b"Weg [m]" not in written


def test_a_state_keeps_no_copy_of_its_text():
    text = letters(50_000)
    state = RunState(of_text(text), 0, {})
    assert state.design.options["text"] is text
