"""The bench: both sides do the same work, and every figure is there. No timing is judged."""

import json

import pytest

from rnnlab import bench, cli
from rnnlab.bench import analysis, live, training
from rnnlab.model.cells import CELLS
from rnnlab.training import begin

TINY = (6, 3, 4)


@pytest.mark.parametrize("cell", CELLS)
def test_the_plain_loop_meets_the_losses_of_advance(cell):
    contest = training.contest("cpu", cell, TINY, rounds=1, seconds=0.0)
    contest = contest._replace(settings=contest.settings.__class__(length=6, clip_threshold=0.1))
    state = begin(contest.design)
    ours, plain = (side(contest, state) for side in (training.ours, training.plain))
    for count in (4, 3):  # the second call goes on where the first ended
        assert ours(count) == pytest.approx(plain(count), rel=1e-4)


def test_the_sides_take_turns_at_going_first():
    order = []
    sides = (lambda count: order.append("ours") or [], lambda count: order.append("plain") or [])
    training.one_round(sides, 1, first=0)
    training.one_round(sides, 1, first=1)
    assert order == ["ours", "plain", "plain", "ours"]


def test_every_cell_meets_every_size():
    met = {(c.design.cell, c.settings.length, c.design.hidden_size) for c in training.contests(quick=True)}
    assert met >= {(cell, length, hidden) for cell in CELLS for length, _, hidden in training.SIZES}


def test_a_frame_is_of_the_run_it_names():
    figures = live.frame_figures(updates=2, repeats=1)
    assert figures["updates"] >= 2
    assert figures["curve_points"] == figures["updates"]
    assert figures["bytes"] > live.DESIGN.hidden_size * live.SETTINGS.length  # the heat map alone


def test_the_median_leaves_out_the_first_call(monkeypatch):
    times = iter([5.0, 3.0, 1.0])
    monkeypatch.setattr(live, "timed", lambda call: next(times))
    called = []
    assert live.milliseconds(lambda: called.append(1), repeats=3) == 3.0
    assert called == [1]


def test_the_command_prints_every_figure_as_json_or_as_a_table(capsys, monkeypatch):
    monkeypatch.setattr(training, "SIZES", (TINY,))
    monkeypatch.setattr(analysis, "SIZE", (21, 2, 3))
    monkeypatch.setattr(analysis, "GRID", 5)
    assert cli.main(["bench", "--quick", "--json"]) == 0
    shown = capsys.readouterr()
    figures = json.loads(shown.out)
    assert "figures" in shown.err
    assert [row["cell"] for row in figures["training"] if row["device"] == "cpu"] == list(CELLS)
    for row in figures["training"]:
        assert row["advance_per_second"] > 0
        assert row["plain_per_second"] > 0
        assert row["loss_difference"] < 1e-4
    assert set(figures["slice"]) == {"empty_ms", "update_ms", "overhead_ms", "transport_ms", "state_bytes"}
    assert figures["picture_ms"] > 0
    assert figures["evaluate_ms"] > 0
    assert (figures["machine"]["threads"], figures["quick"]) == (1, True)
    assert [row["cell"] for row in figures["analysis"]] == list(CELLS)
    for row in figures["analysis"]:
        assert min(row["flow_ms"], row["contributions_ms"], row["spectrum_ms"], row["products_ms"]) > 0
    assert figures["cliff"]["points"] == 5
    table = bench.words(figures)
    assert "cliff, 5 x 5 points" in table
    assert sum(line.startswith("cpu   ") for line in table.splitlines()) == len(CELLS)
    assert f"{figures['frame']['bytes'] / 1000:.1f} kB" in table
