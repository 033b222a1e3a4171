"""The command line: the same runs as the library's, strict JSON, and one line for a bad value."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import rnnlab
from rnnlab import cli, training
from rnnlab.analysis import gradient_flow
from rnnlab.commands import app, train
from rnnlab.commands.experiment import asked_pairs, experiment
from rnnlab.files import load_run
from rnnlab.link import to_link
from rnnlab.tasks.options import TextOption

SMALL = ["--set", "task=adding", "--set", "hidden_size=4", "--set", "length=6", "--set", "batch_size=2"]
DESIGN = rnnlab.Design(task="adding", hidden_size=4, batch_size=2)
SETTINGS = replace(rnnlab.default_settings(DESIGN), length=6)
TEXT = "Ein kurzer Text, العربية, 👍🏽.\r\n" * 10


def no_constants(word: str):
    raise AssertionError(f"{word} is no JSON")


def last_json(text: str) -> dict:
    *before, last = text.splitlines()
    assert not any(line.startswith("{") for line in before)
    return json.loads(last, parse_constant=no_constants)


def test_train_is_the_run_of_the_library(capsys):
    assert cli.main(["train", *SMALL, "--updates", "7", "--json"]) == 0
    told = last_json(capsys.readouterr().out)
    state, records = rnnlab.advance(rnnlab.begin(DESIGN), SETTINGS, 7)
    report = rnnlab.evaluate(state, SETTINGS)
    assert (told["updates"], told["diverged_at"], told["interrupted"]) == (7, None, False)
    assert (told["loss"], told["grad_norm"]) == (records.loss[-1], records.grad_norm[-1])
    assert (told["held_out_loss"], told["baseline"]) == (report.loss, report.baseline_loss)
    last = rnnlab.final_report(state, SETTINGS)
    assert (told["test_loss"], told["test_metric"]) == (last.loss, last.metric)
    assert (told["test_baseline"], told["test_baseline_metric"]) == (last.baseline_loss, last.baseline_metric)
    assert (told["metric"], told["metric_name"]) == (report.metric, "mean_squared_error")
    assert told["design"]["hidden_size"] == 4
    assert told["settings"]["length"] == 6
    assert told["updates_per_second"] == pytest.approx(7 / told["seconds"])


def test_progress_goes_to_stderr_and_the_summary_to_stdout(capsys):
    assert cli.main(["train", *SMALL, "--updates", "3"]) == 0
    shown = capsys.readouterr()
    assert "3/3" in shown.err
    assert "3 updates in" in shown.out
    assert "baseline 0.1667 (always answering 1: 1/6)" in shown.out


def test_no_updates_is_a_summary_of_the_first_weights(capsys):
    assert cli.main(["train", *SMALL, "--updates", "0", "--json"]) == 0
    told = last_json(capsys.readouterr().out)
    assert (told["updates"], told["loss"], told["grad_norm"], told["updates_per_second"]) == (0, *[None] * 3)
    assert told["held_out_loss"] == rnnlab.evaluate(rnnlab.begin(DESIGN), SETTINGS).loss


def test_chunks_change_no_bit_of_a_run(monkeypatch):
    monkeypatch.setattr(train, "CHUNK_SECONDS", 1e-9)  # every update is a chunk of its own
    run = train.train(train.Trained(rnnlab.begin(DESIGN), SETTINGS), 5)
    whole, records = rnnlab.advance(rnnlab.begin(DESIGN), SETTINGS, 5)
    assert len(run.parts) == 5
    np.testing.assert_array_equal(run.records.loss, records.loss)
    for name, array in whole.weights.items():
        np.testing.assert_array_equal(run.state.weights[name], array)


def test_early_stopping_ends_the_run_where_its_patience_does(capsys, monkeypatch, tmp_path):
    real = train.held_out

    def lowest_at_100(run):
        return real(run)._replace(loss=1 + abs(run.state.update - 100) / 1000)

    monkeypatch.setattr(train, "held_out", lowest_at_100)
    monkeypatch.setattr(train, "CHUNK_SECONDS", 1e-3)
    asked = ["train", *SMALL, "--set", "early_stopping=150", "--updates", "1000"]
    assert cli.main([*asked, "--json"]) == 0
    told = last_json(capsys.readouterr().out)
    assert told["updates"] == 250
    assert told["early_stop"] == {"update": 250, "best": 100, "loss": 1.0, "patience": 150}
    saved = tmp_path / "run.npz"
    assert cli.main([*asked, "--save", str(saved)]) == 0
    shown = capsys.readouterr().out
    assert "no better held-out loss for 150 updates. The lowest, 1, was at update 100." in shown
    assert [report.update for report in load_run(saved).reports] == [0, 50, 100, 150, 200, 250]
    whole, _ = rnnlab.advance(rnnlab.begin(DESIGN), SETTINGS, 250)
    for name, array in whole.weights.items():
        np.testing.assert_array_equal(load_run(saved).state.weights[name], array)


def test_whether_a_run_is_saved_does_not_move_where_it_stops(capsys, monkeypatch, tmp_path):
    """Curves are reported every 84 updates of 1,000: a lowest loss there is none that early stopping sees."""
    real = train.held_out
    monkeypatch.setattr(
        train, "held_out", lambda run: real(run)._replace(loss=1 + abs(run.state.update - 168) / 1000)
    )
    asked = ["train", *SMALL, "--set", "early_stopping=150", "--updates", "1000", "--json"]
    ends = []
    for more in ([], ["--save", str(tmp_path / "run.npz")]):
        assert cli.main([*asked, *more]) == 0
        ends.append(last_json(capsys.readouterr().out)["early_stop"])
    assert ends[0] == ends[1]
    assert (ends[0]["best"], ends[0]["update"]) == (150, 300)


def test_a_summary_has_the_training_data_and_what_is_fed_back(capsys):
    asked = ["train", "--set", "task=dates", "--set", "hidden_size=4", "--updates", "1"]
    assert cli.main([*asked, "--json"]) == 0
    told = last_json(capsys.readouterr().out)
    assert told["early_stop"] is None
    assert 0 < told["train_loss"] != told["held_out_loss"]
    assert {"forced_accuracy", "free_accuracy", "free_exact"} < set(told["measures"])
    assert told["measures"]["forced_loss"] == told["held_out_loss"]


def test_training_uses_one_torch_thread():
    torch.set_num_threads(2)
    try:
        train.new_run(DESIGN)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(1)


def test_ctrl_c_ends_with_a_summary_so_far(capsys, monkeypatch, tmp_path):
    calls = []

    def advance(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    real = training.advance
    monkeypatch.setattr(training, "advance", advance)
    monkeypatch.setattr(train, "CHUNK_SECONDS", 1e-9)
    saved = tmp_path / "run"
    arguments = ["train", *SMALL, "--updates", "1000", "--save", str(saved)]
    assert cli.main([*arguments, "--json"]) == cli.INTERRUPTED
    told = last_json(capsys.readouterr().out)
    assert (told["updates"], told["interrupted"]) == (2, True)
    assert load_run(saved).state.update == 2


def test_ctrl_c_outside_training_leaves_no_traceback(capsys, monkeypatch):
    def held_out(run):
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "held_out", held_out)
    assert cli.main(["train", *SMALL, "--updates", "0"]) == cli.INTERRUPTED
    assert capsys.readouterr().err == "rnnlab: stopped.\n"


def test_a_run_that_diverges_says_so_in_strict_json(capsys):
    wild = ["task=temporal-order", "cell=rnn", "activation=relu", "recurrent_gain=5", "optimizer=sgd"]
    wild += ["clipping=off", "learning_rate=10", "hidden_size=4"]
    asked = [part for field in wild for part in ("--set", field)]
    assert cli.main(["train", *asked, "--updates", "200", "--json"]) == 0
    told = last_json(capsys.readouterr().out)
    assert told["diverged_at"] == told["updates"] + 1 <= 200
    assert told["loss"] is None or told["grad_norm"] is None
    assert told["divergence"]


def test_save_keeps_the_run_with_its_records_report_and_picture(capsys, tmp_path):
    saved = tmp_path / "a run"
    assert cli.main(["train", *SMALL, "--updates", "4", "--save", str(saved), "--json"]) == 0
    told, stored = last_json(capsys.readouterr().out), load_run(saved)
    state, records = rnnlab.advance(rnnlab.begin(DESIGN), SETTINGS, 4)
    assert (stored.state.design, stored.settings, stored.state.update) == (DESIGN, SETTINGS, 4)
    np.testing.assert_array_equal(stored.records.loss, records.loss)
    np.testing.assert_array_equal(stored.state.weights["weight_hh_l0"], state.weights["weight_hh_l0"])
    assert stored.reports[-1].loss == told["held_out_loss"]
    assert [report.update for report in stored.reports] == [0, 1, 2, 3, 4]
    assert stored.picture is not None
    assert stored.picture.meta["predictions"]["rows"]
    assert stored.written is not None


@pytest.mark.parametrize("given", [["--title", " Group  3 "], ["--link", "title=Group+3"]])
def test_a_saved_run_has_the_title_that_was_given(capsys, tmp_path, given):
    saved = tmp_path / "run.npz"
    assert cli.main(["train", *SMALL, *given, "--updates", "1", "--save", str(saved)]) == 0
    assert load_run(saved).title == "Group 3"


def test_a_title_that_is_none_is_refused_before_the_training(capsys):
    with pytest.raises(SystemExit) as refused:
        cli.main(["train", "--updates", "1000000", "--title", "\u202egnp"])
    assert refused.value.code == 2
    assert "A title is one line of visible characters; U+202E" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["{}", "?{}", "http://localhost:8501/?{}", "https://lab.example/Lab?{}#top"])
def test_a_link_may_be_a_query_or_a_whole_address(form):
    link = form.format(to_link(DESIGN, SETTINGS))
    assert experiment(asked_pairs(link, [])) == (DESIGN, SETTINGS)


@pytest.mark.parametrize("task", rnnlab.TASKS)
def test_every_link_of_the_app_is_understood(task):
    texts = [name for name, about in rnnlab.TASKS[task].options.items() if isinstance(about, TextOption)]
    for topology in rnnlab.TASKS[task].topologies:
        options = dict.fromkeys(texts, TEXT)
        design = rnnlab.Design(task=task, topology=topology, cell="rnn", seed=7, task_options=options)
        settings = replace(rnnlab.default_settings(design), learning_rate=0.5, clipping="value")
        assert experiment(asked_pairs(to_link(design, settings), [])) == (design, settings)


def test_set_wins_over_the_link_and_the_later_over_the_earlier():
    design, settings = experiment(asked_pairs("task=adding&cell=rnn", ["cell=gru", "cell=lstm", "length=9"]))
    assert (design.task, design.cell, settings.length) == ("adding", "lstm", 9)


def test_a_text_comes_from_a_file_as_it_is(tmp_path):
    file = tmp_path / "text.txt"
    file.write_bytes(TEXT.encode())
    fields = ["task=language-model", f"text=@{file}"]
    assert experiment(asked_pairs("", fields))[0].options["text"] == TEXT
    long = "task=language-model&text.sha256=0123456789abcdef"
    assert experiment(asked_pairs(long, fields))[0].options["text"] == TEXT


BAD = {
    "out of range": (["--set", "hidden_size=999"], ["hidden_size", "from 1 to 256"]),
    "no number": (["--set", "learning_rate=fast"], ["learning_rate", "'fast'"]),
    "enormous": (["--set", "seed=" + "9" * 5000], ["seed", "4,294,967,295"]),
    "infinite": (["--set", "batch_size=1e999"], ["batch_size", "from 1 to 256"]),
    "line breaks": (["--set", "task=a\n\nb"], ["task", "nationality"]),
    "unknown field": (["--set", "hiden_size=3"], ["'hiden_size'", "hidden_size"]),
    "another task's option": (["--set", "task=adding", "--set", "text=abc"], ["'text'", "adding"]),
    "no equals sign": (["--set", "cell"], ["--set", "field=value"]),
    "task's length": (["--set", "task=adding", "--set", "length=3"], ["length", "from 4 to 400"]),
    "topology": (["--set", "task=adding", "--set", "topology=one-to-one"], ["topology", "many-to-one"]),
    "bidirectional": (["--link", "?task=language-model&bidirectional=on"], ["bidirectional"]),
    "unknown in link": (["--link", "utm_source=x"], ["'utm_source'"]),
    "damaged text": (["--link", "task=language-model&text.z=@@"], ["text", "damaged"]),
    "long text": (["--link", "task=language-model&text.sha256=ab"], ["text=@FILE"]),
    "empty text": (["--link", "task=language-model&text="], ["text", "characters"]),
    "NUL": (["--link", "task=language-model&text=" + "ab%00" * 100], ["text", "NUL"]),
    "one symbol": (["--link", "task=language-model&text=" + "a" * 500], ["text", "single character"]),
    "missing file": (["--set", "task=language-model", "--set", "text=@/no/file"], ["text", "/no/file"]),
    "binary file": (["--set", "task=language-model", "--set", f"text=@{sys.executable}"], ["text", "UTF-8"]),
    "updates": (["--updates", "-1"], ["--updates", "from 0 to"]),
    "many updates": (["--updates", "9" * 30], ["--updates", "10,000,000"]),
    "device": (["--set", "device=abacus"], ["device", "cpu"]),
}


@pytest.mark.parametrize("command", ["train", "trace"])
@pytest.mark.parametrize("case", BAD)
def test_a_bad_value_exits_2_with_one_line_that_names_the_field(case, command, capsys):
    arguments, words = BAD[case]
    with pytest.raises(SystemExit) as ended:
        cli.main([command, *arguments])
    shown = capsys.readouterr()
    assert ended.value.code == 2
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    for word in words:
        assert word in shown.err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["trian"], "trian"),
        (["--port", "0"], "--port"),
        (["train", "--save", "/no/folder/run"], "/no/folder"),
    ],
)
def test_a_bad_argument_is_one_line_too(arguments, word, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert word in line


def test_a_missing_device_is_a_bad_value(capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit) as ended:
        cli.main(["train", "--set", "device=cuda"])
    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert "device" in line


def test_trace_gives_the_flows_of_the_library(capsys):
    asked = [*SMALL, "--set", "cell=lstm", "--set", "layers=2", "--updates", "2"]
    assert cli.main(["trace", *asked, "--json"]) == 0
    told = last_json(capsys.readouterr().out)
    design = replace(DESIGN, cell="lstm", layers=2)
    traced = rnnlab.trace(rnnlab.advance(rnnlab.begin(design), SETTINGS, 2)[0], SETTINGS)
    assert told["flow"]["norm"] == gradient_flow(traced).norm.tolist()
    assert told["flow"]["verdict"] == gradient_flow(traced).verdict
    assert [(flow["layers"], flow["state"]) for flow in told["flows"]] == [
        (["recurrent/1/forward"], "h"),
        (["recurrent/1/forward"], "c"),
        (["recurrent/0/forward"], "h"),
        (["recurrent/0/forward"], "c"),
    ]
    for flow in told["flows"]:
        theirs = gradient_flow(traced, flow["layers"][0], flow["state"])
        assert (flow["norm"], flow["rate"]) == (theirs.norm.tolist(), theirs.rate)


def test_trace_in_words_has_a_row_for_each_flow(capsys):
    assert cli.main(["trace", *SMALL, "--set", "bidirectional=on"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "after 0 updates" in lines[1]
    assert [line.split("  ")[0] for line in lines[3:]] == [
        "dL/dh recurrent/0/forward",
        "dL/dh recurrent/0/backward",
    ]


def test_the_bare_command_hands_over_to_streamlit(monkeypatch):
    seen = []
    monkeypatch.setattr(app.os, "name", "posix")
    monkeypatch.setattr(app.os, "execv", lambda path, command: seen.append(command) or sys.exit(0))
    monkeypatch.setattr(app, "app_file", lambda package: Path("app.py"))
    with pytest.raises(SystemExit):
        cli.main(["--port", "8600", "--host", "0.0.0.0", "--headless"])
    (command,) = seen
    assert command[1:5] == ["-m", "streamlit", "run", "app.py"]
    assert command[5:] == ["--server.address=0.0.0.0", "--server.port=8600", "--server.headless=true"]


def test_the_app_is_the_wheels_or_the_checkouts(tmp_path):
    package = tmp_path / "rnnlab"
    (package / "_app").mkdir(parents=True)
    assert app.app_file(package) is None
    (tmp_path / "app.py").touch()
    assert app.app_file(package) == tmp_path / "app.py"
    (package / "_app" / "app.py").touch()
    assert app.app_file(package) == package / "_app" / "app.py"


def test_without_an_app_the_bare_command_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(app, "PACKAGE", tmp_path / "rnnlab")
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 2
    assert "app.py" in capsys.readouterr().err


def test_the_command_starts_without_torch_streamlit_or_plotly():
    script = (
        "import sys, rnnlab.cli; print([m for m in ('torch', 'streamlit', 'plotly') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_as_a_module_a_bad_value_ends_with_status_2():
    command = [sys.executable, "-m", "rnnlab", "train", "--set", "layers=9"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "rnnlab: layers must be a whole number from 1 to 4, not 9.\n"
