"""`advance` against the training loop that a competent user of torch would write.

Both start from the same weights and see the same batches of the adding problem, so their losses
agree but for rounding, which the figures say too.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnlab.bench.clock import Clock, clock_of
from rnnlab.bench.flops import update_flops
from rnnlab.config import Design, Settings
from rnnlab.model.cells import CELLS

if TYPE_CHECKING:
    import torch

    from rnnlab.state import RunState

SIZES = ((25, 32, 16), (50, 32, 32), (100, 64, 64), (200, 32, 128))
"""Time steps, sequences in a batch, hidden size."""

Updates = Callable[[int], list[float]]
"""Trains for so many updates more; the losses it met."""


class Contest(NamedTuple):
    """One network on one device; each round lasts `round_seconds` or one update for each side."""

    design: Design
    settings: Settings
    rounds: int
    round_seconds: float

    @property
    def words(self) -> str:
        return f"{self.design.device} {self.design.cell} T={self.settings.length} H={self.design.hidden_size}"


def contests(quick: bool) -> list[Contest]:
    """Every cell in every size on every device that is there."""
    import torch

    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    rounds, round_seconds = (3, 0.03) if quick else (7, 0.3)
    return [
        contest(device, cell, size, rounds, round_seconds)
        for device in devices
        for size in SIZES
        for cell in CELLS
    ]


def contest(device: str, cell: str, size: tuple[int, int, int], rounds: int, seconds: float) -> Contest:
    length, batch_size, hidden_size = size
    design = Design(
        task="adding", cell=cell, hidden_size=hidden_size, batch_size=batch_size, device=device, seed=0
    )
    settings = Settings(length=length, learning_rate=1e-3, clipping="norm", clip_threshold=1.0)
    return Contest(design, settings, rounds, seconds)


def training_figures(contest: Contest, peak: float) -> dict[str, Any]:
    """Median updates per second of both sides, and the median of the rounds' ratios.

    `peak` is what the device's matrix products reach, in operations per second.
    """
    from rnnlab.training import begin

    state = begin(contest.design)
    sides = (ours(contest, state), plain(contest, state))
    warm_up = [side(3) for side in sides]
    clock = clock_of(contest.design.device)
    count = updates_per_round(sides, contest.round_seconds, clock)
    rounds = [one_round(sides, count, number % 2, clock) for number in range(contest.rounds)]
    speed = median(ours for ours, _ in rounds)
    flops = update_flops(contest.design, contest.settings.length or 1, inputs=2, outputs=1, output_steps=1)
    return {
        "device": contest.design.device,
        "cell": contest.design.cell,
        "length": contest.settings.length,
        "batch_size": contest.design.batch_size,
        "hidden_size": contest.design.hidden_size,
        "rounds": contest.rounds,
        "updates_per_round": count,
        "advance_per_second": speed,
        "plain_per_second": median(plain for _, plain in rounds),
        "ratio": median(ours / plain for ours, plain in rounds),
        "flops_per_update": flops,
        "share_of_peak": flops * speed / peak,
        "loss_difference": max(abs(a - b) for a, b in zip(*warm_up, strict=True)),
    }


def updates_per_round(sides: tuple[Updates, Updates], round_seconds: float, clock: Clock) -> int:
    """How many updates of either side fill a round, by the time of one; at least one."""
    started = clock()
    sides[0](1), sides[1](1)
    return max(1, int(2 * round_seconds / (clock() - started)))


def one_round(sides: tuple[Updates, Updates], count: int, first: int, clock: Clock) -> tuple[float, float]:
    """Updates per second of both sides, one after the other; `first` is the one that begins."""
    speeds = [0.0, 0.0]
    for side in (first, 1 - first):
        started = clock()
        sides[side](count)
        speeds[side] = count / (clock() - started)
    return speeds[0], speeds[1]


def ours(contest: Contest, state: RunState) -> Updates:
    """`advance`, from where the last call ended."""
    from rnnlab.training import advance

    def updates(count: int) -> list[float]:
        nonlocal state
        state, records = advance(state, contest.settings, count)
        return [float(loss) for loss in records.loss]

    return updates


def plain(contest: Contest, state: RunState) -> Updates:
    """torch's own layer, read-out, clipping and fused Adam, in the usual loop."""
    import torch
    from torch.nn.functional import mse_loss

    from rnnlab.training import training_batch

    design, settings = contest.design, contest.settings
    recurrent, readout = modules(design, state)
    network = torch.nn.ModuleList([recurrent, readout]).to(design.device)
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.learning_rate, fused=True)
    update = 0

    def one() -> float:
        nonlocal update
        update += 1
        batch = training_batch(design, settings, update)
        optimizer.zero_grad()
        h_TBH, _ = recurrent(batch.inputs_TBI)
        loss = mse_loss(readout(h_TBH[-1]), batch.targets[0])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip_threshold)
        optimizer.step()
        return loss.item()

    return lambda count: [one() for _ in range(count)]


def modules(design: Design, state: RunState) -> tuple[torch.nn.Module, torch.nn.Module]:
    """torch's own recurrent layer and read-out, with the weights of `state`."""
    import torch

    weights = {name: torch.tensor(array) for name, array in state.weights.items()}
    layers = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
    recurrent = layers[design.cell](weights["weight_ih_l0"].shape[1], design.hidden_size)
    readout = torch.nn.Linear(design.hidden_size, weights["readout.weight"].shape[0])
    recurrent.load_state_dict({name: weights[name] for name in recurrent.state_dict()})
    readout.load_state_dict({name: weights[f"readout.{name}"] for name in readout.state_dict()})
    return recurrent, readout
