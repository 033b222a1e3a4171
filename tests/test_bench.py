"""The bench: both sides do the same work, and every figure is there. No timing is judged."""

import json

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from rnnlab import Design, bench, cli
from rnnlab.bench import analysis, live, scaling, training
from rnnlab.bench.flops import peak_per_second, update_flops
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
    ticks = iter(range(8))
    training.one_round(sides, 1, 0, lambda: next(ticks))
    training.one_round(sides, 1, 1, lambda: next(ticks))
    assert order == ["ours", "plain", "plain", "ours"]


def test_every_cell_meets_every_size():
    met = {(c.design.cell, c.settings.length, c.design.hidden_size) for c in training.contests(quick=True)}
    assert met >= {(cell, length, hidden) for cell in CELLS for length, _, hidden in training.SIZES}


@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("both", [False, True])
def test_operations_are_those_that_pytorch_counts(cell, layers, both):
    """FlopCounterMode sees every product of nn.RNN and nn.GRU, forward and back."""
    length, batch, inputs, hidden = 7, 4, 3, 5
    kind = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU}[cell]
    network = kind(inputs, hidden, layers, bidirectional=both)
    readout = torch.nn.Linear(hidden * (1 + both), 2)
    with FlopCounterMode(display=False) as counter:
        readout(network(torch.rand(length, batch, inputs))[0]).sum().backward()
    design = Design(
        task="copy", cell=cell, hidden_size=hidden, layers=layers, bidirectional=both, batch_size=batch
    )
    assert update_flops(design, length, inputs, 2, length) == counter.get_total_flops()


def test_operations_of_an_lstm_by_hand():
    """T=2, B=1, I=1, H=1, O=1, one output: 16 + 16 forward, twice that back but for one time step."""
    design = Design(task="adding", cell="lstm", hidden_size=1, batch_size=1)
    forward = 2 * 2 * 4 * (1 + 1)
    back = forward + 2 * 1 * 4
    assert update_flops(design, 2, 1, 1, 1) == forward + back + 3 * 2


def test_the_peak_is_beyond_what_training_reaches():
    with bench.one_thread():
        assert peak_per_second("cpu", 0.0) > 1e9


def test_a_ladder_goes_beyond_what_a_task_offers():
    rows = scaling.ladder_figures("rnn", "length", (401, 1600), rounds=1)
    assert [row["length"] for row in rows] == [401, 1600]
    for row in rows:
        assert row["time_step_us"] == pytest.approx(1e6 / row["updates_per_second"] / row["length"])
    assert scaling.spread(rows) >= 1


def test_every_ladder_is_climbed_by_every_cell(monkeypatch):
    monkeypatch.setattr(scaling, "seconds_per_update", lambda design, length: 0.001 * length)
    rows = scaling.scaling_figures(quick=False)
    met = {(row["cell"], row["varied"], row["value"]) for row in rows}
    assert met == {(c, name, v) for c in CELLS for name, values in scaling.LADDERS.items() for v in values}
    assert all(line.endswith("smallest 1.00, rise 1.00") for line in scaling.scaling_lines(rows)[1:])


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
    monkeypatch.setattr(scaling, "LADDERS", {"length": (4, 8), "hidden_size": (2, 3), "layers": (1, 2)})
    assert cli.main(["bench", "--quick", "--json"]) == 0
    shown = capsys.readouterr()
    figures = json.loads(shown.out)
    assert "figures" in shown.err
    assert [row["cell"] for row in figures["training"] if row["device"] == "cpu"] == list(CELLS)
    for row in figures["training"]:
        assert row["advance_per_second"] > 0
        assert row["plain_per_second"] > 0
        assert row["loss_difference"] < 1e-4
        assert row["flops_per_update"] > 0
        assert 0 < row["share_of_peak"] < 1
    assert figures["peak"]["cpu"] > 1e9
    assert len(figures["scaling"]) == len(CELLS) * 6
    assert set(figures["slice"]) == {"empty_ms", "update_ms", "overhead_ms", "transport_ms", "state_bytes"}
    assert figures["picture_ms"] > 0
    assert figures["evaluate_ms"] > 0
    assert (figures["machine"]["threads"], figures["quick"]) == (1, True)
    assert [row["cell"] for row in figures["analysis"]] == list(CELLS)
    for row in figures["analysis"]:
        assert min(row["flow_ms"], row["contributions_ms"], row["spectrum_ms"], row["products_ms"]) > 0
    assert figures["cliff"]["points"] == 5
    ways = figures["pools"]
    assert list(ways) == ["local_ms", "dask_ms", "local_text_ms", "dask_text_ms"]
    assert all(way is None or way > 0 for way in ways.values())
    table = bench.words(figures)
    assert "cliff, 5 x 5 points" in table
    assert "with a text of one's own of 1,000,000 characters:" in table
    assert sum(line.startswith("cpu   ") for line in table.splitlines()) == len(CELLS)
    assert f"{figures['frame']['bytes'] / 1000:.1f} kB" in table
