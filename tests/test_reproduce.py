"""rnnlab reproduce: what is claimed, how it is judged, and that it is measured by the library itself."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import rnnlab
from rnnlab import cli, evaluation, reproduce
from rnnlab.commands import reproduce as command
from rnnlab.live.workers import Inline
from rnnlab.model.network import cached_task
from rnnlab.reproduce import EXPERIMENTS, adding, addition, cliff, copy, counting, measuring, reber
from rnnlab.reproduce.experiment import (
    FAILS,
    HOLDS,
    MOSTLY,
    UNFINISHED,
    Experiment,
    Job,
    Measured,
    Training,
    Variant,
    held,
    jobs_of,
    verdict,
    weakest,
)
from rnnlab.reproduce.table import facts, words
from rnnlab.tasks.reber import LETTERS, legal, strings

ROWS = [
    pytest.param(about, row, id=f"{name}-{variant}")
    for name, about in EXPERIMENTS.items()
    for variant, row in about.variants.items()
]
DESIGN = rnnlab.Design(task="adding", cell="rnn", hidden_size=4, batch_size=2)
SETTINGS = rnnlab.Settings(length=6, learning_rate=1e-2)


def error(state):
    return {"error": rnnlab.evaluate(state, SETTINGS, 20).metric}


def small(solved=lambda numbers: False, budget=7, every=3, **fields) -> Variant:
    about = {
        "label": "small",
        "source": "–",
        "published": "none",
        "claim": "any error",
        "measure": error,
        "holds": lambda own, beside: own["error"] >= 0,
        "shown": "error",
        "text": lambda value: f"{value:.3f}",
        "training": Training(DESIGN, SETTINGS, budget, every, solved),
    }
    return Variant(**{**about, **fields})


def experiment(**variants: Variant) -> Experiment:
    return Experiment("A paper 1997", "What it is.", "In all but the name.", variants)


@pytest.fixture
def one(monkeypatch):
    """Replace the registry by one small experiment; everything runs in this process."""

    def put(**variants: Variant) -> dict[str, Experiment]:
        registry = {"small": experiment(**variants)}
        monkeypatch.setattr(reproduce, "EXPERIMENTS", registry)
        return registry

    monkeypatch.setenv("RNNLAB_WORKERS", "inline")
    return put


def measured_all(registry, seeds=1):
    found = {}
    measuring.measure_all(jobs_of(registry, list(registry), seeds), Inline(), 1, found, lambda *_: None)
    return found


# The registry


def test_the_experiments_that_were_promised_are_there():
    assert list(EXPERIMENTS) == [
        "cliff",
        "adding",
        "reber",
        "temporal-order",
        "copy",
        "counting",
        "look-ahead",
        "addition",
    ]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_says_what_it_is_and_where_it_differs(name):
    about = EXPERIMENTS[name]
    assert about.paper
    assert about.what.endswith(".")
    assert about.differs.endswith(".")
    assert about.variants


@pytest.mark.parametrize(("about", "row"), ROWS)
def test_a_row_is_complete(about, row):
    assert all((row.label, row.source, row.published, row.claim, row.shown))
    assert set(row.compares) <= set(about.variants)
    assert about.variants.get("") is not row
    if row.training:
        assert 0 < row.training.every <= row.training.budget
        lengths = row.training.design.lengths
        assert lengths.low <= row.training.settings.length <= lengths.high


def test_reber_has_the_papers_own_worst_case_of_sequences_one_at_a_time():
    for row in EXPERIMENTS["reber"].variants.values():
        assert row.training.design.batch_size == 1
        assert row.training.budget == 24_100
    assert EXPERIMENTS["reber"].variants["lstm"].training.design.hidden_size == 8


def test_naming_the_experiments_loads_no_torch():
    modules = "rnnlab.reproduce.measuring, rnnlab.reproduce.table, rnnlab.commands.reproduce"
    code = f"import sys, {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# Verdicts


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ([True, True, True], HOLDS),
        ([True], HOLDS),
        ([True, False, True], MOSTLY),
        ([True, False, False], FAILS),
        ([True, False], FAILS),
        ([False] * 3, FAILS),
        ([True, None, True], UNFINISHED),
        ([], UNFINISHED),
    ],
)
def test_a_verdict_counts_seeds(claims, word):
    assert verdict(claims) == word


def test_an_experiment_is_as_good_as_its_weakest_row():
    assert weakest([HOLDS, MOSTLY]) == MOSTLY
    assert weakest([FAILS, HOLDS, MOSTLY]) == FAILS
    assert weakest([FAILS, UNFINISHED]) == UNFINISHED


def done(value: float, **fields) -> Measured:
    return Measured({"error": value}, 7, 1.0, **{"finished": True, **fields})


def test_a_run_that_diverged_keeps_no_claim():
    job = Job("small", "a", 0)
    assert held(small(), job, {job: done(1)}) is True
    assert held(small(), job, {job: done(1, diverged_at=8)}) is False
    assert held(small(), job, {job: done(1, finished=False)}) is None
    assert held(small(), job, {}) is None


def test_a_comparison_waits_for_the_same_seed_of_the_others():
    better = small(compares=("b",), holds=lambda own, beside: own["error"] < beside["b"]["error"])
    a, b = Job("small", "a", 1), Job("small", "b", 1)
    assert held(better, a, {a: done(1), b: done(2)}) is True
    assert held(better, a, {a: done(3), b: done(2)}) is False
    assert held(better, a, {a: done(1), b._replace(seed=0): done(2)}) is None
    assert held(better, a, {a: done(1), b: done(2, finished=False)}) is None


def test_a_seed_that_fails_is_named():
    registry = {"small": experiment(a=small(holds=lambda own, _: own["error"] < 0.5))}
    jobs = jobs_of(registry, ["small"], 3)
    found = dict(zip(jobs, [done(0.1), done(0.9), done(0.2)], strict=True))
    (told,) = facts(registry, jobs, found)
    assert told["verdict"] == told["rows"][0]["verdict"] == MOSTLY
    assert [seed["holds"] for seed in told["rows"][0]["seeds"]] == [True, False, True]
    line = next(line for line in words([told], details=False).splitlines() if "small: small" in line)
    assert "0.100, 0.900, 0.200" in line
    assert "mostly holds, 2 of 3: any error; not seed 1" in line
    found[jobs[2]] = done(math.nan, diverged_at=5)
    (told,) = facts(registry, jobs, found)
    line = next(line for line in words([told], details=False).splitlines() if "small: small" in line)
    assert "nan (diverged at 5)" in line
    assert "does not hold, 1 of 3: any error; not seed 1 and 2" in line


def test_claims_on_made_up_numbers():
    rows = EXPERIMENTS["adding"].variants
    assert rows["gru"].holds({"error": 0.009}, {})
    assert not rows["gru"].holds({"error": 0.011}, {})
    assert rows["rnn"].holds({"error": 0.16}, {})
    assert not rows["rnn"].holds({"error": 0.1}, {})
    lstm, others = EXPERIMENTS["counting"].variants["lstm"], {"gru": {"longest": 13}, "rnn": {"longest": 11}}
    assert lstm.holds({"longest": 14}, others)
    assert not lstm.holds({"longest": 13}, others)
    order = EXPERIMENTS["temporal-order"].variants
    assert order["gru"].holds({"accuracy": 0.99}, {})
    assert not order["gru"].holds({"accuracy": 0.98}, {})
    assert order["lstm-forget-0"].holds({"accuracy": 0.98}, {})
    assert not order["lstm-forget-0"].holds({"accuracy": 0.99}, {})
    reber_rows = EXPERIMENTS["reber"].variants
    almost = {"right_in_training": 1.0, "right_held_out": 255 / 256}
    assert not reber_rows["lstm"].holds(almost, {})
    assert reber_rows["rnn"].holds(almost, {})


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_nothing_measured_reproduces_nothing(name):
    jobs = jobs_of(EXPERIMENTS, [name], 3)
    assert facts(EXPERIMENTS, jobs, {})[0]["verdict"] == UNFINISHED


# Measuring


def test_a_job_is_the_run_of_the_library(one):
    registry = one(a=small())
    found = measured_all(registry, seeds=2)
    for seed in (0, 1):
        state, _ = rnnlab.advance(rnnlab.begin(replace(DESIGN, seed=seed)), SETTINGS, 7)
        got = found[Job("small", "a", seed)]
        assert got.numbers == error(state)
        assert (got.updates, got.finished, got.diverged_at) == (7, True, None)
    assert found[Job("small", "a", 0)].numbers != found[Job("small", "a", 1)].numbers


def test_a_job_stops_where_it_is_solved(one):
    seen = []

    def solved(numbers):
        seen.append(numbers)
        return len(seen) == 2

    found = measured_all(one(a=small(solved, budget=100)))
    assert found[Job("small", "a", 0)].updates == 6
    assert len(seen) == 2


def test_a_job_that_diverges_ends_and_says_so(one):
    design = replace(DESIGN, activation="relu", recurrent_gain=5.0, optimizer="sgd")
    wild = replace(SETTINGS, clipping="off", learning_rate=10, length=50)
    found = measured_all(one(a=small(training=Training(design, wild, 500, 100))))
    got = found[Job("small", "a", 0)]
    assert got.finished
    assert got.diverged_at == got.updates + 1 < 500


def test_jobs_end_one_after_the_other(one):
    registry, order = one(a=small(), b=small()), []
    jobs = jobs_of(registry, ["small"], 2)
    measuring.measure_all(jobs, Inline(), 1, {}, lambda job, measured: order.append((job, measured.updates)))
    assert order == [(job, updates) for job in jobs for updates in (3, 6, 7)]


def test_the_cliffs_values_are_autograds():
    for (w, b), (error_, by_w, by_b, last) in cliff.KNOWN.items():
        w_, b_ = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (w, b))
        x = torch.tensor(0.5, dtype=torch.float64)
        for _ in range(50):
            x = w_ * torch.sigmoid(x) + b_
        loss = (torch.sigmoid(x) - 0.7) ** 2
        loss.backward()
        ours = [float(value.detach()) for value in (loss, w_.grad, b_.grad, x)]
        assert ours == pytest.approx([error_, by_w, by_b, last], rel=1e-8, abs=1e-12)


def test_the_cliff_is_reproduced_in_a_worker_process(monkeypatch, capsys):
    monkeypatch.setenv("RNNLAB_WORKERS", "1")
    assert cli.main(["reproduce", "cliff", "--json"]) == 0
    shown = capsys.readouterr()
    told = json.loads(shown.out.splitlines()[-1])
    (about,) = told["experiments"]
    assert about["verdict"] == HOLDS
    assert about["differs"]
    assert [len(row["seeds"]) for row in about["rows"]] == [1, 1]
    assert about["rows"][0]["seeds"][0]["numbers"]["largest_difference"] < 1e-8
    assert (told["worker_processes"], told["interrupted"], told["seeds"]) == (1, False, 3)
    assert "2 of 2 runs" in shown.err


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_the_copy_tasks_plateau_is_reached(cell):
    chunk = None
    while chunk is None or not chunk.measured.finished:
        chunk = measuring.run_chunk(Job("copy", cell, 0), chunk)
    assert held(
        EXPERIMENTS["copy"].variants[cell], Job("copy", cell, 0), {Job("copy", cell, 0): chunk.measured}
    )
    assert pytest.approx(10 * math.log(8) / 50) == copy.PLATEAU
    assert chunk.measured.numbers["loss"] == pytest.approx(copy.PLATEAU, rel=0.02)


def answering(monkeypatch, answer):
    """Make every network give the outputs that `answer(batch)` says."""
    monkeypatch.setattr(evaluation, "outputs_on", lambda state, batch, free_running: (answer(batch), 0.0))


def test_reber_counts_strings_whose_legal_symbols_are_on_top_everywhere(monkeypatch):
    train = strings().train
    outputs_SBO = np.zeros((30, 256, 7))
    for b, word in enumerate(train.words()):
        for t, symbols in enumerate(legal(word)):
            outputs_SBO[t, b, [LETTERS.characters.index(symbol) for symbol in symbols]] = [5, 4][
                : len(symbols)
            ]
    answering(monkeypatch, lambda batch: outputs_SBO)
    assert reber.right_strings(SimpleNamespace(), train) == 1
    outputs_SBO[1, 17] = np.eye(7)[LETTERS.characters.index("E")]  # after B and T or P, only B may come
    assert reber.right_strings(SimpleNamespace(), train) == 255 / 256


def test_counting_measures_the_first_string_that_is_wrong(monkeypatch):
    def right_up_to(most):
        def answer(batch):
            logits = 20.0 * batch.targets - 10
            logits[2 * most + 2 :] *= -1  # the last time steps of all longer strings
            return logits

        return answer

    for most in (1, 23, 149):
        answering(monkeypatch, right_up_to(most))
        assert counting.longest(SimpleNamespace()) == {"longest": most}
    answering(monkeypatch, lambda batch: 20.0 * batch.targets - 10)
    assert counting.longest(SimpleNamespace()) == {"longest": counting.TRIED}


def test_addition_asks_for_every_sum_that_is_not_trained_on(monkeypatch):
    design = EXPERIMENTS["addition"].variants["lstm"].training.design
    task = cached_task(design.task, design.topology, tuple(design.task_options))
    length, batch = addition.LENGTH, addition.unseen()

    def texts(given) -> set[str]:
        read = ["".join(task.input_labels(given, b))[::-1] for b in range(len(given.lengths_B))]
        return {"+".join(sorted(text.split("+"))) for text in read}

    seen = texts(task.train(np.random.default_rng(0), 50_000, length))
    assert len(seen) == addition.TRAINED_ON, "in passing: each of them is drawn"
    assert not seen & texts(batch)
    assert len(texts(batch)) == len(batch.lengths_B) == addition.EXAMPLES - addition.TRAINED_ON
    sums = ["".join(task.input_labels(batch, b))[::-1] for b in range(500)]
    answers = ["".join(task.target_labels(batch, b)).rstrip("·") for b in range(500)]
    assert answers == [str(sum(map(int, text.split("+")))) for text in sums]
    right_SNO = np.eye(task.output_size)[batch.targets]
    right_SNO[0, :5] = 0  # five first digits become zeros: five sums are wrong
    right_SNO[0, :5, 0] = 1
    answering(monkeypatch, lambda batch: right_SNO)
    found = addition.right(SimpleNamespace(update=1000))
    wrong = int((batch.targets[0, :5] != 0).sum())
    assert found["symbols"] == pytest.approx(1 - wrong / 1500)
    assert found["sums"] == pytest.approx(1 - wrong / 500)
    assert found["passes"] == pytest.approx(1000 * 32 / 4500)
    row = EXPERIMENTS["addition"].variants["lstm"]
    assert row.holds({"symbols": 0.99, "passes": 55}, {})
    assert not row.holds({"symbols": 0.989, "passes": 54}, {})


def test_errors_are_measured_on_held_out_sequences():
    state = rnnlab.begin(EXPERIMENTS["adding"].variants["rnn"].training.design)
    expected = rnnlab.evaluate(state, adding.SETTINGS, adding.SEQUENCES)
    assert adding.error(state) == {"error": expected.metric}


# The command


def test_the_table_and_the_json_say_the_same(one, capsys):
    one(a=small(), b=small(training=None, measure=lambda: {"error": 0.25}))
    assert cli.main(["reproduce", "--seeds", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    rows = told["experiments"][0]["rows"]
    assert [len(row["seeds"]) for row in rows] == [2, 1]
    assert [seed["seed"] for row in rows for seed in row["seeds"]] == [0, 1, None]
    assert rows[0]["seeds"][0]["sequences"] == 14
    assert cli.main(["reproduce", "small", "--seeds", "2"]) == 0
    shown = capsys.readouterr()
    assert "14/14" in shown.err
    for seed in rows[0]["seeds"] + rows[1]["seeds"]:
        assert seed["ours"] in shown.out
    for part in ("A paper 1997", "In all but the name.", "holds, 2 of 2: any error", "3 of 3 runs"):
        assert part in shown.out
    table = [line for line in shown.out.splitlines() if line.startswith("|")]
    assert len({len(line) for line in table}) == 1


def test_the_bar_ends_full_where_a_job_ends_early(one, capsys):
    one(a=small(lambda numbers: True, budget=100))
    assert cli.main(["reproduce"]) == 0
    assert "9/9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["cliffs"], ["'cliffs'", *EXPERIMENTS]),
        ([""], ["''", "cliff"]),
        (["two\nlines"], ["NAME", "cliff"]),
        (["--seeds", "0"], ["--seeds", "from 1 to 100"]),
        (["--seeds", "many"], ["--seeds"]),
        (["cliff", "copy"], ["copy"]),
    ],
)
def test_a_bad_value_exits_2_with_one_line(arguments, named, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["reproduce", *arguments])
    shown = capsys.readouterr()
    assert (ended.value.code, shown.out) == (2, "")
    (line,) = shown.err.splitlines()
    assert all(word in line for word in named)


def test_ctrl_c_shows_what_was_done(one, capsys, monkeypatch):
    def interrupted(job, before=None):
        if job.seed == 1 and before:
            raise KeyboardInterrupt
        return real(job, before)

    real = measuring.run_chunk
    one(a=small())
    monkeypatch.setattr(measuring, "run_chunk", interrupted)
    assert cli.main(["reproduce", "--json"]) == cli.INTERRUPTED
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    seeds = told["experiments"][0]["rows"][0]["seeds"]
    assert told["interrupted"]
    assert told["experiments"][0]["verdict"] == UNFINISHED
    assert [(seed["finished"], seed["updates"], seed["holds"]) for seed in seeds] == [
        (True, 7, True),
        (False, 3, None),
        (False, 0, None),
    ]
    assert cli.main(["reproduce"]) == cli.INTERRUPTED
    shown = capsys.readouterr().out
    assert "unfinished, 1 of 3" in shown
    assert "(unfinished), –" in shown
    assert "1 of 3 runs, interrupted" in shown


def test_a_worker_that_dies_is_one_line(one, capsys, monkeypatch):
    def broken(*arguments):
        raise command.BrokenProcessPool

    one(a=small())
    monkeypatch.setattr(measuring, "measure_all", broken)
    with pytest.raises(SystemExit):
        cli.main(["reproduce"])
    assert "a worker process was ended" in capsys.readouterr().err
