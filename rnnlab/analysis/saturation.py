"""Saturation: how often gates and units sit where their nonlinearity is flat and lets no gradient by.

Shares of time left- and right-saturated as in Karpathy, Johnson and Fei-Fei 2015, "Visualizing
and understanding recurrent networks": a gate below 0.1 or above 0.9.
T time steps, B sequences, H hidden size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.analysis.chain import named
from rnnlab.analysis.jacobian import default_layer
from rnnlab.model.cells import CELLS
from rnnlab.model.cells.cell import Cell
from rnnlab.state import LayerTrace, Trace

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Levels:
    """Where a nonlinearity counts as saturated: its output below `low`, or above `high`.

    The h of an LSTM or a GRU is no nonlinearity's output but a product or a mean of such; it is
    counted like that of a tanh, whose range it has, and says how often |h| > 0.9.

    A rectifier is flat where its output is exactly `low`, and never above.
    """

    low: float
    high: float
    rectifier: bool = False


LEVELS: dict[str, Levels] = {
    "tanh": Levels(-0.9, 0.9),
    "sigmoid": Levels(0.1, 0.9),
    "relu": Levels(0.0, np.inf, rectifier=True),
    "identity": Levels(-np.inf, np.inf),
}


@dataclass(frozen=True)
class Shares:
    """Of one gate or state: the share of valid positions at which each unit is saturated, (H,).

    Between 0 and 1; NaN for a unit that has a NaN anywhere. `nonlinearity` names the entry of
    `LEVELS`.
    """

    label: str
    nonlinearity: str
    left: Doubles
    right: Doubles

    @property
    def levels(self) -> Levels:
        """The outputs that count as saturated."""
        return LEVELS[self.nonlinearity]


@dataclass(frozen=True)
class Saturation:
    """Of one layer: `shares` by gate, then `h`, then what tanh makes of `c`.

    `dead` and `always_on` (H,) are units of a rectifier that are 0 at all valid positions of the
    batch, or at none; all False for other nonlinearities. `positions` says how many there were.
    """

    layer: str
    shares: dict[str, Shares]
    dead: Bools
    always_on: Bools
    positions: int


def saturation(trace: Trace, layer: str | None = None) -> Saturation:
    """Saturation in one layer, by default the uppermost forward one of the first part.

    Raises ValueError for a layer that the trace does not have.
    """
    found = named(trace, default_layer(trace, layer))
    cell = CELLS[trace.design.cell]
    shares = {
        name: counted(label, kind, values[found.valid])
        for name, (label, kind, values) in signals(found, cell, trace.design.activation).items()
    }
    units = shares["h"]
    rectifier = units.levels.rectifier  # a share of NaN is equal to nothing
    return Saturation(
        layer=found.name,
        shares=shares,
        dead=(units.left == 1) & rectifier,
        always_on=(units.left == 0) & rectifier,
        positions=int(found.valid.sum()),
    )


def signals(layer: LayerTrace, cell: Cell, activation: str) -> dict[str, tuple[str, str, Doubles]]:
    """Each gate and state of a layer: its label, its nonlinearity and its values (T, B, H)."""
    found = {
        name: (label, "tanh" if name in cell.signed_gates else "sigmoid", layer.gates[name])
        for name, label in cell.gates.items()
    }
    found["h"] = ("hidden state h", activation if cell.has_activation else "tanh", layer.h)
    if layer.c is not None:
        found["c"] = ("tanh(c)", "tanh", np.tanh(layer.c))
    return found


def counted(label: str, nonlinearity: str, values_NH: Doubles) -> Shares:
    """Shares of the N valid positions beyond each level, unit by unit; NaN for a unit with a NaN."""
    levels = LEVELS[nonlinearity]
    at_left = values_NH <= levels.low if levels.rectifier else values_NH < levels.low
    unknown = np.isnan(values_NH).any(axis=0) | (len(values_NH) == 0)
    left, right = (
        np.where(unknown, np.nan, flat.sum(axis=0) / max(1, len(values_NH)))
        for flat in (at_left, values_NH > levels.high)
    )
    return Shares(label, nonlinearity, left, right)
