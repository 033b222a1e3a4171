"""The gradient of one loss alone through one layer: what bounds and memories are about.

Where there is a loss at every time step the sum of their gradients hides how each decays.
T time steps, S output time steps, H hidden size.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import Chain, chain
from rnnlab.analysis.jacobian import default_layer
from rnnlab.analysis.reverse import in_order, reverse
from rnnlab.analysis.scaled import Exponents, Scaled, any_number
from rnnlab.model.cells.plain import Moment, States
from rnnlab.state import Trace

Doubles = NDArray[np.float64]


class WayBack(NamedTuple):
    """Gradients of one loss by a layer's states on one sequence, up to where the loss attaches.

    In reading order, `states` each (T, H) times 2**`exponent` (T,); `time_steps` (T,) from 1.
    As in a trace, dL/dc_t counts what c_t does through h_t at the same time step.
    """

    link: Chain
    moment: Moment
    states: States
    exponent: Exponents
    time_steps: NDArray[np.int64]

    def pulled(self) -> States:
        """Each time step's gradient taken back to the states before it, each (T, H), at its exponent."""
        return self.link.pull_back(self.moment, self.apart()).states

    def apart(self) -> States:
        """The gradients with h_t and c_t as separate states: without what c_t does through h_t."""
        by_h, *others = self.states
        first = (by_h, *(np.zeros_like(by_h) for _ in others))
        _, *through_h = self.link.pull_back(self.moment, first).total
        with np.errstate(invalid="ignore"):  # infinity less infinity
            return (by_h, *(whole - part for whole, part in zip(others, through_h, strict=True)))


def way_back(trace: Trace, layer: str | None, sequence: int) -> WayBack:
    """From the loss that comes last for the layer: at the sequence's last output, or, for a
    backward layer that answers at every time step, at its first.

    Raises ValueError for a layer or sequence that the trace does not have.
    """
    name = default_layer(trace, layer)
    link = chain(trace, name, [sequence])
    there = np.flatnonzero(trace.mask[:, sequence])
    alone_S1O = np.zeros_like(trace.grad_outputs[:, [sequence]])
    if len(there):
        output = there[0] if link.reverse else there[-1]
        alone_S1O[output] = trace.grad_outputs[output, [sequence]]
    gone = reverse(trace, alone_S1O, [sequence], only=name)[name]
    states = tuple(in_order(link, state)[:, 0] for state in gone.states)
    exponent_T = in_order(link, gone.exponent[..., None])[:, 0, 0]
    reached = np.flatnonzero(any_number(Scaled(states, exponent_T)))
    end = int(reached[-1]) + 1 if len(reached) else int(link.valid_TB.sum())
    moment = link.at(slice(end))
    before, after = (tuple(state[:, 0] for state in side) for side in moment[:2])
    gates = {gate: x[:, 0] for gate, x in moment.gates.items()}
    return WayBack(
        link=link,
        moment=Moment(before, after, gates),
        states=tuple(state[:end] for state in states),
        exponent=exponent_T[:end],
        time_steps=link.time_TB[:end, 0] + 1,
    )
