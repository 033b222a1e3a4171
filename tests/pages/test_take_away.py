"""The Save popover without a browser: what its buttons give, and what opening a file does."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas
import pytest
from streamlit.testing.v1 import AppTest

from pages import take_away
from rnnlab import Design, Settings, advance, begin, evaluate, load_run, trace
from rnnlab.config import default_settings
from rnnlab.export import file_name, reports_csv
from rnnlab.files import StoredRun, run_from_bytes, run_to_bytes
from rnnlab.limits import Limits
from rnnlab.live.engine import Engine

APP = str(Path(__file__).parents[2] / "app.py")
DESIGN = Design(task="adding", cell="lstm", hidden_size=5, batch_size=3, seed=4)
SETTINGS = Settings(length=9, learning_rate=0.02, clipping="value")


def opened(query: dict[str, str] | None = None) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    for name, value in (query or {}).items():
        at.query_params[name] = value
    at.run()
    assert not at.get("download_button")  # nothing is made for those who do not ask
    at.session_state["save"] = True  # as a click on Save
    return at.run()


def small_run(updates: int = 6) -> StoredRun:
    state, records = advance(begin(DESIGN), SETTINGS, updates)
    return StoredRun(state, SETTINGS, records)


def token_of(at: AppTest) -> str:
    return str(at.session_state["token"])


def upload(at: AppTest, name: str, raw: bytes) -> AppTest:
    at.file_uploader[0].set_value((name, raw, "application/octet-stream"))
    return at.run()


def test_the_popover_names_its_files_after_the_run() -> None:
    at = opened({"task": "adding", "hidden_size": "5"})
    names = [button.proto.label for button in at.get("download_button")]
    assert names == [
        "Save the run",
        "Records as CSV",
        "Held-out results as CSV",
        "Trace as NPZ",
        "Save the script",
    ]
    assert 'rnnlab.load_run("rnnlab-adding-gru-0.npz")' in at.code[0].value
    assert not at.exception


def test_the_operators_caps_are_told(own_engine: Engine) -> None:
    own_engine.limits = Limits(hidden_size=16, runs_per_session=3, runs=40, history_mb=12, slice_seconds=7)
    told = " ".join(caption.value for caption in opened({"hidden_size": "5"}).caption)
    for words in (
        "16 units",
        "4 layers",
        "1,000 time steps",
        "takes 7 s",
        "3 runs of yours",
        "16 of everybody's",
    ):
        assert words in told
    assert "12 MB of their past" in told


def test_a_name_has_no_update_while_it_moves() -> None:
    assert file_name(DESIGN, 1240, ".npz") == "rnnlab-adding-lstm-1240.npz"
    assert file_name(DESIGN, None, ".npz") == "rnnlab-adding-lstm.npz"


def test_what_the_buttons_give_is_what_the_engine_holds(own_engine: Engine) -> None:
    token = own_engine.create(DESIGN, SETTINGS, small_run()).token
    own_engine.one_update(token)
    state, records = own_engine.state(token), own_engine.records(token)
    assert state is not None
    run = run_from_bytes(take_away.run_file(token))
    assert run.state.update == 7
    assert run.settings == SETTINGS
    assert all(np.array_equal(run.state.weights[name], array) for name, array in state.weights.items())
    table = pandas.read_csv(io.StringIO(take_away.records_file(token)))
    for name, column in records._asdict().items():
        assert np.array_equal(table[name].to_numpy(), column, equal_nan=True), name


def test_after_a_rewind_only_what_led_there_is_saved(own_engine: Engine) -> None:
    token = own_engine.create(DESIGN, SETTINGS, small_run()).token
    own_engine.rewind(token, 2)
    run = run_from_bytes(take_away.run_file(token))
    assert run.state.update == 2
    assert run.records.update.tolist() == [1, 2]


def test_the_trace_is_the_librarys(own_engine: Engine) -> None:
    token = own_engine.create(DESIGN, SETTINGS, small_run()).token
    with np.load(io.BytesIO(take_away.trace_file(token)), allow_pickle=False) as archive:
        held = {name: archive[name] for name in archive.files}
    wanted = trace(small_run().state, SETTINGS)
    (layer,) = wanted.layers.values()
    assert np.array_equal(held["recurrent/0/forward/grad_c"], layer.grad_c)
    assert np.array_equal(held["recurrent/0/forward/gates/f"], layer.gates["f"])
    assert held["recurrent/0/forward/h"].shape == (9, 32, 5)
    assert held["loss"] == wanted.loss
    assert json.loads(held["about"].tobytes())["design"]["cell"] == "lstm"


def test_an_opened_file_replaces_the_run_and_fills_the_sidebar(own_engine: Engine) -> None:
    at = opened({"task": "digits"})
    before = token_of(at)
    at = upload(at, "mine.npz", run_to_bytes(small_run()))
    assert not at.exception
    assert token_of(at) != before
    status = own_engine.snapshot(token_of(at))
    assert (status.design, status.settings, status.update) == (DESIGN, SETTINGS, 6)
    assert at.session_state["task"] == "adding"
    assert at.query_params["seed"] == "4"
    own_engine.one_update(token_of(at))
    _, records = advance(begin(DESIGN), SETTINGS, 7)
    assert own_engine.records(token_of(at)).loss.tolist() == records.loss.tolist()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not a run saved by RNN Lab"),
        (b"PK\x03\x04 garbage", "not a run saved by RNN Lab"),
        (b"\0" * ((5 << 20) + 1), "larger than 5 MB"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence_and_nothing_is_lost(raw: bytes, words: str) -> None:
    at = opened({"task": "digits"})
    before = token_of(at)
    at = upload(at, "mine.npz", raw)
    assert not at.exception
    assert token_of(at) == before
    assert [error.value for error in at.error if words in error.value]
    assert not at.run().error


def test_an_archive_of_zeros_is_refused() -> None:
    bomb = io.BytesIO()
    np.savez_compressed(bomb, about=np.zeros(300 << 20, np.uint8))
    assert len(bomb.getvalue()) < 5 << 20
    with pytest.raises(ValueError, match="not a run saved by RNN Lab"):
        take_away.opened(bomb.getvalue(), "bomb.npz")


def test_the_preview_leaves_the_packed_data_out() -> None:
    at = opened({"task": "digits"})
    at.toggle(key="show script").set_value(True)
    at.run()
    (shown,) = [code.value for code in at.code if "class Network" in code.value]
    assert "more lines of data" in shown
    assert max(map(len, shown.splitlines())) < 160
    assert len(shown.splitlines()) < 200


def test_a_text_that_reads_like_data_is_left_alone() -> None:
    assert take_away.shortened("one\ntwo\n") == "one\ntwo\n"


def test_the_five_lines_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import plotly.graph_objects as go

    from rnnlab.export import five_lines

    shown: list[go.Figure] = []
    monkeypatch.setattr(go.Figure, "show", lambda figure: shown.append(figure))
    (tmp_path / "mine.npz").write_bytes(run_to_bytes(small_run()))
    monkeypatch.chdir(tmp_path)
    lines = five_lines("mine.npz")
    assert len(lines.splitlines()) == 5
    exec(compile(lines, "five lines", "exec"), {})
    assert len(shown) == 1
    assert load_run("mine.npz").state.update == 6


def test_a_chart_of_streamlits_as_a_page_without_a_server() -> None:
    import plotly.graph_objects as go

    page = take_away.chart_page(go.Figure(go.Scatter(y=[1.0, 3.0], name="</script><b>")))
    assert '"format": "svg"' in page
    assert "https://cdn" not in page[:2000]
    assert len(page) > 1_000_000
    assert "</script><b>" not in page


def test_held_out_results_as_csv() -> None:
    design = Design(task="dates", cell="gru", hidden_size=4, batch_size=3)
    settings, state = default_settings(design), begin(design)
    reports = [evaluate(state, settings, 8)]
    state, _ = advance(state, settings, 2)
    reports.append(evaluate(state, settings, 8))
    earlier = reports[0]._replace(measures=(), train_loss=float("nan"))
    table = pandas.read_csv(io.StringIO(reports_csv([earlier, reports[1]])))
    assert list(table["update"]) == [0, 2]
    for column, field in (
        ("held_out_loss", "loss"),
        ("training_loss", "train_loss"),
        ("held_out_metric", "metric"),
        ("training_metric", "train_metric"),
    ):
        assert table[column][1] == getattr(reports[1], field)
    assert np.isnan(table["training_loss"][0])
    assert np.isnan(table["free_accuracy"][0])
    assert table["free_accuracy"][1] == reports[1].measures[1].value
    assert set(table["metric"]) == {"exact_match"}
    assert reports_csv([]).startswith("update,held_out_loss,training_loss,")
