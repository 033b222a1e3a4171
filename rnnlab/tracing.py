"""trace: the unrolled network on a fixed batch, in float64.

The pass is the one that trains, in double precision, with every layer's tape kept: states and
gates on the way forward, total derivatives dL/dh_t and dL/dc_t on the way back. The derivative
that PyTorch attaches to the output of a whole recurrent layer is not this: it is the direct one,
through the read-out at t alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.config import Design, Settings, fit
from rnnlab.evaluation import held_out_batch
from rnnlab.model.cells.cell import Cell
from rnnlab.model.layer import Tape
from rnnlab.model.network import device_of, forward, new_pass, tensors
from rnnlab.model.stack import Crossing, Pass, reverse_valid
from rnnlab.state import LayerTrace, RunState, Trace
from rnnlab.tasks.spec import Batch

Doubles = NDArray[np.float64]


def trace(
    state: RunState,
    settings: Settings,
    batch: Batch | None = None,
    sequences: int = 32,
    weight_gradients: bool = True,
) -> Trace:
    """The network unrolled on `batch`, or on the first held-out sequences.

    Without `weight_gradients` only the states' derivatives are computed, which is faster.

    Truncation of the gradient is as in training; dropout and scheduled sampling are off.
    Raises ValueError where the task does not have the settings' length.
    """
    settings = fit(state.design, settings)
    batch = held_out_batch(state.design, settings, sequences) if batch is None else batch
    return as_trace(state, batch, passed(state, batch, settings.tbptt_window, weight_gradients))


class Passed(NamedTuple):
    """One pass forward and back, in torch's tensors: `tapes` are what each layer kept of it."""

    this: Pass
    tapes: list[Tape]
    crossing: Crossing
    outputs_SBO: torch.Tensor
    loss: torch.Tensor


def passed(state: RunState, batch: Batch, window: int, weight_gradients: bool) -> Passed:
    """Through the network and back in double precision, every layer's tape kept."""
    device = device_in_double(state.design)
    weights = {
        name: torch.tensor(array, dtype=torch.float64, device=device, requires_grad=weight_gradients)
        for name, array in state.weights.items()
    }
    tapes: list[Tape] = []
    crossing = Crossing()
    this = new_pass(state.design, weights, tapes=tapes)
    this.window, this.crossing = window, crossing
    outputs_SBO, loss = forward(state.design, this, tensors(batch, device, torch.float64))
    outputs_SBO.retain_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    return Passed(this, tapes, crossing, outputs_SBO, loss.detach())


def device_in_double(design: Design) -> torch.device:
    """The design's device, or the CPU where that has no float64, as an Apple GPU."""
    device = device_of(design)
    return torch.device("cpu") if device.type == "mps" else device


def as_trace(state: RunState, batch: Batch, found: Passed) -> Trace:
    """What a pass kept, as arrays."""
    weights = found.this.weights
    return Trace(
        design=state.design,
        update=state.update,
        layers={tape.name: layer_trace(found.this.cell, tape) for tape in found.tapes},
        inputs=np.asarray(batch.inputs_TBI, np.float64),
        outputs=array(found.outputs_SBO),
        targets=batch.targets,
        mask=batch.mask_SB,
        lengths=batch.lengths_B,
        loss=float(found.loss),
        gradients={name: array(w.grad) for name, w in weights.items() if w.grad is not None},
        batch=batch,
        weights={name: array(w) for name, w in weights.items()},
        grad_outputs=grad_of(found.outputs_SBO),
        window=found.this.window,
        **crossed(found.crossing, batch),
    )


def crossed(crossing: Crossing, batch: Batch) -> dict[str, Doubles]:
    """What went from an encoder to a decoder, and its derivatives, by the names of a trace."""
    found = {}
    if crossing.context_BC is not None:
        found = {"context": array(crossing.context_BC), "grad_context": grad_of(crossing.context_BC)}
    if crossing.keys_TBH is not None and crossing.weights_SBT is not None:
        written_SB1 = np.arange(len(batch.mask_SB))[:, None, None] < batch.mask_SB.sum(axis=0)[:, None]
        found["attention"] = np.where(written_SB1, array(crossing.weights_SBT), 0.0)
        found["grad_attention"] = grad_of(crossing.keys_TBH)
    return found


def grad_of(tensor: torch.Tensor) -> Doubles:
    return array(torch.zeros_like(tensor) if tensor.grad is None else tensor.grad)


def array(tensor: torch.Tensor) -> Doubles:
    return np.asarray(tensor.detach().cpu().numpy(), np.float64)


def layer_trace(cell: Cell, tape: Tape) -> LayerTrace:
    """A tape as arrays in the order of time, zero where a sequence has no such time step."""
    length = len(tape.unrolled.states[0]) - 1
    valid_TB = np.arange(length)[:, None] < tape.lengths_B.cpu().numpy()
    full = bool(valid_TB.all())

    def in_time(x_TBH: torch.Tensor) -> Doubles:
        ordered = reverse_valid(x_TBH, tape.lengths_B, full) if tape.reverse else x_TBH
        return np.where(valid_TB[:, :, None], array(ordered), 0.0)

    states = [in_time(state[1:]) for state in tape.unrolled.states]
    found = tape.derivatives
    gradients = [in_time(g) for g in found.states] if found else [np.zeros_like(s) for s in states]
    has_cell = len(states) > 1
    return LayerTrace(
        name=tape.name,
        reverse=tape.reverse,
        valid=valid_TB,
        h=states[0],
        c=states[1] if has_cell else None,
        gates={name: in_time(tape.unrolled.gates[name]) for name in cell.gates},
        grad_h=gradients[0],
        grad_c=gradients[1] if has_cell else None,
        start=tuple(array(state[0]) for state in tape.unrolled.states),
    )
