"""How long a gate keeps: time constants, and the product of the gate beside the gradient it carries.

The gate that keeps is f in an LSTM (c_t = f c_{t-1} + i g) and z in a GRU, in PyTorch's form, where
z = 1 keeps (h_t = z h_{t-1} + (1-z) n). Along that path alone, dL/dc_{t-1} = f_t dL/dc_t unit by unit.
T time steps, B sequences, H hidden size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import chain
from rnnlab.analysis.last_loss import WayBack, way_back
from rnnlab.analysis.scaled import log10_norm
from rnnlab.state import Trace

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class GateMemory:
    """The gate that keeps, unit by unit (H,), and on the way back of one sequence's last loss (T,).

    `mean` is the gate's mean over all sequences and time steps of the trace; `time_constant` and
    `half_life`, in time steps, are what a gate that always stood there would give: -1/ln f and
    ln(1/2)/ln f. They are infinite at f = 1 and 0 at f = 0.
    `log10_units` (T, H) are the logarithms of the gate's product from each of `time_steps` (from 1)
    to the last one. `log10_path` is the norm of the last gradient carried back along that path
    alone, `log10_full` that of the whole gradient dL/dc_t (dL/dh_t), both over the last one's norm.
    """

    layer: str
    gate: str
    gate_label: str
    state: str
    mean: Doubles
    time_constant: Doubles
    half_life: Doubles
    time_steps: NDArray[np.int64]
    log10_units: Doubles
    log10_path: Doubles
    log10_full: Doubles


def memory(trace: Trace, layer: str | None = None, sequence: int = 0) -> GateMemory:
    """The memory of one layer; by default the uppermost forward layer of the first part.

    Raises ValueError for a cell without a gate that keeps, and for a layer or sequence that the
    trace does not have.
    """
    back = way_back(trace, layer, sequence)
    cell = back.link.cell
    if not cell.keep:
        raise ValueError(
            f"The {cell.label} has no gate that keeps its state: its memory is in its Jacobians."
        )
    mean_H = mean_gate(trace, back.link.name, cell.keep)
    log_units_TH = log_products(back.moment.gates[cell.keep])
    path_T, full_T = along_the_gate(back, log_units_TH)
    return GateMemory(
        layer=back.link.name,
        gate=cell.keep,
        gate_label=cell.gates[cell.keep],
        state=cell.states[-1],
        mean=mean_H,
        time_constant=time_constant(mean_H),
        half_life=np.log(2) * time_constant(mean_H),
        time_steps=back.time_steps,
        log10_units=log_units_TH / np.log(10),
        log10_path=path_T,
        log10_full=full_T,
    )


def mean_gate(trace: Trace, layer: str, gate: str) -> Doubles:
    """A gate's mean over all valid positions, unit by unit (H,)."""
    link = chain(trace, layer)
    return np.asarray(link.moment.gates[gate][link.valid_TB].mean(axis=0))


def time_constant(gate_H: Doubles) -> Doubles:
    """-1/ln f: time steps until a state that only the gate acts on has fallen to 1/e of itself."""
    with np.errstate(divide="ignore"):
        return np.asarray(1 / np.abs(np.log(gate_H)))


def log_products(gate_TH: Doubles) -> Doubles:
    """ln of the product of the gate over the time steps after t, (T, H): 0 at the last one."""
    with np.errstate(divide="ignore"):
        later_TH = np.log(gate_TH[1:])[::-1].cumsum(axis=0)[::-1]
    return np.concatenate([later_TH, np.zeros_like(gate_TH[:1])])


def along_the_gate(back: WayBack, log_units_TH: Doubles) -> tuple[Doubles, Doubles]:
    """log10 norms (T,) over the last one's: along the gate's path alone, and in full."""
    g_TH = back.states[-1]
    whole_T = log10_norm(g_TH, back.exponent)
    largest_T = log_units_TH.max(axis=1)
    with np.errstate(invalid="ignore"):
        relative_TH = np.exp(log_units_TH - np.where(largest_T > -np.inf, largest_T, 0.0)[:, None])
        path_T = log10_norm(relative_TH * g_TH[-1], back.exponent[-1:]) + largest_T / np.log(10)
        return path_T - whole_T[-1], whole_T - whole_T[-1]
