"""Networks that read their own outputs: teacher forcing, scheduled sampling, generation.

A fed-back symbol is chosen, not differentiated. So the inputs of a training pass can be drawn
first, without a graph, and then run through the whole-sequence layers as if they were given.

Shapes: S output time steps, B sequences, O output size, D states given to the read-out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from rnnlab.model.cells.cell import State
from rnnlab.model.stack import Pass, read_out, run_stack

Choose = Callable[[Tensor], Tensor]
Starts = tuple[tuple[State, ...], ...] | None
ReadOut = Callable[[Pass, Tensor], Tensor]
"""States (S, B, D) to outputs (S, B, O): by the read-out alone, or with what attention finds."""


def most_likely(outputs_BO: Tensor) -> Tensor:
    """The symbol with the largest output (B,), the first of several."""
    return outputs_BO.argmax(dim=1)


def sampled(generator: torch.Generator, temperature: float) -> Choose:
    """Chooses a symbol by its probability; a low temperature sharpens it."""

    def choose(outputs_BO: Tensor) -> Tensor:
        chances_BO = torch.softmax(outputs_BO.double() / temperature, dim=1).nan_to_num(1.0)
        return torch.multinomial(chances_BO.cpu(), 1, generator=generator)[:, 0].to(outputs_BO.device)

    return choose


def shifted(symbols_SB: Tensor, size: int, dtype: torch.dtype) -> Tensor:
    """One-hot symbols one time step later; nothing at the first (S, B, O)."""
    ones_SBO = one_hot(symbols_SB, size).to(dtype)
    return torch.cat([torch.zeros_like(ones_SBO[:1]), ones_SBO[:-1]])


def step(this: Pass, part: str, x_BI: Tensor, starts: Starts, read: ReadOut) -> tuple[Tensor, Starts]:
    """One time step of a stack: outputs (B, O) and the states that it leaves."""
    ones_B = torch.ones(len(x_BI), dtype=torch.long, device=x_BI.device)
    out = run_stack(this, part, x_BI[None], ones_B, starts, carry=True)
    return read(this, out.top_TBD)[0], out.last


@torch.no_grad()
def roll(
    this: Pass,
    part: str,
    first_BI: Tensor,
    later: Callable[[Tensor], Tensor],
    starts: Starts,
    steps: int,
    choose: Choose,
    given_SB: Tensor | None = None,
    use_given_SB: Tensor | None = None,
    read: ReadOut = read_out,
) -> tuple[Tensor, Tensor]:
    """Feed outputs back for `steps` time steps.

    `later` turns symbols (B,) into the next input (B, I). Where `use_given_SB` is True the
    given symbol is fed instead of the chosen one. `read` turns each state into outputs. Returns
    outputs (S, B, O) and the symbols that were fed onward (S, B).
    """
    quiet = replace(this, window=0, dropout=0.0, generator=None, tapes=None, crossing=None)
    outputs, symbols, x_BI = [], [], first_BI
    for s in range(steps):
        output_BO, starts = step(quiet, part, x_BI, starts, read)
        chosen_B = choose(output_BO)
        if given_SB is not None and use_given_SB is not None:
            chosen_B = torch.where(use_given_SB[s], given_SB[s], chosen_B)
        outputs.append(output_BO)
        symbols.append(chosen_B)
        x_BI = later(chosen_B)
    return torch.stack(outputs), torch.stack(symbols)


def training_symbols(
    this: Pass,
    part: str,
    first_BI: Tensor,
    later: Callable[[Tensor], Tensor],
    starts: Starts,
    targets_SB: Tensor,
    read: ReadOut = read_out,
) -> Tensor:
    """What a generating network is fed in training (S, B): the truth, or at times its own choice."""
    if this.teacher_forcing >= 1 or this.generator is None:
        return targets_SB
    coins_SB = torch.rand(targets_SB.shape, generator=this.generator).to(targets_SB.device)
    truth_SB = coins_SB < this.teacher_forcing
    steps = len(targets_SB)
    _, symbols_SB = roll(this, part, first_BI, later, starts, steps, most_likely, targets_SB, truth_SB, read)
    return symbols_SB
